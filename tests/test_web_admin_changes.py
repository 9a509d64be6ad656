"""What the owner changes of articles and rules, from the outside."""

import re
from collections.abc import Iterator
from dataclasses import fields
from io import BytesIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from index.build import build
from index.build.edits import Facts, read_edits
from index.build.lists import SYNONYMS
from index.build.owned import owned, owner_faults
from index.build.rules.kept import RULES, add_rules, added_rules
from index.build.rules.model import NO_RULES
from qa.journal import Feedback
from qa.web.admin.builds import add_file
from tests.fakes import HashEncoder, no_progress
from tests.owner_sample import PASSWORD, Site, send, sign_in, site

LIT = "When was the lighthouse of Cape Orrin lit for the first time?"
SENTENCE = "The last keeper, Jonas Field, left in 1978."


@pytest.fixture
def here(data: Path, sources: Path) -> Iterator[Site]:
    with site(data, sources) as here:
        yield here


@pytest.fixture
def owner(here: Site) -> Iterator[TestClient]:
    with TestClient(here.app, raise_server_exceptions=False, follow_redirects=False) as client:
        assert sign_in(client, PASSWORD).status_code == 303
        yield client


def ask(client: TestClient, question: str, **others: object) -> dict[str, object]:
    answer: dict[str, object] = client.post(
        "/api/ask", json={"question": question, **others}
    ).json()
    return answer


def dam(**changes: str) -> dict[str, str]:
    """The form of an article as it opens, but for some changes."""
    facts = {"title": "The dam on the river Tessel", "published": "2020-02-11"}
    return {"id": "dam", "source": "Inland Gazette", "visibility": "public", **facts, **changes}


def test_an_edit_is_shown_beside_what_the_file_says_and_undone(
    owner: TestClient, here: Site
) -> None:
    page = send(owner, "edit", **dam(title="The <b>Tessel</b> dam", published="5 March 2024"))
    assert "It takes effect with the next build." in page
    assert 'value="The &lt;b&gt;Tessel&lt;/b&gt; dam"' in page
    assert "In the file: <bdi>The dam on the river Tessel</bdi>" in page
    assert ('value="2024-03-05"' in page, "In the file: <bdi>2020-02-11</bdi>" in page) == (
        True,
    ) * 2
    assert "In the file: <bdi>Inland Gazette" not in page
    assert "edited here" in owner.get("/admin/articles").text
    assert "Edits undone." in send(owner, "take-back", id="dam")
    assert read_edits(here.data) == ()


def test_a_rule_that_closes_what_an_edit_opens_is_told_beneath_it(
    owner: TestClient, here: Site
) -> None:
    send(owner, "edit", **dam())
    shown = "By the rules of the house: Members"
    assert shown not in owner.get("/admin/article?id=dam").text
    send(owner, "add-rule", kind="visibility", visibility="members", key="article", names="dam")
    assert shown in owner.get("/admin/article?id=dam").text
    page = send(owner, "edit", **dam(visibility="members"))
    assert shown not in page


def test_a_date_that_is_the_file_s_again_is_not_told_to_be_the_owner_s(
    owner: TestClient, here: Site, sources: Path
) -> None:
    send(owner, "edit", **dam(published="2024-03-05"))
    build([sources], here.data, HashEncoder(), no_progress)
    here.live.refresh()
    built = here.live.whole.article("dam")
    assert built is not None
    assert (built.published, built.published_from) == ("2024-03-05", "owner")
    send(owner, "take-back", id="dam")
    page = owner.get("/admin/article?id=dam").text
    assert 'value="2020-02-11"' in page
    assert "entered by the owner" not in page


