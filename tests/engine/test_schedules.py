"""What starts by itself starts once: at its moment, whatever stood still, and however many processes look."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine.acts import schedules
from engine.bpmn import releases
from engine.cases import Cases, Opening
from engine.desk import schedules as plan
from engine.desk.calendar import WorkingCalendar
from engine.desk.holidays_cn import ChinaDays
from engine.desk.terms import contract_terms, owners_of
from engine.foundation.database import Database
from engine.foundation.ids import new_id
from engine.foundation.models import Case, Contract, Customer
from engine.foundation.models.registers import Schedule
from engine.foundation.recurrence import read_recurrence
from engine.foundation.security import SYSTEM
from tests.conftest import MONDAY
from tests.engine import small_release

ZONE = "Asia/Shanghai"
CALENDAR = WorkingCalendar(days=ChinaDays())
MONTHLY = "monthly day=5 time=09:00"
MARCH, APRIL, MAY = (datetime(2026, month, day, 1, tzinfo=UTC) for month, day in ((3, 5), (4, 7), (5, 6)))


@pytest.fixture
def cases(database: Database) -> Cases:
    """A small release is published."""
    with database.write() as tx:
        releases.publish(tx, small_release.files(), actor="system", at=MONDAY, note="first")
    return Cases(database)


def keep(cases: Cases, *, rule: str = MONTHLY, at: datetime = MONDAY, **more: Any) -> None:
    """A row for the small process."""
    with cases.database.write() as tx:
        plan.keep(
            tx,
            process="small",
            subject="A",
            answers={"title": "月度"},
            rule=read_recurrence(rule),
            calendar=CALENDAR,
            zone=ZONE,
            at=at,
            **more,
        )


def opened(cases: Cases) -> list[Any]:
    """The cases, oldest first."""
    with cases.database.read() as tx:
        return list(
            tx.execute(select(Case.opened_at, Case.opened_by, Case.facts).order_by(Case.opened_at)).all()
        )


def row(cases: Cases) -> Any:
    """The only row of the plan."""
    with cases.database.read() as tx:
        return tx.execute(select(Schedule.__table__)).one()


def test_nothing_starts_before_its_moment(cases: Cases) -> None:
    keep(cases)
    assert schedules.start_due(cases, now=MARCH - timedelta(microseconds=1)) == 0
    assert schedules.start_due(cases, now=MARCH) == 1
    assert schedules.start_due(cases, now=MARCH) == 0
    (case,) = opened(cases)
    assert (case.opened_at, case.opened_by, case.facts["title"]) == (MARCH, SYSTEM.id, "月度")
    assert case.facts["period"] == "2026-03" and row(cases).next_at == APRIL


def test_what_was_missed_starts_once_for_the_latest_round(cases: Cases) -> None:
    keep(cases)
    assert schedules.start_due(cases, now=MAY + timedelta(days=3)) == 1
    (case,) = opened(cases)
    assert case.opened_at == MAY and case.facts["missed"] == 2
    assert (row(cases).missed, row(cases).started) == (2, 1)


def test_a_process_that_died_after_the_start_does_not_start_it_again(cases: Cases) -> None:
    keep(cases)
    key = str(plan.case_id(row(cases).id, date(2026, 3, 5)))
    cases.start(Opening(process="small", answers={}), actor=SYSTEM, now=MARCH, key=key)
    schedules.start_due(cases, now=MARCH)
    assert len(opened(cases)) == 1 and row(cases).next_at == APRIL


def test_two_processes_at_the_same_time_start_it_once(cases: Cases) -> None:
    keep(cases)
    desks = [Cases(cases.database) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda desk: schedules.start_due(desk, now=MARCH), desks))
    assert sum(started) == 1 and len(opened(cases)) == 1


def test_the_last_round_is_the_last(cases: Cases) -> None:
    keep(cases, until=date(2026, 4, 30))
    assert schedules.start_due(cases, now=APRIL) == 1
    assert row(cases).next_at is None
    assert schedules.start_due(cases, now=MAY) == 0


def test_downtime_beyond_the_last_round_starts_that_one(cases: Cases) -> None:
    keep(cases, until=date(2026, 4, 30))
    schedules.start_due(cases, now=MAY + timedelta(days=90))
    assert [case.opened_at for case in opened(cases)] == [APRIL]


def test_once_is_once(cases: Cases) -> None:
    keep(cases, rule="once time=09:00", first=date(2026, 3, 7))
    assert schedules.start_due(cases, now=MAY) == 1
    # 7 March is a Saturday.
    assert opened(cases)[0].opened_at == datetime(2026, 3, 9, 1, tzinfo=UTC)
    keep(cases, rule="once time=09:00", first=date(2026, 3, 7), at=MAY)
    assert schedules.start_due(cases, now=MAY + timedelta(days=400)) == 0


def test_a_row_kept_again_goes_on_where_it_was_and_a_new_rule_begins_anew(cases: Cases) -> None:
    keep(cases)
    schedules.start_due(cases, now=MARCH)
    keep(cases, at=MARCH)
    assert row(cases).started == 1 and row(cases).next_at == APRIL
    keep(cases, rule="monthly day=6 time=09:00", at=MARCH)
    assert row(cases).next_at == datetime(2026, 3, 6, 1, tzinfo=UTC)


def test_a_process_that_is_gone_starts_nothing_and_stops_nothing_else(cases: Cases) -> None:
    keep(cases)
    with cases.database.write() as tx:
        plan.keep(
            tx,
            process="abolished",
            subject=None,
            answers={},
            rule=read_recurrence(MONTHLY),
            calendar=CALENDAR,
            zone=ZONE,
            at=MONDAY,
        )
    assert schedules.start_due(cases, now=MARCH) == 1


def test_the_plan_follows_the_procedures_and_withdraws_what_is_gone(cases: Cases) -> None:
    keep(cases)
    assert schedules.keep(cases, now=MONDAY) == 0, "no diagram of this release has a schedule"
    assert row(cases).next_at is None and schedules.planned(cases) == []


def test_rounds_that_a_case_asked_for_are_left_alone(cases: Cases) -> None:
    keep(cases, origin="SH-2026-000001")
    schedules.keep(cases, now=MONDAY)
    (line,) = schedules.planned(cases)
    assert (line.process, line.subject.zh, line.next_at, line.origin) == (
        "small",
        "A",
        MARCH,
        "SH-2026-000001",
    )


def test_the_terms_of_a_contract_and_the_owners_of_a_model(database: Database) -> None:
    customer = new_id(MONDAY)
    with database.write() as tx:
        tx.execute(insert(Customer).values(id=customer, name="华东测绘院", language="zh"))
        dates = {"starts_on": date(2025, 1, 1), "ends_on": date(2027, 1, 1)}
        values = {"id": new_id(MONDAY), "customer_id": customer, "number": "HT-7", "coverage": "gold"}
        tx.execute(insert(Contract).values(**values, **dates, maintenance_months=6))
        terms = contract_terms(tx, "HT-7")
        assert terms is not None and (terms["months"], terms["ends_on"]) == (6, "2027-01-01")
        assert contract_terms(tx, "HT-8") is None and contract_terms(tx, None) is None
        assert owners_of(tx, "P-200, P-300", on=MONDAY.date())["names"] == []
