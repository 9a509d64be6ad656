"""Removes articles from the published index at once, and keeps them out of later builds."""

from collections.abc import Collection, Sequence
from pathlib import Path

from index.build.ledger import Withheld, read_withheld, uploads, write_withheld
from index.errors import BuildError
from index.readers.metadata import SUFFIX
from index.store import Known, StoreWriter, open_writer


def remove_articles(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """Publish the index without these articles, and return what was removed.

    A file added in the browser is deleted with its last article; from any other file the article
    is withheld, so that no build brings it back. Removing the last article leaves an empty index.
    Raises BuildError for an unknown id, or if a build is running.
    """
    with open_writer(data) as writer:
        live = list(writer.known())
        going = [known for known in live if known.id in frozenset(ids)]
        _refuse(ids, going)
        taken = [_withheld(known, writer) for known in going]
        held = set(read_withheld(data))
        # Withheld first: even if this stops halfway, no build brings the articles back.
        write_withheld(data, held | set(taken))
        writer.publish(kept=(), removed={known.number for known in going})
        emptied = _emptied(data, going, live)
        for file in emptied:
            file.unlink(missing_ok=True)
            file.with_name(file.name + SUFFIX).unlink(missing_ok=True)
        origins = {known.place.origin for known in going if Path(known.place.file) in emptied}
        write_withheld(data, {each for each in held | set(taken) if each.origin not in origins})
    return taken


def _refuse(ids: Sequence[str], going: Sequence[Known]) -> None:
    unknown = set(ids) - {known.id for known in going}
    if unknown:
        raise BuildError(f"no article has the id {min(unknown)!r}: see the list of articles")


def _withheld(known: Known, writer: StoreWriter) -> Withheld:
    article = writer.article_numbered(known.number)
    return Withheld(known.place.origin, known.id, article.title if article else None)


def _emptied(data: Path, going: Sequence[Known], live: Sequence[Known]) -> Collection[Path]:
    """Files added in the browser that have no article left."""
    folder = uploads(data).absolute()
    numbers = {known.number for known in going}
    left = {known.place.file for known in live if known.number not in numbers}
    files = {known.place.file for known in going} - left
    return {path for path in map(Path, files) if folder in path.parents}
