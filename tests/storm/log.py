"""What the clients were told: acknowledged acts, refusals, and answers that no server may ever give."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from tests.storm.browser import Answer, Browser, Form
from tests.storm.stories import Typed

RESUBMITS = 0.08  # share of acknowledged acts that are sent once more under the same key
FINE = (0, 200, 303)  # 0: nobody answered


@dataclass(frozen=True, slots=True)
class Ack:
    """A client was told that its act is done; `task` is none where the page does not name it."""

    kind: str
    key: str
    case_id: UUID
    task: UUID | None
    actor: str


@dataclass
class Log:
    """Written by all clients at once; `sent` names every case that a client ever asked to open."""

    done: list[Ack] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # keys
    failures: list[str] = field(default_factory=list)
    sent: set[UUID] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"GET": [], "POST": []})

    def hear(self, what: str, seconds: float) -> None:
        """A browser tells of an answer, or that it asks again."""
        self.counts[what] += 1
        if what in self.seconds:
            self.seconds[what].append(seconds)

    def act(self, browser: Browser, form: Form, ack: Ack, typed: Typed = (), *, refusal: int = 409) -> Answer:
        """Send a form, note what was said, and now and then send it again: the answer must be the same."""
        answer = browser.submit(form, typed)
        self.read(ack.kind, answer, refusal=refusal)
        if answer.status == 303:
            self.done.append(ack)
            if random.random() < RESUBMITS:
                self._again(browser, form, ack, typed, answer)
        elif answer.status == refusal:
            self.refused.append(ack.key)
        return answer

    def read(self, what: str, answer: Answer, *, refusal: int = 409) -> Answer:
        """Note how a page or form was answered; whoever comes too late is told so with `refusal`."""
        self.counts[f"{what} {answer.status}"] += 1
        if answer.status not in (*FINE, refusal):
            said = " ".join(re.sub(r"<[^>]+>", " ", answer.page).split())[-300:]
            self.failures.append(f"I9: {what} {answer.path} was answered {answer.status}: {said}")
        return answer

    def _again(self, browser: Browser, form: Form, ack: Ack, typed: Typed, first: Answer) -> None:
        self.counts["resubmits"] += 1
        again = browser.submit(form, typed)
        same = again.status == 303 and (ack.kind != "case:start" or again.location == first.location)
        if not same and again.status:
            said = f"{again.status} {again.location} instead of {first.status} {first.location}"
            self.failures.append(f"I2: the repeated {ack.kind} {ack.key} was answered {said}")
