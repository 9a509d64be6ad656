"""Puts a generation together from segments, and publishes it in one step.

Segments are merged, so that a question searches few of them and a change costs little. As in
log-structured merge trees (O'Neil et al., 1996), the newest segments are merged as soon as they
hold as much as the one before them. So a passage is copied about as often as the index doubles,
and an index of a million passages has some twenty segments at most.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from index.embed import Model, Vectors
from index.encoders.files import ENCODER, read_exported
from index.errors import DamagedError
from index.keys import Numbers, number_of, numbers_of
from index.lexical import LexicalIndex, PassageWords, copy_lexical, extend_lexical
from index.store.base import Counts
from index.store.draft import Draft
from index.store.durable import share, sync_files, sync_folder
from index.store.manifest import (
    MANIFEST,
    FileSum,
    Manifest,
    lexical_name,
    order_faults,
    read_manifest,
    read_removed,
    segment_faults,
    segment_name,
    sum_file,
    word_faults,
    write_manifest,
    write_removed,
)
from index.store.segment import Segment, SegmentInfo, open_segments
from index.store.vocabulary import EarlierWords

# What builds write beside the manifest; files that the manifest does not name are left over.
_OURS = ("segment-*", "lexical-*", "removed-*.bin", f"{ENCODER}.new", f"*{MANIFEST}*.new")


def is_of_builds(name: str) -> bool:
    """Whether builds write this into the data folder: it is published, or left over."""
    return name == MANIFEST or any(fnmatchcase(name, pattern) for pattern in _OURS)


@dataclass(frozen=True, slots=True)
class Revision:
    """What a new generation is made of, and how it differs from the last.

    `added` is the one of `segments` whose passages are new; `removed` are the numbers of articles
    to drop; `next_number` and `next_segment` are the first that no build has used.
    """

    segments: tuple[SegmentInfo, ...]
    added: SegmentInfo | None
    removed: Numbers
    next_number: int
    next_segment: int


def publish(data: Path, before: Manifest | None, revision: Revision, model: Model) -> Manifest:
    """Make the segments of `revision` the published index, and delete what is not part of it.

    Raises DamagedError, and publishes nothing, if what was written contradicts itself.
    """
    with open_segments(data, revision.segments, model.dimension) as segments:
        _refuse(data, before, [*_faults_of_new(before, segments, model.dimension)])
        manifest = _written(data, before, revision, model, segments)
    lexical = LexicalIndex(data / manifest.lexical, apart=True)
    _refuse(data, before, word_faults(lexical, manifest.counts))
    for name in _names(manifest):
        if (data / name).exists():
            share(data / name, data)
    if manifest.removed:
        sync_files(data / manifest.removed)
    sync_folder(data)
    manifest = replace(manifest, files=tuple(_sums(data, before, manifest)))
    write_manifest(data, manifest)
    clear(data, manifest)
    return manifest


def clear_left_over(data: Path) -> None:
    """Delete what builds wrote that is not part of the published index; call it while locked."""
    clear(data, read_manifest(data))


def clear(data: Path, manifest: Manifest | None, *, keep: str | None = None) -> None:
    """Delete what earlier builds left that is not part of the published index, except `keep`."""
    named = {keep, *(_names(manifest) if manifest else ())}
    for pattern in _OURS:
        for path in data.glob(pattern):
            if path.name in named:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _names(manifest: Manifest) -> list[str]:
    """The files and folders of a generation, with the model that runs beside it."""
    segments = [info.name for info in manifest.segments]
    return [*segments, manifest.lexical, ENCODER, *([manifest.removed] if manifest.removed else [])]


def _written(
    data: Path,
    before: Manifest | None,
    revision: Revision,
    model: Model,
    segments: Sequence[Segment],
) -> Manifest:
    """The manifest without its files' sums, after the words and the removed are written."""
    generation = before.generation + 1 if before else 1
    exported = read_exported(data / ENCODER)
    removed = _still_held(segments, _removed(data, before, revision))
    return Manifest(
        generation=generation,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=model,
        runs=exported.runs if exported else model.name,
        counts=_counts(segments, removed),
        newest=_newest(segments, removed),
        next_number=revision.next_number,
        next_segment=revision.next_segment,
        segments=revision.segments,
        lexical=_write_lexical(data, before, generation, revision, model.dimension),
        removed=write_removed(data, generation, removed),
        files=(),
    )


def _refuse(data: Path, before: Manifest | None, faults: Sequence[str]) -> None:
    """A fault that is published could not be taken back: the last generation is deleted."""
    if faults:
        clear(data, before)
        raise DamagedError(
            f"what was written in {str(data)!r} was damaged ({faults[0]}) and is deleted, "
            "the index is as it was: run the build again"
        )


def _faults_of_new(
    before: Manifest | None, segments: Sequence[Segment], dimension: int
) -> Iterator[str]:
    for segment in segments:
        if before is None or segment.info not in before.segments:
            yield from segment_faults(segment, dimension) or order_faults(segment)


def _removed(data: Path, before: Manifest | None, revision: Revision) -> Numbers:
    earlier = read_removed(data, before) if before else np.zeros(0, np.int64)
    return np.union1d(earlier, revision.removed)


def _still_held(segments: Sequence[Segment], removed: Numbers) -> Numbers:
    """Removed articles that a segment still holds: only these need to be recorded."""
    held = [np.isin(removed, numbers_of(segment.columns.keys)) for segment in segments]
    return removed[np.logical_or.reduce(held)] if held else removed[:0]


