"""Articles that leave the index: those an owner removes, and with `--prune` those gone from disk.

What the owner removes leaves the published index at once, and is kept out of later builds.
"""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from index.build.edits import forget_edits, kept_edits, read_edits
from index.build.owned import forget_sum, uploads
from index.build.versions import forget_versions
from index.build.withheld import (
    Withheld,
    identified,
    read_withheld,
    release,
    remember_removed,
    withhold,
)
from index.errors import BuildError
from index.readers.metadata import SUFFIX
from index.store import Known, open_writer
from index.store.durable import sync_folder

FORCE = "--prune=force"
_ELSEWHERE = ""


def remove_articles(data: Path, ids: Sequence[str]) -> list[Withheld]:
    """Publish the index without these articles, and return what was removed.

    A file added in the browser is deleted with its last article; from any other file the article
    is withheld, so that no build brings it back. Former versions are deleted, too. Removing the
    last article leaves an empty index. One that the owner hid is removed in the same way.
    Raises BuildError for an unknown id, or if a build is running.
    """
    with open_writer(data) as writer:
        live = list(writer.known())
        going = [known for known in live if known.id in frozenset(ids)]
        hidden = _hidden(data, frozenset(ids) - {known.id for known in going})
        _refuse(ids, [*going, *hidden])
        taken = [*identified(going, live, writer), *hidden]
        # Withheld first: even if this stops halfway, no build brings the articles back.
        withhold(data, taken)
        # And forgotten before they are published: killed in between, this is done again.
        forget_versions(data, ids)
        if going:
            writer.publish(kept=(), removed={known.number for known in going})
        else:
            writer.leave()
        emptied = _emptied(data, taken, live)
        remember_removed(data, [each.id for each in taken if Path(each.file or "") in emptied])
        _delete(data, emptied)
        deleted = [each.origin for each in taken if Path(each.file or "") in emptied]
        # Before a file of the same name can be read again.
        forget_edits(data, deleted)
        release(data, deleted)
    return taken


def remove_gone(data: Path, is_gone: Callable[[str], bool]) -> None:
    """Publish the index without the articles of these files, which no build could read again.

    Their former versions are deleted, too.
    Raises BuildRunsError if a build is running.
    """
    with open_writer(data) as writer:
        going = [known for known in writer.known() if is_gone(known.place.file)]
        if going:
            forget_versions(data, [known.id for known in going])
            remember_removed(data, [known.id for known in going])
            writer.publish(kept=(), removed={known.number for known in going})
        else:
            writer.leave()


def displace(data: Path, ids: Collection[str], is_new: Callable[[str], bool]) -> None:
    """Withhold the articles that have these ids, unless they come from a file that `is_new`.

    The next build that reads the new ones publishes them under the ids, and takes the others out.
    Raises BuildRunsError if a build is running.
    """
    with open_writer(data) as writer:
        live = list(writer.known())
        going = [known for known in live if known.id in ids and not is_new(known.place.file)]
        if going:
            withhold(data, identified(going, live, writer))
        writer.leave()


def _hidden(data: Path, ids: Collection[str]) -> list[Withheld]:
    """What articles are known by that an edit keeps out of the index."""
    return [each.of for each in read_edits(data) if each.hides and each.of.id in ids]


def _refuse(ids: Sequence[str], going: Sequence[Known | Withheld]) -> None:
    unknown = set(ids) - {each.id for each in going}
    if unknown:
        raise BuildError(f"no article has the id {min(unknown)!r}: see the list of articles")


def _delete(data: Path, files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
        file.with_name(file.name + SUFFIX).unlink(missing_ok=True)
        # A power cut must not bring the file back once it is withheld no more.
        sync_folder(file.parent)
        forget_sum(data, file)


def _emptied(data: Path, taken: Sequence[Withheld], live: Sequence[Known]) -> Collection[Path]:
    """Files added in the browser that have no article left.

    One that is hidden is left, or that waits for a build to show it again.
    """
    folder = uploads(data).absolute()
    origins = {each.origin for each in taken}
    left = {known.place.file for known in live if known.place.origin not in origins}
    removed = {each.origin for each in read_withheld(data)}
    left |= {each.of.file or "" for each in kept_edits(data) if each.of.origin not in removed}
    files = {each.file or "" for each in taken} - left
    return {path for path in map(Path, files) if folder in path.parents}


def losses(sources: Sequence[Path], known: Iterable[Known], gone: Collection[str]) -> str | None:
    """Names a source that has lost more than half of its articles, with the remedy; else None.

    `known` are all published articles, `gone` the ids of those whose source is gone. Articles
    that come from none of the `sources` are counted together.
    """
    roots = [os.path.normpath(path.absolute()) for path in sources]
    held, lost = Counter[str](), Counter[str]()
    files: dict[str, str] = {}
    for each in known:
        root = _root_of(each.place.file, roots)
        held[root] += 1
        if each.id in gone:
            lost[root] += 1
            files[root] = each.place.file
    for root, missing in lost.items():
        if 2 * missing > held[root]:
            place = "sources that are not named" if root == _ELSEWHERE else repr(root)
            return (
                f"{missing} of {held[root]} articles of {place} are gone, {files[root]!r} among "
                f"them: check that the files are there, or remove the articles with {FORCE}"
            )
    return None


def _root_of(file: str, roots: Sequence[str]) -> str:
    """The innermost source that the file lies in."""
    path = Path(file)
    inside = [root for root in roots if path.is_relative_to(root)]
    return max(inside, key=len, default=_ELSEWHERE)
