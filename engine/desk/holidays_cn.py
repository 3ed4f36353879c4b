"""Which dates are worked in China: statutory holidays, the days off around them and their make-up days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol

import chinese_calendar
import holidays

_SATURDAY = 5
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1))


class Days(Protocol):
    """Says which dates are worked, and for which years that is only a forecast."""

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`."""

    def is_provisional(self, year: int) -> bool:
        """Whether the government has not announced (or we do not know) the holidays of `year` yet."""


class Weekdays:
    """Monday to Friday, every year; the rule of a desk without public holidays."""

    def is_working(self, day: date) -> bool:
        """Whether `day` is Monday to Friday."""
        return day.weekday() < _SATURDAY

    def is_provisional(self, year: int) -> bool:
        """Never: a week is a week."""
        return False


class ChinaDays:
    """Working days in mainland China as announced by the State Council.

    `overrides` maps a date to True (worked) or False (rest) and wins over everything; `confirmed` names years whose
    overrides hold the whole announcement, so that they are no longer provisional.
    """

    def __init__(
        self, overrides: Mapping[date, bool] | None = None, *, confirmed: Collection[int] = frozenset()
    ) -> None:
        self._overrides = dict(overrides or {})
        self._confirmed = frozenset(confirmed)

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`: the override, else the announcement, else the forecast."""
        if day in self._overrides:
            return self._overrides[day]
        if is_announced(day.year):
            return bool(chinese_calendar.is_workday(day))
        return _forecast(day)

    def is_provisional(self, year: int) -> bool:
        """Whether `year` rests on a forecast instead of an announcement."""
        return year not in self._confirmed and not is_announced(year)


@lru_cache(maxsize=512)
def is_announced(year: int) -> bool:
    """Whether the holiday package holds the whole of `year`; single days of a next year do not count."""
    return all(date(year, month, day) in chinese_calendar.holidays for month, day in _FIXED_HOLIDAYS)


def _forecast(day: date) -> bool:
    forecast = _forecast_of(day.year)
    if day in forecast.weekend_workdays:
        return True
    return day.weekday() < _SATURDAY and day not in forecast


@lru_cache(maxsize=128)
def _forecast_of(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=[year], expand=False)
