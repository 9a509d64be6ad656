"""Articles taken out of the published index at once, and kept out of later builds."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from index.build import only_builder
from index.build.ledger import Withheld, read_withheld, uploads, write_withheld
from index.build.publish import Revision, publish
from index.errors import BuildError
from index.readers.metadata import SUFFIX
from index.store.catalogue import Known
from index.store.manifest import Manifest, check_files, read_manifest, read_removed
from index.store.segment import Segment, opened


def remove_articles(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """Publish the index without these articles, and give what was removed.

    A file that was added from the browser is deleted with its last article; of any other the
    article is withheld, so that no build brings it back. Where the last one is removed an index
    without articles stays. Raises BuildError for an id that no article has, or where a build runs.
    """
    with only_builder(data):
        manifest = read_manifest(data)
        check_files(data, manifest)
        with opened(data, manifest.segments, manifest.model.dimension) as segments:
            live = _live(data, manifest, segments)
            going = [known for known in live if known.id in frozenset(ids)]
            _refuse(ids, going)
            taken = [_withheld(known, segments) for known in going]
        held = set(read_withheld(data))
        # Withheld first: stopped at any moment, no build brings back what should go.
        write_withheld(data, held | set(taken))
        numbers = np.array(sorted(known.number for known in going), dtype=np.int64)
        publish(data, manifest, _without(manifest, numbers), manifest.model)
        emptied = _emptied(data, going, live)
        for file in emptied:
            file.unlink(missing_ok=True)
            file.with_name(file.name + SUFFIX).unlink(missing_ok=True)
        origins = {known.place.origin for known in going if Path(known.place.file) in emptied}
        write_withheld(data, {each for each in held | set(taken) if each.origin not in origins})
    return taken


def _live(data: Path, manifest: Manifest, segments: Sequence[Segment]) -> list[Known]:
    gone = set(read_removed(data, manifest).tolist())
    found = (known for segment in segments for known in segment.catalogue.known())
    return [known for known in found if known.number not in gone]


def _refuse(ids: Sequence[str], going: Sequence[Known]) -> None:
    unknown = set(ids) - {known.id for known in going}
    if unknown:
        raise BuildError(f"no article has the id {min(unknown)!r}: see the list of articles")


def _withheld(known: Known, segments: Sequence[Segment]) -> Withheld:
    articles = (segment.catalogue.article(known.number) for segment in segments)
    title = next((article.title for article in articles if article is not None), None)
    return Withheld(known.place.origin, known.id, title)


def _without(manifest: Manifest, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Revision:
    return Revision(
        segments=manifest.segments,
        added=None,
        removed=numbers,
        next_number=manifest.next_number,
        next_segment=manifest.next_segment,
    )


def _emptied(data: Path, going: Sequence[Known], live: Sequence[Known]) -> Collection[Path]:
    """Files added from the browser of which no article is left."""
    folder = uploads(data).absolute()
    numbers = {known.number for known in going}
    left = {known.place.file for known in live if known.number not in numbers}
    files = {known.place.file for known in going} - left
    return {path for path in map(Path, files) if folder in path.parents}
