"""The cases of a customer, a device or a contract, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from engine.acts.visibility import visible_to
from engine.desk.registers.fields import Register
from engine.foundation.models import Case
from engine.foundation.security import Actor, require


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """A case that names a row of a register."""

    number: str
    title: str
    status: str
    opened_at: datetime
    ended_at: datetime | None


def cases_of(
    tx: Connection, register: Register, id: UUID, *, actor: Actor, limit: int = 20
) -> list[RelatedCase]:
    """The newest cases that name the row; none for registers that cases do not name."""
    require(actor, "see_case")
    if register.case_column is None:
        return []
    rows = tx.execute(
        select(Case.number, Case.title, Case.status, Case.opened_at, Case.ended_at)
        .where(Case.__table__.c[register.case_column] == id, visible_to(actor))
        .order_by(Case.opened_at.desc())
        .limit(limit)
    )
    return [RelatedCase(*row) for row in rows.tuples()]
