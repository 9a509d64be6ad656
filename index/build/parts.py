"""Sources in parts: each is read, split and embedded by one process of a pool, wherever it runs.

What they find goes through the one ledger and draft of the build, in the order of the sources, so
that the index is what a single process makes, and a killed build goes on as any other.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import PassageText, PassageVectors, passage_text
from index.encoders.distributed import DistributedEncoder, encode
from index.errors import SourceMissingError
from index.readers import Finding, Found, Source
from index.readers.walk import Walked, read, walk
from index.split import split, subject_of
from index.store import Known

# A part ends with the file that makes it so large; in bytes, and in files.
_PART_BYTES, _PART_FILES = 500_000, 32
# Files that are longer are large.
_MOST_BYTES = 5_000_000
# Passages that are encoded where the build was started before others are asked to help.
_FIRST = 512
_Encode = Callable[[Sequence[PassageText]], list[PassageVectors]]


@dataclass(frozen=True, slots=True)
class Part:
    """Files that follow one another, and what is odd about others.

    A large one is alone, and read where the build was started: it holds many articles.
    """

    files: tuple[Walked, ...]
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was found, with the vectors of its passages if it is an article that is new."""

    finding: Finding
    passages: tuple[PassageText, ...] = ()
    vectors: tuple[PassageVectors, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldTexts(Container[str]):
    """Digests of texts, 8 bytes of each, in order: what is put once where all processes read it.

    A text that only seems to be held is embedded where the build was started.
    """

    marks: NDArray[np.uint64]

    @classmethod
    def of(cls, digests: Iterable[str]) -> "HeldTexts":
        """Those with these digests."""
        return cls(np.unique(np.fromiter(map(_mark, digests), np.uint64)))

    def __contains__(self, digest: object) -> bool:
        mark = np.uint64(_mark(str(digest)))
        place = int(np.searchsorted(self.marks, mark))
        return place < len(self.marks) and bool(self.marks[place] == mark)


class PartsReader:
    """Reads sources as `read_sources` does, and has their passages embedded where they are read."""

    def __init__(self, encoder: DistributedEncoder) -> None:
        self._encoder = encoder

    def __call__(
        self,
        paths: Sequence[Path],
        keys: Mapping[str, str],
        *,
        follow_links: bool,
        held: Iterable[Known],
    ) -> Iterator[Finding]:
        """What is found in `paths`, in order; texts that are `held` have vectors already.

        Raises SourceMissingError where a process has not the folder of a file.
        """
        texts = HeldTexts.of(each.digest for each in held)
        return self._read(parts_of(walk(paths, keys, follow_links=follow_links)), texts)

    def _read(self, parts: Iterator[Part], held: Container[str]) -> Iterator[Finding]:
        encoded = 0
        # The first of them may export the model that the pool runs; if these are all, it is spared.
        while encoded < _FIRST:
            part = next(parts, None)
            if part is None:
                return
            for each in _embedded(part, held, self._encoder.encode_here):
                encoded += len(each.passages) if isinstance(each, Embedded) else 0
                yield from self._found(each)
        for done in self._encoder.map(partial(embed_part, held), parts):
            for each in done:
                yield from self._found(each)

    def _found(self, each: "Embedded | Walked") -> Iterator[Finding]:
        if not isinstance(each, Embedded):
            yield from read(each)
            return
        self._encoder.keep(each.passages, each.vectors)
        yield each.finding


def parts_of(walked: Iterable[Walked]) -> Iterator[Part]:
    """Files in parts, in their order."""
    files, size = list[Walked](), 0
    for each in walked:
        length = _length(each)
        if files and (length > _MOST_BYTES or size >= _PART_BYTES or len(files) == _PART_FILES):
            yield Part(tuple(files))
            files, size = [], 0
        if length > _MOST_BYTES:
            yield Part((each,), is_large=True)
            continue
        files.append(each)
        size += length
    if files:
        yield Part(tuple(files))


def embed_part(held: Container[str], part: Part) -> list[Embedded | Walked]:
    """Read, split and embed a part, in a process of the pool; a large one comes back unread.

    Raises SourceMissingError.
    """
    for each in part.files:
        if isinstance(each, Source) and not each.path.parent.is_dir():
            raise SourceMissingError(
                f"{str(each.path.parent)!r} is not on every machine that reads: put the sources "
                "in the same place on each, or build without --ray"
            )
    return list(_embedded(part, held, encode))


def _embedded(part: Part, held: Container[str], encode: _Encode) -> Iterator[Embedded | Walked]:
    if part.is_large:
        yield from part.files
        return
    found = [each for file in part.files for each in read(file)]
    texts = [_passages(each, held) for each in found]
    # Together: a batch of one article's would be small.
    made = iter(encode([text for each in texts for text in each]))
    for finding, passages in zip(found, texts, strict=True):
        yield Embedded(finding, passages, tuple(next(made) for _ in passages))


def _passages(finding: Finding, held: Container[str]) -> tuple[PassageText, ...]:
    """What is to be embedded: nothing of a text that has vectors."""
    if not isinstance(finding, Found) or finding.article.digest in held:
        return ()
    subject = subject_of(finding.article)
    return tuple(passage_text(subject, passage) for passage in split(finding.article))


def _mark(digest: str) -> int:
    return int(digest.removeprefix("sha256:")[:16], 16)


def _length(walked: Walked) -> int:
    """In bytes; 0 where it cannot be told: then reading it says why."""
    try:
        return walked.path.stat().st_size if isinstance(walked, Source) else 0
    except OSError:
        return 0
