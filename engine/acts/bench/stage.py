"""A database to measure on: made for the purpose, filled to a size, copied, and dropped afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, Table, create_engine, delete, func, insert, literal, make_url, select, text

from engine.acts import worklist
from engine.acts.bench import material
from engine.acts.cast import People, admit
from engine.bpmn import releases
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, QueueCount, Task, Timer
from engine.foundation.passwords import hash_password
from engine.foundation.settings import Settings, source_folder

PEOPLE = People()
PASSWORD = "bench-only-password"  # noqa: S105  # of people who exist for the minutes of a measurement
CHUNK = 5_000

_serials = count(1)


class Stage:
    """One database with the release that is measured."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cases = Cases(Database(url), Settings(database_url=url))

    @property
    def dialect(self) -> str:
        """SQLite or PostgreSQL, as people write it."""
        return "SQLite" if self.cases.database.dialect == "sqlite" else "PostgreSQL"

    def prepare(self) -> None:
        """Tables, people and the release."""
        now = datetime.now(UTC)
        self.cases.database.create_schema()
        with self.cases.database.write() as tx:
            admit(tx, at=now, password_hash=hash_password(PASSWORD, account="li_gong"))
            releases.publish(tx, material.files(source_folder()), actor="xie_liu", at=now, note="bench")

    def forgetful(self) -> Cases:
        """The same cases from a process that keeps nothing in memory between two steps."""
        return Cases(self.cases.database, replace(self.cases.settings, live_cases=0))

    def start(self, process: str = material.REFERENCE) -> str:
        """Open a case; returns its number."""
        now = datetime.now(UTC)
        return worklist.start(self.cases, process, {}, actor=PEOPLE.li_gong, now=now, key=str(uuid4()))

    def task_of(self, case_id: UUID) -> UUID:
        """The open task of a case."""
        with self.cases.database.read() as tx:
            where = (Task.shard_key == shard_key(case_id), Task.case_id == case_id)
            return tx.execute(select(Task.id).where(*where)).scalar_one()

    def fill(self, size: int) -> None:
        """Bring the number of open tasks to `size` by copies of one case that waits at its third task."""
        with self.cases.database.read() as tx:
            missing = size - tx.execute(select(func.count()).select_from(Task)).scalar_one()
        if missing > 0:
            self._multiply(missing)
            with self.cases.database.write() as tx:
                tx.execute(delete(QueueCount))
                tx.execute(insert(QueueCount).from_select(["group_id", "bucket", "open"], _counted()))
            self._refresh_statistics()

    def close(self) -> None:
        """Close every connection."""
        self.cases.database.dispose()

    def _multiply(self, missing: int) -> None:
        rows = self._pattern()
        copies = (_copied(rows, timedelta(seconds=n)) for n in range(missing))
        while batch := list(islice(copies, CHUNK)):
            with self.cases.database.write() as tx:
                for model in (Case, Task, Timer):
                    tx.execute(
                        insert(cast(Table, model.__table__)), [copy[model.__tablename__] for copy in batch]
                    )

    def _pattern(self) -> dict[str, dict[str, Any]]:
        number = self.start()
        case_id = worklist.case_id(self.cases, number)
        for _ in range(2):
            complete(self.cases, case_id, self.task_of(case_id))
        with self.cases.database.read() as tx:
            return {
                model.__tablename__: _row(tx, model, column == case_id)
                for model, column in ((Case, Case.id), (Task, Task.case_id), (Timer, Timer.case_id))
            }

    def _refresh_statistics(self) -> None:
        with self.cases.database.write() as tx:
            tx.execute(text("ANALYZE"))


def complete(cases: Cases, case_id: UUID, task_id: UUID) -> None:
    """The durable step alone: one task completed through the door."""
    with cases.step(case_id, actor=PEOPLE.li_gong, now=datetime.now(UTC), key=uuid4().hex) as step:
        step.complete(task_id, material.ANSWERS)


@contextmanager
def stages(folder: Path, postgresql_url: str | None) -> Iterator[list[Stage]]:
    """A prepared stage per kind of database; everything is removed afterwards."""
    made = [Stage(f"sqlite:///{folder / 'bench.db'}")]
    if postgresql_url is not None:
        made.append(Stage(_new_database(postgresql_url)))
    try:
        for stage in made:
            stage.prepare()
        yield made
    finally:
        for stage in made:
            stage.close()
            if stage.dialect == "PostgreSQL":
                _drop(stage.url)


@contextmanager
def copied(stage: Stage, folder: Path) -> Iterator[Database]:
    """An exact copy of the stage's database, for one use."""
    stage.close()
    if stage.dialect == "SQLite":
        path = folder / f"copy{next(_serials)}.db"
        shutil.copyfile(str(make_url(stage.url).database), path)
        url = f"sqlite:///{path}"
    else:
        url = _new_database(stage.url, template=str(make_url(stage.url).database))
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
        if stage.dialect == "PostgreSQL":
            _drop(url)


def _copied(rows: Mapping[str, Mapping[str, Any]], later: timedelta) -> dict[str, dict[str, Any]]:
    case_id = uuid4()
    own = {"shard_key": shard_key(case_id)}
    case, task, timer = (dict(rows[model.__tablename__]) for model in (Case, Task, Timer))
    case |= own | {"id": case_id, "number": f"B-{case_id.hex[:20]}"}
    task |= own | {
        "case_id": case_id,
        "id": uuid4(),
        "due_at": task["due_at"] + later,
        "sort_at": task["sort_at"] + later,
    }
    timer |= own | {"case_id": case_id, "id": uuid4(), "due_at": timer["due_at"] + later}
    return {Case.__tablename__: case, Task.__tablename__: task, Timer.__tablename__: timer}


def _row(tx: Connection, model: Any, condition: Any) -> dict[str, Any]:
    return dict(tx.execute(select(model.__table__).where(condition)).mappings().one())


def _counted() -> Any:
    return (
        select(Task.group_id, literal(0), func.count()).where(Task.assignee.is_(None)).group_by(Task.group_id)
    )


def _new_database(url: str, *, template: str | None = None) -> str:
    name = f"shouhou_bench_{uuid4().hex[:12]}"
    _administer(url, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _drop(url: str) -> None:
    _administer(url, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _administer(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def size_of(stage: Stage) -> int:
    """Bytes of the database after VACUUM: live rows, their indexes and what lies between them."""
    stage.close()
    engine = create_engine(stage.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM" if stage.dialect == "SQLite" else "VACUUM FULL"))
        if stage.dialect == "SQLite":
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            size = int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
        else:
            size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    engine.dispose()
    return size
