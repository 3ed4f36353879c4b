"""The maintenance terms of contracts: which visits are due, and when the next one is."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.customers import CONTRACT
from engine.desk.registers.fields import Hand
from engine.desk.registers.reading import stored
from engine.desk.registers.writing import write_over
from engine.foundation.models import Contract, Customer
from engine.foundation.security import Actor


@dataclass(frozen=True, slots=True)
class Visit:
    """A maintenance visit that a contract promises."""

    contract_id: UUID
    contract: str
    customer: str
    due_on: date
    checklist: str | None


def due_visits(tx: Connection, *, by: date) -> list[Visit]:
    """Visits of running contracts that are due up to the local date `by`, the oldest first."""
    rows = tx.execute(
        select(Contract.id, Contract.number, Customer.name, Contract.next_visit_on, Contract.checklist)
        .join(Customer, Customer.id == Contract.customer_id)
        .where(Contract.next_visit_on <= by, Contract.next_visit_on <= Contract.ends_on)
        .where(Contract.retired_at.is_(None))
        .order_by(Contract.next_visit_on, Contract.number)
    )
    return [Visit(*row) for row in rows]


def visit_planned(
    tx: Connection, contract_id: UUID, due_on: date, *, actor: Actor, at: datetime
) -> date | None:
    """Move a contract on to the visit after `due_on`; the same visit twice moves it once. Raises NotFound."""
    contract = stored(tx, CONTRACT, contract_id)
    current: date | None = contract["next_visit_on"]
    if current != due_on:
        return current
    months = contract["maintenance_months"]
    following = months_later(due_on, months) if months else None
    write_over(tx, CONTRACT, contract, {"next_visit_on": following}, act="visit", hand=Hand(actor, at))
    return following


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))
