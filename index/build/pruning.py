"""Whether what `--prune` would remove is gone, or only out of sight: an empty mount point, say."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from index.store import Known

FORCE = "--prune=force"
_ELSEWHERE = ""


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
