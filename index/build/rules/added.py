"""Rules that the owner added on the page: one by one, beside those of the file, and before them.

They lie with the owner's own files under a checksum, and are checked as the file's are.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.build.owned import changing, owned, write_sealed
from index.build.rules.model import NO_RULES, Rules
from index.build.rules.reading import checked_rules
from index.errors import SettingError
from index.store.durable import unsealed

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