def test_an_article_that_is_hidden_is_gone_at_once_and_can_be_shown_again(
    owner: TestClient, here: Site, sources: Path
) -> None:
    assert "hidden from now on" in send(owner, "edit", **dam(visibility="hidden"))
    here.live.refresh()
    assert owner.get("/api/articles/dam").status_code == 404
    assert "Edited, not in the index" in owner.get("/admin/articles").text
    assert 'value="hidden" selected' in owner.get("/admin/article?id=dam").text
    send(owner, "edit", **dam())
    build([sources], here.data, HashEncoder(), no_progress)
    here.live.refresh()
    assert owner.get("/api/articles/dam").status_code == 200


def test_a_form_that_was_opened_before_another_edit_changes_only_what_was_typed_into_it(
    owner: TestClient, here: Site
) -> None:
    opened = owner.get("/admin/article?id=dam").text
    was = dict(re.findall(r'name="(was-\w+)" value="([^"]*)"', opened))
    assert len(was) == len(fields(Facts))
    send(owner, "edit", **dam(visibility="members"), **was)
    send(owner, "edit", **dam(title="The Tessel dam"), **was)
    [edit] = read_edits(here.data)
    assert edit.changed == {"title": "The Tessel dam", "visibility": "members"}


def hide_heron(owner: TestClient, here: Site) -> Path:
    """The only article of an added file, which is hidden."""
    heron = add_file(here.data, "heron.txt", BytesIO(b"The heron nests in April."))
    assert '<p class="waiting">' in owner.get("/admin/articles").text
    build([heron.parent], here.data, HashEncoder(), no_progress)
    here.live.refresh()
    hidden = {"title": "", "published": "", "source": "", "visibility": "hidden"}
    send(owner, "edit", id="heron", **hidden)
    here.live.refresh()
    return heron


def test_an_added_file_whose_article_is_hidden_does_not_wait_for_a_build(
    owner: TestClient, here: Site
) -> None:
    hide_heron(owner, here)
    assert '<p class="waiting">' not in owner.get("/admin/articles").text


def test_an_added_file_whose_article_is_hidden_is_deleted_for_good(
    owner: TestClient, here: Site
) -> None:
    heron = hide_heron(owner, here)
    _, unpublished = owner.get("/admin/articles").text.split('id="unpublished"')
    assert "The article and its file will be permanently deleted." in unpublished
    page = send(owner, "remove", id="heron")
    assert 'Removed: <bdi class="name">heron</bdi>' in page
    assert not heron.exists()
    assert 'id="unpublished"' not in page
    assert read_edits(here.data) == ()
    assert 'class="notice fault"' in send(owner, "remove", id="heron"), "there is none"


def test_a_hidden_article_of_a_folder_is_shown_again_and_not_deleted(
    owner: TestClient, here: Site
) -> None:
    send(owner, "edit", **dam(visibility="hidden"))
    here.live.refresh()
    _, unpublished = owner.get("/admin/articles").text.split('id="unpublished"')
    assert "take-back" in unpublished
    assert "/admin/remove" not in unpublished


def test_a_date_that_a_sidecar_could_have_is_taken(owner: TestClient, here: Site) -> None:
    assert 'value="1755-11-01"' in send(owner, "edit", **dam(published="1 November 1755"))
    assert [each.changed for each in read_edits(here.data)] == [{"published": "1755-11-01"}]


def test_what_is_no_date_of_an_article_is_refused_in_words(owner: TestClient, here: Site) -> None:
    for published in ("<b>soon</b>", "2999-01-01"):
        page = send(owner, "edit", **dam(published=published))
        assert "is not a date of publication" in page
        assert "<b>soon" not in page
    assert read_edits(here.data) == ()


def test_an_article_that_is_none_cannot_be_edited(owner: TestClient) -> None:
    answer = owner.get("/admin/article?id=<x>")
    assert answer.status_code == 303
    assert "&lt;x&gt;" in owner.get(answer.headers["location"]).text
    assert "No article has the id" in send(owner, "edit", **dam(id="nope"))


