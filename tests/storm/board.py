"""The board beside the desks: what waits in the database, handed out as errands, some of them to two people at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.acts.cast import CAST
from engine.foundation.database import Database
from engine.foundation.models import Case, Task
from tests.storm.company import STARRED
from tests.storm.stories import PAUSE, Play

LOOK_SECONDS = 0.15
PATIENCE = 4.0  # seconds until a task that is still there is handed out again
RACED = 0.5  # share of the errands that two people run
PREFERRED = 0.5  # share of the errands that are looked for in the procedures that matter most

MEMBERS: Mapping[str, tuple[str, ...]] = {
    group: tuple(m.id for m in CAST if group in m.groups) for one in CAST for group in one.groups
}


@dataclass(frozen=True, slots=True)
class Errand:
    """A task that somebody sets out to do; `button` is one of the case that may be pressed instead, and who presses it.

    What is `rare`, a button or a case that waits for its customer, is seen to at once, before a limit runs out on it.
    """

    case_id: UUID
    number: str
    task: UUID
    process: str
    element: str
    person: str
    queue: str  # where that person finds it: "mine" or a group
    button: tuple[str, UUID, str] | None  # element, message, person
    rare: bool

    @property
    def page(self) -> str:
        """Where the task is done."""
        return f"/cases/{self.number}/tasks/{self.task}"


class Board:
    """Looks again and again; `next` never hands out a task twice at a time, but for the races."""

    def __init__(self, database: Database, play: Play) -> None:
        self.open = 0
        self._database = database
        self._play = play
        self._random = Random(2)
        self._guard = threading.Lock()
        self._waiting: list[Errand] = []
        self._rivals: deque[Errand] = deque()
        self._out: dict[UUID, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Look away."""
        self._over.set()
        self._thread.join()

    def next(self) -> Errand | None:
        """Something to do, if anything waits."""
        with self._guard:
            if self._rivals:
                return self._rivals.popleft()
            late = time.monotonic() - PATIENCE
            free = [errand for errand in self._waiting if self._out.get(errand.task, late) <= late]
            free = [errand for errand in free if errand.rare] or self._preferred(free)
            if not free:
                return None
            chosen = self._random.choice(free)
            self._out[chosen.task] = time.monotonic()
            if self._random.random() < RACED:
                self._rivals.append(self._rival(chosen))
            return chosen

    def _preferred(self, free: list[Errand]) -> list[Errand]:
        starred = [errand for errand in free if errand.process in STARRED]
        return starred if starred and self._random.random() < PREFERRED else free

    def _rival(self, errand: Errand) -> Errand:
        """Somebody else of the group, or the same person at another browser."""
        same_task = [other for other in self._waiting if other.task == errand.task]
        others = [other for other in same_task if other.person != errand.person]
        return self._random.choice(others or same_task)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        query = select(Task.__table__, Case.number, Case.kept_out).join(
            Case, (Case.shard_key == Task.shard_key) & (Case.id == Task.case_id)
        )
        with self._database.read() as tx:
            rows = tx.execute(query.where(Case.ended_at.is_(None))).all()
        buttons = {(row.case_id, row.element): row for row in rows if row.kind == "message"}
        errands = [errand for row in rows if row.kind == "task" for errand in self._errands(row, buttons)]
        with self._guard:
            self._waiting = errands
            self.open = len({errand.task for errand in errands})

    def _errands(self, row: Any, buttons: Mapping[tuple[UUID, str], Any]) -> list[Errand]:
        story = self._play.of(row.case_id)
        if row.element == story.stalls:
            return []
        button = self._button(buttons.get((row.case_id, story.buttons.get(row.element, ""))))
        able = (row.assignee,) if row.assignee else MEMBERS.get(row.group_id, ())
        barred = {*(row.excluded or ()), *(row.kept_out or ())}
        queue = "mine" if row.assignee else row.group_id
        where = (row.case_id, row.number, row.id, row.process, row.element)
        pauses = row.element == story.pauses and not self._play.thought_of(row.case_id, PAUSE)
        rare = button is not None or pauses
        return [Errand(*where, person, queue, button, rare) for person in able if person not in barred]

    def _button(self, row: Any) -> tuple[str, UUID, str] | None:
        return None if row is None else (row.element, row.id, MEMBERS[row.group_id][0])
