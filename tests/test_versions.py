"""An article that changes keeps its former text, for those who may read the article now."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from index.__main__ import main
from index.article import Article, Passage
from index.build.owned import owned
from index.build.removal import remove_articles
from index.build.versions import find_version, forget_versions, keep_versions, version_faults
from index.errors import DamagedError
from qa.access import as_member
from qa.answer import Citation
from qa.live import LiveIndex
from qa.present.links import cited_span, page_of, reader_link
from qa.present.references import reference
from qa.present.version import wording_now
from qa.web.app import create_app
from qa.web.protocols import About
from tests.house_rules import FARE, POOL, House
from tests.web_sample import EXAMPLES, SampleAsker

SAID = "The pool in Mill Lane opens at seven."
NOW = "The pool in Mill Lane opens at nine now."
LATER = POOL | {"text": f"A new roof was built. {NOW} It is heated."}
BEFORE = Article(id="pool", text=str(POOL["text"]))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An archive of which one article has changed since it was first built."""
    house = House(tmp_path_factory.mktemp("versions"))
    house.build("")
    house.write(LATER, FARE)
    house.build("")
    return house


@pytest.fixture(scope="module")
def live(house: House) -> Iterator[LiveIndex]:
    with closing(house.open()) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(live: LiveIndex) -> TestClient:
    return TestClient(create_app(SampleAsker(), live, EXAMPLES, lambda: About(2)))


@pytest.fixture
def own(tmp_path: Path) -> House:
    """An archive that a test changes."""
    house = House(tmp_path)
    house.build("")
    return house


def kept(house: House) -> list[Path]:
    return sorted((owned(house.data) / "versions").glob("*/*"))


def link() -> str:
    """A link to what was quoted before the article changed."""
    start = BEFORE.text.index(SAID)
    return page_of(cited_span(BEFORE, (start, start + len(SAID)), (start + 31, start + 36)))


def test_a_former_version_is_as_it_was_and_says_that_it_is_former(live: LiveIndex) -> None:
    former = live.version("pool", BEFORE.digest)
    assert former is not None
    assert (former.text, former.digest, former.is_former) == (BEFORE.text, BEFORE.digest, True)
    assert (former.title, former.tags) == ("The pool in Mill Lane", ("Sport", "water"))


def test_the_present_version_has_its_own_digest(live: LiveIndex) -> None:
    present = live.article("pool")
    assert present is not None
    assert live.version("pool", present.digest) == present
    assert not present.is_former


@pytest.mark.parametrize("digest", ["", "*", "sha256:", "../../x", "0" * 64, BEFORE.digest[:12]])
def test_what_is_no_digest_of_a_version_opens_none(live: LiveIndex, digest: str) -> None:
    assert live.version("pool", digest) is None
    assert live.version("fare", BEFORE.digest) is None


