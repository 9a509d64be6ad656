"""The files that shape the screenshots in `docs/`, and whether they changed since."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DIGESTS = DOCS / "screenshots.sha256"
REMEDY = "make the pictures again with `python -m bench.screenshots`, and look at them"
PICTURES = (
    "start",
    "answer",
    "answer-dark",
    "reader-panel",
    "phone",
    "arabic",
    "not-covered",
    "unsure",
    "live-blog",
    "admin",
    "widget",
)
# The questions that the pictures ask, and words that their first quote holds.
WAVES, LAUNCHED = "How high were the waves of Krakatoa?", "When did Apollo 13 lift off?"
CEREMONY = "What happened at the Kremlin ceremony on 30 September 2022?"
DAY = "What happened on 30 September 2022?"
ANSWERED = {
    WAVES: "more than 30 metres high",
    LAUNCHED: "11 April 1970",
    CEREMONY: "Grand Kremlin Palace",
    DAY: "has recognised two occupied regions of Ukraine",
}
WORLD_CUP = "Who won the football World Cup in July 1998?"
# What the articles may not answer, and words of a closest passage all the same.
LOUDNESS = "How loud was Krakatoa?"
UNSURE = {LOUDNESS: "heard what he took for"}
# What readers see is made of these. Answers themselves have tests of their own.
_SHAPING = (
    "articles/**/*",
    "bench/newspaper.html",
    "bench/screenshots.py",
    "qa/web/languages/*",
    "qa/web/assets.py",
    "qa/web/chat/message.py",
    "qa/web/chat/page.py",
    "qa/web/static/**/*",
    "qa/web/templates/**/*",
)


def digests() -> dict[str, str]:
    """SHA-256 in hex of each file that shapes a picture, by its path from the root."""
    found = (path for pattern in _SHAPING for path in ROOT.glob(pattern) if path.is_file())
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(found)
    }


def recorded() -> dict[str, str]:
    """The digests as they were when the pictures were made; empty before the first."""
    if not DIGESTS.exists():
        return {}
    lines = DIGESTS.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def record(found: Mapping[str, str]) -> None:
    """Write them beside the pictures, as `sha256sum --check` reads them."""
    lines = [f"{digest}  {path}\n" for path, digest in found.items()]
    DIGESTS.write_text("".join(lines), encoding="utf-8")


def changed(found: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    """Files that are new, gone or different.

    >>> changed({"a": "1", "b": "2"}, {"a": "1", "c": "3"})
    ['b', 'c']
    """
    return sorted(path for path in {*found, *before} if found.get(path) != before.get(path))
