"""How a case begins: its first columns, looked up in the registers, and the data its diagrams start with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from engine.bpmn.library import Library
from engine.cases.row import CaseRow
from engine.desk.entitlement import entitlement_of
from engine.foundation.ids import shard_key
from engine.foundation.models import Asset, Case, Contract, Customer
from engine.foundation.numbers import next_numbers
from engine.foundation.security import Actor
from engine.record.history import GENESIS

SERIES = "SH"
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a case when it is opened; `answers` are the checked answers of the start form."""

    process: str
    answers: dict[str, Any] = field(default_factory=dict)
    received_at: datetime | None = None
    release: int | None = None  # the current one, unless a rehearsal asks for another


def first_values(
    tx: Connection,
    opening: Opening,
    library: Library,
    *,
    case_id: UUID,
    release: int,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The first values of a case's row; customer and device are looked up among the registers by name and serial."""
    answers, diagram = opening.answers, library.diagrams[opening.process]
    nothing_yet = dict.fromkeys(column.name for column in _CASE.columns)
    return (
        nothing_yet
        | _NEW
        | _from_registers(tx, answers, on=now.date())
        | {
            "shard_key": shard_key(case_id),
            "id": case_id,
            "number": next_numbers(tx, SERIES, now.year)[0],
            "process": opening.process,
            "kind": diagram.properties.get("kind", opening.process),
            "title": _title(answers) or diagram.name.zh,
            "severity": answers.get("severity"),
            "channel": answers.get("channel"),
            "owner_group": diagram.group,
            "first_receiver": actor.id,
            "opened_by": actor.id,
            "release": release,
            "facts": dict(answers),
            "changed_at": now,
            "received_at": min(opening.received_at or _moment(answers.get("received_at")) or now, now),
            "opened_at": now,
        }
    )


_CASE = cast(Table, Case.__table__)
_NEW = {
    "status": "new",
    "version": 0,
    "open_incidents": 0,
    "head_seq": 0,
    "head_hash": GENESIS,
    "reopened": 0,
}


def _from_registers(tx: Connection, answers: dict[str, Any], *, on: date) -> dict[str, Any]:
    """Customer and device as the registers know them, and what they are owed."""
    asset = _asset(tx, answers.get("serial"))
    customer = _customer(tx, answers.get("customer"), asset)
    customer_id, asset_id = customer.id if customer else None, asset.id if asset else None
    owed = entitlement_of(tx, customer_id=customer_id, asset_id=asset_id, on=on)
    return {
        "customer_id": customer_id,
        "customer_name": customer.name if customer else answers.get("customer"),
        "asset_id": asset_id,
        "coverage": owed.level,
        "contract_id": _contract(tx, owed.contract),
    }


def start_data(row: CaseRow, answers: dict[str, Any], library: Library) -> dict[str, Any]:
    """The data with which the diagrams begin: the case's identity, and the start form's answers under its event."""
    case = {
        "id": str(row.id),
        "number": row["number"],
        "kind": row["kind"],
        "title": row["title"],
        "channel": row["channel"],
        "customer": row["customer_name"],
        "severity": row["severity"],
        "received_at": row["received_at"].isoformat(),
        "opened_at": row["opened_at"].isoformat(),
        "opened_by": row["opened_by"],
    }
    start = library.diagrams[row["process"]].start
    return {"case": case} | ({start.id: dict(answers)} if start is not None else {})


def _title(answers: dict[str, Any]) -> str:
    words = str(answers.get("title") or answers.get("description") or "").strip().splitlines()
    first = words[0] if words else ""
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


def _moment(written: object) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if isinstance(written, str) else None


def _asset(tx: Connection, serial: object) -> Any:
    if not isinstance(serial, str):
        return None
    return tx.execute(_BY_SERIAL, {"serial": serial.strip()}).one_or_none()


def _contract(tx: Connection, number: str | None) -> UUID | None:
    return None if number is None else tx.execute(_CONTRACT, {"number": number}).scalar_one_or_none()


def _customer(tx: Connection, name: object, asset: Any) -> Any:
    if isinstance(name, str) and (found := tx.execute(_BY_NAME, {"name": name.strip()}).first()) is not None:
        return found
    return None if asset is None else tx.execute(_BY_ID, {"id": asset.customer_id}).one_or_none()


_ASSET, _CUSTOMER = cast(Table, Asset.__table__), cast(Table, Customer.__table__)
_AGREED = cast(Table, Contract.__table__)
_CONTRACT = select(_AGREED.c.id).where(_AGREED.c.number == bindparam("number"))
_BY_SERIAL = select(_ASSET.c.id, _ASSET.c.customer_id).where(_ASSET.c.serial == bindparam("serial"))
_BY_NAME = select(_CUSTOMER.c.id, _CUSTOMER.c.name).where(_CUSTOMER.c.name == bindparam("name"))
_BY_ID = select(_CUSTOMER.c.id, _CUSTOMER.c.name).where(_CUSTOMER.c.id == bindparam("id"))
