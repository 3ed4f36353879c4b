"""Each case by itself: its history is a proof, it can go on, and its rows are what the re-executed diagrams ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.acts.replay import Reexecution, verify_case
from engine.bpmn.library import Library
from engine.bpmn.runtime import Run
from engine.cases import Cases, task_limits
from engine.foundation.models import Case, Outbox, Task, Timer
from engine.record.history import EventRow, canonical, of_case

HAND_OVER = "hand_over"


def prove(cases: Cases) -> Iterator[str]:
    """What is wrong with each case: I4 the chain, I5 the re-execution, I6 going on, I7 the rows beside the state."""
    with cases.database.read() as tx:
        rows = tx.execute(select(Case.id, Case.number, Case.ended_at, Case.release)).all()
    drawn = _drawn(cases.current_library())
    for row in rows:
        yield from _case(cases, row, drawn)


def _case(cases: Cases, row: Any, drawn: set[str]) -> Iterator[str]:
    verification = verify_case(cases, row.id)
    if not verification.chain_whole:
        yield f"I4: {verification.text.en}"
    if not verification.reexecuted:
        yield f"I5: {verification.text.en}"
    if verification.whole:
        with cases.database.read() as tx:
            events = of_case(tx, row.id)
        library = cases.library(row.release)
        again = Reexecution(library)
        for event in events:
            again.repeat(event)
        run = None if row.ended_at else again.run
        told = {event.task_id for event in events if event.kind == task_limits.OVERDUE}
        yield from _rows(cases, row, _waiting(library, run, told))
        yield from _posts(cases, row, events, drawn)


def _rows(cases: Cases, row: Any, expected: _Waiting) -> Iterator[str]:
    """No step was written by half."""
    with cases.database.read() as tx:
        tasks = set(tx.execute(select(Task.id).where(Task.case_id == row.id)).scalars())
        timers = set(tx.execute(select(Timer.id).where(Timer.case_id == row.id)).scalars())
    if tasks != expected.tasks:
        yield f"I7: {row.number} shows tasks {tasks}, but {expected.tasks} wait"
    if timers != expected.timers:
        yield f"I7: {row.number} keeps timers {timers}, but {expected.timers} wait"
    if row.ended_at is None and not tasks and not timers and not expected.messages:
        yield f"I6: {row.number} has not ended, but nothing waits"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Tasks with the buttons that people may press, timers with the limits of tasks, and whether a message is awaited."""

    tasks: set[UUID]
    timers: set[UUID]
    messages: bool


def _waiting(library: Library, run: Run | None, told: Collection[UUID | None]) -> _Waiting:
    """What the diagrams wait for; `told` are the tasks whose limit is over."""
    if run is None:
        return _Waiting(set(), set(), False)
    drawn, tasks, messages = library.diagrams, run.tasks(), run.messages()
    buttons = {m.id for m in messages if drawn[m.process].elements[m.element].properties.get("action")}
    limits = {
        t.id for t in tasks if drawn[t.process].elements[t.element].properties.get(task_limits.LIMIT)
    } - set(told)
    timers = {t.id for t in run.timers()}
    return _Waiting({t.id for t in tasks} | buttons, timers | limits, bool(messages))


def _drawn(library: Library) -> set[str]:
    """The messages that diagrams name; the engine has a few of its own."""
    drawings = b"".join(file.content for file in library.files if file.path.endswith(".bpmn")).decode()
    return {message for message in library.messages if f"'{message}'" in drawings}


def _posts(cases: Cases, row: Any, events: list[EventRow], drawn: set[str]) -> Iterator[str]:
    """What was posted is what the history says was wished for: no message without its step, no step without its message."""
    wishes = [wish for event in events for wish in event.content.get("wishes", ())]
    query = select(Outbox.kind, Outbox.message, Outbox.values).where(Outbox.case_id == row.id)
    with cases.database.read() as tx:
        posted = tx.execute(query).tuples().all()
    told = {what for kind, what, _ in posted if kind in ("notify", "customer")} & drawn
    wished = {wish["message"] for wish in wishes if wish["do"] == "notify" and wish["to"] != []}
    if told != wished:
        yield f"I7: {row.number} wished to send {wished}, {told} lie in the outbox"
    # A hand-over asks for ratings by a property of the drawing, not by a wish; their ids keep them single.
    opened = sum(what == "open_case" and values["reason"] != HAND_OVER for _, what, values in posted)
    if len(asked := _cases_asked(wishes)) != opened:
        yield f"I7: {row.number} asked for {asked}, but {opened} cases were posted"


def _cases_asked(wishes: list[Mapping[str, Any]]) -> list[str]:
    """One for each wish, but the same item of a list only once."""
    single = [canonical(wish) for wish in wishes if wish["do"] == "open_case"]
    lists = (wish for wish in wishes if wish["do"] == "open_cases")
    return single + list({canonical([wish["process"], item]) for wish in lists for item in wish["each"]})
