"""The scenarios leave nothing out: each end, each deadline and each task of every diagram is told by some test."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from engine.acts.cast import People
from engine.acts.publishing import publish_folder, read_folder
from engine.bpmn.diagram import Diagram
from engine.bpmn.library import read_library
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.settings import source_folder
from tests.conftest import MONDAY

PUBLISHED_WITHIN = 5.0  # seconds of processor time, so that a busy machine does not matter
LIBRARY = read_library(read_folder(source_folder()))
TOLD = "\n".join(file.read_text() for file in sorted(Path(__file__).parent.glob("*.py")))


def untold(diagram: Diagram) -> list[str]:
    """The ends, tasks, deadlines and buttons of a diagram that no scenario names."""
    wanted = (
        element.id
        for element in diagram.elements.values()
        if element.kind in ("endEvent", "userTask") or element.event in ("timer", "message")
    )
    return [element for element in wanted if f'"{element}"' not in TOLD]


@pytest.mark.parametrize("process", sorted(LIBRARY.diagrams))
def test_a_scenario_tells_of_each_end_task_and_deadline(process: str) -> None:
    assert untold(LIBRARY.diagrams[process]) == []


def test_every_limit_is_asked_for_by_some_diagram() -> None:
    named = {str(limit) for rule in LIBRARY.tables["limits"].rules for limit in rule.cells[0].literals}
    drawn = "\n".join(diagram.xml.decode() for diagram in LIBRARY.diagrams.values())
    assert [limit for limit in sorted(named) if f"'{limit}'" not in drawn] == []


def test_the_whole_library_is_checked_and_published_within_five_seconds(
    database: Database, people: People
) -> None:
    began = process_time()
    number = publish_folder(
        Cases(database), source_folder(), actor=people["xie_liu"], now=MONDAY, note="the whole library"
    )
    assert number == 1 and process_time() - began < PUBLISHED_WITHIN
