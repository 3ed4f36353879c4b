"""Complaints by calendar month of the company's zone, and for how many months running they have risen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from engine.desk.trend import rising_months
from engine.foundation.database import Database
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case

SHANGHAI = ZoneInfo("Asia/Shanghai")


def opened(database: Database, moments: Iterable[datetime], **values: Any) -> None:
    with database.write() as tx:
        for number, at in enumerate(moments):
            identity = new_id(at)
            row = {"number": f"SH-{at:%m%d}-{number}", "process": "complaint", "kind": "complaint"}
            row |= {"title": "-", "status": "new", "opened_by": "chen_min"}
            counters = {"release": 1, "version": 0, "head_seq": 0, "head_hash": b"", "facts": {}}
            times = dict.fromkeys(("changed_at", "received_at", "opened_at"), at)
            key = {"shard_key": shard_key(identity), "id": identity}
            tx.execute(insert(Case).values(**(key | row | counters | times | values)))


def month(number: int, day: int = 10, hour: int = 9) -> datetime:
    return datetime(2026, number, day, hour, tzinfo=SHANGHAI)


def told(database: Database, at: datetime) -> dict[str, Any]:
    with database.read() as tx:
        return rising_months(tx, "complaint", at=at, zone=SHANGHAI)


@pytest.mark.parametrize(
    ("counts", "rising"),
    [((1, 2, 3), 3), ((3, 1, 2), 1), ((2, 2, 2), 0), ((1, 3, 2), 0), ((0, 0, 1), 1), ((0, 0, 0), 0)],
)
def test_a_rise_counts_from_the_last_complete_month_backwards(
    database: Database, counts: tuple[int, ...], rising: int
) -> None:
    for number, count in enumerate(counts, start=1):
        opened(database, [month(number, day) for day in range(1, count + 1)])
    opened(database, [month(4, 1)] * 9)  # April is not over
    found = told(database, month(4, 2))
    assert (found["rising"], found["count"], found["month"]) == (rising, counts[-1], "2026-03")
    assert found["counts"][-3:] == list(counts) and len(found["counts"]) == 12


def test_a_month_begins_at_midnight_of_the_company(database: Database) -> None:
    opened(database, [month(3, 31, 23), month(4, 1, 0)])
    assert told(database, month(4, 2))["count"] == 1


def test_major_complaints_and_other_kinds_are_told_apart(database: Database) -> None:
    opened(database, [month(3)], severity="major")
    opened(database, [month(3, 11)])
    opened(database, [month(3, 12)], kind="fault", severity="major")
    found = told(database, month(4, 2))
    assert (found["count"], found["major"]) == (2, 1)
