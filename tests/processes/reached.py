"""What the scenarios really came by, measured in the histories of their cases, and what of the library none came by.

A plugin of the whole session rather than a test, because with tests on several cores no test knows that it is the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.acts.publishing import read_folder
from engine.bpmn.diagram import Diagram
from engine.bpmn.library import read_library
from engine.foundation.database import Database
from engine.foundation.models import Event
from engine.foundation.settings import source_folder

HERE = Path(__file__).parent
NAME = "scenarios_reached"

Place = tuple[str, str]
"""A process, and one of its elements that was completed or one of its flows that was taken."""


def places_in(database: Database) -> Iterator[Place]:
    """Everything that the cases of a database came by."""
    with database.read() as tx:
        histories = tx.execute(select(Event.data)).scalars().all()
    for passage in (p for data in histories for p in json.loads(data).get("path", ())):
        if passage["s"] == "completed":
            yield passage["p"], passage["e"]
        if "f" in passage:
            yield passage["p"], passage["f"]


def wanted(diagram: Diagram) -> Iterator[str]:
    """The ends, deadlines, tasks and buttons of a diagram, and the answers to its questions."""
    for element in diagram.elements.values():
        if element.kind in ("endEvent", "userTask") or element.event in ("timer", "message"):
            yield element.id
        if element.kind == "exclusiveGateway" and len(answers := diagram.outgoing(element.id)) > 1:
            yield from (flow.id for flow in answers)


def unreached(diagrams: Mapping[str, Diagram], places: Iterable[Place]) -> list[Place]:
    """What no scenario came by, in the order of the diagrams."""
    seen = set(places)
    every = ((process, name) for process in sorted(diagrams) for name in wanted(diagrams[process]))
    return [place for place in every if place not in seen]


class Reached:
    """Gathers from every scenario, on every core; when all were run and something is left over, the session fails."""

    def __init__(self) -> None:
        self.places: set[Place] = set()
        self.left: list[Place] = []
        self.whole = False
        self._picked = False

    def gather(self, database: Database) -> None:
        """A scenario is over."""
        self.places.update(places_in(database))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._picked = self._picked or any(HERE in item.path.parents for item in items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        single = any("::" in argument for argument in session.config.args)
        files = {item.path for item in session.items}
        self.whole = not single and not self._picked and files >= set(HERE.glob("test_*.py"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        told = getattr(node, "workeroutput", {}).get(NAME)
        if told is not None:
            self.whole = told["whole"]
            self.places.update((process, name) for process, name in told["places"])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:  # one core of several: the session's own process judges
            output[NAME] = {"whole": self.whole, "places": [list(place) for place in self.places]}
        elif self.whole and exitstatus == pytest.ExitCode.OK:
            self.left = unreached(read_library(read_folder(source_folder())).diagrams, self.places)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if self.left else exitstatus

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.left:
            terminalreporter.section("NO SCENARIO COMES BY", red=True, bold=True)
            for process, name in self.left:
                terminalreporter.write_line(f"{process}: {name}", red=True)
