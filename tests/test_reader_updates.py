"""A link made before an article was rewritten, opened after the index was built again."""

from pathlib import Path
from shutil import rmtree

from starlette.testclient import TestClient

from index.build.owned import owned
from index.build.versions import VERSIONS
from qa.answer import Question
from qa.live import LiveIndex
from qa.present.links import reader_page
from qa.web.app import create_app
from qa.web.protocols import About
from tests.archives import build_records
from tests.fakes import HashEncoder

WATER = "The dam on the Tessel holds ninety million cubic metres of water."
FIRST = f"{WATER} It took six years to build."


def test_a_link_outlives_the_article_it_was_made_of(tmp_path: Path) -> None:
    data = _build(tmp_path / "data", FIRST)
    encoder = HashEncoder()
    live = LiveIndex(data, encoder, encoder.model)
    app = create_app(live, live, (), lambda: About(1))
    answer = live.ask(Question("How much water does the dam on the Tessel hold?"))
    [citation, *_] = answer.citations or answer.nearest
    link = reader_page(citation)
    with TestClient(app) as client:
        assert _told(client, link) == (200, False, True)
        _build(data, f"Corrected on Monday. {FIRST}")
        live.refresh()
        assert _told(client, link) == (200, True, True)
        _build(data, FIRST.replace("ninety", "eighty"))
        live.refresh()
        assert _told(client, link) == (200, True, True)
        assert "holds eighty million" in client.get(link).text
        # Without its former versions nothing is left to be shown.
        rmtree(owned(data) / VERSIONS)
        assert _told(client, link) == (404, True, False)
    live.close()


def _build(data: Path, text: str) -> Path:
    return build_records(data, [{"_id": "dam", "text": text, "title": "The dam"}])


def _told(client: TestClient, link: str) -> tuple[int, bool, bool]:
    """The status, whether a change is told, and whether the quote is marked."""
    response = client.get(link)
    is_marked = f">{WATER}</mark>" in response.text
    return response.status_code, "article has changed since" in response.text, is_marked
