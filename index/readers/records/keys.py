"""Which keys of a JSON file, or columns of a table, stand for ours."""

from collections.abc import Mapping
from types import MappingProxyType

from index.errors import SettingError
from index.readers.metadata import KEYS

NO_KEYS: Mapping[str, str] = MappingProxyType({})
_OURS = (*KEYS, "text", "html")


def read_keys(told: str) -> Mapping[str, str]:
    """Our names -> theirs. Raises SettingError, which quotes what cannot be read.

    >>> dict(read_keys("title=headline, text=body.raw"))
    {'title': 'headline', 'text': 'body.raw'}
    """
    pairs = [pair.partition("=") for pair in told.split(",") if pair.strip()]
    for ours, equals, theirs in pairs:
        if ours.strip() not in _OURS or not equals or not theirs.strip():
            pair = f"{ours}{equals}{theirs}".strip()
            raise SettingError(
                f"{pair!r} maps no key: write OURS=THEIRS, OURS being one of {', '.join(_OURS)}"
            )
    return MappingProxyType({ours.strip(): theirs.strip() for ours, _, theirs in pairs})


def renamed(values: Mapping[str, object], keys: Mapping[str, str]) -> Mapping[str, object]:
    """The values, with those of other keys under ours; `a.b` is the key `b` of an object `a`.

    >>> renamed({"headline": "A", "body": {"raw": "B"}}, {"text": "body.raw"})["text"]
    'B'
    """
    # Under the first of our names for a thing, which counts more than the others.
    found = {KEYS.get(ours, (ours,))[0]: _at(values, theirs) for ours, theirs in keys.items()}
    return {**values, **found} if found else values


def _at(values: Mapping[str, object], key: str) -> object:
    if key in values:
        return values[key]
    first, _, rest = key.partition(".")
    inner = values.get(first)
    return _at(inner, rest) if rest and isinstance(inner, Mapping) else None
