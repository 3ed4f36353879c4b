"""Live runs between two steps: a case that was just touched need not be loaded again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID

from engine.bpmn.runtime import Run


class LiveRuns:
    """An LRU of runs keyed (case, version). A run is taken out while a step uses it and put back after its commit.

    Whatever goes wrong in between, the run is simply not put back: the next step loads the committed state.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._runs: OrderedDict[UUID, tuple[int, Run]] = OrderedDict()
        self._guard = threading.Lock()

    def take(self, case_id: UUID, version: int) -> Run | None:
        """The run of exactly this version, or None; it leaves the cache."""
        with self._guard:
            held = self._runs.pop(case_id, None)
        return held[1] if held is not None and held[0] == version else None

    def put(self, case_id: UUID, version: int, run: Run) -> None:
        """Keep a run whose state was committed as `version`."""
        with self._guard:
            self._runs[case_id] = (version, run)
            self._runs.move_to_end(case_id)
            while len(self._runs) > self._size:
                self._runs.popitem(last=False)

    def drop(self, case_id: UUID) -> None:
        """Forget a case."""
        with self._guard:
            self._runs.pop(case_id, None)
