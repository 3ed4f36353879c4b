"""Counting clauses in the histories: executed, kept, breached and waived, by place and case, within a period."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.acts import timers
from engine.acts.cast import People
from engine.bpmn import releases
from engine.cases import Cases, Opening
from engine.foundation.database import Database
from engine.foundation.models import Event, Task
from engine.record.clause_counts import Passed, Tally, Watched, by_case, events_between, passed, total
from tests.conftest import MONDAY, Clock
from tests.engine import small_release

DEADLINES = {
    ("small", "reminder_due"): ("small", "take_in"),
    ("small", "finish_overdue"): ("small", "finish"),
    ("ladder", "first_over"): ("ladder", "first_step"),
    ("ladder", "second_over"): ("ladder", "second_step"),
}
FINISH = Watched([("small", "finish")])
LATER = MONDAY + timedelta(days=31)


class Shop:
    """The small release at work; `counted` is what happened in a period."""

    def __init__(self, database: Database, people: People, clock: Clock) -> None:
        self.database, self.people, self.clock, self.cases = database, people, clock, Cases(database)
        with database.write() as tx:
            releases.publish(tx, small_release.files(), actor="xie_liu", at=MONDAY, note="")

    def open(self, process: str = "small") -> UUID:
        """Open a case."""
        opening = Opening(process, {"customer": "滨江会展中心", "title": "t"})
        return self.cases.start(opening, actor=self.people.chen_min, now=self.clock.now)

    def do(self, case: UUID, element: str) -> None:
        """Complete a task."""
        with self.database.read() as tx:
            query = select(Task.id).where(Task.case_id == case, Task.element == element)
            task = tx.execute(query).scalar_one()
        actor = self.people.li_gong if element == "finish" else self.people.chen_min
        with self.cases.step(case, actor=actor, now=self.clock.now) as step:
            step.complete(task, {"note": "n"})

    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.advance(minutes=minutes)
        timers.fire_due(self.cases, now=self.clock.now)

    def passed(self, start: datetime = MONDAY, end: datetime = LATER) -> Passed:
        """What happened."""
        with self.database.read() as tx:
            return passed(tx, start=start, end=end, deadlines=DEADLINES)

    def of(self, watched: Watched, **period: Any) -> Tally:
        """The counts of one clause, without the number of the last event."""
        found = by_case(watched, self.passed(**period), deadlines=DEADLINES)
        return total(found.values())._replace(seq=0)


@pytest.fixture
def shop(database: Database, people: People, clock: Clock) -> Shop:
    return Shop(database, people, clock)


def test_what_is_done_in_time_is_executed_and_kept(shop: Shop) -> None:
    case = shop.open()
    shop.do(case, "take_in")
    shop.wait(9)
    shop.do(case, "finish")
    assert shop.of(FINISH) == Tally(executed=1, kept=1)


def test_what_is_done_after_its_deadline_is_executed_and_breached(shop: Shop) -> None:
    case = shop.open()
    shop.do(case, "take_in")
    shop.wait(11)
    assert shop.of(FINISH) == Tally(breached=1)
    shop.do(case, "finish")
    assert shop.of(FINISH) == Tally(executed=1, breached=1)


def test_what_a_deadline_takes_away_is_breached_and_not_executed(shop: Shop) -> None:
    shop.open("ladder")
    shop.wait(61)
    assert shop.of(Watched([("ladder", "first_step")])) == Tally(breached=1)
    assert shop.of(Watched([("ladder", "second_step")])) == Tally()


def test_without_a_deadline_nothing_is_kept_or_breached(shop: Shop) -> None:
    case = shop.open("ladder")
    shop.do(case, "steady")
    assert shop.of(Watched([("ladder", "steady")])) == Tally(executed=1)


def test_a_deadline_before_the_period_still_makes_the_execution_in_it_late(shop: Shop) -> None:
    case = shop.open()
    shop.do(case, "take_in")
    shop.wait(11)
    midnight = shop.clock.advance(minutes=1)
    shop.clock.advance(minutes=1)
    shop.do(case, "finish")
    assert shop.of(FINISH, end=midnight) == Tally(breached=1)
    assert shop.of(FINISH, start=midnight) == Tally(executed=1)


def test_the_end_of_a_period_does_not_belong_to_it(shop: Shop) -> None:
    case = shop.open()
    moment = shop.clock.advance(minutes=1)
    shop.do(case, "take_in")
    first = Watched([("small", "take_in")])
    assert shop.of(first, end=moment) == Tally()
    assert shop.of(first, start=moment) == Tally(executed=1, kept=1)


def test_a_waiver_is_counted_as_waived_and_not_as_executed(shop: Shop) -> None:
    case = shop.open()
    shop.do(case, "take_in")
    waivable = Watched([("small", "take_in"), ("small", "begin")], waivers=[("small", "take_in")])
    assert shop.of(waivable) == Tally(executed=1, waived=1)


def test_each_case_is_told_apart_with_the_event_to_open(shop: Shop) -> None:
    one, other = shop.open(), shop.open()
    shop.do(one, "take_in")
    found = by_case(Watched([("small", "take_in")]), shop.passed(), deadlines=DEADLINES)
    with shop.database.read() as tx:
        last = select(Event.seq).where(Event.case_id == one).order_by(Event.seq.desc()).limit(1)
        seq = tx.execute(last).scalar_one()
    assert dict(found) == {one: Tally(executed=1, kept=1, seq=seq)}
    assert other not in found


def test_executions_agree_with_a_slow_count_of_the_histories(shop: Shop) -> None:
    for minutes in (1, 12, 70, 5):
        cases = [shop.open(), shop.open("ladder")]
        shop.wait(minutes)
        shop.do(cases[0], "take_in")
        shop.wait(minutes)
        shop.do(cases[0], "finish")
    with shop.database.read() as tx:
        path = [p for row in tx.execute(select(Event.data)) for p in json.loads(row.data)["path"]]
    for place, cases_of in shop.passed().items():
        slow = sum((p["p"], p["e"], p["s"]) == (*place, "completed") for p in path)
        whole = total(cases_of.values())
        assert whole.executed + whole.breached == slow, place
        assert whole.kept <= whole.executed


def test_histories_only_grow_so_that_their_number_tells_whether_counts_stand(shop: Shop) -> None:
    with shop.database.read() as tx:
        assert events_between(tx, start=MONDAY, end=LATER) == 0
    shop.open()
    with shop.database.read() as tx:
        assert events_between(tx, start=MONDAY, end=LATER) == 1
        assert events_between(tx, start=LATER, end=LATER + timedelta(days=1)) == 0
