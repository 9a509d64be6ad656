"""Programs add and remove articles over HTTP: what is told as stored is stored."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, move
from time import monotonic

import pytest

from index.build import build
from index.build.owned import changing, owned, owner_faults, uploads
from index.build.versions import find_version
from index.build.withheld import read_withheld, was_removed
from index.store import verify
from index.store.durable import locked
from index.store.local import open_local
from index.store.manifest import read_manifest
from qa.web.guard.middleware import MAX_BODY
from qa.web.push.indexing import keep, path_of, read_pushed
from qa.web.push.routes import MOST_BYTES
from qa.web.push.service import Pushes
from tests.fakes import HashEncoder, no_progress
from tests.power import Cuts, Loss, write_files
from tests.push_sample import ASK_KEY, SOON, Pushing, pushing

FERRY = {
    "id": "2024/ferry",
    "title": "The ferry",
    "text": "The ferry to Skarholm sails at nine.",
    "published": "2024-03-05",
}
TEXT, LATER = FERRY["text"], "The ferry to Skarholm sails at noon now."


@pytest.fixture
def here(data: Path) -> Iterator[Pushing]:
    with pushing(data) as here:
        yield here


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, built_data: Path) -> Iterator[Pushing]:
    """One for all bodies that it refuses."""
    with pushing(Path(copytree(built_data, tmp_path_factory.mktemp("refusing") / "data"))) as here:
        yield here


def push(here: Pushing, **values: object) -> dict[str, object]:
    """Push the ferry, with these values in place of its own."""
    answer = here.client.post("/api/articles", json=FERRY | values)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_what_is_told_as_stored_is_on_disk_and_searchable_soon(here: Pushing) -> None:
    told = push(here)
    assert path_of(here.data, "2024/ferry").is_file()
    assert (told["status"], told["id"], told["remarks"]) == ("stored", "2024/ferry", [])
    assert here.settled()["2024/ferry"] == TEXT
    assert [*verify(here.data), *owner_faults(here.data)] == []


def test_the_same_again_is_told_as_unchanged_and_published_once(here: Pushing) -> None:
    first = push(here)
    here.settled()
    generation = read_manifest(here.data).generation
    assert push(here) == first | {"status": "unchanged"}
    here.settled()
    assert read_manifest(here.data).generation == generation


def test_the_same_id_with_another_text_replaces_the_article(here: Pushing) -> None:
    first = push(here)
    assert push(here, text=LATER)["digest"] != first["digest"]
    assert here.settled()["2024/ferry"] == LATER
    assert len(list(uploads(here.data).iterdir())) == 1


def test_html_is_read_as_a_page_shows_it(here: Pushing) -> None:
    values = {"id": "mail", "html": "<p>The mail came&nbsp;<b>late</b>.</p><script>x()</script>"}
    assert here.client.post("/api/articles", json=values).status_code == 202
    assert here.settled()["mail"] == "The mail came\N{NO-BREAK SPACE}late."


def test_a_removed_article_is_found_no_more_and_its_id_is_free_again(here: Pushing) -> None:
    push(here)
    assert here.client.delete("/api/articles/2024%2Fferry").status_code == 202
    assert "2024/ferry" not in here.settled()
    gone = here.client.delete("/api/articles/2024/ferry")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "unknown_article")
    push(here)
    assert here.settled()["2024/ferry"] == TEXT


def test_a_push_takes_the_place_of_an_article_from_a_folder_for_good(
    here: Pushing, sources: Path
) -> None:
    push(here, id="dam")
    assert here.settled()["dam"] == TEXT
    build([sources], here.data, HashEncoder(), no_progress, prune=True)
    assert here.texts()["dam"] == TEXT
    assert here.client.delete("/api/articles/dam").status_code == 202
    here.settled()
    build([sources], here.data, HashEncoder(), no_progress)
    assert "dam" not in here.texts()
    assert [each.id for each in read_withheld(here.data)] == ["dam"]


def test_an_article_of_a_folder_can_be_removed_and_stays_out(here: Pushing, sources: Path) -> None:
    assert here.client.delete("/api/articles/dam").status_code == 202
    build([sources], here.data, HashEncoder(), no_progress)
    assert "dam" not in here.settled()


def test_an_article_of_a_folder_goes_with_one_pushed_over_it_that_was_not_read_yet(
    here: Pushing,
) -> None:
    with locked(here.data):
        push(here, id="dam")
        # The folder's article is still published, and cannot be removed while a build runs.
        assert here.client.delete("/api/articles/dam").status_code == 503
    assert here.client.delete("/api/articles/dam").status_code in {202, 404}
    assert "dam" not in here.settled()


def test_what_was_removed_and_pushed_anew_at_once_has_no_former_version(here: Pushing) -> None:
    digest = str(push(here)["digest"])
    here.settled()
    with locked(here.data):
        assert here.client.delete("/api/articles/2024/ferry").status_code == 202
        push(here, text=LATER)
    assert here.settled()["2024/ferry"] == LATER
    assert find_version(here.data, "2024/ferry", digest) is None


def test_what_is_withdrawn_goes_though_nothing_can_be_built(here: Pushing) -> None:
    push(here)
    here.settled()
    (owned(here.data) / "rules.yaml").write_text("pinned: [", encoding="utf-8")
    push(here, id="another")
    assert here.client.delete("/api/articles/2024/ferry").status_code == 202
    until = monotonic() + SOON
    while "2024/ferry" in here.texts() and monotonic() < until:
        pass
    assert "2024/ferry" not in here.texts()


def test_old_links_to_a_withdrawn_article_can_tell_so(here: Pushing) -> None:
    push(here)
    here.settled()
    assert not was_removed(here.data, "2024/ferry")
    assert here.client.delete("/api/articles/2024/ferry").status_code == 202
    assert "2024/ferry" not in here.settled()
    assert was_removed(here.data, "2024/ferry")


def test_rules_of_the_house_reach_a_pushed_article(here: Pushing) -> None:
    with changing(here.data) as own:
        (own / "rules.yaml").write_text("exclude:\n- tag: internal\n", "utf-8")
    push(here, tags=["internal"], section="Town")
    assert "2024/ferry" not in here.settled()


def test_a_wrong_method_is_told_the_right_ones(here: Pushing) -> None:
    answer = here.client.put("/api/articles/dam")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE")


@pytest.mark.parametrize("key", [None, "wrong", ASK_KEY])
def test_without_a_key_that_may_push_every_reply_is_the_same(
    here: Pushing, key: str | None
) -> None:
    del here.client.headers["Authorization"]
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    replies = [
        here.client.post("/api/articles", json=FERRY, headers=headers),
        here.client.delete("/api/articles/dam", headers=headers),
        here.client.delete("/api/articles/none", headers=headers),
    ]
    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.content for reply in replies}) == 1
    assert "dam" in here.settled()
    assert not uploads(here.data).exists()


def test_a_push_without_a_key_counts_as_a_question_and_one_with_a_key_is_not_bound(
    here: Pushing,
) -> None:
    assert {push(here)["id"] for _ in range(8)} == {"2024/ferry"}
    del here.client.headers["Authorization"]
    statuses = [here.client.post("/api/articles", json=FERRY).status_code for _ in range(8)]
    assert (statuses[0], statuses[-1]) == (401, 429)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"text": None}, "the body: it has no text: send the article's as text, or its HTML"),
        ({"text": " \n "}, "the article has no text: write"),
        ({"text": 5}, "text: input should be a valid string"),
        ({"id": ""}, "id: string should have at least 1 character"),
        ({"id": " a"}, "id: ' a' is no id"),
        ({"id": "a\u202eb"}, "is no id; send one such as"),
        ({"id": ".."}, "id: '..' is no id"),
        ({"id": "x" * 501}, "id: string should have at most 500 characters"),
        ({"published": "soon"}, "published: 'soon' is not a date; write it as"),
        ({"embargo": "31 June 2024"}, "embargo: '31 June 2024' is not a date"),
        ({"published": "03/04/2024"}, "published: '03/04/2024' could be either of two dates"),
        ({"visibility": "some"}, "visibility: input should be 'public', 'members' or 'hidden'"),
        ({"titel": "The ferry"}, "titel: extra inputs are not permitted"),
        ({"title": "\ud83d"}, "half of a surrogate pair"),
    ],
)
def test_a_bad_body_is_told_by_its_field_and_nothing_is_kept(
    refusing: Pushing, values: dict[str, object], told: str
) -> None:
    # As ASCII: a client of Python's refuses to send half of a surrogate pair.
    headers, body = {"Content-Type": "application/json"}, json.dumps(FERRY | values)
    answer = refusing.client.post("/api/articles", content=body, headers=headers)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]
    assert not uploads(refusing.data).exists()


def test_what_was_odd_about_an_article_is_told_with_it(here: Pushing) -> None:
    told = push(here, published="2999-01-01")
    assert told["remarks"] == ["published: '2999-01-01' is in the future: left out"]


def test_an_article_may_be_longer_than_a_question_and_has_a_bound_of_its_own(
    here: Pushing,
) -> None:
    push(here, text="The ferry sails. " * (MAX_BODY // 8))
    huge = b'{"id": "huge", "text": "' + b"x" * MOST_BYTES + b'"}'
    for key, body in (("", b" " * (MAX_BODY + 1)), ("key", huge)):
        headers = {} if key else {"Authorization": ""}
        answer = here.client.post("/api/articles", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_what_cannot_be_written_is_told_and_what_was_kept_before_stays(
    here: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(here)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("qa.web.admin.builds.sync_open", fail)
        answer = here.client.post("/api/articles", json=FERRY | {"text": LATER})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_stored")
    assert answer.headers["retry-after"] == "60"
    assert here.settled()["2024/ferry"] == TEXT
    assert len(list(uploads(here.data).iterdir())) == 1


def test_while_a_build_runs_articles_are_stored_and_searchable_after_it(here: Pushing) -> None:
    with locked(here.data):
        push(here)
        assert here.pushes.waiting() == 1
        busy = here.client.delete("/api/articles/dam")
        assert (busy.status_code, busy.json()["error"]["code"]) == (503, "build_runs")
        assert "2024/ferry" not in here.texts()
    assert here.settled()["2024/ferry"] == TEXT
    assert here.pushes.waiting() == 0


def test_what_waits_is_counted_once_by_processes_that_begin_while_a_build_runs(data: Path) -> None:
    keep(data, read_pushed(FERRY))
    with locked(data), pushing(data) as here:
        other = Pushes(data, lambda: open_local(data), HashEncoder(), counts_kept=False)
        other.start()
        other.add(FERRY | {"id": "2024/barge"})
        counted = (here.pushes.waiting(), other.waiting())
        other.close()
    assert counted == (1, 1)


def test_a_data_folder_that_moved_keeps_its_pushed_articles_under_their_ids(
    data: Path, tmp_path: Path
) -> None:
    with pushing(data) as here:
        push(here)
        expected = here.settled() | {"2024/ferry": LATER}
    moved = Path(move(data, tmp_path / "moved"))
    keep(moved, read_pushed(FERRY | {"text": LATER}))
    with pushing(moved) as there:
        assert there.settled() == expected


def test_a_checksum_is_of_the_last_text_and_goes_with_it(here: Pushing) -> None:
    sums = owned(here.data) / "sums"
    push(here)
    push(here, text=LATER)
    push(here, id="mail")
    assert len(list(sums.iterdir())) == 2
    path_of(here.data, "mail").write_text("{}")
    assert [str(path_of(here.data, "mail")) in fault for fault in owner_faults(here.data)] == [True]
    for article_id in ("2024/ferry", "mail"):
        here.client.delete(f"/api/articles/{article_id}")
    assert list(sums.iterdir()) == []


def test_what_a_killed_push_left_is_cleared_in_a_later_round_and_what_is_being_written_is_not(
    here: Pushing,
) -> None:
    uploads(here.data).mkdir(parents=True)
    left, fresh = (uploads(here.data) / f".draft-{name}" for name in ("left", "fresh"))
    for path in (left, fresh):
        path.write_text("{")
    os.utime(left, (0, 0))
    push(here)
    here.settled()
    assert [left.exists(), fresh.exists()] == [False, True]


def test_a_power_cut_takes_nothing_that_was_told_as_stored(tmp_path: Path, data: Path) -> None:
    first, second = read_pushed(FERRY), read_pushed(FERRY | {"text": LATER})
    keep(data, first)
    with Cuts(data).watched() as cuts:
        keep(data, second)
    for number, (_, files) in enumerate(cuts.left):
        left = write_files(tmp_path / str(number), files)
        assert path_of(left, "2024/ferry").read_bytes() in (first.line, second.line)
        assert list(owner_faults(left)) == []
    ended = [cuts.disk.after(loss) for loss in Loss]
    name = path_of(data, "2024/ferry").relative_to(data).as_posix()
    assert [files[name] for files in ended] == [second.line] * len(Loss)
