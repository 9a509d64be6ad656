"""Where the rules of an archive lie: beside its articles, and in the data folder.

As with the other files that are shipped with articles, a build goes by `footnote.yaml` at the root
of a source folder, and copies it: what answers questions reads the copy, so that both go by the
same rules. The owner's own file in the data folder counts instead. What the owner added on the
page, rule by rule, comes before either.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.build.lists import ArchiveFile, changed_at
from index.build.owned import changing, owned, write_sealed
from index.build.rules.model import NO_RULES, Rules
from index.build.rules.reading import checked_rules, read_rules_text
from index.errors import SettingError
from index.readers.base import UnreadableError, decode, read_bytes
from index.readers.walk import RULES_FILE
from index.store.durable import unsealed

RULES = ArchiveFile("rules.yaml", shipped=RULES_FILE)
_MOST_BYTES = 1_000_000


def rules_of(data: Path) -> Rules:
    """The rules that questions go by. Raises SettingError if they cannot be read."""
    return added_rules(data).before(rules_in_file(data))


def rules_in_file(data: Path) -> Rules:
    """Those of the file alone. Raises SettingError if they cannot be read."""
    return _first(RULES.places(data))


def rules_file(data: Path) -> Path | None:
    """The file in the data folder that they are in, if there is any."""
    return next((path for path in RULES.places(data) if path.is_file()), None)


def rules_stamp(data: Path) -> tuple[int, ...]:
    """Changes with the rules that questions go by."""
    return (*RULES.stamp(data), changed_at(added_file(data)))


def rules_for(sources: Sequence[Path], data: Path, added: Rules) -> Rules:
    """The rules that a build of these sources goes by, those that the owner added among them.

    Raises SettingError if they cannot be read, or if there are several.
    """
    own, adopted = RULES.places(data)
    shipped = RULES.in_sources(sources)
    if len(shipped) > 1 and not own.is_file():
        one, other, *_ = map(str, shipped)
        raise SettingError(f"there are rules in {one!r} and in {other!r}: keep one of them")
    return added.before(_first((own, *shipped, adopted)))


def _first(places: Sequence[Path]) -> Rules:
    """The rules in the first of these files that is there."""
    for path in places:
        if path.is_file():
            return read_rules_text(_text(path), str(path))
    return NO_RULES


def _text(path: Path) -> str:
    try:
        return decode(read_bytes(path, _MOST_BYTES))
    except UnreadableError as error:
        raise SettingError(f"{path} {error}") from None


_NAME = "rules-added.json"


def added_file(data: Path) -> Path:
    """Where they lie."""
    return owned(data) / _NAME


def added_rules(data: Path) -> Rules:
    """The rules that were added. Raises SettingError if they cannot be read."""
    path = added_file(data)
    try:
        return checked_rules(unsealed(path.read_bytes())["rules"], str(path))
    except FileNotFoundError:
        return NO_RULES
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SettingError(
            f"{path} cannot be read ({error}): put back a copy, or remove it to go by the rules of "
            "the file alone"
        ) from None


def add_rules(data: Path, rules: Mapping[str, Any]) -> None:
    """Add rules, written as in the file, before those that were added before.

    Raises SettingError for what the file could not say either.
    """
    new = checked_rules(rules, "the rule")
    _change(data, new.before)


def drop_rule(data: Path, kind: str, mark: str) -> bool:
    """Take one of the rules that were added away, by its kind and mark; False if it is gone."""
    dropped = False

    def without(held: Rules) -> Rules:
        nonlocal dropped
        plain = asdict(held)
        items = plain.get(kind, [])
        kept = [each for each in _items(items) if mark_of(each) != mark]
        dropped = len(kept) < len(items)
        plain[kind] = dict(kept) if isinstance(items, Mapping) else kept
        return checked_rules(plain, "the rules") if dropped else held

    _change(data, without)
    return dropped


def mark_of(rule: object) -> str:
    """What a rule, as JSON can hold it, is known by among those of its kind."""
    return hashlib.sha256(json.dumps(rule, sort_keys=True).encode()).hexdigest()[:16]


def _items(rules: Any) -> list[Any]:
    return list(rules.items()) if isinstance(rules, Mapping) else list(rules)


def _change(data: Path, change: Callable[[Rules], Rules]) -> None:
    with changing(data):
        held = added_rules(data)
        rules = change(held)
        if rules != held:
            write_sealed(added_file(data), {"rules": asdict(rules)})