def test_questions_are_listed_with_what_they_followed_and_what_was_answered(
    owner: TestClient, here: Site
) -> None:
    ask(owner, LIT, history=["Where is <b>Cape Orrin</b>?"])
    ask(owner, "zeppelin quark gluon plasma?")
    here.journal.judged(Feedback(LIT, "down"))
    assert here.journal.flush()
    page = owner.get("/admin/questions").text
    assert "After:</span> <bdi>Where is &lt;b&gt;Cape Orrin&lt;/b&gt;?" in page
    assert re.search(
        r'<blockquote><a href="/articles/lighthouse\?quote=[^"]+"><bdi>The light', page
    )
    assert '<span class="tag down">Not helpful: 1</span>' in page
    assert '<span class="tag">Nothing near</span>' in page
    send(owner, "remove", id="lighthouse")
    here.live.refresh()
    assert "<blockquote><a" not in owner.get("/admin/questions").text, "nothing is kept of its text"


def test_the_forms_open_filled_in_for_a_question(owner: TestClient, here: Site) -> None:
    ask(owner, LIT.replace("lighthouse", "pharos"))
    assert here.journal.flush()
    page = owner.get("/admin/rules?form=pinned&asked=1").text
    assert page.count("<details open>") == 1
    assert "When was the pharos of Cape Orrin lit for the first time?</textarea>" in page
    assert 'name="article" value="lighthouse"' in page
    assert 'name="one" value="pharos"' in page
    assert ">\ncape orrin</textarea>" in page
    for asked in ("", "x", "²", "-1", "9" * 30, "77"):
        page = owner.get("/admin/rules", params={"form": "pinned", "asked": asked}).text
        assert 'name="article" value=""' in page


def test_an_answer_that_is_pinned_counts_without_a_build_until_it_is_removed(
    owner: TestClient, here: Site
) -> None:
    def quotes() -> list[str]:
        here.live.refresh()
        cited = ask(owner, LIT)["citations"]
        assert isinstance(cited, list)
        return [each["quote"] for each in cited]

    assert quotes() != [SENTENCE]
    rule = {"kind": "pinned", "question": LIT, "article": "lighthouse", "sentence": SENTENCE}
    assert "within seconds" in send(owner, "add-rule", **rule)
    assert quotes() == [SENTENCE]
    assert list(owner_faults(here.data)) == []
    mark = re.search(r'name="mark" value="([^"]+)"', owner.get("/admin/rules").text)
    assert mark is not None
    send(owner, "drop-rule", kind="pinned", mark=mark[1])
    assert added_rules(here.data) == NO_RULES
    assert quotes() != [SENTENCE]


def test_a_build_names_the_page_of_an_answer_that_was_pinned_there_and_is_lost(
    owner: TestClient, here: Site, sources: Path
) -> None:
    own, _ = RULES.places(here.data)
    own.parent.mkdir(exist_ok=True)
    own.write_text("pinned:\n- {question: Who, article: dam, sentence: No.}", encoding="utf-8")
    rule = {"question": LIT, "article": "lighthouse", "sentence": SENTENCE}
    send(owner, "add-rule", kind="pinned", **rule)
    lighthouse = sources / "lighthouse.txt"
    lighthouse.write_text(lighthouse.read_text("utf-8").replace("1978", "1979"), encoding="utf-8")
    report = build([sources], here.data, HashEncoder(), no_progress)
    assert [each.origin for each in report.remarks] == ["/admin/rules", "footnote.yaml"]


def test_an_answer_that_cannot_be_quoted_is_not_pinned(owner: TestClient, here: Site) -> None:
    for article, sentence, fault in (
        ("lighthouse", "It <fell>.", "does not say this sentence"),
        ("<none>", SENTENCE, "No article has the id"),
        ("lighthouse", " ", "write something"),
    ):
        rule = {"question": LIT, "article": article, "sentence": sentence}
        page = send(owner, "add-rule", kind="pinned", **rule)
        assert fault in page
        assert not re.search("<fell>|<none>", page)
    assert added_rules(here.data) == NO_RULES


