"""The rules of the house: how they are read, and what a build makes of them."""

from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from index.article import Article
from index.build import build
from index.build.rules.kept import RULES, rules_for, rules_of
from index.build.rules.model import NO_RULES, Rules
from index.build.rules.reading import read_rules_text
from index.errors import SettingError
from index.readers.walk import RULES_FILE, read_sources
from index.store import open_store
from tests.fakes import HashEncoder, no_progress
from tests.house_rules import POOL, House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def article(**facts: Any) -> Article:
    return Article(id="a", text="Words.", **facts)


def ruled(text: str, **facts: Any) -> Article:
    """The article of these facts by these rules."""
    return read_rules_text(text, RULES_FILE).applied(article(**facts))


@pytest.mark.parametrize("text", ["", "# none yet\n", "labels: []"])
def test_rules_that_say_nothing_are_no_rules(text: str) -> None:
    assert read_rules_text(text, RULES_FILE) == NO_RULES


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("labls: []", "line 1: labls is no key here: use one of include, exclude, labels"),
        ("labels:\n- labl: ad\n  tag: ad", "line 2: labels.1.labl is no key here"),
        ("\nlabels:\n- label: ad", "line 3: labels.1 names no articles: give one of article"),
        ("pinned:\n- question: Who?\n  article: a", "line 2: pinned.1.sentence is missing: add it"),
        (
            "visibility:\n- tag: a\n  visibility: secret",
            "line 3: visibility.1.visibility is 'secret': write 'public', 'members' or",
        ),
        (
            "pinned:\n- question: Who?\n  article: a\n  sentence: ' '",
            "line 4: pinned.1.sentence is ' ': write something",
        ),
        ("exclude: drafts", "line 1: exclude is 'drafts': write a list, each item on a line"),
        ("exclude:\n- tag:", "line 2: exclude.1.tag is empty: write a list"),
        ("sources:\n  a: b\n  a: c", "line 3: 'a' cannot stand here: give each key once"),
        ("synonyms:\n- [FCDO]", r"line 2: synonyms.1 is \['FCDO'\]: write at least 2"),
        ("labels:\n- label: a: b", "line 2: mapping values are not allowed here; put the value in"),
        ("a: &x [1]\nb: *x", r"line 2: \*x is an alias: write out what it is"),
        ("- label", r"line 1: is \['label'\]: write keys with values"),
        ("a: \0", "is no YAML: unacceptable character"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_its_key_and_the_remedy(text: str, fault: str) -> None:
    with pytest.raises(SettingError, match=f"^{RULES_FILE},? {fault}"):
        read_rules_text(text, RULES_FILE)


def test_a_file_that_is_no_text_is_refused_by_name(house: House) -> None:
    (house.sources / RULES_FILE).write_bytes(b"labels: \xff")
    with pytest.raises(SettingError, match=rf"{RULES_FILE} is not UTF-8 at byte 8"):
        build([house.sources], house.data, HashEncoder(), no_progress)


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    text = "labels:\n- label: no\n  tag: [on, 2024, 12:30, 2024-01-02]"
    assert ruled(text, tags=("2024",)).label == "no"
    assert ruled(text, tags=("2024-01-02",)).label == "no"


@pytest.mark.parametrize(
    ("which", "fits"),
    [
        ("section: opinion", True),
        ("section: Opin*", True),
        ("section: Opin", False),
        ("tag: [sport, ADVERT]", True),
        ("author: Jon Berg", True),
        ("author: Jon", False),
        ("source: Gazette", True),
        ("url: gazette.example/opinion/*", True),
        ("url: https://gazette.example/opinion/fare?id=7", True),
        ("url: 'gazette.example/opinion/fare?id=?'", False),
        ("url: '*[of]*'", False),
        ("article: a", True),
        ("{section: Opinion, tag: sport}", False),
        ("{section: Opinion, tag: advert}", True),
    ],
)
def test_a_rule_is_about_what_has_a_name_under_each_of_its_keys(which: str, fits: bool) -> None:
    found = ruled(
        f"exclude:\n- {which}",
        section="Opinion",
        tags=("Advert",),
        author="Ida Marsh, Jon Berg",
        source="Gazette",
        url="http://www.gazette.example/opinion/fare?id=7",
    )
    assert (found.visibility == "hidden") is fits


@pytest.mark.parametrize("tag", ["paid", " paid"])
def test_white_space_around_a_value_does_not_count(tag: str) -> None:
    assert ruled("labels:\n- {label: ' ad ', tag: ' paid '}", tags=(tag,)).label == "ad"


@pytest.mark.parametrize(
    "author",
    [
        "Jon Berg and Ida Marsh",
        "By Jon Berg",
        "Ida Marsh & Jon Berg",
        "Ida Marsh; Jon Berg",
        "Ida Marsh und Jon Berg",
        "Іда Марш та Jon Berg",
        "إيدا وJon Berg",
    ],
)
def test_each_author_of_a_byline_is_one_that_rules_can_name(author: str) -> None:
    rule = "visibility:\n- {visibility: hidden, author: Jon Berg}"
    assert ruled(rule, author=author).visibility == "hidden"


def test_an_initial_parts_no_name() -> None:
    rule = "visibility:\n- {visibility: hidden, author: [Robert, Lee]}"
    assert ruled(rule, author="Robert E Lee").visibility == "public"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Simon and Schuster, Ida Marsh", "Simon and Schuster"),
        ("أحمد وليد, Ida Marsh", "أحمد وليد"),
        ("Marsh, Ida, Berg, Jon", "Berg, Jon"),
    ],
)
def test_a_name_among_others_may_have_in_it_what_parts_names(author: str, name: str) -> None:
    rule = f"visibility:\n- {{visibility: hidden, author: '{name}'}}"
    assert ruled(rule, author=author).visibility == "hidden"


