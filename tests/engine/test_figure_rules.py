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
from engine.foundation.figure_versions import unraised
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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"definition": {"zh": "待公司确认", "en": "to be confirmed by the company"}}, "Raise version to 3"),
        ({"parameters": {"kinds": ["fault", "exchange"]}}, "Raise version to 3"),
        ({"title": {"zh": "申告", "en": "Reports"}}, "Raise version to 3"),
        ({"version": 1}, "not below 2"),
        ({"version": 1, "parameters": {"kinds": ["fault"]}}, "not below 2"),
        ({"version": 3, "parameters": {"kinds": ["fault"]}}, None),
        ({"version": 3}, None),
        ({}, None),
    ],
)
def test_a_definition_changes_only_with_its_version(
    files: Sequence[SourceFile], change: dict[str, Any], words: str | None
) -> None:
    before, after = _shipped(files), _shipped(files)
    for content in (before, after):
        _entry(content, "fault_reports")["version"] = 2
    _entry(after, "fault_reports").update(change)
    found = list(unraised(json.dumps(before).encode(), json.dumps(after).encode()))
    assert [(p.element, p.rule) for p in found] == (
        [] if words is None else [("fault_reports", "figure-version")]
    )
    assert words is None or words in found[0].text.en


def test_who_asks_otherwise_for_the_kind_of_a_case_changes_every_figure_that_counts_kinds(
    files: Sequence[SourceFile],
) -> None:
    before = _shipped(files)
    counted = {entry["id"] for entry in before["figures"] if "kinds" in entry["parameters"]}
    found = unraised(json.dumps(before).encode(), json.dumps(before | {"kind_of_case": None}).encode())
    assert {problem.element for problem in found} == counted != set()


def test_a_definition_that_comes_or_goes_needs_no_version(files: Sequence[SourceFile]) -> None:
    whole = _shipped(files)
    fewer = whole | {"figures": whole["figures"][1:]}
    for before, after in ((whole, fewer), (fewer, whole)):
        assert not list(unraised(json.dumps(before).encode(), json.dumps(after).encode()))
    assert not list(unraised(None, json.dumps(whole).encode())) + list(
        unraised(json.dumps(whole).encode(), None)
    )


def _entry(content: dict[str, Any], figure: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in content["figures"] if one["id"] == figure)
    return found


def test_a_file_that_is_no_list_of_figures_is_refused(files: Sequence[SourceFile], world: World) -> None:
    for content in ({}, {"figures": {}}, {"figures": [], "kind_of_case": "triage"}):
        assert _problems(files, world, content) == [("-", "figures-unreadable")]
