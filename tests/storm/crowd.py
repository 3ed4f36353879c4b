"""Everybody who comes to the pages during the storm, each in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from tests.storm.board import Board
from tests.storm.log import Log
from tests.storm.staff import Clerk
from tests.storm.stories import Play
from tests.storm.visitors import Customers, look_around, open_case

VISITORS = 2  # clients beside the clerks: the one that opens cases, the one that only reads


class Crowd:
    """So many clerks, one who opens cases while less than `backlog` tasks wait, a customer, a reader."""

    def __init__(
        self,
        ports: Sequence[int],
        board: Board,
        play: Play,
        *,
        clients: int,
        backlog: int,
        passes: Mapping[tuple[int, str], str],
        links: Mapping[UUID, str],
    ) -> None:
        self.log = Log()
        self._board = board
        self._play = play
        self._backlog = backlog
        self._over = threading.Event()
        clerks = [Clerk(n, ports, self.log, play, passes) for n in range(clients + VISITORS)]
        *workers, opener, reader = clerks
        customers = Customers(ports, self.log, play, links)
        jobs: list[tuple[Callable[[], None], float]] = [
            (lambda clerk=clerk: self._work(clerk), 0.0)  # type: ignore[misc]
            for clerk in workers
        ]
        jobs += [(lambda: self._open(opener), 0.3), (customers.call, 0.8)]
        jobs += [(lambda: look_around(reader, self.log), 1.0)]
        self._threads = [threading.Thread(target=self._again, args=job, daemon=True) for job in jobs]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish what they have begun."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _again(self, job: Callable[[], None], pause: float) -> None:
        while not self._over.is_set():
            try:
                job()
            except Exception as error:
                self.log.failures.append(f"I9: a client failed: {type(error).__name__}: {error}")
            self._over.wait(pause)

    def _work(self, clerk: Clerk) -> None:
        errand = self._board.next()
        if errand is None:
            self._over.wait(0.05)
        else:
            clerk.run(errand)

    def _open(self, clerk: Clerk) -> None:
        if self._board.open < self._backlog:
            open_case(clerk, self.log, self._play)
