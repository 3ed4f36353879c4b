"""The demonstration leaves no process out."""

from __future__ import annotations

from engine.acts.demo.play import ALL
from engine.acts.publishing import read_folder
from engine.bpmn.library import read_library
from engine.foundation.settings import source_folder

LIBRARY = read_library(read_folder(source_folder()))


def test_each_process_that_people_start_has_a_story() -> None:
    started = {d.process for d in LIBRARY.diagrams.values() if d.properties.get("starts") == "case"}
    assert {story.process for story in ALL} == started


def test_each_turn_of_a_story_is_a_task_of_some_diagram() -> None:
    tasks = {e.id for d in LIBRARY.diagrams.values() for e in d.elements.values()}
    told = {task for story in ALL for task in (*story.turns, *story.buttons, *story.buttons.values())}
    assert told <= tasks
