"""Grows a larger archive from a real one, and vectors for it without hours of encoding.

Copies have words exchanged for others of the same length and case. So a copy's passages and
sentences are where the original's are, and its shape, the text with each letter replaced by its
kind, is the same: from it the encoder knows which passage was copied.
"""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from index.embed import Encoder, Model, PassageText, PassageVectors, Vectors, passage_text, unit
from index.readers import Found, read_sources
from index.split import split, subject_of

Line = dict[str, Any]

# Words that may be exchanged, and how many of them are.
_WORD = re.compile(r"\b([A-Za-z][a-z]{4,})\b")
_SHARE = 0.3
# Words drawn in advance for each length, by how often the archive uses them.
_POOL = 100_000
_DATE = re.compile(r"(\d{4})([/-])(\d{2})\2(\d{2})")
# How much older each round of copies is than the one before.
_ROUND = timedelta(days=91)
# What stands for letters in a shape.
_LOWER, _UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KINDS = bytes.maketrans(_LOWER + _UPPER, b"a" * len(_LOWER) + b"A" * len(_UPPER))
# Cosine of a copied vector to the original.
_LIKENESS = 0.9
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Grown:
    """What was written. Copies count as many passages as their original."""

    articles: int
    passages: int


def found_in(archive: Path) -> Iterator[Found]:
    """Every article of an archive."""
    return (found for found in read_sources([archive]) if isinstance(found, Found))


def write_grown(corpus: Path, out: Path, passages: int, seed: int) -> Grown:
    """Write at least this many passages as JSONL, in whole articles: the real ones, then copies.

    `corpus` is JSONL in BEIR's form, gzipped or not; only it is held in memory.
    """
    counts = {found.article.id: len(split(found.article)) for found in found_in(corpus)}
    originals = [line for line in _read_lines(corpus) if line["_id"] in counts]
    articles = reached = 0
    with out.open("w", encoding="utf-8") as lines:
        for original, line in _grow(originals, seed):
            if reached >= passages:
                break
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            articles += 1
            reached += counts[original["_id"]]
    return Grown(articles, reached)


