"""Plays the stories: people of the cast work through their tasks in office hours, timers fire in between."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import select

from engine.acts import outbox, reports, steering, worklist
from engine.acts.demo.phrases import PHRASES
from engine.acts.demo.requests import REQUESTS
from engine.acts.demo.services import READINGS, SERVICES, USUAL
from engine.acts.demo.stories import STORIES, Story
from engine.acts.demo.world import FAULTS, SITES
from engine.acts.plausible import plausible
from engine.acts.simulation import Desk, Matter
from engine.bpmn.forms import Field
from engine.desk.calendar import WorkingCalendar
from engine.desk.holidays_cn import ChinaDays
from engine.foundation.errors import NotFound
from engine.foundation.models import Case
from engine.foundation.security import PORTAL, SYSTEM_ID
from engine.foundation.text import Text
from engine.record.figures import month_of

PATIENCE = timedelta(hours=3)  # how long a task without deadline is left lying
SOON = timedelta(minutes=45)  # until a story is followed by the next
VARIED = frozenset({"nature", "importance", "urgency"})  # left to chance
SCORED = frozenset({"score_solution", "score_service", "cooperation", "completeness"})  # mostly content
RATED = ("score_solution", "score_service")
WRITTEN = frozenset({"text", "textarea", "signature"})  # what people type in their own words
ROUNDS = (
    2  # how often people take their time over the same step of a case, and keep to what the story says there
)
TYPING = (2, 3, 5, 5, 8, 12, 20, 45)  # minutes from a call or mail until the case is opened
RATING = 0.5  # how many customers follow the link and rate
NIGHT = timedelta(minutes=10)  # after midnight, when the job of the server publishes the month that is over
BY_DAY = WorkingCalendar(days=ChinaDays())
ALL = STORIES + REQUESTS + SERVICES
BY_ITSELF = Story("opened by another case or by the calendar", 0, turns=USUAL)


@dataclass
class Player:
    """One run of all stories between two moments, the same for the same seed."""

    desk: Desk
    random: Random
    until: datetime
    _queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _ticket: Any = field(default_factory=count)
    _planned: set[Any] = field(default_factory=set)
    _forms: dict[str, Any] = field(default_factory=dict)
    _times: Counter[tuple[str, str]] = field(default_factory=Counter)
    _adopted: set[Any] = field(default_factory=set)
    _met: Counter[tuple[str, str]] = field(default_factory=Counter)

    def play(self, how_many: int, *, since: datetime, say: Callable[[Text], None]) -> None:
        """Open `how_many` cases between `since` and the end, and let people work on them."""
        span = (self.until - since).total_seconds()
        self._publish_months(since)
        for number, story in enumerate(self._chosen(how_many)):
            at = since + timedelta(seconds=span * (number + self.random.random()) / (how_many + 2))
            self._at(BY_DAY.next_working(at), self._opening(story))
        started = 0
        while self._queue and self._queue[0][0] <= self.until:
            at, _, act = heapq.heappop(self._queue)
            self.desk.wait_until(at)
            act()
            self._adopt()
            if act.__name__ == "open_case":
                started += 1
                if started % 10 == 0 or started == how_many:
                    say(_SO_FAR.format(started=started, of=how_many, day=f"{at:%Y-%m-%d}"))
        self.desk.wait_until(self.until)

    def _publish_months(self, since: datetime) -> None:
        """What the server does by itself: each month's figures are published when it is over."""
        month = month_of(since, self.desk.cases.settings.time_zone).back(-1)
        while month.start <= self.until:
            self._at(month.start + NIGHT, self._publish)
            month = month.back(-1)

    def _publish(self) -> None:
        reports.publish_due(self.desk.cases, now=self.desk.clock.now)

    def _chosen(self, how_many: int) -> list[Story]:
        """A story of each process, then each other story once, then more by weight, in a random order."""
        first = list({story.process: story for story in reversed(ALL)}.values())
        chosen = [*first, *(story for story in ALL if story not in first)][:how_many]
        while len(chosen) < how_many:
            chosen.append(self.random.choices(ALL, [s.weight for s in ALL])[0])
        self.random.shuffle(chosen)
        return sorted(chosen, key=lambda s: s.stalls is not None)

    def _opening(self, story: Story) -> Callable[[], None]:
        def open_case() -> None:
            words = {**self._report(story), **story.opens}
            form = self._start_form(story.process)
            known = {k: v for k, v in words.items() if form is not None and form.field(k) is not None}
            by = "chen_min" if self.random.random() < 0.7 else "he_jie"
            received = self.desk.clock.now - timedelta(minutes=self.random.choice(TYPING))
            filled = self._phrased(form, known)
            matter = self.desk.open(story.process, by=by, received_at=received, **filled)
            self._plan(matter, story)
            for number, other in enumerate(story.followed_by, start=1):
                self._at(self.desk.clock.now + SOON * number, self._opening(other))

        return open_case

    def _adopt(self) -> None:
        """Carry out what cases asked of others, and let people work on what was opened by itself."""
        outbox.carry_out(self.desk.cases, now=self.desk.clock.now)
        query = select(Case.id, Case.number).where(Case.opened_by == SYSTEM_ID)
        with self.desk.cases.database.read() as tx:
            found = tx.execute(query.order_by(Case.opened_at, Case.id)).tuples().all()
        for case_id, number in found:
            if case_id not in self._adopted:
                self._adopted.add(case_id)
                self._plan(Matter(self.desk, number, case_id), BY_ITSELF)

    def _plan(self, matter: Matter, story: Story) -> None:
        """Put every open task of the case that nobody has planned yet on somebody's day."""
        now = self.desk.clock.now
        for task in matter.waiting("task"):
            if task.id in self._planned or task.element == story.stalls:
                continue
            self._planned.add(task.id)
            self._met[matter.number, task.element] += 1
            moment = self._moment(task, story, now, again=self._met[matter.number, task.element] > ROUNDS)
            self._at(moment, self._doing(matter, story, task))
        if matter.row.ended_at is None:
            self._at(now + timedelta(hours=6), lambda: self._look_again(matter, story, now))

    def _look_again(self, matter: Matter, story: Story, since: datetime) -> None:
        # Timers may have opened tasks in the meantime.
        if self.desk.clock.now - since < timedelta(days=30):
            fresh = [
                t for t in matter.waiting("task") if t.id not in self._planned and t.element != story.stalls
            ]
            if fresh:
                self._plan(matter, story)
            elif matter.outcome is None and not self._pending(matter, story):
                self._at(
                    self.desk.clock.now + timedelta(hours=12), lambda: self._look_again(matter, story, since)
                )

    def _pending(self, matter: Matter, story: Story) -> bool:
        return any(t.element != story.stalls for t in matter.waiting("task"))

    def _doing(self, matter: Matter, story: Story, task: Any) -> Callable[[], None]:
        def do() -> None:
            button = story.buttons.get(task.element)
            if story.pauses == task.element and self._once(matter, "pause"):
                self._pause(matter, story)
            elif button is not None and self._once(matter, button) and button in matter.buttons:
                self._press(matter, button)
            else:
                self._finish(matter, story, task)
            self._plan(matter, story)
            self._let_rate(matter)

        return do

    def _let_rate(self, matter: Matter) -> None:
        """Some customers rate a case through their link, the day after it was closed."""
        if matter.row.closed_at is None or not self._once(matter, "rate"):
            return
        if self.random.random() < RATING:
            scores = {name: self._score() for name in RATED}
            self._at(self.desk.clock.now + timedelta(days=1), lambda: self._rate(matter, scores))

    def _rate(self, matter: Matter, scores: dict[str, int]) -> None:
        with self.desk.cases.step(matter.id, actor=PORTAL, now=self.desk.clock.now) as step:
            step.rate({"solved": "yes", **scores})

    def _score(self) -> int:
        return self.random.choices((5, 4, 3, 2), (6, 5, 2, 1))[0]

    def _finish(self, matter: Matter, story: Story, task: Any) -> None:
        times = self._times[(matter.number, task.element)]
        self._times[(matter.number, task.element)] += 1
        try:
            matter.do(task.element, **self._answers(matter, story, task, times))
        except NotFound:
            return  # a timer was faster: the task went to somebody else

    def _pause(self, matter: Matter, story: Story) -> None:
        clock = self.desk.clock
        manager = self.desk.actor("sun_jing")
        steering.pause(
            self.desk.cases, matter.number, reason="customer_information", actor=manager, now=clock.now
        )

        def resume() -> None:
            if matter.row.paused_at is not None:
                steering.resume(self.desk.cases, matter.number, actor=manager, now=clock.now)
            self._planned -= {t.id for t in matter.waiting("task")}
            self._plan(matter, story)

        self._planned |= {t.id for t in matter.waiting("task")}
        self._at(BY_DAY.add_working(clock.now, 480), resume)

    def _press(self, matter: Matter, button: str) -> None:
        group = next(t.group_id for t in matter.waiting("message") if t.element == button)
        by = matter.row.handler if group == "service_engineer" else "chen_min"
        matter.press(button, by=by or "li_gong", **self._phrased(matter.form(button, "message"), {}))

    def _answers(self, matter: Matter, story: Story, task: Any, times: int) -> dict[str, Any]:
        chosen = story.turns.get(task.element, {})
        if not isinstance(chosen, Mapping):
            chosen = chosen[min(times, len(chosen) - 1)]
        elif times > ROUNDS and task.element not in USUAL:
            chosen = {}  # a story that would go in circles: people find an end to it
        return self._phrased(matter.form(task.element, "task"), dict(chosen))

    def _phrased(self, form: Any, given: dict[str, Any]) -> dict[str, Any]:
        """Fill the fields that the form demands, in words that a person might use."""
        if form is None:
            return given
        read = {name: limits for name, limits in READINGS.items() if name not in given and form.field(name)}
        given = given | {name: self.random.randint(*limits) for name, limits in read.items()}
        filled = plausible(form, given, at=self.desk.clock.now, people=self._somebody())
        for name in sorted(filled.keys() - given.keys()):
            field_ = form.field(name)
            if field_.columns:
                filled[name] = [self._worded(row, field_.columns) for row in filled[name]]
            elif name in PHRASES and field_.widget in WRITTEN:
                filled[name] = self.random.choice(PHRASES[name])
            elif name in SCORED:
                filled[name] = self._score()
            elif name in VARIED and field_.choices:
                filled[name] = self.random.choice(field_.choices).value
        return filled

    def _worded(self, row: Mapping[str, Any], columns: Sequence[Field]) -> dict[str, Any]:
        written = {column.name for column in columns if column.widget in WRITTEN and not column.format}
        return {
            name: self.random.choice(PHRASES[name]) if name in written & PHRASES.keys() else value
            for name, value in row.items()
        }

    def _report(self, story: Story) -> dict[str, Any]:
        site, fault = self.random.choice(SITES[:6] + SITES[7:9]), self.random.choice(FAULTS)
        return {
            "channel": self.random.choice(("phone", "phone", "email", "web", "chat", "colleague")),
            "customer": site.customer,
            "contact": site.contact,
            "phone": site.phone,
            "description": f"{site.device}{fault}",
            "model": site.model,
            "serial": site.serial,
            "location": site.place,
            "impact": self.random.choice(("one_user", "department", "department", "business")),
            "part_name": "电源模块 PS-2200",
        }

    def _start_form(self, process: str) -> Any:
        if not self._forms:
            self._forms = {s.process: s.form for s in worklist.startable(self.desk.cases)}
        return self._forms[process]

    def _somebody(self) -> str:
        return self.random.choice(("li_gong", "wang_gong"))

    def _moment(self, task: Any, story: Story, now: datetime, *, again: bool) -> datetime:
        due = task.due_at or now + PATIENCE
        if again:  # whoever sees a case for the third time drops everything else
            return now + min(due - now, PATIENCE) * 0.2
        share = max(0.05, self.random.gauss(story.pace, story.pace / 3))
        at = now + (min(due, now + timedelta(days=12)) - now) * share
        return at if task.due_at and (due - now) < timedelta(hours=4) else BY_DAY.next_working(at)

    def _once(self, matter: Matter, what: str) -> bool:
        self._times[(matter.number, what)] += 1
        return self._times[(matter.number, what)] == 1

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (moment, next(self._ticket), act))


_SO_FAR = Text(zh="  {started}/{of} 个案例, {day}", en="  {started}/{of} cases, {day}")
