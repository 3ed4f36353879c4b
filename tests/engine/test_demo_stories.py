"""The demonstration leaves no process out."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from engine.acts.cast import admit
from engine.acts.demo import shelves
from engine.acts.demo.build import MONTHS
from engine.acts.demo.play import ALL
from engine.acts.demo.world import furnish
from engine.acts.publishing import read_folder
from engine.bpmn.library import read_library
from engine.foundation.database import Database
from engine.foundation.settings import source_folder

LIBRARY = read_library(read_folder(source_folder()))


def test_each_process_that_people_start_has_a_story() -> None:
    started = {d.process for d in LIBRARY.diagrams.values() if d.properties.get("starts") == "case"}
    assert {story.process for story in ALL} == started


def test_each_turn_of_a_story_is_a_task_of_some_diagram() -> None:
    tasks = {e.id for d in LIBRARY.diagrams.values() for e in d.elements.values()}
    told = {task for story in ALL for task in (*story.turns, *story.buttons, *story.buttons.values())}
    assert told <= tasks


@pytest.mark.parametrize(
    "today", [datetime(2031, 2, 1, 4, tzinfo=UTC), datetime(2028, 2, 29, 23, tzinfo=UTC)]
)
def test_the_registers_are_filled_whatever_the_year(database: Database, today: datetime) -> None:
    with database.write() as tx:
        admit(tx, at=today - MONTHS)
        furnish(tx, at=today - MONTHS, random=Random(1))
        shelves.fill(tx, at=today)
