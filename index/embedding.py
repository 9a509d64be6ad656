"""The second half of a build: passages of a draft get their vectors, close behind the reading."""

from collections.abc import Iterator, Sequence
from itertools import islice

from index.draft import Draft, Waiting, to_rows
from index.embed import Encoder
from index.reading import Progress, Reader
from index.reuse import MadeBefore
from index.vectors import Rows

# Passages that are embedded and kept at once: what a killed build loses, some seconds of work.
_CHUNK = 512
# How long to wait for passages where the reading is behind, in seconds.
_PATIENCE = 0.02


def embed_behind(
    reader: Reader, draft: Draft, before: MadeBefore, encoder: Encoder, progress: Progress
) -> int:
    """Embed until all is read and embedded; counts the passages that the encoder was given."""
    waiting, done, embedded = draft.waiting(), 0, 0
    progress("embedding", 0, None)
    while True:
        is_all = reader.done.is_set()
        chunk = _next_chunk(waiting)
        if not chunk and is_all:
            progress("embedding", draft.passages, draft.passages)
            return embedded
        if chunk:
            embedded += _embed(chunk, draft, before, encoder)
            done += len(chunk)
            progress("embedding", done, draft.passages if is_all else None)
        else:
            reader.done.wait(_PATIENCE)


def _next_chunk(waiting: Iterator[Waiting | None]) -> list[Waiting]:
    return list(islice(iter(waiting.__next__, None), _CHUNK))


def _embed(chunk: Sequence[Waiting], draft: Draft, before: MadeBefore, encoder: Encoder) -> int:
    made: list[Rows | None] = [before.rows(each.article, each.passage) for each in chunk]
    texts = [each.text for each, rows in zip(chunk, made, strict=True) if rows is None]
    encoded = iter(encoder.encode_passages(texts) if texts else ())
    draft.embed([to_rows(next(encoded)) if rows is None else rows for rows in made])
    return len(texts)