def test_the_api_gives_the_version_of_a_digest(client: TestClient) -> None:
    told = client.get("/api/articles/pool", params={"digest": BEFORE.digest}).json()
    assert (told["text"], told["former"]) == (BEFORE.text, True)
    assert client.get("/api/articles/pool").json()["former"] is False
    refused = client.get("/api/articles/pool", params={"digest": "sha256:00"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_version")
    assert client.get("/api/articles/none", params={"digest": BEFORE.digest}).status_code == 404


def test_an_old_link_opens_what_was_quoted_and_tells_the_new_wording(client: TestClient) -> None:
    page = client.get(link()).text
    assert '<mark id="quote"' in page
    assert "<strong>seven</strong>" in page
    assert "This is an earlier version." in page
    assert f'It now says: <bdi lang="">{NOW}</bdi>' in page
    assert 'href="/articles/pool"' in page


def test_the_link_in_the_json_of_an_answer_opens_what_was_quoted(client: TestClient) -> None:
    start = BEFORE.text.index(SAID)
    span = (start, start + len(SAID))
    quoted = Citation(1, Passage("pool", *span, SAID, (span,)), BEFORE, SAID, *span, 0.9)
    page = client.get(reader_link(quoted)).text
    assert "This is an earlier version." in page
    assert f">{SAID}</mark>" in page


def test_a_page_of_a_digest_is_that_version(client: TestClient) -> None:
    page = client.get(f"/articles/pool?digest={quote(BEFORE.digest)}").text
    assert "earlier version" in page
    assert "lessons" in page
    assert client.get("/articles/pool?digest=sha256:00").status_code == 404


def test_a_sentence_that_was_only_taken_out_has_no_new_wording(client: TestClient) -> None:
    words = "Children’s lessons\nbegin at nine."
    start = BEFORE.text.index(words)
    page = client.get(page_of(cited_span(BEFORE, (start, start + len(words))))).text
    assert "earlier version" in page
    assert "It now says" not in page


def test_a_sentence_that_still_stands_has_no_new_wording() -> None:
    monday, tuesday = "Two people died on Monday.", "Two people died on Tuesday."
    former = Article(id="toll", text=f"{monday} It rained.")
    present = Article(id="toll", text=f"{monday} {tuesday}")
    assert wording_now(former, (0, len(monday)), present) is None
    assert wording_now(former, (0, len(monday)), Article(id="toll", text=tuesday)) == tuesday


def test_a_citation_of_a_former_version_leads_to_where_its_words_are(live: LiveIndex) -> None:
    former = live.version("pool", BEFORE.digest)
    assert former is not None
    assert reference(former, (0, len(SAID)), "/articles/pool?v=1").url == "/articles/pool?v=1"


def test_a_change_of_white_space_or_of_the_title_alone_keeps_nothing(own: House) -> None:
    own.write(POOL | {"text": str(POOL["text"]).replace(" ", "\n"), "title": "Pool"}, FARE)
    assert own.build("").changed == 1
    assert kept(own) == []


def test_every_version_is_kept_once_and_compressed(own: House) -> None:
    for text in ("One word. " * 60, "Another word. " * 60, "One word. " * 60):
        own.write(POOL | {"text": text}, FARE)
        own.build("")
    assert len(kept(own)) == 3
    assert sum(path.stat().st_size for path in kept(own)) < 1200


def test_who_may_read_an_article_now_may_read_its_former_versions(own: House) -> None:
    own.write(LATER | {"visibility": "members"}, FARE)
    own.build("")
    with closing(own.open()) as live:
        former = live.version("pool", BEFORE.digest)
        assert former is not None
        assert former.is_excerpt
        assert "lessons" not in former.text
        with as_member():
            whole = live.version("pool", BEFORE.digest)
        assert whole is not None
        assert whole.text == BEFORE.text


def test_of_what_nobody_may_read_no_version_is_opened(own: House) -> None:
    own.write(LATER | {"embargo": "2999-01-01"}, FARE | {"text": "Hm.", "visibility": "hidden"})
    own.build("")
    with closing(own.open()) as live:
        assert live.version("pool", BEFORE.digest) is None
        assert live.version("fare", Article("fare", str(FARE["text"])).digest) is None


def test_what_was_for_members_then_is_not_opened_to_all_by_a_later_version(own: House) -> None:
    own.write(POOL | {"visibility": "members"}, FARE)
    own.build("")
    own.write(LATER, FARE)
    own.build("")
    with closing(own.open()) as live:
        former = live.version("pool", BEFORE.digest)
        assert former is not None
        assert former.is_excerpt


def test_what_changes_under_an_embargo_is_not_kept(tmp_path: Path) -> None:
    article = Article("draft", "A draft of it.", embargo="2999-01-01")
    keep_versions(tmp_path, [article])
    assert find_version(tmp_path, "draft", article.digest) is None


def test_what_the_owner_removes_or_prunes_has_no_versions_left(own: House) -> None:
    own.write(LATER, FARE | {"text": "The fare fell."})
    own.build("")
    assert len(kept(own)) == 2
    remove_articles(own.data, ["pool"])
    assert [find_version(own.data, "pool", BEFORE.digest), len(kept(own))] == [None, 1]


def test_what_is_hidden_has_no_versions_left_and_leaves_none(own: House) -> None:
    own.write(LATER, FARE | {"text": "The fare fell."})
    own.build("")
    own.write(POOL, FARE | {"text": "The fare rose."})
    own.build("exclude:\n- article: pool")
    assert find_version(own.data, "fare", Article("fare", str(FARE["text"])).digest)
    assert [find_version(own.data, "pool", BEFORE.digest), len(kept(own))] == [None, 2]


def test_what_a_killed_build_left_of_the_hidden_goes_with_the_next_one(own: House) -> None:
    rules = "exclude:\n- article: pool"
    own.build(rules)
    keep_versions(own.data, [BEFORE])
    assert own.build(rules).changed == 0
    assert kept(own) == []


def test_what_gets_another_id_has_no_versions_left(own: House) -> None:
    left = []
    for text, name in [("One.", "a"), ("Two.", "a"), ("Two.", "b")]:
        (own.sources / "story.md").write_text(f"---\nid: {name}\n---\n{text}", encoding="utf-8")
        own.build("")
        left.append(len(kept(own)))
    assert left == [0, 1, 0]


def test_a_version_that_cannot_be_deleted_is_told(own: House) -> None:
    keep_versions(own.data, [BEFORE])
    [path] = kept(own)
    path.unlink()
    path.parent.rmdir()
    forget_versions(own.data, ["pool"])
    path.parent.touch()
    with pytest.raises(NotADirectoryError, match=path.parent.name):
        forget_versions(own.data, ["pool"])


def test_a_version_that_was_damaged_is_named(own: House) -> None:
    own.write(LATER, FARE)
    own.build("")
    [path] = kept(own)
    told = json.loads(gzip.decompress(path.read_bytes()))
    path.write_bytes(gzip.compress(json.dumps(told | {"text": "Another."}).encode()))
    [fault] = version_faults(own.data)
    assert fault.startswith(f"{path} holds another text than its name says: put back a copy")
    with pytest.raises(DamagedError, match="holds another text"):
        find_version(own.data, "pool", BEFORE.digest)
    path.write_bytes(b"\x1f\x8b broken")
    assert main(["verify", "--data", str(own.data)]) == 1
