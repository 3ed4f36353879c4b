"""Cases with a history written by the product's own functions, and the means of somebody who may write to the disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from engine.foundation.database import Database
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case
from engine.record import history
from engine.record.history import EventRow


def write_case(database: Database, *, number: str, events: int, at: datetime) -> UUID:
    """A case with `events` history rows, one a minute."""
    case_id = new_id(at)
    with database.write() as tx:
        tx.execute(insert(Case).values(**_case(case_id, number, at)))
        for minute in range(events):
            grow(tx, case_id, at=at + timedelta(minutes=minute))
    return case_id


def grow(tx: Connection, case_id: UUID, *, at: datetime, text: str = "风扇不转") -> EventRow:
    """One more event, as a step writes it."""
    seq, head = head_of(tx, case_id)
    row = history.append(
        tx,
        case_id=case_id,
        release=1,
        head_seq=seq,
        head_hash=head,
        kind="task:complete",
        process="service_case",
        element="triage",
        actor="li_gong",
        at=at,
        data={"input": {"answers": {"text": text}}, "path": []},
        key=f"k{seq}",
    )
    set_head(tx, case_id, row.seq, row.hash)
    return row


def head_of(tx: Connection, case_id: UUID) -> tuple[int, bytes]:
    """The case's head as its row names it."""
    row = tx.execute(select(Case.head_seq, Case.head_hash).where(Case.id == case_id)).one()
    return row.head_seq, row.head_hash


def set_head(tx: Connection, case_id: UUID, seq: int, head: bytes) -> None:
    """Write the case's head."""
    tx.execute(update(Case).where(Case.id == case_id).values(head_seq=seq, head_hash=head))


def first_bad(tx: Connection, case_id: UUID) -> int | None:
    """The verdict of the chain on one case."""
    seq, head = head_of(tx, case_id)
    return history.check_chain(history.of_case(tx, case_id), head_seq=seq, head_hash=head)


def disarm(tx: Connection) -> None:
    """Remove the triggers that protect the history, as an administrator of the database can."""
    if tx.dialect.name == "sqlite":
        for trigger in ("event_no_update", "event_no_delete", "checkpoint_no_update", "checkpoint_no_delete"):
            tx.exec_driver_sql(f"DROP TRIGGER {trigger}")
    else:
        tx.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER ALL")
        tx.exec_driver_sql("ALTER TABLE checkpoint DISABLE TRIGGER ALL")


def _case(case_id: UUID, number: str, at: datetime) -> dict[str, object]:
    return {
        "shard_key": shard_key(case_id),
        "id": case_id,
        "number": number,
        "process": "service_case",
        "kind": "fault",
        "title": "风扇不转",
        "status": "open",
        "opened_by": "chen_min",
        "release": 1,
        "version": 1,
        "facts": {},
        "head_seq": 0,
        "head_hash": history.GENESIS,
        "received_at": at,
        "opened_at": at,
        "changed_at": at,
    }
