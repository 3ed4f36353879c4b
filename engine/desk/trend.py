"""How many cases of a kind came in month by month, and for how many months running the number has risen."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from engine.foundation.models import Case

MONTHS = 12


def rising_months(tx: Connection, kind: str, *, at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The complete months before `at` in local time: `count` and `major` of the last, `counts` of a year, oldest first.

    `rising` is how many times running a month had more than the one before (R-022).
    """
    starts = _starts(at.astimezone(zone).date(), zone)
    counts = [_opened(tx, kind, since, until) for since, until in itertools.pairwise(starts)]
    last, end = starts[-2], starts[-1]
    return {
        "month": f"{last.astimezone(zone):%Y-%m}",
        "count": counts[-1],
        "major": _opened(tx, kind, last, end, severity="major"),
        "rising": _rises(counts),
        "counts": counts,
    }


def _starts(today: date, zone: ZoneInfo) -> list[datetime]:
    """The first moments of the last twelve months and of this one."""
    this = today.year * 12 + today.month - 1
    return [datetime(n // 12, n % 12 + 1, 1, tzinfo=zone) for n in range(this - MONTHS, this + 1)]


def _opened(tx: Connection, kind: str, since: datetime, until: datetime, severity: str | None = None) -> int:
    query = select(func.count()).select_from(Case)
    query = query.where(Case.kind == kind, Case.opened_at >= since, Case.opened_at < until)
    if severity is not None:
        query = query.where(Case.severity == severity)
    return int(tx.execute(query).scalar_one())


def _rises(counts: list[int]) -> int:
    running = 0
    for before, after in itertools.pairwise(counts):
        running = running + 1 if after > before else 0
    return running