def _counts(segments: Sequence[Segment], removed: Numbers) -> Counts:
    total = Counts(0, 0, 0)
    for segment in segments:
        total = total + segment.info.counts - segment.counts_of(removed)
    return total


def _newest(segments: Sequence[Segment], removed: Numbers) -> str | None:
    dates = (segment.catalogue.newest(removed) for segment in segments)
    return max((date for date in dates if date), default=None)


def _write_lexical(
    data: Path, before: Manifest | None, generation: int, revision: Revision, dimension: int
) -> str:
    """The folder of the generation's BM25 index: the last one's if nothing has changed."""
    if before is not None and revision.added is None and not len(revision.removed):
        return before.lexical
    name = lexical_name(generation)
    folder = data / name
    shutil.rmtree(folder, ignore_errors=True)
    if before is None:
        folder.mkdir()
    else:
        copy_lexical(data / before.lexical, folder)
    removed = revision.removed.tolist()
    extend_lexical(folder, removed, _added_words(data, revision, dimension), is_new=before is None)
    sync_files(folder)
    return name


def _added_words(data: Path, revision: Revision, dimension: int) -> Iterator[PassageWords]:
    if revision.added is None:
        return
    gone = set(revision.removed.tolist())
    with open_segments(data, [revision.added], dimension) as [segment]:
        yield from (words for words in segment.words() if number_of(words.key) not in gone)


def _sums(data: Path, before: Manifest | None, manifest: Manifest) -> Iterator[FileSum]:
    """The checksum of every file; files of the last generation are not read again."""
    files = before.files if before else ()
    # The encoder is not part of a generation, and may have been exported again.
    known = {file.path: file for file in files if not file.path.startswith(f"{ENCODER}/")}
    if before is not None:
        # tantivy's files have random names and never change, whatever folder they are in.
        known |= {
            f"{manifest.lexical}/{Path(path).name}": file
            for path, file in known.items()
            if path.startswith(f"{before.lexical}/") and not path.endswith(".json")
        }
    for path in _files(data, manifest):
        name = path.relative_to(data).as_posix()
        summed = known.get(name)
        yield replace(summed, path=name) if summed else sum_file(data, path)


def _files(data: Path, manifest: Manifest) -> Iterator[Path]:
    for name in _names(manifest):
        place = data / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            # tantivy's lock files are empty.
            if path.is_file() and path.suffix != ".lock":
                yield path


# This many segments cost a question next to nothing.
_MOST_SEGMENTS = 8
# A segment with more than this share of removed passages is rewritten.
_MOST_REMOVED = 0.3

Encode = Callable[[list[str]], Vectors]


def merge_segments(data: Path, manifest: Manifest, encode: Encode) -> Manifest:
    """Merge segments if that is due, and publish; returns the manifest published last.

    `encode` makes the vectors that `Draft.seal` needs.
    """
    removed = read_removed(data, manifest)
    first = _first_to_merge(data, manifest, removed)
    if first is None:
        return manifest
    kept, old = manifest.segments[:first], manifest.segments[first:]
    merged = _merged(data, manifest, old, removed, encode)
    revision = Revision(
        segments=(*kept, *([merged] if merged else [])),
        added=None,
        removed=np.zeros(0, np.int64),
        next_number=manifest.next_number,
        next_segment=manifest.next_segment + 1,
    )
    return publish(data, manifest, revision, manifest.model)


def _first_to_merge(data: Path, manifest: Manifest, removed: Numbers) -> int | None:
    """The place of the oldest segment to merge, with all newer ones; None if none is due."""
    live = [_live_passages(data, info, manifest.model, removed) for info in manifest.segments]
    whole = [info.counts.passages for info in manifest.segments]
    shrunk = [place for place, left in enumerate(live) if left < (1 - _MOST_REMOVED) * whole[place]]
    due = shrunk[:1]
    if len(live) > _MOST_SEGMENTS:
        due.append(merge_start(live))
    return min(due) if due else None


def merge_start(sizes: Sequence[int]) -> int:
    """Where the merge begins: each segment from there on holds no more than all newer ones.

    >>> merge_start([100, 8, 4, 5])
    1
    """
    first, newer = len(sizes) - 1, sizes[-1]
    while first > 0 and (sizes[first - 1] <= newer or first == len(sizes) - 1):
        first -= 1
        newer += sizes[first]
    return first


def _live_passages(data: Path, info: SegmentInfo, model: Model, removed: Numbers) -> int:
    if not len(removed):
        return info.counts.passages
    with open_segments(data, [info], model.dimension) as [segment]:
        return info.counts.passages - segment.counts_of(removed).passages


def _merged(
    data: Path, manifest: Manifest, old: Sequence[SegmentInfo], removed: Numbers, encode: Encode
) -> SegmentInfo | None:
    """The segments as one, without what was removed; None if nothing is left."""
    model = manifest.model
    folder = data / segment_name(manifest.next_segment)
    # A stopped merge is not continued: doing it again costs no embedding.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    draft = Draft(folder, model.dimension, manifest.next_number)
    with open_segments(data, old, model.dimension) as segments:
        for segment in segments:
            _copy_live(segment, frozenset(removed.tolist()), draft)
        draft.commit()
        if not draft.passages:
            draft.discard()
            return None
        return draft.seal(encode, EarlierWords([segment.vocabulary for segment in segments]))


def _copy_live(segment: Segment, removed: frozenset[int], draft: Draft) -> None:
    catalogue = segment.catalogue
    for known, numbered in zip(catalogue.known(), catalogue.articles(), strict=True):
        if known.number not in removed:
            draft.copy(numbered.article, known, segment.columns_of(known.number))
