"""Clients who want their answer: they race each other, ask again when a server dies, and write down what they were told."""

from __future__ import annotations

import http.client
import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.storm.procedure import PROCESS

RESUBMITS = 0.05  # share of acknowledged completions that are sent once more under the same key
CLAIMS = 0.1  # share of races that are run for the claim first
PATIENCE = 30.0  # seconds for which a client asks again before it gives up
RACERS = {
    "take_in": ("chen_min", "he_jie"),
    "repair": ("li_gong", "wang_gong"),
    "hand_back": ("li_gong", "wang_gong"),
}


@dataclass(frozen=True, slots=True)
class Ack:
    """A client was told that its act is done."""

    key: str
    case: str
    task: str | None
    actor: str


@dataclass
class Log:
    """What all clients were told; `failures` are answers that no server may ever give."""

    done: list[Ack] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # keys
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Caller:
    """One client's line to whichever server lives; `ports` tells which do."""

    def __init__(self, ports: Callable[[], list[int]], log: Log) -> None:
        self._ports = ports
        self._log = log
        self._line: tuple[int, http.client.HTTPConnection] | None = None

    def ask(self, act: str, **asked: Any) -> tuple[int, Any]:
        """The final answer, however many servers die on the way; status 0 when patience ran out."""
        until = time.monotonic() + PATIENCE
        body = json.dumps(asked)
        while time.monotonic() < until:
            began = time.monotonic()
            answer = self._once(act, body)
            if answer is not None and answer[0] != 503:
                self._log.seconds.append(time.monotonic() - began)
                return answer
            self._log.counts["asked again"] += 1
            time.sleep(0.02 + random.random() * 0.1)
        return 0, None

    def _once(self, act: str, body: str) -> tuple[int, Any] | None:
        try:
            connection = self._connection()
            if connection is None:
                return None
            connection.request("POST", f"/{act}", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._hang_up()
            return None

    def _connection(self) -> http.client.HTTPConnection | None:
        ports = self._ports()
        if self._line is not None and (self._line[0] not in ports or random.random() < 0.05):
            self._hang_up()
        if self._line is None and ports:
            port = random.choice(ports)
            self._line = port, http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        return None if self._line is None else self._line[1]

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line[1].close()
        self._line = None


@dataclass(frozen=True, slots=True)
class Race:
    """One of the two runs for a task."""

    number: str
    case: str
    task: str
    actor: str
    claims: bool


class Crowd:
    """Eight clients (or as many as asked for), one who opens cases and one who hands out the races."""

    def __init__(self, ports: Callable[[], list[int]], *, clients: int, backlog: int) -> None:
        self.log = Log()
        self._ports = ports
        self._backlog = backlog
        self._races: queue.Queue[Race] = queue.Queue()
        self._seen: set[str] = set()
        self._over = threading.Event()
        work = [self._client] * clients + [self._opener, self._dispatcher]
        self._threads = [threading.Thread(target=self._guarded, args=(job,), daemon=True) for job in work]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish what they have begun."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, job: Callable[[Caller], None]) -> None:
        try:
            job(Caller(self._ports, self.log))
        except Exception as error:
            self.log.failures.append(f"I9: a client failed: {type(error).__name__}: {error}")

    def _opener(self, caller: Caller) -> None:
        while not self._over.is_set():
            if self._races.qsize() > self._backlog:
                self._over.wait(0.05)
                continue
            key = str(uuid4())
            asked = {"actor": "chen_min", "process": PROCESS, "answers": {"note": key}, "key": key}
            for _ in range(2 if random.random() < RESUBMITS else 1):
                status, body = caller.ask("start", **asked)
                self._note("start", status, body, Ack(key, key, None, "chen_min"))

    def _dispatcher(self, caller: Caller) -> None:
        while not self._over.is_set():
            fresh = 0
            for actor, group in (("chen_min", "call_center"), ("li_gong", "service_engineer")):
                status, rows = caller.ask("tasks", actor=actor, queue=group)
                fresh += sum(self._enter(*row) for row in (rows if status == 200 else ()))
            self._over.wait(0.02 if fresh else 0.1)

    def _enter(self, number: str, case: str, task: str, element: str) -> bool:
        if task in self._seen:
            return False
        self._seen.add(task)
        claims = random.random() < CLAIMS
        for actor in RACERS[element]:
            self._races.put(Race(number, case, task, actor, claims))
        return True

    def _client(self, caller: Caller) -> None:
        while True:
            try:
                race = self._races.get(timeout=0.1)
            except queue.Empty:
                if self._over.is_set():
                    return
                continue
            self._run(caller, race)

    def _run(self, caller: Caller, race: Race) -> None:
        asked = {"actor": race.actor, "number": race.number, "task": race.task}
        if race.claims and not self._act(caller, "claim", race, asked):
            return
        answers = {"note": uuid4().hex}
        key = uuid4().hex
        if (
            self._act(caller, "complete", race, asked | {"answers": answers}, key)
            and random.random() < RESUBMITS
        ):
            self.log.counts["resubmits"] += 1
            if not self._act(caller, "complete", race, asked | {"answers": answers}, key):
                self.log.failures.append(f"I2: the resubmit of {key} was not answered like the first time")

    def _act(
        self, caller: Caller, act: str, race: Race, asked: dict[str, Any], key: str | None = None
    ) -> bool:
        key = key or uuid4().hex
        status, body = caller.ask(act, **asked, key=key)
        task = race.task if act == "complete" else None
        self._note(act, status, body, Ack(key, race.case, task, race.actor))
        return status == 200

    def _note(self, act: str, status: int, body: Any, ack: Ack) -> None:
        self.log.counts[f"{act} {status}"] += 1
        if status == 200:
            self.log.done.append(ack)
        elif status == 409:
            self.log.refused.append(ack.key)
        elif status == 500:
            self.log.failures.append(f"I9: {act}: {body}")
