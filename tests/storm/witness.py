"""A witness beside the servers: sees timers come and go in the database, by the clock on the wall."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from engine.foundation.database import Database
from engine.foundation.models import Timer

LOOK_SECONDS = 0.1


class Witness:
    """`gone_early`: timers that vanished while they were not yet due. `latest`: how late one was seen still waiting."""

    def __init__(self, database: Database) -> None:
        self.gone_early: dict[UUID, timedelta] = {}
        self.latest = timedelta(0)
        self._database = database
        self._armed: dict[UUID, datetime] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Look away."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        before = datetime.now(UTC)
        with self._database.read() as tx:
            rows = tx.execute(select(Timer.id, Timer.due_at)).tuples().all()
        after = datetime.now(UTC)
        there, armed = dict(rows), {timer: due for timer, due in rows if due is not None}
        # One that stands still while its case is paused has not gone.
        gone = {timer: due for timer, due in self._armed.items() if timer not in there and due > after}
        self.gone_early |= {timer: due - after for timer, due in gone.items()}
        self.latest = max([self.latest, *(before - due for due in armed.values())])
        self._armed = armed
