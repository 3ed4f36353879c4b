"""What the people of the storm have in mind: each case follows a story of the demonstration, typed as a browser sends it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from engine.acts.demo.requests import REQUESTS
from engine.acts.demo.services import SERVICES, USUAL
from engine.acts.demo.stories import STORIES, Story
from engine.acts.demo.world import FAULTS, SITES
from engine.acts.plausible import plausible
from engine.bpmn.forms import Form
from engine.bpmn.library import Library

Typed = Sequence[tuple[str, str]]

ALL = STORIES + REQUESTS + SERVICES
BY_ITSELF = Story("opened by another case or by the calendar", 0, turns=USUAL)
FIRST = frozenset({"service_case", "fault_escalation", "return_for_repair"})
PAUSE = "pause"  # what somebody may think of doing to a case, beside its buttons
OFTEN = 0.6  # share of the cases that are of these processes


class Play:
    """Who tells which case what; safe for all clients at once."""

    def __init__(self, library: Library, *, seed: int) -> None:
        self.random = Random(seed)
        self._library = library
        self._guard = threading.Lock()
        self._stories: dict[UUID, Story] = {}
        self._times: Counter[tuple[UUID, str]] = Counter()
        self._pressed: set[tuple[UUID, str]] = set()
        self._few = [story for story in ALL if story.process in FIRST]
        self._once = iter(self.random.sample(ALL, len(ALL)))

    def choose(self) -> Story:
        """The story of the next case: often of the procedures that matter most, else one that was not told yet."""
        with self._guard:
            if self.random.random() < OFTEN:
                return self.random.choices(self._few, [story.weight for story in self._few])[0]
            return next(self._once, None) or self.random.choice(ALL)

    def follow(self, case_id: UUID, story: Story) -> None:
        """This case follows that story."""
        self._stories[case_id] = story

    def of(self, case_id: UUID) -> Story:
        """The story of a case."""
        return self._stories.get(case_id, BY_ITSELF)

    def report(self, story: Story) -> dict[str, Any]:
        """What the start form of the story's process is told."""
        site, fault = self.random.choice(SITES), self.random.choice(FAULTS)
        said = {
            "channel": self.random.choice(("phone", "email", "web")),
            "customer": site.customer,
            "contact": site.contact,
            "phone": site.phone,
            "description": f"{site.device}{fault}",
            "model": site.model,
            "serial": site.serial,
            "location": site.place,
            "part_name": "电源模块 PS-2200",
        }
        form = self.start_form(story.process)
        known = {name: value for name, value in {**said, **story.opens}.items() if form and form.field(name)}
        return _filled(form, known)

    def answers(self, case_id: UUID, process: str, element: str) -> dict[str, Any]:
        """What the form at an element is told this time."""
        turn = self.of(case_id).turns.get(element, {})
        if not isinstance(turn, Mapping):
            turn = turn[min(self._times[case_id, element], len(turn) - 1)]
        return _filled(self.form(process, element), dict(turn))

    def done(self, case_id: UUID, element: str) -> None:
        """It was told: the next time another turn of the story follows."""
        with self._guard:
            self._times[case_id, element] += 1

    def once(self, case_id: UUID, what: str) -> bool:
        """Whether this is the first time that somebody thinks of doing `what` to the case."""
        with self._guard:
            first = (case_id, what) not in self._pressed
            self._pressed.add((case_id, what))
            return first

    def thought_of(self, case_id: UUID, what: str) -> bool:
        """Whether somebody thought of it already."""
        return (case_id, what) in self._pressed

    def form(self, process: str, element: str) -> Form | None:
        """The form of an element."""
        return self._library.forms.get(self._library.diagrams[process].elements[element].form)

    def process_of(self, button: str) -> str:
        """The process in which a button is drawn."""
        return next(name for name, drawn in self._library.diagrams.items() if button in drawn.elements)

    def start_form(self, process: str) -> Form | None:
        """The form that opens a case."""
        start = self._library.diagrams[process].start
        return self._library.forms.get(start.form) if start is not None else None


def typed(form: Form | None, answers: Mapping[str, Any]) -> Typed:
    """The answers as a browser sends the fields of the page."""
    pairs: list[tuple[str, str]] = []
    for name, value in answers.items():
        field = form.field(name) if form is not None else None
        if field is not None and field.columns:
            pairs += [
                (f"{name}.{number}.{column}", _word(cell))
                for number, row in enumerate(value)
                for column, cell in row.items()
            ]
        elif isinstance(value, list):
            pairs += [(name, _word(one)) for one in value]
        elif value is not False:
            pairs.append((name, _word(value)))
    return pairs


def _filled(form: Form | None, given: dict[str, Any]) -> dict[str, Any]:
    return given if form is None else plausible(form, given, at=datetime.now(UTC))


def _word(value: Any) -> str:
    return "true" if value is True else str(value)
