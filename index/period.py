"""When a passage is from, as the catalogue stores it, and the periods that filter by it."""

from dataclasses import dataclass
from datetime import datetime

from index.article import Article, Entry
from index.dates import TimeRange, time_range


@dataclass(frozen=True, slots=True)
class Moments:
    """First and last second by the clock of the place, and that clock's offset from UTC."""

    earliest: int | None
    latest: int | None
    utc_offset: int | None


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `after` to the last of `before`; None leaves a side open."""

    after: TimeRange | None = None
    before: TimeRange | None = None

    def condition(self) -> tuple[str, list[int]]:
        """SQL on the columns of passages `p`, and what it binds.

        A bound with a UTC offset compares moments, one without compares the calendar and clock
        of the place. A passage lies inside when all the time it may be from does; one whose
        time is not known lies in no period.
        """
        parts, bound = ["1"], list[int]()
        if self.after is not None:
            parts.append(f"p.earliest {_to_utc(self.after.start)} >= ?")
            bound.append(_seconds(self.after.start))
        if self.before is not None:
            parts.append(f"p.latest {_to_utc(self.before.end)} <= ?")
            bound.append(_seconds(self.before.end))
        return " AND ".join(parts), bound


def moments(article: Article, entry: Entry | None) -> Moments:
    """The entry's own time in a live blog, else the publication date, else nothing."""
    time = (entry.time if entry else None) or article.published
    if time is None:
        return Moments(None, None, None)
    known = time_range(time)
    offset = known.start.utcoffset()
    return Moments(
        _seconds(known.start.replace(tzinfo=None)),
        _seconds(known.end.replace(tzinfo=None)),
        int(offset.total_seconds()) if offset is not None else 0,
    )


def _seconds(moment: datetime) -> int:
    """Seconds since 1970: of the clock shown, or of UTC where the moment has an offset."""
    offset = moment.utcoffset()
    shown = (moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    return int(shown - (offset.total_seconds() if offset is not None else 0))


def _to_utc(moment: datetime) -> str:
    return "- p.utc_offset" if moment.utcoffset() is not None else ""