class Exchange:
    """Exchanges words of a text for others of the archive, as often as the archive uses them.

    Of "The minister resigned." it may make "The children resigned.".
    """

    def __init__(self, texts: Iterator[str], rng: np.random.Generator) -> None:
        self._rng = rng
        self._pools = _draw_pools(texts, rng)

    def __call__(self, text: str) -> str:
        """The text with 30 % of its longer words exchanged: of the same length and case."""
        # Words are at odd places, the text between them at even ones.
        pieces = _WORD.split(text)
        chosen = np.flatnonzero(self._rng.random(len(pieces) // 2) < _SHARE) * 2 + 1
        draws = self._rng.integers(_POOL, size=len(chosen))
        for place, draw in zip(chosen.tolist(), draws.tolist(), strict=True):
            old = pieces[place]
            new = self._pools[len(old)][draw]
            pieces[place] = new if old[0].islower() else new.capitalize()
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Bases:
    """The vectors of real passages, in half precision, and where each is found.

    `passages`: (passages, dimension). `sentences`: (sentences of all, dimension), those of
    passage `row` from `starts[row]` to `starts[row + 1]`. `texts` and `shapes` are digests.
    """

    texts: NDArray[np.uint64]
    shapes: NDArray[np.uint64]
    passages: NDArray[np.float16]
    sentences: NDArray[np.float16]
    starts: NDArray[np.int64]

    def vectors(self, row: int) -> PassageVectors:
        """Unit vectors of one passage."""
        sentences = self.sentences[self.starts[row] : self.starts[row + 1]]
        return PassageVectors(_restored(self.passages[row]), _restored(sentences))


class GrownEncoder:
    """Encodes an archive of `write_grown`: real passages once, copies by jittering their vectors.

    A passage with no original's shape, such as that of a new article, is really encoded; so is
    about one copied passage in a thousand, which was split differently.
    """

    def __init__(self, inner: Encoder, bases: Bases) -> None:
        self._inner = inner
        self._bases = bases
        self._texts = _rows(bases.texts)
        self._shapes = _rows(bases.shapes)

    @property
    def model(self) -> Model:
        """That of the encoder inside."""
        return self._inner.model

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder inside does."""
        return self._inner.encode_queries(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> list[PassageVectors]:
        """The same vectors for the same passages in every run."""
        known = [self._known(passage) for passage in passages]
        strays = [p for p, vectors in zip(passages, known, strict=True) if vectors is None]
        encoded = iter(self._inner.encode_passages(strays) if strays else ())
        return [next(encoded) if vectors is None else vectors for vectors in known]

    def _known(self, passage: PassageText) -> PassageVectors | None:
        text = passage.whole
        digest = _digest(text.encode())
        if (row := self._texts.get(digest)) is not None:
            return self._bases.vectors(row)
        if (row := self._shapes.get(_digest(shape(text)))) is None:
            return None
        base = self._bases.vectors(row)
        rng = np.random.default_rng(digest)
        # If a copy was split into other sentences, the original's are repeated.
        sentences = np.resize(base.sentences, (len(passage.sentences), len(base.passage)))
        return PassageVectors(_jitter(base.passage, rng), _jitter(sentences, rng))


def open_grown_encoder(inner: Encoder, corpus: Path, cache: Path) -> GrownEncoder:
    """An encoder for archives grown from `corpus`; `cache` is an .npz file that keeps its vectors.

    The first time, and with another model or corpus, every real passage is encoded.
    """
    made_of = f"{inner.model.digest} {hashlib.sha256(corpus.read_bytes()).hexdigest()}"
    bases = _load_bases(cache, made_of)
    if bases is None:
        bases = _encode_bases(inner, corpus)
        _save_bases(cache, bases, made_of)
    return GrownEncoder(inner, bases)


def shape(text: str) -> bytes:
    """What exchanging words does not change.

    >>> shape("The minister resigned on 7 July.")
    b'Aaa aaaaaaaa aaaaaaaa aa 7 Aaaa.'
    """
    return text.encode().translate(_KINDS)


def _read_lines(corpus: Path) -> Iterator[Line]:
    opened: Callable[..., Any] = gzip.open if corpus.suffix == ".gz" else open
    with opened(corpus, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _grow(originals: Sequence[Line], seed: int) -> Iterator[tuple[Line, Line]]:
    """Each original and what is written for it: itself first, then a copy per round, forever."""
    yield from zip(originals, originals, strict=True)
    texts = (line.get(key) or "" for line in originals for key in ("title", "text"))
    exchange = Exchange(texts, np.random.default_rng(seed))
    for turn in count(1):
        for original in originals:
            yield original, _copy(original, turn, exchange)


def _copy(original: Line, turn: int, exchange: Exchange) -> Line:
    exchanged = {key: exchange(original[key]) for key in ("title", "text") if original.get(key)}
    dated = {
        key: _earlier(original[key], turn)
        for key in ("publish_date", "published", "updated")
        if isinstance(original.get(key), str)
    }
    url = {"url": f"{original['url']}#{turn}"} if original.get("url") else {}
    return {**original, **exchanged, **dated, **url, "_id": f"{original['_id']}-{turn}"}


def _earlier(written: str, turn: int) -> str:
    """The date as it was written, some rounds earlier; anything but a full date stays.

    >>> _earlier("2022/06/04", 2)
    '2021/12/04'
    """
    found = _DATE.match(written)
    if not found:
        return written
    year, mark, month, day = found.groups()
    moved = date(int(year), int(month), int(day)) - turn * _ROUND
    return f"{moved:%Y{mark}%m{mark}%d}{written[found.end() :]}"


def _draw_pools(texts: Iterator[str], rng: np.random.Generator) -> Mapping[int, list[str]]:
    used: Counter[str] = Counter()
    for text in texts:
        used.update(word.lower() for word in _WORD.findall(text))
    lengths: dict[int, list[str]] = {}
    for word in used:
        lengths.setdefault(len(word), []).append(word)
    return {
        length: rng.choice(words, _POOL, p=_shares([used[word] for word in words])).tolist()
        for length, words in lengths.items()
    }


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    return np.asarray(counts) / sum(counts)


def _encode_bases(inner: Encoder, corpus: Path) -> Bases:
    texts = [
        passage_text(subject_of(found.article), passage)
        for found in found_in(corpus)
        for passage in split(found.article)
    ]
    encoded = [
        vectors
        for start in tqdm(range(0, len(texts), _BATCH), desc="encoding what is copied", leave=False)
        for vectors in inner.encode_passages(texts[start : start + _BATCH])
    ]
    wholes = [passage.whole for passage in texts]
    starts = accumulate((len(vectors.sentences) for vectors in encoded), initial=0)
    return Bases(
        texts=np.array([_digest(whole.encode()) for whole in wholes], dtype=np.uint64),
        shapes=np.array([_digest(shape(whole)) for whole in wholes], dtype=np.uint64),
        passages=np.array([vectors.passage for vectors in encoded], dtype=np.float16),
        sentences=np.concatenate([vectors.sentences for vectors in encoded]).astype(np.float16),
        starts=np.array(list(starts), dtype=np.int64),
    )


def _save_bases(cache: Path, bases: Bases, made_of: str) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: getattr(bases, name) for name in Bases.__slots__}
    np.savez(cache, made_of=np.array(made_of), **arrays)


def _load_bases(cache: Path, made_of: str) -> Bases | None:
    if not cache.exists():
        return None
    with np.load(cache) as arrays:
        if str(arrays["made_of"]) != made_of:
            return None
        return Bases(**{name: arrays[name] for name in Bases.__slots__})


def _rows(digests: NDArray[np.uint64]) -> dict[int, int]:
    return {digest: row for row, digest in enumerate(digests.tolist())}


def _digest(words: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(words, digest_size=8).digest(), "big")


def _restored(vectors: NDArray[np.float16]) -> Vectors:
    return unit(vectors.astype(np.float32))


def _jitter(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """Each vector turned in a random direction, by an angle whose cosine is about 0.9."""
    # In this many dimensions a random direction is nearly orthogonal to any other.
    aside = unit(rng.standard_normal(vectors.shape, dtype=np.float32))
    return unit(_LIKENESS * vectors + np.sqrt(1 - _LIKENESS**2) * aside)
