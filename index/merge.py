"""Segments grown together: few, so that a question asks few, and at little cost a change.

As in log-structured merge trees (O'Neil et al., 1996): the newest segments are written anew as
one as soon as they hold as much as the one before them. A passage is so copied about as often as
the index doubles, and an index of a million passages has some twenty segments at most.
"""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.draft import Draft
from index.embed import Model, Vectors
from index.keys import Numbers
from index.manifest import Manifest, read_removed, segment_name
from index.publish import Revision, publish
from index.segment import Segment, SegmentInfo, opened
from index.vocabulary import Before

# So many segments cost a question next to nothing.
_MOST_SEGMENTS = 8
# A segment of which so much is of removed articles is written anew.
_MOST_REMOVED = 0.3

Encode = Callable[[list[str]], Vectors]


def merge_segments(data: Path, manifest: Manifest, encode: Encode) -> Manifest:
    """Write segments anew as one where that is due, and publish; gives what is published then.

    `encode` gives questions their vectors, as `Draft.seal` wants them.
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
    """The place of the oldest segment that is to be written anew with all newer ones."""
    live = [_live_passages(data, info, manifest.model, removed) for info in manifest.segments]
    whole = [info.counts.passages for info in manifest.segments]
    shrunk = [place for place, left in enumerate(live) if left < (1 - _MOST_REMOVED) * whole[place]]
    due = shrunk[:1]
    if len(live) > _MOST_SEGMENTS:
        due.append(grown_together(live))
    return min(due) if due else None


def grown_together(sizes: Sequence[int]) -> int:
    """Where the newest run begins of which each segment holds no more than all newer ones.

    >>> grown_together([100, 8, 4, 5])
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
    with opened(data, [info], model.dimension) as [segment]:
        return info.counts.passages - segment.counts_of(removed).passages


def _merged(
    data: Path, manifest: Manifest, old: Sequence[SegmentInfo], removed: Numbers, encode: Encode
) -> SegmentInfo | None:
    """The segments as one, without what was removed; None where nothing is left."""
    model = manifest.model
    folder = data / segment_name(manifest.next_segment)
    # No build goes on in what a merge left: it costs no embedding to do it again.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    draft = Draft(folder, model.dimension, manifest.next_number)
    with opened(data, old, model.dimension) as segments:
        for segment in segments:
            _copy_live(segment, frozenset(removed.tolist()), draft)
        draft.commit()
        if not draft.passages:
            draft.discard()
            return None
        return draft.seal(encode, Before([segment.vocabulary for segment in segments]))


def _copy_live(segment: Segment, removed: frozenset[int], draft: Draft) -> None:
    catalogue = segment.catalogue
    for known, numbered in zip(catalogue.known(), catalogue.articles(), strict=True):
        if known.number not in removed:
            draft.copy(numbered.article, known, segment.columns_of(known.number))
