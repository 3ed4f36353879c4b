"""Working time: when a desk is open, and how long something takes when only open hours count."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.desk.holidays_cn import ChinaDays, Days
from engine.foundation.errors import Rejection
from engine.foundation.text import Text

Hours = tuple[tuple[int, int], ...]
"""Open intervals of a day as minutes after midnight, wall clock; 24:00 is 1440."""

OFFICE_HOURS: Hours = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))
CHINA = "Asia/Shanghai"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
_LAST_YEAR = 2300


class Calendar(Protocol):
    """A measure of working time; every moment is an aware datetime, answers are in UTC."""

    def add_working(self, start: datetime, minutes: float) -> datetime:
        """The earliest moment, not before `start`, by which `minutes` (>= 0) of working time have passed."""

    def working_minutes(self, start: datetime, end: datetime) -> float:
        """Working minutes between two moments; negative when `end` lies before `start`."""

    def next_working(self, at: datetime) -> datetime:
        """`at` itself when the desk is open then, else the next opening."""

    def is_working_day(self, day: date) -> bool:
        """Whether the local date `day` is worked."""

    def working_days(self, year: int) -> int:
        """How many dates of `year` are worked."""

    def is_provisional(self, year: int) -> bool:
        """Whether the working days of `year` are only a forecast."""

    def crosses_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a span touches a year whose working days are only a forecast; its result may still move."""


class Always:
    """Seven days, twenty-four hours: every minute counts."""

    def add_working(self, start: datetime, minutes: float) -> datetime:
        """`start` plus `minutes`."""
        return _moment(_micros(start) + _span(minutes))

    def working_minutes(self, start: datetime, end: datetime) -> float:
        """All minutes from `start` to `end`."""
        return (_micros(end) - _micros(start)) / _MINUTE

    def next_working(self, at: datetime) -> datetime:
        """`at`."""
        return _moment(_micros(at))

    def is_working_day(self, day: date) -> bool:
        """Always."""
        return True

    def working_days(self, year: int) -> int:
        """365 or 366."""
        return (date(year + 1, 1, 1) - date(year, 1, 1)).days

    def is_provisional(self, year: int) -> bool:
        """Never."""
        return False

    def crosses_provisional(self, start: datetime, end: datetime) -> bool:
        """Never."""
        return False


class WorkingCalendar:
    """Open `hours` on the working `days` of a time zone.

    A moment is working time when its wall clock in `zone` lies inside an open interval (opening included, closing
    not) of a worked date. Each year is laid out once; every question is then a search in it.
    """

    def __init__(self, *, days: Days, hours: Hours = OFFICE_HOURS, zone: str = CHINA) -> None:
        self._days = days
        self._hours = checked_hours(hours)
        self._zone = ZoneInfo(zone)
        self._years: dict[int, _Year] = {}

    def add_working(self, start: datetime, minutes: float) -> datetime:
        """The earliest moment by which `minutes` have been worked; closing time counts as the same day's."""
        at, wanted = _micros(start), _span(minutes)
        if not wanted:
            return _moment(at)
        number = self._year_of(start)
        wanted += self._year(number).before(at)
        while (year := self._year(number)).total < wanted:
            wanted, number = wanted - year.total, number + 1
        return _moment(year.when(wanted))

    def working_minutes(self, start: datetime, end: datetime) -> float:
        """Working minutes from `start` to `end`, to the microsecond; negative when `end` is earlier."""
        if end < start:
            return -self.working_minutes(end, start)
        first, last = self._year_of(start), self._year_of(end)
        whole = sum(self._year(number).total for number in range(first, last))
        worked = whole + self._year(last).before(_micros(end)) - self._year(first).before(_micros(start))
        return worked / _MINUTE

    def next_working(self, at: datetime) -> datetime:
        """`at` when the desk is open then, else the next opening; the moment of closing is not open."""
        number, moment = self._year_of(at), _micros(at)
        while (found := self._year(number).open_from(moment)) is None:
            number += 1
        return _moment(found)

    def is_working_day(self, day: date) -> bool:
        """Whether the local date `day` is worked."""
        return self._days.is_working(day)

    def working_days(self, year: int) -> int:
        """How many dates of `year` are worked."""
        return sum(self._days.is_working(day) for day in _dates(year))

    def is_provisional(self, year: int) -> bool:
        """Whether the working days of `year` are only a forecast."""
        return self._days.is_provisional(year)

    def crosses_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether the span touches a local year whose working days are only a forecast."""
        return any(map(self._days.is_provisional, range(self._year_of(start), self._year_of(end) + 1)))

    def _year_of(self, at: datetime) -> int:
        return at.astimezone(self._zone).year

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            if number > _LAST_YEAR:
                raise Rejection(_BEYOND.format(year=_LAST_YEAR))
            self._years[number] = _Year([span for day in _dates(number) for span in self._spans(day)])
        return self._years[number]

    def _spans(self, day: date) -> list[tuple[int, int]]:
        if not self._days.is_working(day):
            return []
        midnight = (day - _EPOCH.date()).days * _DAY
        stretches = _stretches(self._zone, midnight - _DAY, midnight + 2 * _DAY)
        return [
            (max(begin, opening), min(end, closing))
            for begin, end, offset in stretches
            for opening, closing in (
                (midnight + a * _MINUTE - offset, midnight + b * _MINUTE - offset) for a, b in self._hours
            )
            if max(begin, opening) < min(end, closing)
        ]


class _Year:
    """The open spans of one local year in order, with the time worked before each of them (microseconds)."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._opens = [opening for opening, _ in spans]
        self._closes = [closing for _, closing in spans]
        self._worked = list(accumulate((closing - opening for opening, closing in spans), initial=0))
        self.total = self._worked[-1]

    def before(self, at: int) -> int:
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return 0
        return self._worked[index] + min(at, self._closes[index]) - self._opens[index]

    def when(self, worked: int) -> int:
        index = bisect_right(self._worked, worked - 1) - 1
        return self._opens[index] + worked - self._worked[index]

    def open_from(self, at: int) -> int | None:
        index = bisect_right(self._closes, at)
        return max(at, self._opens[index]) if index < len(self._opens) else None


