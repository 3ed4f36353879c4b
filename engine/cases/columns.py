"""What a step writes into the case's own row and into its history row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.bpmn.library import Library
from engine.bpmn.runtime import Passage
from engine.cases.row import CaseRow
from engine.desk.entitlement import entitlement_of
from engine.foundation.ids import shard_key
from engine.foundation.models import Asset, Counter, Customer
from engine.foundation.security import Actor
from engine.record.history import GENESIS

if TYPE_CHECKING:
    from engine.cases.door import Opening
    from engine.cases.step import Step

SERIES = "SH"
TITLE_LENGTH = 80
AGAIN = (
    "restored_at",
    "resolved_at",
    "confirmed_at",
    "closed_at",
    "followed_up_at",
)  # emptied when a case re-opens


def of_opening(
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
    return {
        "shard_key": shard_key(case_id),
        "id": case_id,
        "number": next_number(tx, SERIES, now.year),
        "process": opening.process,
        "kind": diagram.properties.get("kind", opening.process),
        "title": _title(answers) or diagram.name.zh,
        "status": "new",
        "priority": None,
        "severity": answers.get("severity"),
        "coverage": _coverage(tx, customer, asset, now),
        "channel": answers.get("channel"),
        "customer_id": customer.id if customer else None,
        "customer_name": customer.name if customer else answers.get("customer"),
        "asset_id": asset.id if asset else None,
        "contract_id": None,
        "owner_group": diagram.group,
        "handler": None,
        "first_receiver": actor.id,
        "opened_by": actor.id,
        "release": release,
        "version": 0,
        "state": None,
        "facts": dict(answers),
        "outcome": None,
        "changed_at": now,
        "open_incidents": 0,
        "head_seq": 0,
        "head_hash": GENESIS,
        "received_at": min(opening.received_at or _moment(answers.get("received_at")) or now, now),
        "opened_at": now,
        "reopened": 0,
        **dict.fromkeys(MOMENTS),
        "paused_at": None,
        "pause_reason": None,
    }


MOMENTS = (
    "dispatched_at",
    "accepted_at",
    "first_contact_at",
    "arrived_at",
    "restored_at",
    "resolved_at",
    "confirmed_at",
    "closed_at",
    "followed_up_at",
    "ended_at",
)


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


def follow_path(step: Step) -> None:
    """Milestones, status, handlers and met promises that the drawn elements ask for."""
    for passage in step.path:
        properties = step.library.diagrams[passage.process].elements[passage.element].properties
        if not properties or passage.state == "cancelled":
            continue
        if "status" in properties:
            step.row["status"] = properties["status"]
        if passage.state == "completed":
            _completed(step, passage, properties)


def event_data(step: Step) -> dict[str, Any]:
    """The content of the history row: what was asked, what it led to, and what it relied on."""
    command = step.command
    assert command is not None
    parts: dict[str, Any] = {
        "input": command.input,
        "path": written_path(step.path, at=step.at),
        "results": step.wiring.results,
        "wishes": step.wiring.wishes,
        "retimed": command.retimed,
        "case": {k: _plain(v) for k, v in step.row.changed.items() if k != "state"},
    }
    return {k: v for k, v in parts.items() if v}


def next_number(tx: Connection, series: str, year: int) -> str:
    """The next human number, such as SH-2026-000123; gaps are allowed, repeats are not."""
    name = f"{series}-{year}"
    upsert = postgresql.insert(Counter) if tx.dialect.name == "postgresql" else sqlite.insert(Counter)
    taken = tx.execute(
        upsert.values(series=name, value=1)
        .on_conflict_do_update(index_elements=["series"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    ).scalar_one()
    return f"{name}-{taken:06d}"


def _completed(step: Step, passage: Passage, properties: Any) -> None:
    if (milestone := properties.get("milestone")) is not None:
        _reach(step.row, milestone, passage.at)
    if properties.get("handles") == "true" and not step.actor.is_system:
        step.row["handler"] = step.actor.id
    for promise in properties.get("stops", "").split():
        step.wiring.promises.meet(promise, at=passage.at)
        step.silence(promise)


def _reach(row: CaseRow, milestone: str, at: datetime) -> None:
    if milestone == "reopened":
        row["reopened"] = row["reopened"] + 1
        for column in AGAIN:
            row[column] = None
    elif row.has(column := f"{milestone}_at") and row[column] is None:
        row[column] = at


def written_path(path: Iterable[Passage], *, at: datetime) -> list[dict[str, Any]]:
    """Passages as the history keeps them; a moment is written only where it is not that of the event."""
    return [_written(passage, at) for passage in path]


def _written(passage: Passage, at: datetime) -> dict[str, Any]:
    written: dict[str, Any] = {"e": passage.element, "p": passage.process, "s": passage.state}
    if passage.at != at:
        written["at"] = passage.at.isoformat()
    if passage.flow is not None:
        written["f"] = passage.flow
    if passage.delta:
        written["d"] = passage.delta
    if passage.call:
        written["c"] = list(passage.call)
    return written


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value.hex() if isinstance(value, bytes) else value


def _title(answers: dict[str, Any]) -> str:
    words = str(answers.get("title") or answers.get("description") or "").strip().splitlines()
    first = words[0] if words else ""
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


def _moment(written: object) -> datetime | None:
    return datetime.fromisoformat(written).astimezone(UTC) if isinstance(written, str) else None


def _asset(tx: Connection, serial: object) -> Any:
    if not isinstance(serial, str):
        return None
    return tx.execute(select(Asset.id, Asset.customer_id).where(Asset.serial == serial)).one_or_none()


def _coverage(tx: Connection, customer: Any, asset: Any, now: datetime) -> str:
    owed = entitlement_of(
        tx, customer_id=customer.id if customer else None, asset_id=asset.id if asset else None, on=now.date()
    )
    return owed.level


def _customer(tx: Connection, name: object, asset: Any) -> Any:
    query = select(Customer.id, Customer.name)
    if (
        isinstance(name, str)
        and (found := tx.execute(query.where(Customer.name == name)).first()) is not None
    ):
        return found
    return None if asset is None else tx.execute(query.where(Customer.id == asset.customer_id)).one_or_none()
