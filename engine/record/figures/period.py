"""The periods that figures are made for: a local month or a local year of the company's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.foundation.errors import NotFound
from engine.foundation.text import Text

_NAME = re.compile(r"(2[0-9]{3})(?:-(0[1-9]|1[0-2]))?\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """A month ("2026-10") or a year ("2026") of `zone`; `start` belongs to it, `end` does not (aware moments)."""

    name: str
    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def is_month(self) -> bool:
        """Whether it is a month and not a year."""
        return "-" in self.name

    @property
    def year(self) -> str:
        """The year that it is, or lies in."""
        return self.name[:4]

    def months(self) -> tuple[Period, ...]:
        """The months of a year; a month itself."""
        if self.is_month:
            return (self,)
        return tuple(month(int(self.name), number, self.zone) for number in range(1, 13))

    def back(self, steps: int) -> Period:
        """The period as many steps earlier (later when negative)."""
        if not self.is_month:
            return year(int(self.name) - steps, self.zone)
        return _counted(_count(self) - steps, self.zone)


def read_period(name: str, zone: str) -> Period:
    """The period that "2026-10" or "2026" names; raises NotFound for any other word."""
    found = _NAME.match(name)
    if found is None:
        raise NotFound(
            Text(
                zh=f"应为 2026-10 或 2026 形式的月份或年份, 实际为 {name}; 请更正。",
                en=f"Expected a month such as 2026-10 or a year such as 2026, found {name}; correct it.",
            )
        )
    where = ZoneInfo(zone)
    return month(int(found[1]), int(found[2]), where) if found[2] else year(int(found[1]), where)


def month(of_year: int, number: int, zone: ZoneInfo) -> Period:
    """A month, counted from 1."""
    return _counted(of_year * 12 + number - 1, zone)


def year(number: int, zone: ZoneInfo) -> Period:
    """A year from its first to its last local day."""
    start, end = (datetime(n, 1, 1, tzinfo=zone) for n in (number, number + 1))
    return Period(str(number), start, end, zone)


def month_of(moment: datetime, zone: str) -> Period:
    """The local month in which a moment lies."""
    local = moment.astimezone(ZoneInfo(zone))
    return month(local.year, local.month, ZoneInfo(zone))


def _count(period: Period) -> int:
    return int(period.name[:4]) * 12 + int(period.name[5:]) - 1


def _counted(months: int, zone: ZoneInfo) -> Period:
    start, end = (datetime(n // 12, n % 12 + 1, 1, tzinfo=zone) for n in (months, months + 1))
    return Period(f"{start:%Y-%m}", start, end, zone)
