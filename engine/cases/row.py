"""The case's own row during a step: read once under lock, written once at the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select, update

from engine.foundation.errors import NO_SUCH_CASE, Conflict, NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models import Case
from engine.foundation.text import Text


class CaseRow:
    """A case's columns; `row["priority"] = "P1"` is remembered and saved with the step."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.changed: dict[str, Any] = {}
        self.may_have_drafts = True  # of its tasks, as far as the step knows
        self._before: dict[str, Any] = {}

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __setitem__(self, column: str, value: Any) -> None:
        if self._values[column] != value:
            self._before.setdefault(column, self._values[column])
            self._values[column] = value
            self.changed[column] = value

    def before(self, column: str) -> Any:
        """What a column said when the step began."""
        return self._before.get(column, self._values[column])

    @property
    def id(self) -> UUID:
        """The case's id."""
        return self._values["id"]  # type: ignore[no-any-return]

    @property
    def keys(self) -> dict[str, Any]:
        """The leading key columns of everything that belongs to the case."""
        return {"shard_key": self._values["shard_key"], "case_id": self._values["id"]}

    @property
    def bound(self) -> dict[str, Any]:
        """The values of the conditions that `of_case` makes."""
        return {"of_shard": self._values["shard_key"], "of_case": self._values["id"]}

    def has(self, column: str) -> bool:
        """Whether the case table knows this column."""
        return column in self._values


def of_case(table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions that pick the rows of one case in a prepared statement; bind them with `CaseRow.bound`."""
    return table.c.shard_key == bindparam("of_shard"), table.c.case_id == bindparam("of_case")


_CASE = cast(Table, Case.__table__)
_THIS = (_CASE.c.shard_key == bindparam("of_shard"), _CASE.c.id == bindparam("of_case"))
_COLUMNS = [c for c in _CASE.c if c.name != "state"]
_LOCKED = {skip: select(*_COLUMNS).where(*_THIS).with_for_update(skip_locked=skip) for skip in (False, True)}
_STATE = select(_CASE.c.state).where(*_THIS)


def locked(tx: Connection, case_id: UUID, *, skip_locked: bool = False) -> CaseRow | None:
    """The row, locked until the transaction ends (SQLite locks the whole database instead).

    With `skip_locked`, None says that another process is at work on the case. Raises NotFound.
    """
    bound = {"of_shard": shard_key(case_id), "of_case": case_id}
    row = tx.execute(_LOCKED[skip_locked], bound).mappings().one_or_none()
    if row is not None:
        return CaseRow(dict(row))
    if skip_locked:
        return None
    raise no_such_case(str(case_id))


def state_of(tx: Connection, row: CaseRow) -> bytes | None:
    """The stored state of the diagrams; None when the case has ended or never got going."""
    state: bytes | None = tx.execute(_STATE, row.bound).scalar_one()
    return state


def save(tx: Connection, row: CaseRow) -> None:
    """Write what changed."""
    if row.changed:
        written = {f"new_{name}": value for name, value in row.changed.items()}
        tx.execute(_writing(tuple(sorted(row.changed))), {**row.bound, **written})


@lru_cache(maxsize=256)
def _writing(columns: tuple[str, ...]) -> Any:
    return update(_CASE).where(*_THIS).values({_CASE.c[name]: bindparam(f"new_{name}") for name in columns})


def id_of(tx: Connection, number: str) -> UUID:
    """The id behind a human number such as SH-2026-000123; raises NotFound."""
    found = tx.execute(select(Case.id).where(Case.number == number)).scalar_one_or_none()
    if found is None:
        raise no_such_case(number)
    return found


def no_such_case(name: str) -> NotFound:
    """The sentence for a case that does not exist."""
    return NotFound(NO_SUCH_CASE.format(name=name))


def require_running(row: CaseRow) -> None:
    """Pass while the case runs; raises Conflict when it has ended."""
    if row["ended_at"] is not None:
        raise has_ended()


def has_ended() -> Conflict:
    """The sentence for a case on which nothing more can be done."""
    return Conflict(
        Text(zh="案例已经结束, 不能再处理。", en="The case has ended; nothing more can be done on it.")
    )


def local(moment: datetime, zone: str) -> str:
    """A moment as people of the company's zone read it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M")
