"""The widget's types for TypeScript say what the widget takes and what the API sends."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from qa.present import wire
from qa.web.widget import ROOMS, SOURCES

TYPES = (Path(__file__).parent.parent / "docs" / "embed" / "widget.d.ts").read_text("utf-8")
# By the name of the interface.
MODELS: dict[str, type[BaseModel]] = {
    "Answer": wire.AnswerModel,
    "Citation": wire.CitationModel,
    "Passage": wire.PassageModel,
    "Article": wire.ArticleModel,
    "Twin": wire.TwinModel,
    "Correction": wire.CorrectionModel,
    "Time": wire.TimeModel,
    "When": wire.WhenModel,
    "Spelling": wire.SpellingModel,
    "Respelling": wire.RespellingModel,
    "Part": wire.PartModel,
}
# Every element has these, of its own or as a method.
TAKEN = {"title", "open", "after", "before"}


def members(name: str) -> dict[str, str]:
    """Each member of an interface, and its type as it is written."""
    body = re.search(rf"interface {name}(?: extends \w+)? {{\n(.+?)\n *}}", TYPES, re.DOTALL)
    assert body is not None
    return dict(re.findall(r'^ +"?([\w:-]+)"?\??: (.+);$', body[1], re.MULTILINE))


def source() -> str:
    return "".join((SOURCES / f"{room}.js").read_text("utf-8") for room in ROOMS)


def attributes() -> set[str]:
    listed = re.search(r"const ATTRIBUTES = \((.+?)\)\.split", source(), re.DOTALL)
    assert listed is not None
    return set(re.findall(r"[a-z-]+", listed[1]))


@pytest.mark.parametrize("name", MODELS)
def test_an_interface_has_the_fields_that_are_sent_and_is_null_where_they_are(name: str) -> None:
    fields = MODELS[name].model_fields
    typed = members(name)
    assert list(typed) == list(fields)
    for field, info in fields.items():
        can_be_null = type(None) in get_args(info.annotation)
        assert typed[field].endswith("| null") == can_be_null, field


def test_the_types_name_each_attribute_and_property() -> None:
    assert members("FootnoteAttributes").keys() == attributes()
    element = re.search(r"interface FootnoteChat .+?\n}", TYPES, re.DOTALL)
    assert element is not None
    properties = set(re.findall(r"^  (?:get )?(\w+)(?:\(\))?: ", element[0], re.MULTILINE))
    named = {re.sub("-(.)", lambda letter: letter[1].upper(), name) for name in attributes()}
    assert properties - {"open", "close", "reset", "opened"} == named - TAKEN


def test_the_types_name_each_event() -> None:
    emitted = set(re.findall(r'_emit\("(\w+)"', source()))
    assert {name.removeprefix("footnote:") for name in members("FootnoteEvents")} == emitted