def standard_calendars(
    *,
    overrides: Mapping[date, bool] | None = None,
    confirmed: Collection[int] = frozenset(),
    hours: Hours = OFFICE_HOURS,
    zone: str = CHINA,
) -> dict[str, Calendar]:
    """The calendars that the decision table of limits may name: `always` and `working`."""
    days = ChinaDays(overrides, confirmed=confirmed)
    return {"always": Always(), "working": WorkingCalendar(days=days, hours=hours, zone=zone)}


def read_hours(words: str) -> Hours:
    """Open hours written as `09:00-12:00, 13:00-18:00`; a Rejection says what is wrong with them."""
    try:
        return checked_hours(
            tuple((_minute(a), _minute(b)) for a, b in (part.split("-") for part in words.split(",")))
        )
    except ValueError as error:
        raise Rejection(_UNREADABLE.format(words=words)) from error


def checked_hours(hours: Hours) -> Hours:
    """`hours` unchanged when they are in order, apart and within one day; a Rejection otherwise."""
    edges = [edge for interval in hours for edge in interval]
    if (
        not edges
        or edges[0] < 0
        or edges[-1] > 24 * 60
        or any(a >= b for a, b in hours)
        or edges != sorted(edges)
    ):
        raise Rejection(_UNORDERED)
    return hours


def _minute(word: str) -> int:
    hour, minute = word.strip().split(":")
    if not 0 <= int(minute) < 60:
        raise ValueError(word)
    return int(hour) * 60 + int(minute)


def _stretches(zone: ZoneInfo, begin: int, end: int) -> list[tuple[int, int, int]]:
    """Cut a span of UTC microseconds where the zone's offset changes: (begin, end, offset)."""
    if (offset := _offset(zone, begin)) == _offset(zone, end):
        return [(begin, end, offset)]
    if end - begin <= _MINUTE:
        return [(begin, end, offset)]
    middle = (begin + end) // 2 // _MINUTE * _MINUTE
    return _stretches(zone, begin, middle) + _stretches(zone, middle, end)


def _offset(zone: ZoneInfo, at: int) -> int:
    return int((_moment(at).astimezone(zone).utcoffset() or timedelta()) / timedelta(microseconds=1))


def _dates(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [
        first + timedelta(days=number) for number in range(366) if (first + timedelta(number)).year == year
    ]


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _span(minutes: float) -> int:
    if minutes < 0:
        raise ValueError(f"expected minutes >= 0, found {minutes}")
    return round(minutes * _MINUTE)


_BEYOND = Text(
    zh="时限应在 {year} 年以前到期, 请检查时限表的分钟数和工作日历的休息日。",
    en="Expected a limit that ends before {year}; check the minutes of the limit and the calendar's days of rest.",
)
_UNREADABLE = Text(
    zh='工作时间应写作 "09:00-12:00, 13:00-18:00", 实际为 "{words}", 请改正。',
    en='Expected opening hours such as "09:00-12:00, 13:00-18:00", found "{words}"; please correct them.',
)
_UNORDERED = Text(
    zh="工作时间段应在同一天内按先后排列且互不重叠, 请改正。",
    en="Expected opening hours in order, apart and within one day; please correct them.",
)
