"""Who else comes by: the call centre opens cases, customers report by the portal, an auditor and a manager read."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from engine.acts.demo.stories import STORIES
from engine.acts.demo.world import SITES
from engine.acts.intake import OUTSIDE
from tests.storm.browser import Browser
from tests.storm.log import Ack, Log
from tests.storm.staff import Clerk
from tests.storm.stories import Play, Typed, typed

REPORTS = 0.3  # share of the calls that are a new report
WILLING = 0.8  # share of the offers that a customer takes up
CALL_CENTER = ("chen_min", "he_jie")
PAGES = ("/cases/", "/inbox/", "/dashboard/", "/processes/", "/timers/schedules")

_CONFIRMED = [("confirmed", "yes"), ("confirmed_by", "周晓岚"), ("signature__typed", "周晓岚")]
_RATED = [("solved", "yes"), ("score_solution", "4"), ("score_service", "5")]
_SAID: Mapping[str, tuple[str, Typed]] = {
    "answer": ("task:complete", _CONFIRMED),
    "rate": ("customer:rate", _RATED),
    "add": ("note:add", [("text", "补充: 指示灯闪烁")]),
}


def open_case(clerk: Clerk, log: Log, play: Play) -> None:
    """Somebody of the call centre opens a case with the form of its process."""
    story, person = play.choose(), random.choice(CALL_CENTER)
    browser, path = clerk.browser(person), f"/cases/new/{story.process}"
    form = log.read("read start form", browser.get(path)).form(path)
    if form is None:
        return
    identity = UUID(form.key)
    log.sent.add(identity)
    play.follow(identity, story)
    said = typed(play.start_form(story.process), play.report(story))
    log.act(browser, form, Ack("case:start", form.key, identity, None, person), said)


class Customers:
    """People without an account, one after the other: each reports a fault, or sees to the case behind their link."""

    def __init__(self, ports: Sequence[int], log: Log, play: Play, links: Mapping[UUID, str]) -> None:
        self._ports = ports
        self._log = log
        self._play = play
        self._cases = list(links.items())  # the case, and the address behind its secret link

    def call(self) -> None:
        """One of them does one thing, from an address of their own."""
        home = f"127.0.{random.randrange(2, 255)}.{random.randrange(1, 255)}"
        browser = Browser(self._ports, self._log.hear, home)
        if random.random() < REPORTS:
            self._report(browser)
        else:
            self._see_to(browser, *random.choice(self._cases))

    def _report(self, browser: Browser) -> None:
        form = self._log.read("read portal", browser.get("/portal/")).form("/portal/")
        if form is None:
            return
        site, identity = random.choice(SITES), uuid5(OUTSIDE, f"portal {form.key}")
        self._log.sent.add(identity)
        self._play.follow(identity, random.choice(STORIES))
        said = [("kind", "fault"), ("customer", site.customer), ("phone", site.phone)]
        said += [("description", f"{site.device}不工作"), ("serial", site.serial)]
        ack = Ack("portal:report", form.key, identity, None, "portal")
        answer = self._log.act(browser, form, ack, said)
        if answer.status == 303:
            self._cases.append((identity, answer.location.split("?")[0]))

    def _see_to(self, browser: Browser, case_id: UUID, address: str) -> None:
        """Answer what the case asks, else rate what was done, else add a word; whatever the page offers first."""
        page = self._log.read("read portal case", browser.get(address))
        for act, (kind, said) in _SAID.items():
            form = page.form(address, act=act)
            if form is not None and random.random() < WILLING:
                ack = Ack(kind, form.key, case_id, None, "portal")
                self._log.act(browser, form, ack, said, refusal=422)
                return


def look_around(clerk: Clerk, log: Log) -> None:
    """A manager reads pages; an auditor opens a case and has it verified while others work on it."""
    log.read("read page", clerk.browser("sun_jing").get(random.choice(PAGES)))
    auditor = clerk.browser("shen_ji")
    listed = log.read("read page", auditor.get("/cases/"))
    numbers = listed.cases
    if not numbers:
        return
    case = f"/cases/{random.choice(numbers)}"
    log.read("read case", auditor.get(case))
    verdict = log.read("verify page", auditor.get(f"{case}/verification"))
    if 'class="verdict broken"' in verdict.page:
        log.failures.append(f"I5: while people worked on it, {case} was called broken")
