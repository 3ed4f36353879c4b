"""The clause register is whole: each clause has its realisation and its test, and names only what exists."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from click.testing import CliRunner

from engine.acts.publishing import check, coverage_of, named_tests, read_folder
from engine.bpmn.clauses import CLAUSES, COLUMNS, TOKENS
from engine.bpmn.library import SourceFile, read_library
from engine.bpmn.register import Register
from engine.bpmn.rules.check import _world
from engine.bpmn.rules.clauses import registered
from engine.cli import main
from engine.desk.people import GROUPS
from engine.desk.registers import REGISTERS
from engine.foundation.settings import source_folder

Rows = list[dict[str, str]]
FILES = read_folder(source_folder())
TESTS = named_tests(source_folder())
CARRIED = "R-048"  # by elements of the diagrams
NAMED = "R-114"  # by the register alone


@cache
def _register() -> Register:
    return Register.of(read_library(FILES))


def _rows() -> Rows:
    content = next(file.content for file in FILES if file.path == CLAUSES)
    return list(csv.DictReader(io.StringIO(content.decode())))


def _written(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _faults(files: list[SourceFile]) -> list[tuple[str, str, str]]:
    """What the check says of a mutated copy: file, element, rule."""
    world = _world(files, frozenset(GROUPS), [])
    found = registered(files, world, registers=frozenset(REGISTERS), tests=TESTS)
    return [(problem.file, problem.element, problem.rule) for problem in found]


def _with(change: Callable[[Rows], None]) -> list[SourceFile]:
    rows = _rows()
    change(rows)
    return [replace(f, content=_written(rows)) if f.path == CLAUSES else f for f in FILES]


def _setting(clause: str, **values: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        next(row for row in rows if row["id"] == clause).update(values)

    return change


def test_every_clause_of_the_procedure_is_realised_or_reasoned() -> None:
    covered = coverage_of(FILES)
    assert covered.total == 226
    assert covered.realised + covered.reasoned == covered.total
    assert covered.cut_off == 13
    assert [
        clause.id for clause in _register().clauses.values() if clause.is_cut_off and not clause.reason
    ] == []


def test_the_register_has_every_clause_once() -> None:
    assert sorted(_register().clauses) == [f"R-{number:03d}" for number in range(1, 240)]


def test_clauses_elements_tests_and_all_that_is_named_exist() -> None:
    assert _faults(FILES) == []


def test_every_realised_clause_has_a_test() -> None:
    clauses = _register().clauses.values()
    assert [clause.id for clause in clauses if not clause.tests and not clause.is_cut_off] == []


def test_the_words_say_each_clause_in_both_languages_and_are_short() -> None:
    for clause in _register().clauses.values():
        assert len(clause.words.zh) <= 40, clause.id
        assert len(clause.words.en) <= 120, clause.id
        assert any("一" <= sign <= "鿿" for sign in clause.words.zh), clause.id
        assert clause.words.en.isascii(), clause.id


def test_a_clause_without_realisation_is_told() -> None:
    files = _with(_setting(NAMED, realised_by=""))
    assert _faults(files) == [(CLAUSES, NAMED, "clause-unrealised")]


def test_a_reason_stands_for_a_realisation_and_not_beside_one() -> None:
    reason = {"reason_zh": "属于线下工作", "reason_en": "Done outside the product"}
    assert _faults(_with(_setting(NAMED, realised_by="", **reason))) == []
    assert _faults(_with(_setting(CARRIED, **reason))) == [(CLAUSES, CARRIED, "clause-twofold")]


def test_a_gap_of_the_source_needs_its_reason() -> None:
    files = _with(_setting("R-231", reason_zh="", reason_en=""))
    assert _faults(files) == [(CLAUSES, "R-231", "clause-unreasoned")]


def test_an_element_that_names_an_unknown_clause_is_told_where_it_stands() -> None:
    files = [
        replace(f, content=f.content.replace(b"R-048", b"R-948"))
        if f.path == "processes/return_for_repair.bpmn"
        else f
        for f in FILES
    ]
    assert ("processes/return_for_repair.bpmn", "inspect_part", "clause-unknown") in _faults(files)


def test_a_figure_that_names_an_unknown_clause_is_told() -> None:
    path = "processes/figures.json"
    files = [
        replace(f, content=f.content.replace(b"R-111", b"R-911")) if f.path == path else f for f in FILES
    ]
    assert (path, "timely_repair_rate", "clause-unknown") in _faults(files)


@pytest.mark.parametrize("kind", TOKENS)
def test_anything_named_that_does_not_exist_is_told(kind: str) -> None:
    name = "service_case/nothing" if kind in ("element", "waiver") else "nothing_like_it"
    files = _with(_setting(NAMED, realised_by=f"register:contract_line {kind}:{name}"))
    assert _faults(files) == [(CLAUSES, NAMED, "clause-names")]


@pytest.mark.parametrize(
    "test", ["tests/processes/test_nothing.py", "tests/processes/test_clauses.py::test_of_nothing"]
)
def test_a_test_that_does_not_exist_is_told(test: str) -> None:
    assert _faults(_with(_setting(NAMED, tests=test))) == [(CLAUSES, NAMED, "clause-test")]


@pytest.mark.parametrize(
    "values",
    [
        {"id": "R-1"},
        {"id": "R-001"},
        {"zh": ""},
        {"document_en": " "},
        {"line": ""},
        {"line": "two"},
        {"kind": "wish"},
        {"realised_by": "form"},
        {"realised_by": "form:a/b"},
        {"realised_by": "element:triage"},
        {"realised_by": "person:li_gong"},
        {"tests": "test_clauses.py"},
        {"reason_zh": "只有一种文字"},
    ],
)
def test_a_row_that_is_not_well_formed_is_told_by_its_id(values: dict[str, str]) -> None:
    faults = _faults(_with(_setting(NAMED, **values)))
    assert faults[0] == (CLAUSES, values.get("id", NAMED), "clause-form")


@pytest.mark.parametrize("content", [b"id,zh\nR-001,x\n", b"\xff\xfe", b"", b'"'])
def test_a_file_that_is_no_register_is_told(content: bytes) -> None:
    files = [replace(f, content=content) if f.path == CLAUSES else f for f in FILES]
    assert [rule for _, _, rule in _faults(files)] == ["clauses-unreadable"]


def test_files_without_a_register_are_not_asked_for_one() -> None:
    assert _faults([f for f in FILES if f.path != CLAUSES]) == []


def test_publishing_and_the_command_line_refuse_what_the_register_forbids() -> None:
    files = _with(_setting(NAMED, realised_by=""))
    assert [problem.rule for problem in check(files)] == ["clause-unrealised"]


def test_the_command_prints_the_coverage() -> None:
    answer = CliRunner().invoke(main, ["check", "--clauses", "--language", "en"])
    assert answer.exit_code == 0, answer.output
    assert "226 of 226 realised or reasoned (" in answer.output
    assert "13 cut off" in answer.output


def test_the_register_is_part_of_a_release() -> None:
    assert CLAUSES in {file.path for file in FILES}
