"""axe-core on a page: which criteria of WCAG 2.2 AA it sees broken."""

from typing import Any

from tests.browsing import Page
from tests.needs import missing_module

try:
    from axe_playwright_python.base import AXE_SCRIPT
except ModuleNotFoundError as error:
    missing_module(error)

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# A rule that axe runs only where it is named: it is of WCAG 2.2 AA.
_NAMED = "target-size"


def violations(page: Page, within: str | None = None) -> list[str]:
    """One line for each element that breaks a rule; frames of the same origin are read too.

    `within` is a CSS selector of the only part to look at.
    """
    for frame in page.frames:
        frame.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "([within, options]) => axe.run(within || document, options).then(r => r.violations)",
        [within, _OPTIONS],
    )
    return [
        f"{broken['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for broken in found
        for node in broken["nodes"]
    ]


_OPTIONS = {
    "runOnly": {"type": "tag", "values": list(TAGS)},
    "rules": {_NAMED: {"enabled": True}},
    "resultTypes": ["violations"],
}
