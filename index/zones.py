"""Time zones as articles name them: `GMT+2`, `BST`, `Eastern time`, `Paris`."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

# Only abbreviations with one meaning in the news. RFC 822 defines the American ones;
# IST (India, Ireland, Israel) and AST (Atlantic, Arabia) are ambiguous and left out.
_HOURS = {
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
    **{"AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3},
    **{"WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2},
    **{"EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "IDT": 3, "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3},
    **{"PKT": 5, "WIB": 7, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10},
    **{"AEDT": 11, "NZST": 12, "NZDT": 13},
}
_REGIONS = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "british": "Europe/London",
    "british summer": "Europe/London",
    "uk": "Europe/London",
    "central european": "Europe/Paris",
    "eastern european": "Europe/Kiev",
    "greenwich mean": "UTC",
    "universal": "UTC",
    "coordinated universal": "UTC",
}
# Cities in the news that the zone database does not name.
_CITIES = {
    "washington": "America/New_York",
    "boston": "America/New_York",
    "miami": "America/New_York",
    "san francisco": "America/Los_Angeles",
    "montreal": "America/Toronto",
    "ottawa": "America/Toronto",
    "kyiv": "Europe/Kiev",
    "geneva": "Europe/Zurich",
    "frankfurt": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "milan": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "edinburgh": "Europe/London",
    "st petersburg": "Europe/Moscow",
    "tel aviv": "Asia/Jerusalem",
    "beijing": "Asia/Shanghai",
    "delhi": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "canberra": "Australia/Sydney",
}
ABBREVIATIONS = (*sorted({*_HOURS, "ET", "CT", "MT", "PT"}, key=len, reverse=True), "UTC", "GMT")

_FARTHEST = timedelta(hours=14)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-\u2212\u2013])\s*(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_TIME_WORD = re.compile(r"\s+(?:(?:standard|daylight)\s+)?time$", re.IGNORECASE)


@lru_cache(maxsize=1024)
def read_zone(text: str) -> tzinfo | None:
    """The zone that `text` names, or None if it names none or could mean several.

    >>> read_zone("UTC-05:30")
    datetime.timezone(datetime.timedelta(days=-1, seconds=66600))
    """
    name = _TIME_WORD.sub("", text.strip(" \t()[]."))
    if name in ("Z", "z") or name.upper() in ("UTC", "GMT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        return _fixed(offset[1], int(offset[2]), int(offset[3] or 0))
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    key = _REGIONS.get(name) or _REGIONS.get(name.lower()) or _places().get(name.lower())
    return ZoneInfo(key) if key else None


def with_plain_offset(moment: datetime) -> datetime:
    """`moment` as it is, or without its offset if `+hh:mm` cannot express it.

    Before zones were agreed on, towns kept the time of the sun: New York was at -04:56:02.
    """
    offset = moment.utcoffset()
    if offset is None or (abs(offset) <= _FARTHEST and not offset % timedelta(minutes=1)):
        return moment
    return moment.replace(tzinfo=None)


def _fixed(sign: str, hours: int, minutes: int) -> timezone | None:
    """No place on earth is more than 14 hours from UTC: more is a mistake, not a zone."""
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > _FARTHEST:
        return None
    return timezone(offset if sign == "+" else -offset)


@lru_cache(maxsize=1)
def _places() -> Mapping[str, str]:
    """City or full zone name, in lower case -> key in the zone database."""
    keys = sorted(key for key in available_timezones() if "/" in key and not key.startswith("Etc"))
    places = {key.rsplit("/", 1)[1].replace("_", " ").lower(): key for key in keys}
    places |= {key.lower(): key for key in keys}
    return MappingProxyType(places | _CITIES)
