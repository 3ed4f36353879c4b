"""Which case a human number names: looked up once, for neither ever changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

from sqlalchemy import select

from engine.cases.row import id_of
from engine.foundation.database import Database
from engine.foundation.ids import shard_key
from engine.foundation.models import Case

KEPT = 10_000


class Numbers:
    """The numbers of the cases that were touched last; only what was committed is remembered."""

    def __init__(self, database: Database, *, kept: int = KEPT) -> None:
        self._database = database
        self._kept = kept
        self._ids: OrderedDict[str, UUID] = OrderedDict()
        self._numbers: dict[UUID, str] = {}
        self._guard = threading.Lock()

    def id_of(self, number: str) -> UUID:
        """The case behind a number such as SH-2026-000123; raises NotFound."""
        known = self._ids.get(number)
        if known is None:
            with self._database.read() as tx:
                known = id_of(tx, number)
            self.remember(number, known)
        return known

    def number_of(self, case_id: UUID) -> str:
        """The number of a case that exists."""
        known = self._numbers.get(case_id)
        if known is not None:
            return known
        with self._database.read() as tx:
            query = select(Case.number).where(Case.shard_key == shard_key(case_id), Case.id == case_id)
            return tx.execute(query).scalar_one()

    def remember(self, number: str, case_id: UUID) -> None:
        """The case was committed under this number."""
        with self._guard:
            self._ids[number], self._numbers[case_id] = case_id, number
            if len(self._ids) > self._kept:
                self._numbers.pop(self._ids.popitem(last=False)[1], None)
