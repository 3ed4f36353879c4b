"""When something comes round: every so many months or weeks, at a local time, on the next working day if need be."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.foundation.errors import ShouhouError
from engine.foundation.text import Text

EPOCH = date(
    2001, 1, 1
)  # a Monday and the first of a year: rounds without a date of their own are counted from here
_TIME = r"time=(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
_FORMS = tuple(
    re.compile(form + " " + _TIME)
    for form in (
        r"(?P<once>once)",
        r"(?:(?P<short>monthly)|every (?P<months>[1-9]\d?) months) day=(?P<day>[1-9]|[12]\d|3[01])",
        r"every (?P<weeks>[1-9]\d?) weeks weekday=(?P<weekday>[1-7])",
    )
)
IsWorking = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule as it is written; neither months nor weeks: it happens once. `weekday` counts from Monday = 1."""

    at: time
    months: int = 0
    day: int = 1
    weeks: int = 0
    weekday: int = 1

    def nominal(self, number: int, *, first: date = EPOCH) -> date:
        """The date of round `number` (from 0), counted from the date `first`, whatever the calendar says of it."""
        if self.months:
            year, month = divmod(first.year * 12 + first.month - 1 + number * self.months, 12)
            return date(year, month + 1, min(self.day, calendar.monthrange(year, month + 1)[1]))
        if self.weeks:
            monday = first - timedelta(days=first.weekday())
            return monday + timedelta(weeks=number * self.weeks, days=self.weekday - 1)
        return first

    def moment(self, number: int, *, zone: str, working: IsWorking, first: date = EPOCH) -> datetime:
        """When round `number` begins, in UTC: at the local time, on the next working day when its date is none."""
        day = self.nominal(number, first=first)
        while not working(day):
            day += timedelta(days=1)
        return datetime.combine(day, self.at, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def next_round(self, after: datetime, *, zone: str, working: IsWorking, first: date = EPOCH) -> int:
        """The first round that begins later than `after`; a single one is round 0, however late."""
        if not (self.months or self.weeks):
            return 0
        number = max(0, self._about(after.astimezone(ZoneInfo(zone)).date(), first) - 1)
        while self.moment(number, zone=zone, working=working, first=first) <= after:
            number += 1
        return number

    def _about(self, day: date, first: date) -> int:
        if self.months:
            return ((day.year - first.year) * 12 + day.month - first.month) // self.months - 1
        return (day - first).days // 7 // self.weeks - 1

    def __str__(self) -> str:
        clock = f"time={self.at:%H:%M}"
        if self.months:
            return f"every {self.months} months day={self.day} {clock}"
        return f"every {self.weeks} weeks weekday={self.weekday} {clock}" if self.weeks else f"once {clock}"


def read_recurrence(written: str) -> Recurrence:
    """The rule that a diagram or a row of the plan has written down.

    `monthly day=1 time=09:00`, `every 3 months day=10 time=09:00`, `every 2 weeks weekday=1 time=08:30` or
    `once time=09:00`; raises ShouhouError for anything else.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(written.strip()))), None)
    if found is None:
        raise ShouhouError(_UNREADABLE.format(found=written))
    part = found.groupdict()
    return Recurrence(
        at=time(int(part["hour"]), int(part["minute"])),
        months=1 if part.get("short") else int(part.get("months") or 0),
        day=int(part.get("day") or 1),
        weeks=int(part.get("weeks") or 0),
        weekday=int(part.get("weekday") or 1),
    )


_UNREADABLE = Text(
    zh="周期应写成 “every 3 months day=10 time=09:00” 之类, 实际为 {found}; 请改正。",
    en="Expected a rule such as 'every 3 months day=10 time=09:00', found {found}; correct it.",
)