def test_each_section_of_an_article_is_one_that_rules_can_name() -> None:
    rule = "visibility:\n- {visibility: hidden, section: [internal, 'Arts, Culture']}"
    assert ruled(rule, section="News, Internal").visibility == "hidden"
    assert ruled(rule, section="Arts, Culture").visibility == "hidden"
    assert ruled(rule, section="News, Arts, Culture, Sea").visibility == "hidden"
    assert ruled(rule, section="Internal News").visibility == "public"


def test_the_first_label_that_fits_is_shown() -> None:
    text = "labels:\n- {label: sponsored, tag: ad}\n- {label: opinion, section: '*'}"
    assert ruled(text, section="Views", tags=("ad",)).label == "sponsored"
    assert ruled(text, section="Views").label == "opinion"
    assert ruled(text).label is None


@pytest.mark.parametrize(
    ("own", "rule", "then"),
    [
        ("public", "members", "members"),
        ("members", "public", "members"),
        ("hidden", "members", "hidden"),
        ("members", "hidden", "hidden"),
    ],
)
def test_no_rule_opens_what_an_article_closes(own: str, rule: str, then: str) -> None:
    text = f"visibility:\n- {{visibility: {rule}, article: '*'}}"
    assert ruled(text, visibility=own).visibility == then


def test_a_name_of_a_source_is_shown_as_the_house_has_it_and_rules_know_it_so() -> None:
    text = "sources: {gazette.example: The Gazette}\nlabels:\n- {label: ours, source: The Gazette}"
    found = ruled(text, source="gazette.example")
    assert (found.source, found.label) == ("The Gazette", "ours")


def test_what_no_rule_is_about_stays_the_same_object() -> None:
    plain = article(section="Town")
    rules = read_rules_text("labels:\n- {label: opinion, section: Opinion}", RULES_FILE)
    assert rules.applied(plain) is plain


def test_a_build_goes_by_the_rules_beside_its_articles(house: House) -> None:
    rules = "exclude:\n- section: Opinion\nlabels:\n- {label: local, section: Town}"
    report = house.build(rules)
    assert (report.added, report.hidden, report.faults) == (1, 1, ())
    with closing(open_store(house.data)) as store:
        [listed] = store.listed()
        assert (listed.section, listed.tags) == ("Town", ("Sport", "water"))
        pool = store.article("pool")
        assert pool == Article(
            id="pool",
            text=str(POOL["text"]),
            title="The pool in Mill Lane",
            source="gazette.example",
            author="Ida Marsh, Jon Berg",
            url=str(POOL["url"]),
            section="Town",
            tags=("Sport", "water"),
            label="local",
            indexed=pool.indexed if pool else None,
        )


def test_only_what_is_included_is_read(house: House) -> None:
    house.build("include:\n- {url: gazette.example/town/*}\n- {article: none}")
    with closing(open_store(house.data)) as store:
        assert [each.id for each in store.listed()] == ["pool"]


def test_the_next_build_takes_up_what_changed_without_embedding_again(house: House) -> None:
    house.build("visibility:\n- {visibility: hidden, section: Opinion}")
    report = house.build("labels:\n- {label: town, section: Town}")
    assert (report.added, report.changed, report.embedded) == (1, 1, 1)
    report = house.build("")
    assert (report.added, report.changed, report.embedded) == (0, 1, 0)
    assert house.build("").unchanged == 2


def test_rules_are_no_article_and_are_copied_into_the_data_folder(house: House) -> None:
    house.build("synonyms:\n- [pool, lido]")
    assert not [each for each in read_sources([house.sources]) if RULES_FILE in str(each)]
    assert rules_of(house.data).synonyms == (("pool", "lido"),)
    # A build of other sources goes by the same rules.
    assert rules_for([house.sources / "all.jsonl"], house.data, NO_RULES).synonyms == (
        ("pool", "lido"),
    )


def test_the_owners_own_rules_count_instead(house: House) -> None:
    house.build("labels:\n- {label: shipped, section: Town}")
    own, _ = RULES.places(house.data)
    own.parent.mkdir(exist_ok=True)
    own.write_text("labels:\n- {label: own, section: Town}", encoding="utf-8")
    build([house.sources], house.data, HashEncoder(), no_progress)
    with closing(open_store(house.data)) as store:
        pool = store.article("pool")
        assert pool is not None
        assert pool.label == "own"


def test_two_files_of_rules_are_refused_by_name(house: House, tmp_path: Path) -> None:
    (house.sources / RULES_FILE).touch()
    other = tmp_path / "other"
    other.mkdir()
    (other / RULES_FILE).touch()
    with pytest.raises(SettingError, match=rf"articles/{RULES_FILE}' and in '.*keep one of them"):
        rules_for([house.sources, other], house.data, NO_RULES)


def test_a_build_by_rules_that_cannot_be_read_leaves_the_index_as_it_was(house: House) -> None:
    house.build("")
    with pytest.raises(SettingError, match="labls is no key"):
        house.build("labls: []")
    assert rules_of(house.data) == Rules()
    assert house.ask("When does the pool open?").citations


def test_synonyms_of_the_rules_count(house: House) -> None:
    house.build("")
    before = house.ask("When does the natatorium open?").confidence
    house.build("synonyms:\n- [pool, natatorium]")
    assert house.ask("When does the natatorium open?").confidence > before


def test_the_rules_that_the_documentation_shows_are_read() -> None:
    written = (Path(__file__).parent.parent / "docs/owner.md").read_text(encoding="utf-8")
    example = written.partition("```yaml\n")[2].partition("```")[0]
    rules = read_rules_text(example, RULES_FILE)
    assert all(getattr(rules, each.name) for each in fields(Rules))
