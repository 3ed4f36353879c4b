"""Clients who want their answer: they race each other for tasks, by the pages, and write down what they were told."""

from __future__ import annotations

import queue
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from uuid import uuid4

from tests.storm.browser import Answer, Browser, Form
from tests.storm.procedure import PROCESS

RESUBMITS = 0.05  # share of acknowledged acts that are sent once more under the same key
CLAIMS = 0.1  # share of races that are run for the claim first
RACERS = {"call_center": ("chen_min", "he_jie"), "service_engineer": ("li_gong", "wang_gong")}
OPENER = "chen_min"

_TASK = re.compile(r'href="(/cases/[^/"]+/tasks/([0-9a-f-]{36}))')
_NEXT = re.compile(r'href="([^"]+)" rel="next"')


@dataclass(frozen=True, slots=True)
class Ack:
    """A client was told that its act is done; `task` is none for a case that was opened, whose id is the key."""

    act: str
    key: str
    task: str | None
    actor: str


@dataclass
class Log:
    """What all clients were told; `failures` are answers that no server may ever give."""

    done: list[Ack] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # keys
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"GET": [], "POST": []})

    def hear(self, what: str, seconds: float) -> None:
        """A browser tells of an answer, or that it asks again."""
        self.counts[what] += 1
        if what in self.seconds:
            self.seconds[what].append(seconds)


@dataclass(frozen=True, slots=True)
class Race:
    """One of the two runs for a task."""

    page: str
    task: str
    claims: bool


class Crowd:
    """Eight clients (or as many as asked for), one who opens cases and one who hands out the races."""

    def __init__(self, ports: Sequence[int], *, clients: int, backlog: int) -> None:
        self.log = Log()
        self._ports = ports
        self._backlog = backlog
        people = [person for racers in zip(*RACERS.values(), strict=True) for person in racers]
        self._races: dict[str, queue.Queue[Race]] = {person: queue.Queue() for person in people}
        self._seen: set[str] = set()
        self._over = threading.Event()
        jobs: list[tuple[Callable[[str], None], str]] = [
            (self._client, person) for person in islice(cycle(people), clients)
        ]
        jobs += [(self._opener, OPENER), (self._dispatcher, "")]
        self._threads = [threading.Thread(target=self._guarded, args=job, daemon=True) for job in jobs]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish what they have begun."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, job: Callable[[str], None], person: str) -> None:
        try:
            job(person)
        except Exception as error:
            self.log.failures.append(f"I9: a client failed: {type(error).__name__}: {error}")

    def _sign_in(self, person: str) -> Browser:
        return Browser(self._ports, self.log.hear).sign_in(person)

    def _opener(self, person: str) -> None:
        browser = self._sign_in(person)
        while not self._over.is_set():
            if sum(races.qsize() for races in self._races.values()) > self._backlog:
                self._over.wait(0.05)
                continue
            self._open(browser, person)

    def _open(self, browser: Browser, person: str) -> None:
        path = f"/cases/new/{PROCESS}"
        form = browser.get(path).form(path)
        if form is not None:
            self._act(browser, "open", form, Ack("open", form.key, None, person), note=uuid4().hex)

    def _dispatcher(self, _person: str) -> None:
        readers = {group: self._sign_in(people[0]) for group, people in RACERS.items()}
        while not self._over.is_set():
            fresh = sum(self._read(browser, group) for group, browser in readers.items())
            self._over.wait(0.02 if fresh else 0.2)

    def _read(self, browser: Browser, group: str) -> int:
        """Enter the races for what the inbox of `group` shows for the first time."""
        path, fresh = f"/inbox/groups/{group}", 0
        while path:
            page = browser.get(path).page
            fresh += sum(self._enter(group, *found) for found in set(_TASK.findall(page)))
            following = _NEXT.search(page)
            path = following[1].replace("&amp;", "&") if following else ""
        return fresh

    def _enter(self, group: str, page: str, task: str) -> bool:
        if task in self._seen:
            return False
        self._seen.add(task)
        race = Race(page, task.replace("-", ""), random.random() < CLAIMS)
        for person in RACERS[group]:
            self._races[person].put(race)
        return True

    def _client(self, person: str) -> None:
        browser = self._sign_in(person)
        while True:
            try:
                race = self._races[person].get(timeout=0.1)
            except queue.Empty:
                if self._over.is_set():
                    return
                continue
            self._run(browser, person, race)

    def _run(self, browser: Browser, person: str, race: Race) -> None:
        """Open the task, perhaps claim it, and complete it; whoever comes too late is told so."""
        opened = self._look(browser, race)
        claim = opened.form(f"{race.page}/claim") if race.claims else None
        if claim is not None:
            if not self._act(browser, "claim", claim, Ack("claim", claim.key, race.task, person)):
                return
            opened = self._look(browser, race)
        form = opened.form(race.page)
        if form is not None:
            ack = Ack("complete", form.key, race.task, person)
            self._act(browser, "complete", form, ack, note=uuid4().hex)

    def _look(self, browser: Browser, race: Race) -> Answer:
        opened = browser.get(race.page)
        self._note("read", opened, None)
        return opened

    def _act(self, browser: Browser, act: str, form: Form, ack: Ack, **typed: str) -> bool:
        answer = browser.submit(form, **typed)
        self._note(act, answer, ack)
        if answer.status == 303 and random.random() < RESUBMITS:
            self.log.counts["resubmits"] += 1
            again = browser.submit(form, **typed)
            same = again.status == 303 and (act != "open" or again.location == answer.location)
            if not same:
                said = f"{again.status} instead of {answer.status}"
                self.log.failures.append(f"I2: the repeated {act} {ack.key} was answered {said}")
        return answer.status == 303

    def _note(self, act: str, answer: Answer, ack: Ack | None) -> None:
        self.log.counts[f"{act} {answer.status}"] += 1
        if answer.status not in (0, 200, 303, 409):
            said = " ".join(re.sub(r"<[^>]+>", " ", answer.page).split())[-300:]
            self.log.failures.append(f"I9: {act} was answered {answer.status}: {said}")
        elif ack is not None and answer.status == 303:
            self.log.done.append(ack)
        elif ack is not None and answer.status == 409:
            self.log.refused.append(ack.key)
