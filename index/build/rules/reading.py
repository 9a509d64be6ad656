"""The text of `footnote.yaml` as rules; each fault is told with its line, its key and a remedy.

Sentences that answers are pinned to are looked up in the articles as they are now.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_type_hints

import yaml
from pydantic import RootModel, ValidationError

from index.article import Article, Passage, Span
from index.build.rules.model import NO_RULES, Pinned, Rules
from index.errors import SettingError
from index.split import split
from index.store import Store

_Place = Sequence[str | int]
_LONGEST_TOLD = 80
_NULL = "tag:yaml.org,2002:null"
_MODEL = RootModel[Rules]
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
_MISSING = ("missing", "missing_keyword_only_argument")
_FORMS = {
    "tuple_type": "write a list, each item on a line that begins with a dash",
    "string_type": "write a text, in quotes if it looks like something else",
    "dataclass_type": "write keys with values",
    "mapping_type": "write keys with values",
    "dict_type": "write keys with values",
    "literal_error": "write {expected}",
    "string_too_short": "write something",
    "string_too_long": "write at most {max_length} characters",
    "too_short": "write at least {min_length}",
}


def read_rules_text(text: str, name: str) -> Rules:
    """The rules that a text in YAML says; `name` is what people know its file by.

    Every value is taken as it is written: `no` is a word and `2024` a name. Raises SettingError.
    """
    root = _compose(text, name)
    if root is None:
        return NO_RULES
    plain = _plain(root, name)
    try:
        return _MODEL.model_validate(plain).root
    except ValidationError as error:
        place, what = _fault(error)
        raise _refused(name, _line_of(root, place), place, what) from None


def checked_rules(plain: object, name: str) -> Rules:
    """The rules that lists, dicts and texts say, as YAML would have them. Raises SettingError."""
    try:
        return _MODEL.model_validate(plain).root
    except ValidationError as error:
        place, what = _fault(error)
        raise SettingError(f"{name}: {_key(place)}{what}") from None


def _fault(error: ValidationError) -> tuple[_Place, str]:
    """Where the fault is that has to be mended first, and what it is."""
    # A key that is mistyped is missing, too: the line to mend is that of the typing error.
    fault = min(error.errors(include_url=False), key=lambda each: each["type"] not in _UNKNOWN)
    return fault["loc"], _in_words(fault)


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = _number(event.start_mark)
                raise _refused(name, line, (), f"*{event.anchor} is an alias: write out what it is")
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = _number(error.problem_mark or error.context_mark)
        remedy = "put the value in quotes if it has a colon or question mark or begins with a sign"
        raise _refused(name, line, (), f"{error.problem or error}; {remedy}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingError(f"{name} is no YAML: {error}; see docs/owner.md") from None


def _plain(node: yaml.Node, name: str) -> Any:
    """A node as lists, dicts and texts."""
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, name) for each in node.value]
    if not isinstance(node, yaml.MappingNode):
        return None if node.tag == _NULL else node.value
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            line = _number(key.start_mark)
            raise _refused(name, line, (), f"{key.value!r} cannot stand here: give each key once")
        found[key.value] = _plain(value, name)
    return found


def _line_of(node: yaml.Node, place: _Place) -> int:
    """The line of the last key or item of a place that is there."""
    line = _number(node.start_mark)
    for part in place:
        inner = dict(_inside(node)).get(part)
        if inner is None:
            break
        line, node = inner
    return line


def _inside(node: yaml.Node) -> Iterator[tuple[str | int, tuple[int, yaml.Node]]]:
    if isinstance(node, yaml.SequenceNode):
        yield from ((at, (_number(each.start_mark), each)) for at, each in enumerate(node.value))
    elif isinstance(node, yaml.MappingNode):
        yield from ((key.value, (_number(key.start_mark), value)) for key, value in node.value)


def _number(mark: Any) -> int:
    """The number of a line, of which YAML counts the first as 0."""
    return int(mark.line) + 1 if mark else 1


def _in_words(fault: Mapping[str, Any]) -> str:
    kind = fault["type"]
    if kind in _UNKNOWN:
        return f"is no key here: use one of {', '.join(_keys_at(fault['loc'][:-1]))}"
    if kind in _MISSING:
        return "is missing: add it"
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    told, remedy = repr(fault["input"]), _FORMS.get(kind) or fault["msg"]
    if fault["input"] in (None, ""):
        told = "empty"
    told = told if len(told) <= _LONGEST_TOLD else f"{told[:_LONGEST_TOLD]}…"
    remedy = remedy.format_map(fault.get("ctx", {})) if kind in _FORMS else remedy
    return f"is {told}: {remedy[:1].lower()}{remedy[1:]}"


def _keys_at(place: _Place) -> list[str]:
    """The keys that may stand at a place."""
    kind: Any = Rules
    if place:
        kind = next(filter(is_dataclass, get_args(get_type_hints(Rules)[str(place[0])])), Rules)
    return [each.name for each in fields(kind)]


def _refused(name: str, line: int, place: _Place, what: str) -> SettingError:
    return SettingError(f"{name}, line {line}: {_key(place)}{what}")


def _key(place: _Place) -> str:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    return f"{key} " if key else ""


# A sentence may be copied from a page or typed.
_MARKS = (("['’‘]", "['’‘]"), ('["“”„]', '["“”„]'))


@dataclass(frozen=True, slots=True)
class PinnedSentence:
    """A pinned sentence where its article has it: whole sentences at `span`, inside the passage."""

    pinned: Pinned
    article: Article
    passage: Passage
    span: Span


def find_pinned(pinned: Iterable[Pinned], store: Store) -> Iterator[PinnedSentence | str]:
    """Each pinned sentence as the store's articles have it, or why it cannot be quoted."""
    for each in pinned:
        article = store.article(each.article)
        found = _find(each, article) if article else None
        yield found or _reason(each, article)


