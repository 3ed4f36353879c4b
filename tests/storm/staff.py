"""Staff at their desks: they look at their inbox, open a task, perhaps claim it or press a button, and complete it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from tests.storm.board import Errand
from tests.storm.browser import Answer, Browser
from tests.storm.log import Ack, Log
from tests.storm.stories import PAUSE, Play, typed

CLAIMS = 0.15  # share of errands that begin with a claim
GIVEN_BACK = 0.3  # share of the claimed tasks that are given back to the group
SIGNS_IN = 0.04  # share of errands before which somebody signs in anew
MANAGER = "sun_jing"
REASON = ("reason", "customer_information")


class Clerk:
    """One client: a computer at which everybody works in turn, each with a session of their own."""

    def __init__(
        self, number: int, ports: Sequence[int], log: Log, play: Play, passes: Mapping[tuple[int, str], str]
    ) -> None:
        self._number = number
        self._ports = ports
        self._log = log
        self._play = play
        self._passes = passes
        self._browsers: dict[str, Browser] = {}

    def run(self, errand: Errand) -> None:
        """Find the task in the inbox of that person and do it; whoever comes too late is told so."""
        browser = self.browser(errand.person)
        found = self._found(browser, errand)
        if found is None:
            self._log.counts["gone from the inbox"] += 1
            return
        if self._play.of(errand.case_id).pauses == errand.element:
            self._wait_for_customer(errand)
        if errand.button is not None and self._play.once(errand.case_id, errand.button[0]):
            self._press(errand, *errand.button)
            return
        opened = self._log.read("read task", browser.get(found))
        if random.random() < CLAIMS:
            if not self._claim(browser, errand, opened):
                return
            opened = self._log.read("read task", browser.get(found))
        self._complete(browser, errand, opened)

    def browser(self, person: str) -> Browser:
        """Where that person is signed in at this client; some sign in by the page first."""
        if person not in self._browsers or random.random() < SIGNS_IN:
            home = Browser(self._ports, self._log.hear, f"127.0.1.{self._number + 1}")
            if person in self._browsers:
                self._log.counts["sign-ins"] += 1
                home.sign_in(person)
            else:
                home.cookies["session_id"] = self._passes[self._number, person]
            self._browsers[person] = home
        return self._browsers[person]

    def _found(self, browser: Browser, errand: Errand) -> str | None:
        """The link to the task in the queue where it should be listed; later pages of the queue are read too."""
        path: str | None = "/inbox/" if errand.queue == "mine" else f"/inbox/groups/{errand.queue}"
        while path:
            page = self._log.read("read inbox", browser.get(path))
            if link := page.leads_to(errand.page):
                return link
            path = page.following
        return None

    def _claim(self, browser: Browser, errand: Errand, opened: Answer) -> bool:
        """Take it; some change their mind and give it back."""
        form = opened.form(f"{errand.page}/claim")
        if form is None:
            return errand.queue == "mine"
        ack = self._ack("task:claim", form.key, errand)
        if self._log.act(browser, form, ack).status != 303:
            return False
        if random.random() >= GIVEN_BACK:
            return True
        back = self._log.read("read task", browser.get(errand.page)).form(f"{errand.page}/release")
        if back is not None:
            self._log.act(browser, back, self._ack("task:release", back.key, errand))
        return False

    def _complete(self, browser: Browser, errand: Errand, opened: Answer) -> None:
        form = opened.form(errand.page)
        if form is None:
            return
        definition = self._play.form(errand.process, errand.element)
        answers = self._play.answers(errand.case_id, errand.process, errand.element)
        ack = self._ack("task:complete", form.key, errand)
        if self._log.act(browser, form, ack, typed(definition, answers)).status == 303:
            self._play.done(errand.case_id, errand.element)

    def _press(self, errand: Errand, element: str, message: UUID, person: str) -> None:
        """Press a button on the task's page, as somebody who is shown it."""
        browser = self.browser(person)
        opened = self._log.read("read task", browser.get(errand.page))
        link = opened.leads_to(f"/actions/{message}")
        if link is None:
            if opened.status == 200:
                self._log.failures.append(f"I9: {person} is not shown the button {element} at {errand.page}")
            return
        form = self._log.read("read button", browser.get(link)).form(link)
        if form is None:
            return
        process = self._play.process_of(element)
        answers = self._play.answers(errand.case_id, process, element)
        ack = Ack("message:send", form.key, errand.case_id, message, person)
        self._log.act(browser, form, ack, typed(self._play.form(process, element), answers))

    def _wait_for_customer(self, errand: Errand) -> None:
        """Stop the customer's clock and let it run on, once in the case."""
        if not self._play.once(errand.case_id, PAUSE):
            return
        browser, case = self.browser(MANAGER), f"/cases/{errand.number}"
        for act, choice in (("pause", [REASON]), ("resume", [])):
            form = self._log.read("read case", browser.get(case)).form(f"{case}/{act}")
            if form is not None:
                ack = Ack(f"case:{act}", form.key, errand.case_id, None, MANAGER)
                self._log.act(browser, form, ack, choice)

    def _ack(self, kind: str, key: str, errand: Errand) -> Ack:
        return Ack(kind, key, errand.case_id, errand.task, errand.person)
