"""The parts of the owner's page, each by itself."""

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from errno import ENOSPC
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build.owned import uploads
from index.errors import (
    BuildRunsError,
    DamagedError,
    IndexRefusedError,
    LossError,
    ModelError,
    NothingReadError,
    SettingError,
    SourceMissingError,
    StoreError,
    code_of,
)
from index.fetch.guard import FetchError
from index.fetch.http import Fetched
from index.fetch.page import page_of
from index.readers.walk import suffix_of
from qa.journal import NotCovered, group_alike
from qa.web.admin.builds import (
    BuildCommand,
    Builds,
    BuildState,
    UploadError,
    add_file,
    added_files,
    safe_name,
)
from qa.web.admin.charts import HEIGHT, Series, plot, plot_all
from qa.web.admin.sessions import Sessions, TooManyAttemptsError
from qa.web.admin.views import csv_of, tame
from qa.web.i18n import words_in
from tests.fakes import HashEncoder
from tests.owner_sample import PAGE, PASSWORD
from tests.power import Cuts, Loss

URL = "https://ferry.example/times"


def not_covered(question: str, times: int = 1) -> NotCovered:
    return NotCovered(1, question, times, "2026-01-31", None, None, None)


@given(st.text(max_size=200), st.sampled_from([".txt", ".md", ".jsonl.gz", ".exe", ""]))
def test_any_name_is_one_plain_file_or_refused(stem: str, suffix: str) -> None:
    try:
        name = safe_name(stem + suffix)
    except UploadError:
        return
    assert Path(name).name == name
    assert not name.startswith(".")
    assert not re.search(r'[\x00-\x1f/\\:<>|?*"]', name)
    assert len(name.encode()) < 200
    assert suffix_of(Path(name))
    assert safe_name(name) == name


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n＝＋－＠", " =", "\ufeff@"])
def test_no_cell_begins_a_formula(sign: str) -> None:
    assert str(tame(f"{sign}1+1")).startswith("'")


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_a_table_is_read_back_as_it_was_but_for_formulas(rows: list[list[str]]) -> None:
    text = csv_of(("a", "b"), rows).decode("utf-8-sig", errors="surrogatepass")
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found == [["a", "b"], *([str(tame(cell)) for cell in row] for row in rows)]


def test_questions_of_like_meaning_stand_together_the_most_asked_first() -> None:
    questions = [
        not_covered("zeppelin quark gluon plasma", 2),
        not_covered("price of tea"),
        not_covered("quark gluon plasma zeppelin", 3),
    ]
    groups = group_alike(questions, HashEncoder().encode_queries)
    assert [(group.times, len(group.questions)) for group in groups] == [(5, 2), (1, 1)]
    assert group_alike([], HashEncoder().encode_queries) == []


def test_bars_stand_on_each_other_and_the_highest_reaches_the_top() -> None:
    good = Series("good", {"2026-01-31": 3, "2026-01-30": 1, "2025-01-01": 9})
    bad = Series("bad", {"2026-01-31": 1}, "bad")
    drawn = plot([good, bad], date(2026, 1, 31), 30)
    assert (drawn.highest, drawn.totals) == (4, (4, 1))
    assert [bar.height for bar in drawn.bars] == [HEIGHT / 4, HEIGHT * 3 / 4, HEIGHT / 4]
    assert [bar.y for bar in drawn.bars] == [HEIGHT * 3 / 4, HEIGHT / 4, 0]
    assert (drawn.slots[0].first, drawn.slots[-1].last) == ("2026-01-02", "2026-01-31")


@given(st.dictionaries(st.dates(date(1900, 1, 1)).map(date.isoformat), st.integers(1, 99)))
def test_a_plot_of_all_days_leaves_none_out(days: dict[str, int]) -> None:
    assert plot_all(Series("articles", days)).totals == (sum(days.values()),)


def test_many_days_share_a_bar() -> None:
    drawn = plot([Series("a", {"2026-01-31": 1, "2026-01-29": 2})], date(2026, 1, 31), 90)
    assert drawn.slots[-1].counts == (3,)
    assert drawn.slots[0].first == "2025-11-03"


def test_wrong_passwords_from_one_address_do_not_lock_out_another() -> None:
    now = [0.0]
    sessions = Sessions(PASSWORD, lambda: now[0])
    for _ in range(5):
        assert sessions.enter("wrong", "a") is None
    with pytest.raises(TooManyAttemptsError) as told:
        sessions.enter(PASSWORD, "a")
    assert told.value.wait == 301
    assert sessions.enter(PASSWORD, "b") is not None
    now[0] = 301.0
    assert sessions.enter(PASSWORD, "a") is not None


def test_the_addresses_of_one_network_are_counted_as_one() -> None:
    sessions = Sessions(PASSWORD, lambda: 0.0)
    for number in range(5):
        assert sessions.enter("wrong", f"2001:db8:1:2::{number}") is None
    with pytest.raises(TooManyAttemptsError):
        sessions.enter("wrong", "2001:db8:1:2:ffff::9")
    assert sessions.enter("wrong", "2001:db8:1:3::1") is None


