"""How a case begins: its first columns, looked up in the registers, and the data its diagrams start with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.bpmn.library import Library
from engine.cases.row import CaseRow
from engine.desk.entitlement import Entitlement, entitlement_of
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
    asset = _asset(tx, answers.get("serial"))
    customer = _customer(tx, answers.get("customer"), asset)
    owed = _owed(tx, customer, asset, now)
    nothing_yet = dict.fromkeys(column.name for column in Case.__table__.columns)
    return nothing_yet | {
        "shard_key": shard_key(case_id),
        "id": case_id,
        "number": next_numbers(tx, SERIES, now.year)[0],
        "process": opening.process,
        "kind": diagram.properties.get("kind", opening.process),
        "title": _title(answers) or diagram.name.zh,
        "status": "new",
        "severity": answers.get("severity"),
        "coverage": owed.level,
        "channel": answers.get("channel"),
        "customer_id": customer.id if customer else None,
        "customer_name": customer.name if customer else answers.get("customer"),
        "asset_id": asset.id if asset else None,
        "contract_id": _contract(tx, owed.contract),
        "owner_group": diagram.group,
        "first_receiver": actor.id,
        "opened_by": actor.id,
        "release": release,
        "version": 0,
        "facts": dict(answers),
        "changed_at": now,
        "open_incidents": 0,
        "head_seq": 0,
        "head_hash": GENESIS,
        "received_at": min(opening.received_at or _moment(answers.get("received_at")) or now, now),
        "opened_at": now,
        "reopened": 0,
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
    query = select(Asset.id, Asset.customer_id).where(Asset.serial == serial.strip())
    return tx.execute(query).one_or_none()


def _owed(tx: Connection, customer: Any, asset: Any, now: datetime) -> Entitlement:
    return entitlement_of(
        tx, customer_id=customer.id if customer else None, asset_id=asset.id if asset else None, on=now.date()
    )


def _contract(tx: Connection, number: str | None) -> UUID | None:
    return None if number is None else tx.scalar(select(Contract.id).where(Contract.number == number))


def _customer(tx: Connection, name: object, asset: Any) -> Any:
    query = select(Customer.id, Customer.name)
    if (
        isinstance(name, str)
        and (found := tx.execute(query.where(Customer.name == name.strip())).first()) is not None
    ):
        return found
    return None if asset is None else tx.execute(query.where(Customer.id == asset.customer_id)).one_or_none()
