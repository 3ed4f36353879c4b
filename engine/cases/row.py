"""The case's own row during a step: read once under lock, written once at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update

from engine.foundation.errors import NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models import Case
from engine.foundation.text import Text

_COLUMNS = [c for c in Case.__table__.columns if c.name != "state"]


class CaseRow:
    """A case's columns; `row["priority"] = "P1"` is remembered and saved with the step."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.changed: dict[str, Any] = {}

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __setitem__(self, column: str, value: Any) -> None:
        if self._values[column] != value:
            self._values[column] = value
            self.changed[column] = value

    @property
    def id(self) -> UUID:
        """The case's id."""
        return self._values["id"]  # type: ignore[no-any-return]

    @property
    def keys(self) -> dict[str, Any]:
        """The leading key columns of everything that belongs to the case."""
        return {"shard_key": self._values["shard_key"], "case_id": self._values["id"]}

    def has(self, column: str) -> bool:
        """Whether the case table knows this column."""
        return column in self._values


def locked(tx: Connection, case_id: UUID, *, skip_locked: bool = False) -> CaseRow | None:
    """The row, locked until the transaction ends (SQLite locks the whole database instead).

    With `skip_locked`, None says that another process is at work on the case. Raises NotFound.
    """
    query = select(*_COLUMNS).where(Case.shard_key == shard_key(case_id), Case.id == case_id)
    row = tx.execute(query.with_for_update(skip_locked=skip_locked)).mappings().one_or_none()
    if row is not None:
        return CaseRow(row)
    if skip_locked:
        return None
    raise no_such_case(str(case_id))


def state_of(tx: Connection, row: CaseRow) -> bytes | None:
    """The stored state of the diagrams; None when the case has ended or never got going."""
    query = select(Case.state).where(Case.shard_key == row["shard_key"], Case.id == row.id)
    return tx.execute(query).scalar_one()


def save(tx: Connection, row: CaseRow) -> None:
    """Write what changed."""
    if row.changed:
        tx.execute(
            update(Case).where(Case.shard_key == row["shard_key"], Case.id == row.id).values(**row.changed)
        )


def id_of(tx: Connection, number: str) -> UUID:
    """The id behind a human number such as SH-2026-000123; raises NotFound."""
    found = tx.execute(select(Case.id).where(Case.number == number)).scalar_one_or_none()
    if found is None:
        raise no_such_case(number)
    return found


def no_such_case(name: str) -> NotFound:
    """The sentence for a case that does not exist."""
    return NotFound(
        Text(zh=f"没有案例 {name}。请核对案例号。", en=f"There is no case {name}; check the number.")
    )


def local(moment: datetime, zone: str) -> str:
    """A moment as people of the company's zone read it."""
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M")
