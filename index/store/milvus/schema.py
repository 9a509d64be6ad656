"""The collections of an archive: passages, articles, and one for each generation.

What names something (a source, an id, an address) is kept as a number made of it, so that no text
of an article or a question is ever part of an expression that Milvus parses.
"""

import hashlib
from collections.abc import Sequence

from pymilvus import CollectionSchema, DataType, MilvusClient
from pymilvus.milvus_client.index import IndexParams

from index.period import Bound, Selection
from index.store.milvus.client import KEY, METRIC
from index.store.milvus.packing import CHUNK_BYTES

_CHUNK = -(-CHUNK_BYTES // 3) * 4
# Of one article or passage: 150 MB.
_MOST_CHUNKS = 3_000
# Only vectors make a collection searchable; where nothing is searched by them, this is all.
NO_VECTOR = [0.0, 0.0]
# The first and the last second that a passage may be from.
TIMES = ("earliest", "latest", "earliest_utc", "latest_utc")


def code_of(text: str | None) -> int:
    """The number of a name: two names of one archive hardly ever share one; -1 for none."""
    if text is None:
        return -1
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def passages_schema(dimension: int, kind: str) -> tuple[CollectionSchema, IndexParams]:
    """Passages under their keys; the index of their vectors is of this kind."""
    schema = _schema(KEY)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    for name in ("number", "source", *TIMES):
        schema.add_field(name, DataType.INT64)
    for name in ("block", "rest"):
        _add_chunks(schema, name)
    index = IndexParams()
    index.add_index("vector", index_type=kind, metric_type=METRIC)
    index.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type=METRIC)
    return schema, index


def articles_schema() -> tuple[CollectionSchema, IndexParams]:
    """Articles under their numbers: `text` has text, entries and pages, `facts` the rest.

    `embargo` is 1 where the article has one, else 0.
    """
    schema = _schema("number")
    for name in ("id", "page", "digest", "embargo"):
        schema.add_field(name, DataType.INT64)
    for name in ("facts", "text"):
        _add_chunks(schema, name)
    return _with_no_vector(schema, "vector")


def versions_schema() -> tuple[CollectionSchema, IndexParams]:
    """Former texts of articles: `article` is the code of the id, `begins` that of the digest.

    `content` has the digest's digits, and after them the text.
    """
    schema = _schema(KEY)
    for name in ("article", "begins"):
        schema.add_field(name, DataType.INT64)
    _add_chunks(schema, "content")
    return _with_no_vector(schema, "vector")


def generation_schema(token: str) -> tuple[CollectionSchema, IndexParams]:
    """What belongs to one generation alone, in parts; `token` tells who made the collection."""
    schema = _schema("part")
    _add_chunks(schema, "content")
    return _with_no_vector(schema, token)


def _schema(key: str) -> CollectionSchema:
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field(key, DataType.INT64, is_primary=True)
    return schema


def _add_chunks(schema: CollectionSchema, name: str) -> None:
    schema.add_field(
        name,
        DataType.ARRAY,
        element_type=DataType.VARCHAR,
        max_length=_CHUNK,
        max_capacity=_MOST_CHUNKS,
    )


def _with_no_vector(schema: CollectionSchema, name: str) -> tuple[CollectionSchema, IndexParams]:
    schema.add_field(name, DataType.FLOAT_VECTOR, dim=len(NO_VECTOR))
    index = IndexParams()
    index.add_index(name, index_type="FLAT", metric_type=METRIC)
    return schema, index


def listed(field: str, values: Sequence[int]) -> str:
    """An expression for rows whose field has one of these values."""
    return f"{field} in {list(values)}"


def conditions(selection: Selection) -> list[str]:
    """An expression for each condition, all of which hold inside the selection.

    A passage of unknown time has the least and the greatest number for its times.
    """
    found = []
    if selection.source is not None:
        found.append(f"source == {code_of(selection.source)}")
    if selection.articles is not None:
        found.append(listed("number", sorted(selection.articles)))
    if selection.without:
        found.append(f"number not in {sorted(selection.without)}")
    for period in selection.periods:
        if (first := period.earliest) is not None:
            found.append(f"{_time('earliest', first)} >= {first.seconds}")
        if (last := period.latest) is not None:
            found.append(f"{_time('latest', last)} <= {last.seconds}")
    if (by := selection.known_by) is not None:
        found.append(f"{_time('earliest', by)} <= {by.seconds}")
    return found


def _time(name: str, bound: Bound) -> str:
    return f"{name}_utc" if bound.is_utc else name
