"""The one door: lock the case, load it, run one command, write everything that follows, commit once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import cast
from uuid import UUID

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.bpmn import releases
from engine.bpmn.library import Library
from engine.bpmn.runtime import Run
from engine.cases import closing, incident, lateness, opening
from engine.cases.command import Command
from engine.cases.live import LiveRuns
from engine.cases.numbers import Numbers
from engine.cases.opening import Opening
from engine.cases.outcomes import AlreadyApplied, IncidentRaised
from engine.cases.row import CaseRow, has_ended, locked, require_running, state_of
from engine.cases.step import Step
from engine.cases.wiring import Wiring
from engine.desk import company_calendar
from engine.desk.calendar import Calendar
from engine.foundation.database import Database
from engine.foundation.errors import DiagramFailed
from engine.foundation.ids import new_id, shard_key
from engine.foundation.models import Case
from engine.foundation.security import SYSTEM, Actor, Target, refusals_logged, require
from engine.foundation.settings import Settings

CALENDAR_SECONDS = 30.0  # how long the calendars are used before they are read again

_OPEN = insert(cast(Table, Case.__table__))


class Cases:
    """All cases of one database, as seen from one process."""

    def __init__(self, database: Database, settings: Settings | None = None) -> None:
        self.database = database
        self.settings = settings or Settings()
        self.releases = releases.ReleaseCache(database)
        self.numbers = Numbers(database)
        self._live = LiveRuns(self.settings.live_cases)
        self._calendars: dict[str, Calendar] = {}
        self._calendars_read = 0.0

    def start(self, asked: Opening, *, actor: Actor, now: datetime, key: str | None = None) -> UUID:
        """Open a case and run it to the first people or timers.

        `key` is a UUID that the caller made for this request: it becomes the case's id, so that the same request sent
        twice raises AlreadyApplied. Raises IncidentRaised when the diagram fails at once: the case then exists and
        its start can be retried; the same request sent again opens no other.
        """
        case_id = UUID(key) if key else new_id(now)
        try:
            step = self._begin(case_id, asked, actor=actor, now=now, key=key)
        except IntegrityError as error:
            if key is not None and self._exists(case_id):
                raise AlreadyApplied(case_id, 1) from error
            raise
        self._keep(step)
        self.numbers.remember(step.row["number"], case_id)
        return case_id

    def restart(
        self, case_id: UUID, incident_id: UUID, *, actor: Actor, now: datetime, resolver: Actor
    ) -> None:
        """Start a case again whose start had failed, with the answers given then; settles the incident."""
        with self.step(case_id, actor=actor, now=now) as step:
            answers = step.row["facts"]
            command = Command("case:start", {"process": step.row["process"], "answers": answers})
            step.begin(lambda: self._instance(step), command)
            step.row["status"] = "new"
            incident.resolve(step, incident_id, by=resolver.id)

    @contextmanager
    def step(
        self, case_id: UUID, *, actor: Actor, now: datetime, key: str | None = None, skip_locked: bool = False
    ) -> Iterator[Step]:
        """One transaction on one case: call one verb of the step in the block; leaving it commits.

        Timers that are due before `now` fire first, each at its own moment. Raises what the verb raises (nothing is
        changed then), AlreadyApplied for a repeated `key`, IncidentRaised when the diagram fails, Unavailable.
        """
        step: Step | None = None
        try:
            with refusals_logged(self.database, actor=actor, at=now):
                while True:
                    with self.database.write() as tx:
                        step = self._enter(tx, case_id, actor=actor, now=now, skip_locked=skip_locked)
                        if not lateness.is_behind(step, now=now, key=key):
                            yield step
                            closing.close(step, key=key)
                            break
                    self.catch_up(case_id, now=now)
        except DiagramFailed as failure:
            assert step is not None and step.command is not None
            incident_id = incident.record(self.database, step, failure, key=key)
            raise IncidentRaised(failure, case_id=case_id, incident_id=incident_id) from failure
        self._keep(step)

    def catch_up(self, case_id: UUID, *, now: datetime) -> int:
        """Fire what is due in one case, each timer in a transaction of its own; returns how many fired."""
        fired = 0
        while True:
            with self.database.read() as tx:
                due = lateness.first_due(tx, case_id, now=now)
            if due is None:
                return fired
            fired += self.fire(case_id, due.id, at=due.due_at, wait=True)

    def fire(self, case_id: UUID, timer_id: UUID, *, at: datetime, wait: bool = False) -> bool:
        """Fire one timer at its due moment; False when it is gone, was moved, or its diagram failed.

        Unless told to `wait`, also False when another process is at work on the case.
        """
        try:
            with self.step(case_id, actor=SYSTEM, now=at, skip_locked=not wait) as step:
                if not lateness.still_due(step, timer_id, at=at):
                    raise _NothingToDo
                step.fire(timer_id)
        except (_NothingToDo, IncidentRaised):
            return False
        return True

    def calendars(self, tx: Connection) -> dict[str, Calendar]:
        """The calendars that limits may name; another process's changes are seen within half a minute."""
        if not self._calendars or monotonic() - self._calendars_read > CALENDAR_SECONDS:
            self._calendars = company_calendar.rules(tx).calendars(self.settings.time_zone)
            self._calendars_read = monotonic()
        return self._calendars

    def forget_calendars(self) -> None:
        """The company changed a day of its calendar."""
        self._calendars = {}

    def library(self, release: int) -> Library:
        """The parsed files of a release."""
        return self.releases.library(release)

    def current(self) -> tuple[int, Library]:
        """The newest release and its parsed files; raises NotFound before the first."""
        with self.database.glance() as tx:
            number = releases.current(tx)
        return number, self.releases.library(number)

    def current_library(self) -> Library:
        """The parsed files of the newest release; raises NotFound before the first."""
        return self.current()[1]

    # -- inside the transaction --------------------------------------------------------------------------------------

    def _begin(self, case_id: UUID, asked: Opening, *, actor: Actor, now: datetime, key: str | None) -> Step:
        command = Command("case:start", {"process": asked.process, "answers": asked.answers})
        try:
            with self.database.write() as tx:
                row, library = self._open(tx, case_id, asked, actor=actor, now=now)
                step = self._step(tx, row, library, actor=actor, at=now)
                step.begin(lambda: self._instance(step), command)
                closing.close(step, key=key)
        except DiagramFailed as failure:
            raise self._failed_start(case_id, asked, command, failure, actor=actor, now=now) from failure
        return step

    def _open(
        self, tx: Connection, case_id: UUID, asked: Opening, *, actor: Actor, now: datetime
    ) -> tuple[CaseRow, Library]:
        release = asked.release or releases.current(tx)
        library = self.releases.library(release, tx)
        values = opening.first_values(
            tx, asked, library, case_id=case_id, release=release, actor=actor, now=now
        )
        tx.execute(_OPEN, values)
        return CaseRow({k: v for k, v in values.items() if k != "state"}), library

    def _enter(
        self, tx: Connection, case_id: UUID, *, actor: Actor, now: datetime, skip_locked: bool
    ) -> Step:
        row = locked(tx, case_id, skip_locked=skip_locked)
        if row is None:
            raise _NothingToDo
        require(actor, "see_case", Target(label=row["number"], kept_out=row["kept_out"] or ()))
        library = self.releases.library(row["release"], tx)
        return self._step(tx, row, library, actor=actor, at=max(now, row["changed_at"]))

    def _step(self, tx: Connection, row: CaseRow, library: Library, *, actor: Actor, at: datetime) -> Step:
        wiring = Wiring(
            tx=tx,
            row=row,
            library=library,
            calendars=self.calendars(tx),
            zone=self.settings.time_zone,
            actor=actor,
            at=at,
            chat=bool(self.settings.chat_urls),
        )
        return Step(tx=tx, row=row, library=library, wiring=wiring, actor=actor, at=at, obtain=self._obtain)

    def _instance(self, step: Step) -> Run:
        command = step.command
        assert command is not None
        data = opening.start_data(step.row, command.input["answers"], step.library)
        # A re-execution begins with the same data, whatever became of the row.
        command.input["case"] = data["case"]
        return Run.start(
            library=step.library,
            process=step.row["process"],
            case_id=step.row.id,
            data=data,
            at=step.at,
            functions=step.wiring.functions,
            services=step.wiring.services,
        )

    def _obtain(self, step: Step) -> Run:
        require_running(step.row)
        run = self._live.take(step.row.id, step.row["version"])
        if run is not None:
            run.bind(functions=step.wiring.functions, services=step.wiring.services)
            return run
        state = state_of(step.tx, step.row)
        if state is None:
            raise has_ended()
        return Run.load(
            library=step.library,
            state=state,
            case_id=step.row.id,
            functions=step.wiring.functions,
            services=step.wiring.services,
        )

    def _keep(self, step: Step) -> None:
        if step.moved is not None and step.row["ended_at"] is None:
            self._live.put(step.row.id, step.row["version"], step.moved)

    # -- around the transaction --------------------------------------------------------------------------------------

    def _exists(self, case_id: UUID) -> bool:
        where = (Case.shard_key == shard_key(case_id), Case.id == case_id)
        with self.database.read() as tx:
            return tx.execute(select(Case.id).where(*where)).first() is not None

    def _failed_start(
        self,
        case_id: UUID,
        asked: Opening,
        command: Command,
        failure: DiagramFailed,
        *,
        actor: Actor,
        now: datetime,
    ) -> IncidentRaised:
        with self.database.write() as tx:
            row, library = self._open(tx, case_id, asked, actor=actor, now=now)
            step = self._step(tx, row, library, actor=actor, at=now)
            step.command = command
            incident_id = incident.write(tx, step, failure, key=None)
            tx.execute(
                update(Case)
                .where(Case.shard_key == row["shard_key"], Case.id == case_id)
                .values(status="incident")
            )
        return IncidentRaised(failure, case_id=case_id, incident_id=incident_id)


class _NothingToDo(Exception):
    """The timer was taken care of elsewhere."""
