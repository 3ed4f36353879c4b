"""The repair ledger of a device, and the parts that fit it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from engine.desk.registers.devices import REPAIR
from engine.desk.registers.fields import Hand
from engine.desk.registers.reading import stored
from engine.desk.registers.writing import add_rows, change_row
from engine.foundation.registers import Part, Repair
from engine.foundation.security import Actor


@dataclass(frozen=True, slots=True)
class Ledger:
    """How often and how long a device was repaired; a day that two repairs share counts once."""

    serial: str
    repairs: int
    days: int
    same_fault: int


def ledger_of(tx: Connection, serial: str, *, on: date, fault: str | None = None) -> Ledger:
    """The ledger on the local date `on`; a repair that is not finished counts up to that day, both days included."""
    rows = tx.execute(
        select(Repair.began_on, Repair.ended_on, Repair.fault).where(
            Repair.serial == serial, Repair.began_on <= on, Repair.retired_at.is_(None)
        )
    ).all()
    days = {day for row in rows for day in _days(row.began_on, min(row.ended_on or on, on))}
    return Ledger(serial, len(rows), len(days), sum(row.fault == fault for row in rows) if fault else 0)


def note_repair(
    tx: Connection,
    *,
    serial: str,
    case_number: str,
    began_on: date,
    ended_on: date | None = None,
    fault: str | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Enter the repair of a device in a case, or bring it up to date; the same twice changes nothing."""
    values = {
        "serial": serial,
        "case_number": case_number,
        "began_on": began_on,
        "ended_on": ended_on,
        "fault": fault,
    }
    known = select(Repair.id).where(Repair.serial == serial, Repair.case_number == case_number)
    found = tx.scalar(known)
    if found is None:
        add_rows(tx, REPAIR, [values], hand=Hand(actor, at))
    else:
        change_row(tx, REPAIR, stored(tx, REPAIR, found), values, hand=Hand(actor, at))


def fits(tx: Connection, sku: str, model: str) -> bool | None:
    """Whether a part fits a model; None when the part is not registered or names no models."""
    row = tx.execute(select(Part.models).where(Part.sku == sku.strip(), Part.retired_at.is_(None))).first()
    if row is None or not row.models:
        return None
    return model.strip().casefold() in {known.casefold() for known in row.models}


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}
