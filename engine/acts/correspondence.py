"""What is added to a case beside its diagrams: files and notes, by staff, by the customer's page and by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, func, select

from engine.acts.visibility import require_visible
from engine.cases import AlreadyApplied, Cases
from engine.cases.row import no_such_case
from engine.desk import attachments
from engine.desk.attachments import Kept, Upload
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Event, Person
from engine.foundation.models.correspondence import Attachment
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text
from engine.record import history
from engine.record.names import Names

NOTE, RATING = "note:add", "customer:rate"
SCORES = (
    "score_solution",
    "score_service",
)  # answers of a rating, and of whichever form asks a customer on the phone


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a case as a list shows it."""

    file: Kept
    added_by: Text


@dataclass(frozen=True, slots=True)
class NoteLine:
    """What somebody added in words; `files` are the names of what came with it."""

    at: datetime
    by: str
    added_by: Text
    text: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """Everything that was added to a case, oldest first."""

    files: tuple[FileLine, ...]
    notes: tuple[NoteLine, ...]

    def __len__(self) -> int:
        return len(self.files) + len(self.notes)


def added(cases: Cases, number: str, *, actor: Actor) -> Added:
    """The files and notes of a case. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        case_id = _visible(tx, number, actor)
        people = dict(tx.execute(select(Person.id, Person.name)).tuples().all())
        return read_added(tx, case_id, people=people)


def how_many(cases: Cases, number: str, *, actor: Actor) -> int:
    """How many files and notes a case has. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        row = _require_visible(tx.execute(_COUNTED, {"number": number}).one_or_none(), number, actor)
    return int(row.files + row.notes)


def read_added(
    tx: Connection, case_id: UUID, *, people: Mapping[str, str], by: Collection[str] | None = None
) -> Added:
    """The files and notes of a case, or only those that `by` added."""
    names = Names(people=people)
    files = attachments.of_case(tx, case_id, by=by)
    notes = [_note(event, names) for event in events_of(tx, case_id, NOTE) if by is None or event.actor in by]
    return Added(tuple(FileLine(file, names.person(file.added_by)) for file in files), tuple(notes))


def add_files(
    cases: Cases,
    number: str,
    uploads: Sequence[Upload],
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> int:
    """Keep files with a case, all or none; returns how many. Raises Rejection that names the file, NotFound, Forbidden."""
    files = attachments.checked(uploads)
    case_id = _case(cases, number, actor)
    if files:
        with suppress(AlreadyApplied), cases.step(case_id, actor=actor, now=now, key=key) as step:
            step.attach(files)
    return len(files)


def add_note(
    cases: Cases,
    number: str,
    text: str,
    uploads: Sequence[Upload] = (),
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Add words to a case, with files or without. Raises Rejection, NotFound, Forbidden."""
    files = attachments.checked(uploads)
    case_id = _case(cases, number, actor)
    with suppress(AlreadyApplied), cases.step(case_id, actor=actor, now=now, key=key) as step:
        step.note(text, files)


def open_file(cases: Cases, number: str, id: UUID, *, actor: Actor) -> tuple[Kept, bytes]:
    """One file of a case with its bytes. Raises NotFound, Forbidden."""
    with cases.database.read() as tx:
        return attachments.content_of(tx, _visible(tx, number, actor), id)


def last_rating(tx: Connection, case_id: UUID) -> Mapping[str, Any]:
    """What the customer said last of their satisfaction; empty when nothing yet."""
    ratings = events_of(tx, case_id, RATING)
    return ratings[-1].content["input"]["rating"] if ratings else {}


def events_of(tx: Connection, case_id: UUID, kind: str) -> list[history.EventRow]:
    """The history rows of one kind, in order."""
    where = (Event.shard_key == shard_key(case_id), Event.case_id == case_id, Event.kind == kind)
    columns = [Event.__table__.c[name] for name in history.EventRow._fields]
    return [
        history.EventRow._make(row) for row in tx.execute(select(*columns).where(*where).order_by(Event.seq))
    ]


def _note(event: history.EventRow, names: Names) -> NoteLine:
    given = event.content["input"]
    files = tuple(str(file["name"]) for file in given.get("files", ()))
    return NoteLine(event.at, event.actor, names.person(event.actor), str(given["text"]), files)


def _case(cases: Cases, number: str, actor: Actor) -> UUID:
    with cases.database.read() as tx:
        return _visible(tx, number, actor)


def _visible(tx: Connection, number: str, actor: Actor) -> UUID:
    row = tx.execute(select(Case.id, Case.number, Case.kept_out).where(Case.number == number)).one_or_none()
    return _require_visible(row, number, actor).id  # type: ignore[no-any-return]


def _require_visible(row: Any, number: str, actor: Actor) -> Any:
    if row is None:
        raise no_such_case(number)
    require_visible(row, actor)
    require(actor, "see_attachments", Target(label=number))
    return row


def _of_its_case(table: Table) -> ColumnElement[bool]:
    return and_(table.c.shard_key == _CASE.c.shard_key, table.c.case_id == _CASE.c.id)


_CASE, _EVENT = cast(Table, Case.__table__), cast(Table, Event.__table__)
_FILE = cast(Table, Attachment.__table__)
_COUNTED = select(
    _CASE.c.number,
    _CASE.c.kept_out,
    select(func.count()).where(_of_its_case(_FILE)).scalar_subquery().label("files"),
    select(func.count()).where(_of_its_case(_EVENT), _EVENT.c.kind == NOTE).scalar_subquery().label("notes"),
).where(_CASE.c.number == bindparam("number"))
