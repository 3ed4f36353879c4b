"""Decision tables decide exactly what their cells say; whatever could be misread is refused when it is saved."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.decisions import DecisionTable, check_source, check_table, read_table
from engine.bpmn.expressions import ExpressionError
from engine.foundation.errors import DecisionMissed, ProblemsFound

ENGLISH = '<i18n:translation xml:lang="en">English</i18n:translation>'
ENGLISH_NOTE = '<i18n:translation xml:lang="en" target="documentation">English</i18n:translation>'
HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:shouhou="urn:shouhou:dmn"'
    ' xmlns:i18n="http://www.omg.org/spec/BPMN/non-normative/extensions/i18n/1.0"'
    ' id="d" name="表" namespace="urn:shouhou:processes" xml:lang="zh-CN">'
)


def extensions(inner: str) -> str:
    return f"<extensionElements>{inner}</extensionElements>"


def table_xml(
    rows: list[tuple[list[str], list[str]]],
    *,
    inputs: list[tuple[str, str]],
    outputs: list[tuple[str, str]] | None = None,
    policy: str = "FIRST",
    examples: object = None,
    allowed: str = "",
) -> bytes:
    columns = "".join(
        f'<input id="in_{i}" label="输入{i}">{extensions(ENGLISH)}<inputExpression typeRef="{type_}">'
        f"<text>{escape(source)}</text></inputExpression>{allowed}</input>"
        for i, (source, type_) in enumerate(inputs)
    )
    results = "".join(
        f'<output id="out_{name}" name={quoteattr(name)} label="结果" typeRef="{type_}">{extensions(ENGLISH)}</output>'
        for name, type_ in outputs or [("answer", "number")]
    )
    lines = "".join(
        f'<rule id="row_{i}"><description>说明</description>{extensions(ENGLISH_NOTE)}'
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
        + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in values)
        + "</rule>"
        for i, (cells, values) in enumerate(rows, start=1)
    )
    shown = "" if examples is None else f"<shouhou:examples>{escape(json.dumps(examples))}</shouhou:examples>"
    return (
        f'{HEAD}<decision id="table" name="表"><description>待公司确认</description>'
        f"{extensions(ENGLISH + ENGLISH_NOTE + shown)}"
        f'<decisionTable id="grid" hitPolicy="{policy}">{columns}{results}{lines}</decisionTable></decision></definitions>'
    ).encode()


def one_column(cells: list[str], type_: str, **more: Any) -> bytes:
    """Row n answers n."""
    rows = [([cell], [str(n)]) for n, cell in enumerate(cells, start=1)]
    return table_xml(rows, inputs=[("x", type_)], **more)


def read(xml: bytes) -> DecisionTable:
    return read_table(xml, file="processes/table.dmn")


def rules_of(xml: bytes) -> list[str]:
    problems = check_source(xml, file="processes/table.dmn")
    for problem in problems:
        assert problem.file == "processes/table.dmn"
        assert problem.element and problem.text.zh and problem.text.en
        assert (
            "{" not in problem.text.en.replace('[{"given"', "").replace("{...}", "")
            or "found {" in problem.text.en
        )
    return [problem.rule for problem in problems]


WARRANTY = table_xml(
    [
        (["true", "-", "-"], ["false", '"manual_damage"', "null"]),
        (["-", "<= 24", '"gold","silver"'], ["true", '"contract"', 'date("2026-12-31")']),
        (["", "[0..12]", 'not("gold","silver")'], ["true", '"warranty"', "null"]),
        (["", "", ""], ["false", '"expired"', "null"]),
    ],
    inputs=[
        ("damage.manual", "boolean"),
        ("months_between(asset.bought, case.opened)", "number"),
        ("contract.level", "string"),
    ],
    outputs=[("covered", "boolean"), ("reason", "string"), ("until", "date")],
    examples=[
        {
            "given": {
                "damage": {"manual": False},
                "asset": {"bought": "2025-06-01"},
                "case": {"opened": "2026-01-01"},
            },
            "expect": {"covered": True, "reason": "warranty", "rule": 3},
        },
        {
            "given": {
                "damage": {"manual": True},
                "asset": {"bought": "2025-06-01"},
                "case": {"opened": "2026-01-01"},
            },
            "expect": {"covered": False, "rule": 1},
        },
    ],
)


def test_a_whole_table_decides_and_passes_the_check() -> None:
    table = read(WARRANTY)
    case = {"opened": "2026-01-01"}
    gold = {"damage": {}, "asset": {"bought": "2024-03-01"}, "case": case, "contract": {"level": "gold"}}
    assert table.decide(gold) == {"covered": True, "reason": "contract", "until": "2026-12-31", "rule": 2}
    assert table.names == {"damage", "asset", "case", "contract"}
    assert table.calls == {"months_between"}
    assert check_table(table) == []


def test_a_table_holds_what_a_page_shows() -> None:
    table = read(WARRANTY)
    assert (table.id, table.hit_policy, table.name.zh, table.name.en) == ("table", "FIRST", "表", "English")
    assert table.documentation.zh == "待公司确认" and table.documentation.en == "English"
    assert [column.label.zh for column in table.inputs] == ["输入0", "输入1", "输入2"]
    assert table.inputs[0].expression.source == "damage.manual"
    row = table.rules[1]
    assert [cell.text for cell in row.cells] == ["-", "<= 24", '"gold","silver"']
    assert row.output_texts == ("true", '"contract"', 'date("2026-12-31")')
    assert (row.number, row.id, row.annotation.zh, row.annotation.en) == (2, "row_2", "说明", "English")


@pytest.mark.parametrize(
    ("cell", "type_", "fitting", "other"),
    [
        ("5", "number", [5, 5.0], [4, 6, None]),
        ("-2.5", "number", [-2.5], [2.5, None]),
        ("1,2 , 3", "number", [1, 2, 3], [4, 2.5, None]),
        ("< 5", "number", [4, -1e9], [5, None]),
        ("<=5", "number", [5], [5.1, None]),
        ("> 5", "number", [5.1], [5, None]),
        (">= -5", "number", [-5], [-6, None]),
        ("[1..5]", "number", [1, 3, 5], [0.9, 5.1, None]),
        ("(1..5)", "number", [1.1, 4.9], [1, 5, None]),
        ("[1..5)", "number", [1, 4], [5, 0, None]),
        ("]1..5]", "number", [2, 5], [1, None]),
        ("[1..5[", "number", [1, 2], [5, None]),
        ("< 0, [10..20], 99", "number", [-1, 10, 99], [5, 21, None]),
        ("not(1, > 10)", "number", [2, 10, None], [1, 11]),
        ('"a"', "string", ["a"], ["A", "", None]),
        ('"a" , "b"', "string", ["a", "b"], ["c", None]),
        ('not("a","b")', "string", ["c", "", None], ["a", "b"]),
        ('"说\\"明"', "string", ['说"明'], ["说明"]),
        ('"-"', "string", ["-"], ["a"]),
        ('"a,b"', "string", ["a,b"], ["a"]),
        ("null", "string", [None], ["", "null"]),
        ("not(null)", "string", ["", "a"], [None]),
        ('null, "a"', "string", [None, "a"], ["b"]),
        ("true", "boolean", [True], [False, None]),
        ("not(true)", "boolean", [False, None], [True]),
        ("true,false", "boolean", [True, False], [None]),
        ('date("2026-01-31")', "date", ["2026-01-31"], ["2026-02-01", None]),
        ('< date("2026-01-31")', "date", ["2026-01-30"], ["2026-01-31", None]),
        ('[date("2026-01-01")..date("2026-02-01"))', "date", ["2026-01-31"], ["2026-02-01", None]),
        ("-", "string", ["a", None], []),
        ("", "number", [1, None], []),
    ],
)
def test_a_cell_matches_what_it_says(
    cell: str, type_: str, fitting: list[object], other: list[object]
) -> None:
    table = read(one_column([cell], type_))
    for value in fitting:
        assert table.decide({"x": value}) == {"answer": 1, "rule": 1}
    for value in other:
        with pytest.raises(DecisionMissed):
            table.decide({"x": value})


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        ("fault", "string"),
        ("'fault'", "string"),
        ("“fault”", "string"),
        ('"a" or "b"', "string"),
        ('"a";"b"', "string"),
        ('"a","b",', "string"),
        (',"a"', "string"),
        ('"a', "string"),
        ('"\\x"', "string"),
        ('!= "a"', "string"),
        ('= "a"', "string"),
        ('in ("a","b")', "string"),
        ('["a","b"]', "string"),
        ('> "a"', "string"),
        ('["a".."b"]', "string"),
        ('not "a"', "string"),
        ('not("a"', "string"),
        ("not()", "string"),
        ('not(not("a"))', "string"),
        ('"a", not("b")', "string"),
        ('"a", -', "string"),
        ("starts_with(?, 'a')", "string"),
        ("? > 5", "number"),
        ("x > 5", "number"),
        ("5 + 1", "number"),
        ("1e5", "number"),
        ("1.", "number"),
        (".5", "number"),
        ("--5", "number"),
        ("1..5", "number"),
        ("[1..5", "number"),
        ("[5..1]", "number"),
        ("(1..1)", "number"),
        ("[1..1)", "number"),
        ("[1, 5]", "number"),
        ("[1...5]", "number"),
        ("< ", "number"),
        ("< null", "number"),
        ("[null..5]", "number"),
        ("9999999999999999", "number"),
        ("1 000", "number"),
        ("１", "number"),
        ("> true", "boolean"),
        ("True", "boolean"),
        ("yes", "boolean"),
        ('date("2026-W01-1")', "date"),
        ('date("２026-01-01")', "date"),
        ('date("2026-02-30")', "date"),
        ('date("2026-1-1")', "date"),
        ('date("20260101")', "date"),
        ("date(2026,1,1)", "date"),
        ('date and time("2026-01-01T00:00:00")', "date"),
        ('duration("P1D")', "date"),
        ("today()", "date"),
        ("__import__('os')", "string"),
    ],
)
def test_an_unsupported_cell_is_refused_with_its_row_and_column(cell: str, type_: str) -> None:
    xml = one_column(["-", cell], type_)
    assert rules_of(xml) == ["dmn-cell"]
    with pytest.raises(ProblemsFound) as caught:
        read(xml)
    (problem,) = caught.value.problems
    assert problem.element == "row_2"
    assert "row 2" in problem.text.en and "第 2 行" in problem.text.zh


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        ("5", "string"),
        ("true", "string"),
        ('"5"', "number"),
        ('< "5"', "number"),
        ("true", "number"),
        ("1", "boolean"),
        ('"true"', "boolean"),
        ('"2026-01-01"', "date"),
        ("2026", "date"),
        ("2026-01-01", "date"),
        ('date("2026-01-01")', "string"),
    ],
)
def test_a_literal_of_another_type_is_refused(cell: str, type_: str) -> None:
    assert rules_of(one_column([cell], type_)) == ["dmn-type"]


@pytest.mark.parametrize("cell", ["", "-", "x", "1 + 1", "1,2", "< 5", "[1..2]", "not(1)", "len('a')"])
def test_an_output_is_one_literal_and_nothing_else(cell: str) -> None:
    assert rules_of(table_xml([(["-"], [cell])], inputs=[("x", "number")])) == ["dmn-cell"]


def test_an_output_of_another_type_is_refused() -> None:
    assert rules_of(table_xml([(["-"], ['"1"'])], inputs=[("x", "number")])) == ["dmn-type"]


def test_a_value_that_the_column_does_not_list_is_refused() -> None:
    listed = '<inputValues><text>"P1","P2"</text></inputValues>'
    assert rules_of(one_column(['"P1"', 'not("P3")'], "string", allowed=listed)) == ["dmn-value"]


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("5", "number"),
        (True, "number"),
        (1, "boolean"),
        (5, "string"),
        ("2026-1-1", "date"),
        ([], "string"),
        ({}, "number"),
    ],
)
def test_a_value_of_another_type_is_an_error_even_where_every_cell_is_empty(
    value: object, type_: str
) -> None:
    with pytest.raises(DecisionMissed, match="expected " + type_):
        read(one_column(["-"], type_)).decide({"x": value})


def test_no_row_is_an_error_that_names_the_table_and_the_values() -> None:
    with pytest.raises(DecisionMissed) as caught:
        read(one_column(['"a"'], "string")).decide({"x": "b"})
    assert 'English = "b"' in caught.value.text.en
    assert '输入0 = "b"' in caught.value.text.zh


def test_first_takes_the_upper_row_and_collect_takes_all() -> None:
    cells = ["> 10", "> 5", "> 100"]
    assert read(one_column(cells, "number")).decide({"x": 20}) == {"answer": 1, "rule": 1}
    collect = read(one_column(cells, "number", policy="COLLECT"))
    assert collect.decide({"x": 20}) == {"rows": [{"answer": 1}, {"answer": 2}], "rules": [1, 2]}
    assert collect.decide({"x": 0}) == {"rows": [], "rules": []}


def test_unique_refuses_two_matching_rows_while_running() -> None:
    table = read(one_column(["> 5", "> 10"], "number", policy="UNIQUE"))
    assert table.decide({"x": 7}) == {"answer": 1, "rule": 1}
    with pytest.raises(DecisionMissed, match="rows 1, 2"):
        table.decide({"x": 11})


def test_unique_is_the_default_policy() -> None:
    xml = one_column(["1"], "number").replace(b' hitPolicy="FIRST"', b"")
    assert read(xml).hit_policy == "UNIQUE"


@pytest.mark.parametrize(
    "policy", ["ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "first", 'COLLECT" aggregation="SUM']
)
def test_other_hit_policies_are_refused(policy: str) -> None:
    assert "dmn-hit-policy" in rules_of(one_column(["1"], "number", policy=policy))


EXAMPLE = [{"given": {"x": None}, "expect": None}]


@pytest.mark.parametrize(
    ("first", "second", "type_", "overlap"),
    [
        ("> 5", "> 10", "number", True),
        ("> 5", "<= 5", "number", False),
        ("> 1", "< 2", "number", True),
        ("[1..5]", "[5..9]", "number", True),
        ("[1..5)", "[5..9]", "number", False),
        ("not(1)", "not(2)", "number", True),
        ("not(> 5)", "not(<= 5)", "number", True),
        ("not(> 5, null)", "> 5", "number", False),
        ('"a","b"', '"b","c"', "string", True),
        ('"a"', 'not("a")', "string", False),
        ('not("a")', 'not("b")', "string", True),
        ('"a"', "-", "string", True),
        ("null", "not(null)", "string", False),
        ("true", "false", "boolean", False),
        ("not(true)", "null", "boolean", True),
        ('< date("2026-01-02")', '> date("2026-01-01")', "date", False),
        ('<= date("2026-01-02")', '> date("2026-01-01")', "date", True),
        ('< date("9999-12-31")', 'date("9999-12-31")', "date", False),
    ],
)
def test_overlapping_rows_of_unique_are_found_before_running(
    first: str, second: str, type_: str, overlap: bool
) -> None:
    xml = one_column([first, second], type_, policy="UNIQUE", examples=[])
    assert ("dmn-overlap" in rules_of(xml)) is overlap


def test_the_overlap_shows_values_that_match_both_rows() -> None:
    xml = table_xml(
        [(["> 1", '"a"'], ["1"]), (["< 2", "-"], ["2"]), (["3", '"b"'], ["3"])],
        inputs=[("x", "number"), ("y", "string")],
        policy="UNIQUE",
        examples=[{"given": {"x": 3, "y": "b"}, "expect": {"answer": 3}}],
    )
    (problem,) = check_source(xml, file="processes/table.dmn")
    assert (problem.element, problem.rule) == ("row_2", "dmn-overlap")
    assert 'rows 1 and 2 both match English = 1.5, English = "a"' in problem.text.en


Number = st.integers(-3, 3).map(str)
NumberTest = st.one_of(
    Number,
    st.just("null"),
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">="]), Number),
    st.builds("[{}..{}]".format, st.integers(-3, 0), st.integers(0, 3)),
    st.builds("({}..{})".format, st.integers(-3, 0), st.integers(1, 3)),
    st.builds("[{}..{})".format, st.integers(-3, 0), st.integers(1, 3)),
)
TextTest = st.sampled_from(['"a"', '"b"', '"c"', "null"])
DateTest = st.one_of(
    st.just("null"),
    st.builds('{}date("2026-01-0{}")'.format, st.sampled_from(["", "<", "<=", ">", ">="]), st.integers(1, 5)),
)


def cell_of(test: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tests = st.lists(test, min_size=1, max_size=3).map(", ".join)
    return st.one_of(st.just("-"), tests, tests.map("not({})".format))


Row = st.tuples(cell_of(NumberTest), cell_of(TextTest), cell_of(DateTest))
SAMPLES: list[tuple[object, object, object]] = [
    (number, text, day)
    for number in [None, *(n / 2 for n in range(-8, 9))]
    for text in [None, "a", "b", "c", "d"]
    for day in [None, *((date(2025, 12, 31) + timedelta(days=n)).isoformat() for n in range(7))]
]


def slow_match(cell: str, value: Any) -> bool:
    """The obvious reading, written without the module under test."""
    if cell == "-":
        return True
    if cell.startswith("not("):
        return not slow_match(cell[4:-1], value)
    return any(slow_test(test.strip(), value) for test in cell.split(","))


def slow_test(test: str, value: Any) -> bool:
    if test == "null" or value is None:
        return test == "null" and value is None
    if test[0] in "[(" and ".." in test:
        low, high = (float(end) for end in test[1:-1].split(".."))
        return bool(
            (low < value or (test[0] == "[" and low == value))
            and (value < high or (test[-1] == "]" and value == high))
        )
    sign = test.rstrip('0123456789-"abcdet() ')
    end = test[len(sign) :].strip().removeprefix("date(").removesuffix(")").strip('"')
    other: Any = end if isinstance(value, str) else float(end)
    answers: dict[str, bool] = {
        "": value == other,
        "<": value < other,
        "<=": value <= other,
        ">": value > other,
        ">=": value >= other,
    }
    return answers[sign]


@settings(deadline=None)
@given(st.lists(Row, min_size=1, max_size=4), st.sampled_from(["FIRST", "UNIQUE", "COLLECT"]))
def test_random_tables_equal_a_slow_obvious_reading(rows: list[tuple[str, ...]], policy: str) -> None:
    table = read(
        table_xml(
            [(list(row), [str(n)]) for n, row in enumerate(rows, start=1)],
            inputs=[("x", "number"), ("y", "string"), ("z", "date")],
            policy=policy,
        )
    )
    overlapping = False
    for values in SAMPLES[::7]:
        data = dict(zip("xyz", values, strict=True))
        hits = [n for n, row in enumerate(rows, 1) if all(map(slow_match, row, values))]
        overlapping = overlapping or len(hits) > 1
        if policy == "COLLECT":
            assert table.decide(data)["rules"] == hits
        elif not hits or (policy == "UNIQUE" and len(hits) > 1):
            with pytest.raises(DecisionMissed):
                table.decide(data)
        else:
            assert table.decide(data)["rule"] == hits[0]
    if policy == "UNIQUE" and overlapping:
        assert "dmn-overlap" in [problem.rule for problem in check_table(table)]


@settings(deadline=None)
@given(st.lists(Row, min_size=2, max_size=2))
def test_overlap_is_reported_exactly_when_some_values_match_both_rows(rows: list[tuple[str, ...]]) -> None:
    table = read(
        table_xml(
            [(list(row), ["1"]) for row in rows],
            inputs=[("x", "number"), ("y", "string"), ("z", "date")],
            policy="UNIQUE",
        )
    )
    columns = list(zip(*SAMPLES, strict=True))
    both = all(
        any(slow_match(rows[0][i], value) and slow_match(rows[1][i], value) for value in set(columns[i]))
        for i in range(3)
    )
    assert ("dmn-overlap" in [problem.rule for problem in check_table(table)]) is both


def test_a_row_behind_one_that_matches_everything_is_reported() -> None:
    xml = one_column(["1", "-", "2"], "number", examples=[{"given": {"x": 1}, "expect": {"answer": 1}}])
    (problem,) = check_source(xml, file="processes/table.dmn")
    assert (problem.element, problem.rule) == ("row_3", "dmn-unreachable")


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        (None, ["dmn-example-missing"]),
        ([], ["dmn-example-missing"]),
        ([{"given": {"x": 1}, "expect": {"answer": 1, "rule": 1}}], []),
        ([{"given": {"x": 9}, "expect": None}], []),
        ([{"given": {}, "expect": None}], []),
        ([{"given": {"x": 1}, "expect": {"answer": 2}}], ["dmn-example-failed"]),
        ([{"given": {"x": 1}, "expect": {"other": None}}], ["dmn-example-failed"]),
        ([{"given": {"x": 1}, "expect": None}], ["dmn-example-failed"]),
        ([{"given": {"x": 9}, "expect": {"answer": 1}}], ["dmn-example-failed"]),
        ([{"given": {"x": "1"}, "expect": None}], ["dmn-example-failed"]),
        ([{"given": {"y": 1}, "expect": None}], ["dmn-example-failed"]),
        ([{"given": {"x": 1}}], ["dmn-example"]),
        ([{"given": [], "expect": None}], ["dmn-example"]),
        ([{"given": {"x": 1}, "expect": {"answer": 1}, "note": ""}], ["dmn-example"]),
        ({"given": {}}, ["dmn-example"]),
        (5, ["dmn-example"]),
        (["x"], ["dmn-example"]),
    ],
)
def test_examples_are_run(examples: object, expected: list[str]) -> None:
    assert rules_of(one_column(["1"], "number", examples=examples)) == expected


def test_examples_that_are_no_json_are_refused() -> None:
    broken = one_column(["1"], "number", examples=[]).replace(b"[]", b"[{]")
    assert rules_of(broken) == ["dmn-example"]


@pytest.mark.parametrize(
    ("part", "element"),
    [
        (b"<decision id", "table"),
        (b'<input id="in_0"', "in_0"),
        (b'<output id="out_answer"', "out_answer"),
        (b'<rule id="row_1"', "row_1"),
    ],
)
def test_every_label_needs_english(part: bytes, element: str) -> None:
    whole = one_column(["1"], "number", examples=[{"given": {"x": 1}, "expect": {"answer": 1}}])
    before, after = whole.split(part)
    start = after.index(b"<i18n:translation")
    stop = after.index(b"</i18n:translation>") + len(b"</i18n:translation>")
    (problem,) = check_source(before + part + after[:start] + after[stop:], file="processes/table.dmn")
    assert (problem.element, problem.rule) == (element, "dmn-english")


def changed(old: bytes, new: bytes) -> bytes:
    whole = one_column(["1"], "number", examples=[{"given": {"x": 1}, "expect": {"answer": 1}}])
    assert old in whole
    return whole.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"20191111/MODEL", b"20151101/MODEL", "dmn-structure"),
        (b"<definitions", b"<!DOCTYPE definitions><definitions", "xml-doctype"),
        (b"</definitions>", b"", "xml-malformed"),
        (b'<decision id="table"', b'<inputData/><decision id="table"', "dmn-structure"),
        (b"</decision>", b'</decision><decision id="b"/>', "dmn-structure"),
        (b"<decisionTable", b"<informationRequirement/><decisionTable", "dmn-structure"),
        (b"decisionTable", b"literalExpression", "dmn-structure"),
        (b"<outputEntry><text>1</text></outputEntry>", b"", "dmn-structure"),
        (b"<text>x</text>", b"<text>x.__class__</text>", "dmn-expression"),
        (b"<text>x</text>", b"<text></text>", "dmn-expression"),
        (b"<text>x</text>", b"<text>x + due('a')</text>", "dmn-call"),
        (b'typeRef="number"><text>', b'typeRef="integer"><text>', "dmn-type"),
        (b'typeRef="number"><text>', b"><text>", "dmn-type"),
        (b'name="answer"', b'name="rule"', "dmn-output"),
        (b'name="answer"', b'name="two words"', "dmn-output"),
        (b'name="answer"', b'name="__class__"', "dmn-output"),
        (b'id="table"', b'id="other"', "dmn-id"),
    ],
)
def test_a_broken_file_is_refused_with_a_reason(old: bytes, new: bytes, rule: str) -> None:
    assert rule in rules_of(changed(old, new))


def test_all_faults_that_prevent_running_are_told_at_once() -> None:
    xml = table_xml(
        [(["a", "5"], ["x"]), (["-", "'b'"], ["2"])],
        inputs=[("x +", "number"), ("y", "string")],
        policy="ANY",
    )
    assert sorted(rules_of(xml)) == [
        "dmn-cell",
        "dmn-cell",
        "dmn-cell",
        "dmn-expression",
        "dmn-hit-policy",
        "dmn-type",
    ]


def test_a_name_that_is_neither_given_nor_known_is_an_error() -> None:
    table = read(one_column(["null"], "number"))
    assert table.decide({}, known=frozenset({"x"})) == {"answer": 1, "rule": 1}
    with pytest.raises(ExpressionError, match="unknown"):
        table.decide({})
