"""The scenarios leave nothing out: each end, each deadline and each task of every diagram is told by some test."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.acts.publishing import read_folder
from engine.bpmn.library import read_library
from engine.foundation.settings import source_folder

LIBRARY = read_library(read_folder(source_folder()))
TOLD = "\n".join(file.read_text() for file in sorted(Path(__file__).parent.glob("*.py")))
KINDS = {"endEvent": "end", "userTask": "task"}
ELEMENTS = [
    (process, KINDS.get(element.kind, "deadline"), element.id)
    for process, diagram in sorted(LIBRARY.diagrams.items())
    for element in diagram.elements.values()
    if element.kind in KINDS or element.event in ("timer", "message")
]


@pytest.mark.parametrize(("process", "kind", "element"), ELEMENTS, ids=[e[2] for e in ELEMENTS])
def test_it_is_told(process: str, kind: str, element: str) -> None:
    assert f'"{element}"' in TOLD, f"no scenario tells of the {kind} {element} of {process}"


def test_every_limit_is_asked_for_by_some_diagram() -> None:
    named = {str(rule.cells[0].literals[0]) for rule in LIBRARY.tables["limits"].rules}
    asked = {e.limit[0] for d in LIBRARY.diagrams.values() for e in d.elements.values() if e.limit}
    assert named == asked
