"""The sites that may use the server: those of the settings, and those the owner allowed."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from index.build.owned import owned, owner_faults
from index.errors import SettingError
from qa.web.guard.middleware import OriginGuard, SecurityHeaders
from qa.web.guard.policy import Policy, read_origins
from qa.web.guard.sites import RefusedSite, Sites

NEWS, OTHER = "https://news.example.org", "https://other.example:8443"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def sites_in(data: Path) -> Sites:
    return Sites(read_origins("listed.example"), data, lambda: NOON)


def sites_of(data: Path, refused: Sequence[str]) -> Sites:
    """Of another process, which has refused these."""
    sites = sites_in(data)
    for origin in refused:
        sites.note(origin)
    return sites


def test_a_refused_site_is_told_with_how_often_and_when_the_last_first(tmp_path: Path) -> None:
    sites = sites_in(tmp_path)
    for origin in (NEWS, OTHER, NEWS):
        sites.note(origin)
    moment = "2026-01-31T12:00:00+00:00"
    assert sites.refused() == (RefusedSite(NEWS, 2, moment), RefusedSite(OTHER, 1, moment))


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "http://localhost:3000", "https://[::1]", "chrome-extension://abc", ""),
        *("https://news.example.org/path", "https://<b>.example", f"https://{'a' * 300}.example"),
    ],
)
def test_what_is_no_site_of_the_web_is_not_offered(tmp_path: Path, origin: str) -> None:
    sites = sites_in(tmp_path)
    sites.note(origin)
    assert sites.refused() == ()
    assert not sites.allow(origin)


def test_names_that_are_made_up_push_out_only_older_ones(tmp_path: Path) -> None:
    sites = sites_in(tmp_path)
    for number in range(60):
        sites.note(f"https://{number}.example")
    kept = [each.origin for each in sites.refused()]
    assert (len(kept), kept[0], kept[-1]) == (50, "https://59.example", "https://10.example")


def test_what_the_owner_allows_holds_in_every_process_until_it_is_withdrawn(tmp_path: Path) -> None:
    sites, other_process = sites_in(tmp_path), sites_in(tmp_path)
    assert not sites.allow(NEWS), "only what was refused can be allowed"
    sites.note(NEWS)
    assert sites.allow(NEWS)
    assert sites.refused() == ()
    for each in (sites, other_process, sites_in(tmp_path)):
        assert each.allowed() == (NEWS,)
        assert each.allows(NEWS)
        assert each.allows("https://listed.example")
        assert not each.allows(OTHER)
        assert NEWS in each.frame_ancestors()
    assert list(owner_faults(tmp_path)) == []
    assert other_process.withdraw(NEWS)
    assert not sites.allows(NEWS)
    assert NEWS not in sites.frame_ancestors()


def test_sites_that_are_allowed_and_withdrawn_at_once_are_each_as_was_asked(
    tmp_path: Path,
) -> None:
    before = [f"https://{number}.before.example" for number in range(20)]
    after = [f"https://{number}.after.example" for number in range(20)]
    sites = sites_in(tmp_path)
    for origin in (*before, *after):
        sites.note(origin)
    assert all(map(sites.allow, before))
    with ThreadPoolExecutor(4) as pool:
        allowed = pool.map(sites_of(tmp_path, after).allow, after)
        withdrawn = pool.map(sites.withdraw, before)
        assert all([*allowed, *withdrawn])
    assert sorted(sites.allowed()) == sorted(after)


def test_a_list_that_cannot_be_read_allows_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    owned(tmp_path).mkdir(parents=True)
    listed = owned(tmp_path) / "origins.txt"
    listed.write_text(f"{NEWS}\nhttps://localhost\n", encoding="utf-8")
    sites = sites_in(tmp_path)
    assert not sites.allows(NEWS)
    assert sites.allows("https://listed.example")
    assert "each visitor's own machine" in caplog.text
    sites.note(OTHER)
    with pytest.raises(SettingError, match="correct that line, or remove the file"):
        sites.allow(OTHER)
    assert listed.read_text(encoding="utf-8") == f"{NEWS}\nhttps://localhost\n"


def test_the_guard_notes_whom_it_refuses_and_lets_in_whom_the_owner_allows(tmp_path: Path) -> None:
    sites = sites_in(tmp_path)
    guard = OriginGuard(PlainTextResponse("words"), Policy(), sites)
    client = TestClient(SecurityHeaders(guard, sites))
    asked = {"Origin": NEWS, "Sec-Fetch-Site": "cross-site"}
    assert client.get("/api/ask", headers=asked).status_code == 403
    assert client.get("/admin", headers={**asked, "Origin": OTHER}).status_code == 403
    assert [each.origin for each in sites.refused()] == [NEWS], "no site may ever use /admin"
    sites.allow(NEWS)
    answer = client.get("/api/ask", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == NEWS
    assert NEWS in answer.headers["Content-Security-Policy"]
    assert client.get("/admin", headers=asked).status_code == 403