def is_beside(pinned: Pinned, article: Article) -> bool:
    """Whether an article that cannot be quoted so says it all the same, beside its story."""
    return bool(_places(pinned, article))


def _places(pinned: Pinned, article: Article) -> list[Span]:
    found = _wording(pinned.sentence).finditer(article.text)
    return [said.span() for said in found if said[0]]


def _find(pinned: Pinned, article: Article) -> PinnedSentence | None:
    places = _places(pinned, article)
    if not places:
        return None
    passages = split(article)
    # A note on the article may repeat a sentence of its story.
    for start, end in places:
        for passage in passages:
            if passage.start <= start and end <= passage.end:
                spans = [each for each in passage.sentences if _overlap(each, (start, end))]
                if spans:
                    return PinnedSentence(pinned, article, passage, (spans[0][0], spans[-1][1]))
    return None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _wording(sentence: str) -> re.Pattern[str]:
    """The sentence, however it is broken into lines and whichever quotation marks it has."""
    wanted = r"\s+".join(map(re.escape, sentence.split()))
    for marks, any_of_them in _MARKS:
        wanted = re.sub(marks, any_of_them, wanted)
    return re.compile(wanted)


def _reason(pinned: Pinned, article: Article | None) -> str:
    if article is None:
        return (
            f"{pinned.question[0]!r} is pinned to {pinned.article!r}, which is no article that can "
            "be read: take the id of one from /admin"
        )
    if is_beside(pinned, article):
        return (
            f"{pinned.question[0]!r} is pinned to {pinned.sentence!r}, which article "
            f"{pinned.article!r} says in a note on itself or in a line that leads elsewhere: these "
            "are never quoted; pin a sentence of its story"
        )
    return (
        f"{pinned.question[0]!r} is pinned to {pinned.sentence!r}, which article "
        f"{pinned.article!r} does not say: copy a sentence as it stands there now"
    )