def test_a_hundred_wrong_ones_from_all_over_slow_everyone_down_and_the_owner_gets_in() -> None:
    now = [0.0]
    sessions = Sessions(PASSWORD, lambda: now[0])
    for number in range(100):
        assert sessions.delay() == 0.0
        assert sessions.enter("wrong", f"192.0.2.{number}") is None
    assert 1 <= sessions.delay() <= 5
    assert sessions.enter("wrong", "198.51.100.1") is None
    assert sessions.enter(PASSWORD, "198.51.100.1") is not None
    now[0] = 301.0
    assert sessions.delay() == 0.0


class FullDisk(BytesIO):
    """A file of which only the beginning can be saved."""

    def read(self, size: int | None = -1) -> bytes:
        """Some bytes, then what a full disk says."""
        if self.tell():
            raise OSError(ENOSPC, "No space left on device")
        return super().read(10)


def test_of_a_file_that_cannot_be_saved_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        add_file(tmp_path, "ferry.txt", FullDisk(b"The ferry sails twice a day."))
    assert list(uploads(tmp_path).iterdir()) == []


def test_a_file_is_on_disk_before_it_is_told_as_added(tmp_path: Path) -> None:
    with Cuts(tmp_path).watched() as cuts:
        add_file(tmp_path, "ferry.txt", BytesIO(b"The ferry sails."))
    for loss in (Loss.BYTES, Loss.ZEROS):
        assert cuts.disk.after(loss)["owner/uploads/ferry.txt"] == b"The ferry sails."


def test_two_files_of_one_name_added_at_once_are_both_kept(tmp_path: Path) -> None:
    texts = [f"Ferry {number}.".encode() for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        paths = pool.map(lambda text: add_file(tmp_path, "ferry.txt", BytesIO(text)), texts)
        assert len(set(paths)) == 20
    assert {path.read_bytes() for path in added_files(tmp_path)} == set(texts)


def test_the_article_of_a_page_is_freed_from_menus() -> None:
    page = page_of(Fetched(URL, "text/html", PAGE))
    told = json.loads(page.content)
    assert (told["title"], told["published"], told["url"]) == ("The ferry", "2024-03-05", URL)
    assert told["text"].startswith("The ferry to Skarholm sails")
    assert "Home" not in told["text"]
    assert safe_name(page.name) == page.name


def test_one_address_gives_one_name_and_two_give_two() -> None:
    first, again, other = (
        page_of(Fetched(url, "text/plain", b"words")).name
        for url in (URL, URL, "https://ferry.example/times?day=2")
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/pdf", b"%PDF"),
        ("text/plain2", b"words"),
        ("text/html", b""),
        ("text/html", b"<html></html>"),
        ("text/html", b"<p>" * 10_000),
        ("text/html", b"\xff\xfe\x00<"),
    ],
)
def test_a_page_without_an_article_is_told(media: str, body: bytes) -> None:
    with pytest.raises(FetchError):
        page_of(Fetched(URL, media, body))


def test_a_date_that_a_page_does_not_tell_is_not_made_up() -> None:
    page = page_of(Fetched(URL, "text/html", PAGE.replace(b"published_time", b"other")))
    assert "published" not in json.loads(page.content)


def test_a_build_that_cannot_be_started_has_failed(tmp_path: Path) -> None:
    builds = Builds(BuildCommand((str(tmp_path / "none"),), {}, tmp_path, [tmp_path]))
    assert builds.start()
    assert builds.wait(10)
    assert builds.state.status == "failed"
    assert "none" in builds.state.message
    assert builds.state.fault == "other"


@pytest.mark.parametrize(
    ("lines", "code", "fault", "message"),
    [
        (['{"error": {"code": "model", "message": "no model"}}', "Bye"], 1, "model", "no model"),
        (['{"stage": "reading", "done": 1, "total": null}'], -9, "killed", ""),
        (["Traceback", "error: FOOTNOTE_PORT is odd"], 1, "other", "FOOTNOTE_PORT is odd"),
        (['{"report": {}}'], 0, "", ""),
    ],
)
def test_why_a_build_failed_is_told_by_a_code(
    lines: list[str], code: int, fault: str, message: str
) -> None:
    state, last = BuildState("running"), ""
    for line in lines:
        after = state.taking(line)
        state, last = after or state, last if after else line
    ended = state.ended(code, last)
    assert (ended.fault, ended.message) == (fault, message)
    assert ended.status == ("failed" if code else "done")


def test_every_reason_why_a_build_fails_is_told_in_words() -> None:
    kinds = (
        *(SourceMissingError, NothingReadError, LossError, BuildRunsError, ModelError, StoreError),
        *(IndexRefusedError, DamagedError, SettingError, PermissionError),
    )
    codes = {code_of(kind()) for kind in kinds} | {"killed", "other"}
    assert codes == {
        name.removeprefix("build_fault_")
        for name in words_in("en").of("admin")
        if name.startswith("build_fault_")
    }


def test_with_nothing_to_build_from_none_is_started(tmp_path: Path) -> None:
    builds = Builds(BuildCommand(("none",), {}, tmp_path))
    assert not builds.start()
    assert builds.state.status == "idle"