def test_which_articles_are_the_house_s_own_is_told_on_the_page(
    owner: TestClient, here: Site
) -> None:
    page = send(owner, "add-rule", kind="own", key="source", names="The Gazette\r\nWire")
    assert "<bdi>The Gazette</bdi>, <bdi>Wire</bdi>" in page
    [rule] = added_rules(here.data).own
    assert rule.source == ("The Gazette", "Wire")


def test_an_article_that_is_never_cited_for_a_topic_is_not_from_now_on(
    owner: TestClient, here: Site
) -> None:
    assert ask(owner, LIT)["citations"]
    about = {"key": "article", "names": "lighthouse"}
    send(owner, "add-rule", kind="never_cited", topic="Cape Orrin\r\nlamp", **about)
    here.live.refresh()
    answer = ask(owner, LIT)
    assert "lighthouse" not in repr((answer["citations"], answer["nearest"]))


def test_labels_visibility_and_names_of_sources_wait_for_the_next_build(
    owner: TestClient, here: Site, sources: Path
) -> None:
    coast = {"key": "source", "names": "The Coast"}
    renamed = {"source": "Coast Weekly", "shown_as": "The Coast"}
    assert "next build" in send(owner, "add-rule", kind="sources", **renamed)
    send(owner, "add-rule", kind="labels", label="local", **coast)
    page = send(owner, "add-rule", kind="visibility", visibility="members", **coast)
    assert "Who may read: <bdi>Members</bdi>" in page
    build([sources], here.data, HashEncoder(), no_progress)
    here.live.refresh()
    article = here.live.whole.article("lighthouse")
    assert article is not None
    assert (article.source, article.label, article.visibility) == ("The Coast", "local", "members")


def test_a_synonym_joins_the_list(owner: TestClient, here: Site) -> None:
    SYNONYMS.write(here.data, ["quay = pier"])
    send(owner, "add-rule", kind="synonyms", one=" pharos ", other="lighthouse")
    assert SYNONYMS.read(here.data) == ("quay = pier", "pharos = lighthouse")
    assert "Enter both words." in send(owner, "add-rule", kind="synonyms", one="a", other=" ")


def test_rules_of_a_file_are_shown_with_its_name_and_not_removed(
    owner: TestClient, here: Site
) -> None:
    _, adopted = RULES.places(here.data)
    rule = f"{{question: Who, article: lighthouse, sentence: {SENTENCE!r}}}"
    adopted.write_text(
        f"pinned:\n- {rule}\n- {{question: <b>, article: dam, sentence: It fell.}}\n"
        "exclude:\n- {tag: test}\nsynonyms:\n- [FCDO, Foreign Office]",
        encoding="utf-8",
    )
    page = owner.get("/admin/rules").text
    assert "Those of footnote.yaml are changed in that file." in page
    assert "Question: <bdi>&lt;b&gt;</bdi>" in page
    assert page.count("The story of the article does not say this sentence") == 1
    assert "Tag: <bdi>test</bdi>" in page
    assert "<bdi>FCDO</bdi>, <bdi>Foreign Office</bdi>" in page
    assert 'name="mark"' not in page


@pytest.mark.parametrize("name", ["rules.yaml", "rules-added.json"])
def test_rules_that_cannot_be_read_are_told_and_the_others_shown(
    owner: TestClient, here: Site, name: str
) -> None:
    own, _ = RULES.places(here.data)
    own.parent.mkdir(exist_ok=True)
    own.write_text("labels:\n- {label: filed, tag: a}", encoding="utf-8")
    add_rules(here.data, {"labels": [{"label": "added", "tag": "a"}]})
    (owned(here.data) / name).write_text("labls: []", encoding="utf-8")
    page = owner.get("/admin/rules").text
    assert "The rules cannot be read" in page
    assert ("<bdi>filed</bdi>" in page) is (name == "rules-added.json")
    assert ("<bdi>added</bdi>" in page) is (name == "rules.yaml")
