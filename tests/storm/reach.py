"""How far the storm came: which processes it moved, by people and by timers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from engine.cases.task_limits import OVERDUE
from engine.foundation.database import Database
from engine.foundation.models import Event

PEOPLE = ("task:complete", "message:send")
FIRED = ("timer:fire", OVERDUE)


class Reach:
    """Per process the cases that moved in it since a moment, the acts of people in it and its timers that fired."""

    def __init__(self, database: Database, *, since: datetime) -> None:
        query = select(Event.process, Event.kind, Event.case_id).where(
            Event.at >= since, Event.process.is_not(None), Event.kind.in_((*PEOPLE, *FIRED))
        )
        with database.read() as tx:
            rows = tx.execute(query).tuples().all()
        self.cases: Mapping[str | None, int] = Counter(process for process, _ in {(r[0], r[2]) for r in rows})
        self.acts: Mapping[str | None, int] = Counter(r[0] for r in rows if r[1] in PEOPLE)
        self.fires: Mapping[str | None, int] = Counter(r[0] for r in rows if r[1] not in PEOPLE)

    @property
    def processes(self) -> set[str]:
        """Those that were moved at all."""
        return {process for process in self.cases if process is not None}

    @property
    def line(self) -> str:
        """For people to read: process cases/acts/fires."""
        told = (
            f"{name} {self.cases[name]}/{self.acts[name]}/{self.fires[name]}"
            for name in sorted(self.processes)
        )
        return f"{len(self.processes)} processes moved (cases/acts/timers): " + ", ".join(told)
