"""The floor of a step: the very statements that it sent, sent again to a copy of the database by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

from engine.acts.bench.timing import Series
from engine.foundation.database import Database

Statement = tuple[str, Any, bool]


@dataclass
class Recording:
    """The statements of several steps, in order."""

    steps: list[list[Statement]] = field(default_factory=list)

    @property
    def per_step(self) -> float:
        """Statements in a step, without the beginning and the commit."""
        return sum(map(len, self.steps)) / max(1, len(self.steps))

    @contextmanager
    def step(self) -> Iterator[None]:
        """Record what is sent in the block."""
        self.steps.append([])
        event.listen(Engine, "before_cursor_execute", self._note)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._note)

    def play(self, database: Database, *, rounds: int) -> Series:
        """Send every step again in as many rounds, each in one transaction, and read all answers."""
        series, each = Series(), -(-len(self.steps) // rounds)
        for number, statements in enumerate(self.steps):
            if number % each == 0:
                series.next_round()
            with series.one(), database.write() as tx:
                cursor = tx.connection.cursor()
                for statement, parameters, many in statements:
                    (cursor.executemany if many else cursor.execute)(statement, parameters)
                    if cursor.description is not None:
                        cursor.fetchall()
        return series

    def _note(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if not statement.startswith("BEGIN"):
            self.steps[-1].append((statement, parameters, many))
