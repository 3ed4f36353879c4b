"""What the tests of the periodic services share: deadlines to the minute, and registers with maintenance terms."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine.foundation.models import Asset, Case, Contract, Customer, Membership
from engine.foundation.models.registers import Bulletin
from tests.processes.conftest import CHINA, Company, Story

MODEL = "VC-900"


def goes_off(desk: Company, case: Story, timer: str) -> str:
    """Wait for a timer: it does not go off a minute early; answers when it did."""
    due = case.waits[timer]
    moment = datetime.strptime(f"2026-{due}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
    before = timer in case.fired
    desk.wait_until(moment - timedelta(minutes=1))
    assert before or timer not in case.fired, f"{timer} went off early"
    desk.wait_until(moment)
    assert case.fired[timer] == due
    return due


def promise_maintenance(
    desk: Company, contract: str, *, months: int | None, next_visit_on: date | None
) -> None:
    """The contract's maintenance terms."""
    terms = {"maintenance_months": months, "next_visit_on": next_visit_on, "checklist": "电源, 风扇, 日志"}
    with desk.cases.database.write() as tx:
        tx.execute(update(Contract).where(Contract.number == contract).values(**terms))


def next_visit(desk: Company, contract: str) -> date | None:
    """When the contract says that the next visit is due."""
    with desk.cases.database.read() as tx:
        return tx.scalar(select(Contract.next_visit_on).where(Contract.number == contract))


def change_customer(desk: Company, customer: str, **values: Any) -> None:
    """Something else is known of a customer."""
    with desk.cases.database.write() as tx:
        tx.execute(update(Customer).where(Customer.name == customer).values(**values))


def change_devices(desk: Company, **values: Any) -> None:
    """Something else is known of every device."""
    with desk.cases.database.write() as tx:
        tx.execute(update(Asset).values(**values))


def join_group(desk: Company, person: str, group: str) -> None:
    """Somebody works in another group as well."""
    with desk.cases.database.write() as tx:
        tx.execute(insert(Membership).values(person=person, group_id=group))


def bulletins(desk: Company) -> list[tuple[str, str]]:
    """Kind and status of what was announced."""
    with desk.cases.database.read() as tx:
        return list(tx.execute(select(Bulletin.kind, Bulletin.status)).tuples())


def opened_by_itself(desk: Company, process: str) -> list[Story]:
    """The cases of a process that the calendar has opened, oldest first; each is proved when the test is over."""
    with desk.cases.database.read() as tx:
        query = (
            select(Case.number, Case.id).where(Case.process == process).order_by(Case.opened_at, Case.number)
        )
        rows = tx.execute(query).tuples().all()
    stories = [Story(desk, number, identity) for number, identity in rows]
    known = {story.id for story in desk.opened}
    desk.opened += [story for story in stories if story.id not in known]
    return stories
