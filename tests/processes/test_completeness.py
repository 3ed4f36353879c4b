"""The scenarios leave nothing out: what they came by is measured, and the session fails for what none came by."""

from __future__ import annotations

from time import process_time
from types import SimpleNamespace

import pytest

from engine.acts.cast import People
from engine.acts.publishing import publish_folder, read_folder
from engine.bpmn.library import read_library
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.settings import source_folder
from tests.conftest import MONDAY
from tests.processes import ways
from tests.processes.conftest import Company
from tests.processes.reached import Place, Reached, places_in, unreached

PUBLISHED_WITHIN = 5.0  # seconds of processor time, so that a busy machine does not matter
LIBRARY = read_library(read_folder(source_folder()))


def of_kind(*kinds: str) -> set[Place]:
    """The elements of the library of these kinds, or with these events."""
    every = ((d.process, e) for d in LIBRARY.diagrams.values() for e in d.elements.values())
    return {(process, e.id) for process, e in every if e.kind in kinds or e.event in kinds}


EVERY = unreached(LIBRARY.diagrams, ())


def test_each_end_deadline_task_and_button_and_each_answer_is_to_be_reached() -> None:
    drawn = of_kind("endEvent", "timer", "message", "userTask")
    assert drawn < set(EVERY)
    answers = {(d.process, f.id) for d in LIBRARY.diagrams.values() for f in d.flows.values() if f.condition}
    assert answers < set(EVERY)


@pytest.mark.parametrize("place", [("close_case", "closing_overdue"), ("close_case", "case_closed")])
def test_a_deadline_or_an_end_that_no_scenario_comes_by_is_named(place: Place) -> None:
    assert place in EVERY
    assert unreached(LIBRARY.diagrams, set(EVERY) - {place}) == [place]


def test_a_scenario_counts_for_what_its_case_came_by_and_for_nothing_else(desk: Company) -> None:
    case = ways.accepted(desk)
    came_by = set(places_in(desk.cases.database))
    assert {("case_dispatch", "engineer_accepted"), ("case_dispatch", "accept_case")} <= came_by
    assert ("fault_handling", "analyse_fault") not in came_by and case.tasks == ["analyse_fault"]
    assert not came_by & of_kind("timer")


def test_the_session_fails_when_all_scenarios_ran_and_something_is_left_over() -> None:
    ran = SimpleNamespace(config=SimpleNamespace(), exitstatus=pytest.ExitCode.OK)
    gathered = Reached()
    gathered.places = set(EVERY[1:])
    gathered.pytest_sessionfinish(ran, ran.exitstatus)
    assert ran.exitstatus == pytest.ExitCode.OK  # only a part of the scenarios was asked for
    gathered.whole = True
    gathered.pytest_sessionfinish(ran, ran.exitstatus)
    assert ran.exitstatus == pytest.ExitCode.TESTS_FAILED and gathered.left == [EVERY[0]]


def test_every_limit_is_asked_for_by_some_diagram() -> None:
    named = {str(limit) for rule in LIBRARY.tables["limits"].rules for limit in rule.cells[0].literals}
    drawn = "\n".join(diagram.xml.decode() for diagram in LIBRARY.diagrams.values())
    asked = lambda limit: f"'{limit}'" in drawn or f'name="limit" value="{limit}"' in drawn  # noqa: E731
    assert [limit for limit in sorted(named) if not asked(limit)] == []


def test_the_whole_library_is_checked_and_published_within_five_seconds(
    database: Database, people: People
) -> None:
    began = process_time()
    number = publish_folder(
        Cases(database), source_folder(), actor=people["xie_liu"], now=MONDAY, note="the whole library"
    )
    assert number == 1 and process_time() - began < PUBLISHED_WITHIN
