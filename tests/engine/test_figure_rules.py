"""A figure reads from elements, fields and limits that exist; whatever does not is named before it is published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from engine.acts.publishing import read_folder
from engine.bpmn.library import SourceFile
from engine.bpmn.rules import check, figures
from engine.bpmn.rules.sheet import World
from engine.desk.people import GROUPS
from engine.foundation.figures import FIGURES
from engine.foundation.settings import source_folder


@pytest.fixture(scope="module")
def files() -> Sequence[SourceFile]:
    return read_folder(source_folder())


@pytest.fixture(scope="module")
def world(files: Sequence[SourceFile]) -> World:
    return check._world(files, frozenset(GROUPS), [])


def _problems(files: Sequence[SourceFile], world: World, content: dict[str, Any]) -> list[tuple[str, str]]:
    others = [file for file in files if file.path != FIGURES]
    changed = [*others, SourceFile(FIGURES, json.dumps(content).encode())]
    return [(problem.element, problem.rule) for problem in figures.defined(changed, world)]


def _shipped(files: Sequence[SourceFile]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(next(file.content for file in files if file.path == FIGURES))
    return content


def test_the_shipped_figures_have_no_fault(files: Sequence[SourceFile], world: World) -> None:
    assert _problems(files, world, _shipped(files)) == []


@pytest.mark.parametrize(
    ("figure", "parameter", "value", "rule"),
    [
        ("timely_repair_rate", "withdrawn", ["nobody_draws_this"], "figure-source"),
        ("timely_repair_rate", "limit", "eternity", "figure-limit"),
        ("satisfaction_service", "answers", [{"element": "call_customer", "field": "mood"}], "figure-source"),
        ("survey_service", "answers", [{"element": "collect_answers", "field": "answers", "column": "mood"}], "figure-source"),
        ("reopened_rate", "of", [{"element": "call_customer", "field": "solved", "values": ["perhaps"]}], "figure-source"),
        ("closing_time", "target_minutes", 30, "figure-limit"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_named(
    files: Sequence[SourceFile], world: World, figure: str, parameter: str, value: object, rule: str
) -> None:
    content = _shipped(files)
    entry = next(one for one in content["figures"] if one["id"] == figure)
    entry["parameters"][parameter] = value
    assert _problems(files, world, content) == [(figure, rule)]


def test_the_question_for_the_kind_of_a_case_must_be_asked(files: Sequence[SourceFile], world: World) -> None:
    content = _shipped(files) | {"kind_of_case": {"element": "triage", "field": "sort"}}
    assert _problems(files, world, content) == [("kind_of_case", "figure-source")]


def test_a_file_that_is_no_list_of_figures_is_refused(files: Sequence[SourceFile], world: World) -> None:
    for content in ({}, {"figures": {}}, {"figures": [], "kind_of_case": "triage"}):
        assert _problems(files, world, content) == [("-", "figures-unreadable")]
