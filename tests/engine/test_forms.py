"""A form takes what a browser sends, says in both languages what is wrong, and stores nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.forms import Form, check_form, check_source, read_form
from engine.foundation.errors import InvalidAnswers, ProblemsFound
from engine.foundation.text import Text

FILE = "forms/report.json"


def words(zh: str, en: str, **more: object) -> dict[str, Any]:
    return {"title": zh, "x-title-en": en, **more}


REPORT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **words("上门维修报告", "On-site report", type="object"),
    "description": "到场后填写",
    "x-description-en": "Fill in after the visit",
    "required": ["result", "parts"],
    "properties": {
        "result": words(
            "处理结果",
            "Result",
            type="string",
            oneOf=[
                {"const": "fixed", **words("已修复", "Fixed")},
                {"const": "parts", **words("需要备件", "Parts needed")},
                {"const": "refused", **words("客户拒绝", "Customer refused")},
            ],
        ),
        "refusal_reason": words(
            "拒绝原因",
            "Reason of refusal",
            type="string",
            minLength=5,
            maxLength=40,
            **{"x-widget": "textarea", "x-show-if": {"result": ["refused"]}},
        ),
        "parts": words(
            "使用备件",
            "Parts used",
            type="array",
            minItems=1,
            maxItems=3,
            items={
                "type": "object",
                "required": ["sku", "qty"],
                "properties": {
                    "sku": words("备件编号", "Part number", type="string", pattern="^[A-Z]{2}-[0-9]{4}$"),
                    "qty": words("数量", "Quantity", type="integer", minimum=1),
                    "price": words("单价", "Price", type="number"),
                },
            },
            **{"x-show-if": {"result": ["fixed", "parts"]}},
        ),
        "count": words(
            "台数", "Devices", type="integer", minimum=1, maximum=9, **{"x-prefill": "case.devices + 1"}
        ),
        "hours": words("工时", "Hours", type="number", exclusiveMinimum=0, multipleOf=0.5),
        "site_safe": words("现场安全", "Site safe", type="boolean"),
        "visited_on": words("到场日期", "Visited on", type="string", format="date"),
        "arrived_at": words("到场时间", "Arrived at", type="string", format="date-time"),
        "tools": words(
            "工具",
            "Tools",
            type="array",
            uniqueItems=True,
            items={
                "type": "string",
                "oneOf": [
                    {"const": "meter", **words("万用表", "Multimeter")},
                    {"const": "laptop", **words("笔记本", "Laptop")},
                ],
            },
        ),
        "note": words(
            "备注", "Note", type="string", **{"x-placeholder": "选填", "x-placeholder-en": "optional"}
        ),
    },
    "allOf": [
        {
            "if": {"properties": {"count": {"const": 9}}, "required": ["count"]},
            "then": {"required": ["note"]},
        }
    ],
}
REFUSED = {"result": "refused"}


def read(schema: object = None) -> Form:
    content = json.dumps(REPORT if schema is None else schema).encode()
    return read_form(content, file=FILE)


def answered(**raw: object) -> dict[str, Any]:
    return read().check({**REFUSED, **raw})


def errors(**raw: object) -> dict[str, Text]:
    with pytest.raises(InvalidAnswers) as caught:
        answered(**raw)
    return caught.value.errors


def test_a_form_holds_what_a_template_needs() -> None:
    form = read()
    assert (form.id, form.title, form.description) == (
        "report",
        Text(zh="上门维修报告", en="On-site report"),
        Text(zh="到场后填写", en="Fill in after the visit"),
    )
    assert check_form(form) == []
    fields = {field.name: field for field in form.fields}
    assert list(fields) == list(REPORT["properties"])
    assert {name: field.widget for name, field in fields.items()} == {
        "result": "radio",
        "refusal_reason": "textarea",
        "parts": "table",
        "count": "number",
        "hours": "number",
        "site_safe": "checkbox",
        "visited_on": "date",
        "arrived_at": "datetime",
        "tools": "checkbox",
        "note": "text",
    }
    assert next(tuple(choice) for choice in fields["result"].choices) == (
        "fixed",
        Text(zh="已修复", en="Fixed"),
    )
    assert [choice.value for choice in fields["site_safe"].choices] == [True, False]
    assert [column.name for column in fields["parts"].columns] == ["sku", "qty", "price"]
    assert [column.required for column in fields["parts"].columns] == [True, True, False]
    assert fields["result"].required and not fields["count"].required
    assert (fields["count"].minimum, fields["count"].maximum, fields["count"].step) == (1, 9, "1")
    assert (fields["hours"].minimum, fields["hours"].step) == (0, "0.5")
    assert fields["note"].placeholder == Text(zh="选填", en="optional")
    assert fields["refusal_reason"].show_if == {"result": ("refused",)}
    assert fields["tools"].multiple and not fields["parts"].multiple


@pytest.mark.parametrize(
    ("field", "raw", "expected"),
    [
        ("count", "3", 3),
        ("count", " ３ ", 3),
        ("count", 3, 3),
        ("hours", "2.5", 2.5),
        ("hours", "2", 2),
        ("site_safe", "on", True),
        ("site_safe", "True", True),
        ("site_safe", "false", False),
        ("site_safe", "否", False),
        ("site_safe", True, True),
        ("visited_on", "2026-02-28", "2026-02-28"),
        ("arrived_at", "2026-02-28T09:30", "2026-02-28T09:30:00+08:00"),
        ("arrived_at", "2026-02-28 09:30:15", "2026-02-28T09:30:15+08:00"),
        ("arrived_at", "2026-02-28T09:30:00Z", "2026-02-28T09:30:00+00:00"),
        ("tools", "meter", ["meter"]),
        ("tools", ["meter", "", "laptop"], ["meter", "laptop"]),
        ("note", "  一行\r\n两行 ", "一行\n两行"),
        ("note", "3", "3"),
    ],
)
def test_what_a_browser_sends_becomes_json(field: str, raw: object, expected: object) -> None:
    found = answered(**{field: raw})[field]
    assert found == expected and type(found) is type(expected)


def test_moments_without_an_offset_are_in_the_zone_of_the_company() -> None:
    found = read().check({**REFUSED, "arrived_at": "2026-07-01T09:30"}, zone=ZoneInfo("Europe/Berlin"))
    assert found["arrived_at"] == "2026-07-01T09:30:00+02:00"


@pytest.mark.parametrize("blank", ["", "   ", "\r\n", None, [], [""]])
def test_a_blank_answer_is_no_answer(blank: object) -> None:
    names = ["tools"] if isinstance(blank, list) else ["count", "site_safe", "visited_on", "tools", "note"]
    assert answered(**dict.fromkeys(names, blank)) == REFUSED


@pytest.mark.parametrize(
    "raw",
    [
        {"parts__0__sku": "AB-1234", "parts__0__qty": "2", "parts__7__sku": "CD-1111", "parts__7__qty": "1"},
        {
            "parts.10.sku": "CD-1111",
            "parts.10.qty": 1,
            "parts.2.sku": "AB-1234",
            "parts.2.qty": "2",
            "parts.3.qty": " ",
        },
        {"parts": [{"sku": "AB-1234", "qty": "2"}, {"sku": "", "qty": ""}, {"sku": "CD-1111", "qty": "1"}]},
    ],
)
def test_tables_come_as_keys_or_as_records_and_blank_rows_vanish(raw: dict[str, object]) -> None:
    rows = read().check({"result": "fixed", **raw})["parts"]
    assert rows == [{"sku": "AB-1234", "qty": 2}, {"sku": "CD-1111", "qty": 1}]


def test_a_wrong_cell_is_named_by_the_row_that_was_sent() -> None:
    rows = [{"sku": "AB-1234", "qty": "2"}, {"sku": "", "qty": ""}, {"sku": "CD-1"}]
    found = errors(result="fixed", parts=rows)
    assert sorted(found) == ["parts.2.qty", "parts.2.sku"]
    assert found["parts.2.qty"].zh == "请填写“使用备件第 3 行: 数量”。"
    assert found["parts.2.sku"].en == "Parts used row 3: Part number: the format is not right."


def test_every_missing_cell_of_a_row_is_named() -> None:
    assert sorted(errors(result="fixed", parts=[{"price": "1"}])) == ["parts.0.qty", "parts.0.sku"]


def test_hidden_answers_are_dropped_and_hidden_fields_are_not_required() -> None:
    raw = {"result": "refused", "refusal_reason": "不需要维修", "parts__0__sku": "not even valid"}
    assert read().check(raw) == {"result": "refused", "refusal_reason": "不需要维修"}
    fixed = {"result": "fixed", "refusal_reason": "x", "parts": [{"sku": "AB-1234", "qty": 1}]}
    assert "refusal_reason" not in read().check(fixed)


def test_what_depends_on_a_hidden_field_is_hidden_too() -> None:
    schema = {
        **words("表", "Form", type="object"),
        "properties": {
            "a": words("甲", "A", type="boolean"),
            "b": words("乙", "B", type="boolean", **{"x-show-if": {"a": [True]}}),
            "c": words("丙", "C", type="string", **{"x-show-if": {"b": [True]}}),
        },
    }
    assert read(schema).check({"b": "true", "c": "x"}) == {}
    assert read(schema).check({"a": "1", "b": "true", "c": "x"}) == {"a": True, "b": True, "c": "x"}


def test_a_condition_over_several_choices_holds_when_one_of_them_is_taken() -> None:
    schema = copy.deepcopy(REPORT)
    schema["properties"]["note"]["x-show-if"] = {"tools": ["laptop"]}
    form = read(schema)
    assert form.check({**REFUSED, "tools": ["meter", "laptop"], "note": "x"})["note"] == "x"
    assert "note" not in form.check({**REFUSED, "tools": ["meter"], "note": "x"})


@pytest.mark.parametrize(
    ("raw", "field", "zh", "en"),
    [
        ({"result": ""}, "result", "请选择“处理结果”", "Result: choose one"),
        ({"result": "exploded"}, "result", "请为“处理结果”选择", "Result: choose one"),
        ({"result": ["other"]}, "result", "“处理结果”", "Result:"),
        ({"refusal_reason": "abc"}, "refusal_reason", "至少需要 5 个字", "at least 5 characters"),
        ({"refusal_reason": "a" * 41}, "refusal_reason", "最多 40 个字", "at most 40 characters"),
        ({"count": "three"}, "count", "“台数”应为整数", "Devices: enter a whole number"),
        ({"count": "2.5"}, "count", "“台数”应为整数", "Devices: enter a whole number"),
        ({"count": "1_0"}, "count", "“台数”应为整数", "Devices: enter a whole number"),
        ({"count": True}, "count", "“台数”应为整数", "Devices: enter a whole number"),
        ({"count": 0}, "count", "不能小于 1", "enter 1 or more"),
        ({"count": "10"}, "count", "不能大于 9", "enter 9 or less"),
        ({"count": "9"}, "note", "请填写“备注”", "Note: fill this in"),
        ({"hours": "many"}, "hours", "“工时”应为数字", "Hours: enter a number"),
        ({"hours": "nan"}, "hours", "“工时”应为数字", "Hours: enter a number"),
        ({"hours": "1e5"}, "hours", "“工时”应为数字", "Hours: enter a number"),
        ({"hours": float("nan")}, "hours", "“工时”", "Hours:"),
        ({"hours": 10**400}, "hours", "“工时”", "Hours:"),
        ({"hours": "0"}, "hours", "应大于 0", "more than 0"),
        ({"hours": "0.7"}, "hours", "0.5 的倍数", "multiple of 0.5"),
        ({"site_safe": "maybe"}, "site_safe", "选择是或否", "choose yes or no"),
        ({"visited_on": "2026-02-30"}, "visited_on", "存在的日期", "enter a date"),
        ({"visited_on": "30.1.2026"}, "visited_on", "存在的日期", "enter a date"),
        ({"visited_on": "2026-W01-1"}, "visited_on", "存在的日期", "enter a date"),
        ({"arrived_at": "2026-02-28T25:00"}, "arrived_at", "日期和时间", "date and time"),
        ({"arrived_at": "yesterday"}, "arrived_at", "日期和时间", "date and time"),
        ({"tools": ["hammer"]}, "tools", "请为“工具”选择", "Tools: choose one"),
        ({"tools": ["meter", "meter"]}, "tools", "重复", "twice"),
        ({"tools": {"a": 1}}, "tools", "“工具”应为列表", "Tools: enter a list"),
        ({"note": "x" * 10_001}, "note", "最多 10000 个字", "at most 10000 characters"),
        ({"note": {"deep": 1}}, "note", "“备注”应为文字", "Note: enter a text"),
        ({"note": 5}, "note", "“备注”应为文字", "Note: enter a text"),
        ({"result": "fixed"}, "parts", "请填写“使用备件”", "Parts used: fill this in"),
        ({"result": "fixed", "parts": "x"}, "parts", "“使用备件”应为列表", "Parts used: enter a list"),
        ({"result": "fixed", "parts": ["x"]}, "parts", "使用备件第 1 行", "Parts used row 1"),
        (
            {"result": "fixed", "parts": [{"sku": "AB-1234"}]},
            "parts.0.qty",
            "请填写“使用备件第 1 行: 数量”",
            "Parts used row 1: Quantity: fill this in",
        ),
        (
            {"result": "fixed", "parts": [{"sku": "AB-1234", "qty": 1}, {"sku": "x", "qty": 1}]},
            "parts.1.sku",
            "“使用备件第 2 行: 备件编号”的格式不正确",
            "Parts used row 2: Part number: the format is not right",
        ),
        (
            {"result": "fixed", "parts": [{"sku": "AB-1234", "qty": 1, "evil": 1}]},
            "parts",
            "表单没有的列",
            "a column that the form does not have",
        ),
        (
            {"result": "fixed", "parts": [{"sku": "AB-1234", "qty": 1}] * 4},
            "parts",
            "最多 3 项",
            "at most 3 entries",
        ),
    ],
)
def test_a_wrong_answer_is_named_by_its_title_in_both_languages(
    raw: dict[str, object], field: str, zh: str, en: str
) -> None:
    found = errors(**raw)
    assert list(found) == [field]
    assert zh in found[field].zh
    assert en in found[field].en


def test_all_wrong_answers_are_told_in_the_order_of_the_form() -> None:
    assert list(errors(note="x" * 20_000, count="x", result="", unknown="1")) == [
        "result",
        "count",
        "note",
        "unknown",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "other",
        "typename",
        "__class__",
        "__proto__",
        "_x",
        "parts__0__evil",
        "note__0__x",
        "parts__0",
        "Result",
        "",
        "表",
    ],
)
def test_an_unknown_field_is_refused(key: str) -> None:
    found = errors(**{key: "x"})
    assert list(found) == [key]
    assert "reload" in found[key].en


def test_answers_share_nothing_with_what_was_sent() -> None:
    raw: dict[str, Any] = {"result": "fixed", "parts": [{"sku": "AB-1234", "qty": 1}]}
    found = read().check(raw)
    found["parts"][0]["sku"] = "changed"
    assert raw["parts"][0]["sku"] == "AB-1234"


def test_fields_start_with_their_expression_or_the_last_answers() -> None:
    data = {"case": {"devices": 2}, "report": {"note": "earlier", "count": 7, "stranger": 1}}
    assert read().prefilled(data, element="report") == {"count": 3, "note": "earlier"}
    assert read().prefilled({"report": None}, element="report") == {}


Anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3),
    max_leaves=8,
)
Keys = st.sampled_from([*REPORT["properties"], "parts__0__sku", "parts.1.qty", "typename", "__x", "other"])


@settings(deadline=None)
@given(st.dictionaries(Keys, Anything, max_size=8))
def test_whatever_is_sent_gives_valid_answers_or_clear_errors(raw: dict[str, object]) -> None:
    form = read()
    try:
        answers = form.check(raw)
    except InvalidAnswers as wrong:
        explained = wrong.errors
    else:
        explained = {}
        assert form.check(answers) == answers
        json.dumps(answers, allow_nan=False)
    assert all(text.zh and text.en for text in explained.values())


@settings(deadline=None)
@given(st.dictionaries(Keys, st.text(max_size=20), max_size=8))
def test_answers_checked_once_more_stay_the_same(raw: dict[str, str]) -> None:
    form = read()
    try:
        answers = form.check({"result": "refused", **raw})
    except InvalidAnswers:
        return
    assert form.check(answers) == answers


def rules_of(schema: object) -> list[tuple[str, str]]:
    content = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    problems = check_source(content, file=FILE)
    for problem in problems:
        assert problem.file == FILE and problem.text.zh and problem.text.en
    return [(problem.element, problem.rule) for problem in problems]


def with_field(**field: object) -> dict[str, Any]:
    properties = {"first": words("甲", "A", type="boolean"), "second": {**words("乙", "B"), **field}}
    return {**words("表", "Form", type="object"), "properties": properties}


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ({}, "form-type"),
        ({"type": "object"}, "form-type"),
        ({"type": ["string", "null"]}, "form-type"),
        ({"type": "array", "items": {"type": "integer"}}, "form-type"),
        ({"type": "array"}, "form-type"),
        ({"type": "array", "items": {"type": "object"}}, "form-type"),
        ({"type": "string", "format": "email"}, "form-format"),
        ({"type": "integer", "format": "date"}, "form-format"),
        ({"type": "string", "$ref": "https://localhost/x"}, "form-keyword"),
        ({"type": "string", "enum": ["a"]}, "form-keyword"),
        ({"type": "string", "anyOf": [{}]}, "form-keyword"),
        ({"type": "string", "contentEncoding": "base64"}, "form-keyword"),
        ({"type": "string", "x-wigdet": "text"}, "form-keyword"),
        ({"type": "string", "oneOf": [{"const": "a", **words("甲", "A"), "type": "string"}]}, "form-keyword"),
        ({"type": "string", "oneOf": [{"const": "a"}]}, "form-choice"),
        ({"type": "string", "oneOf": [words("甲", "A")]}, "form-choice"),
        ({"type": "string", "oneOf": [{"const": "a", "title": "甲"}]}, "form-english"),
        ({"type": "string", "x-widget": "table"}, "form-widget"),
        ({"type": "integer", "x-widget": "date"}, "form-widget"),
        ({"type": "string", "x-show-if": {"missing": ["a"]}}, "form-show-if"),
        ({"type": "string", "x-show-if": {"second": ["a"]}}, "form-show-if"),
        ({"type": "string", "x-show-if": {"first": ["yes"]}}, "form-show-if"),
        ({"type": "string", "x-show-if": {"first": "true"}}, "form-show-if"),
        ({"type": "string", "x-show-if": "first"}, "form-show-if"),
        ({"type": "string", "x-prefill": "case."}, "form-prefill"),
        ({"type": "string", "x-prefill": "__import__('os')"}, "form-prefill"),
        ({"type": "string", "x-prefill": "handlers()"}, "form-prefill"),
        ({"type": "string", "x-title-en": ""}, "form-english"),
        ({"type": "string", "description": "说明"}, "form-english"),
        ({"type": "string", "x-placeholder": "说明"}, "form-english"),
        ({"type": "string", "title": ""}, "form-title"),
        (
            {
                "type": "array",
                "items": {"type": "object", "properties": {"a": {"type": "string", "title": "甲"}}},
            },
            "form-english",
        ),
    ],
)
def test_a_field_that_cannot_work_is_refused_by_name(field: dict[str, object], rule: str) -> None:
    found = rules_of(with_field(**field))
    assert rule in [name for _, name in found]
    assert {element for element, _ in found} <= {"second", "a"}


@pytest.mark.parametrize(
    "name", ["typename", "__class__", "_x", "a__b", "Name", "a b", "表", "a.b", "1a", "a_", "x" + "_"]
)
def test_a_field_name_that_could_be_misread_is_refused(name: str) -> None:
    schema = {**words("表", "Form", type="object"), "properties": {name: words("甲", "A", type="string")}}
    assert (name, "form-name") in rules_of(schema)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b'{"type": "object", "type": "object"}',
        b'{"type": "object", "properties": {"a": {"type": "number", "minimum": NaN}}}',
        b'{"type": "object", "properties": []}',
        b'{"type": "object", "properties": {"a": {"type": "text"}}}',
        b'{"type": "object", "required": "a"}',
        b'{"type": "object", "properties": {"a": {"type": "string", "pattern": "["}}}',
        b'{"type": "object", "allOf": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"title": "' + b"x" * 100_000 + b'"}',
    ],
)
def test_a_file_that_is_no_form_is_refused(content: bytes) -> None:
    assert rules_of(content) == [("-", "form-unreadable")]
    with pytest.raises(ProblemsFound):
        read_form(content, file=FILE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "array"}, ("-", "form-type")),
        ({"$defs": {}}, ("-", "form-keyword")),
        ({"title": ""}, ("-", "form-title")),
        ({"x-title-en": ""}, ("-", "form-english")),
        ({"required": ["missing"]}, ("-", "form-unknown-field")),
        ({"allOf": [{"if": {"required": ["missing"]}, "then": {}}]}, ("allOf[0]", "form-unknown-field")),
        (
            {"allOf": [{"then": {"properties": {"missing": {"const": 1}}}}]},
            ("allOf[0]", "form-unknown-field"),
        ),
        ({"allOf": [{"$ref": "#"}]}, ("allOf[0]", "form-keyword")),
        ({"allOf": [{"if": {"properties": {"note": {"$ref": "#"}}}}]}, ("allOf[0]", "form-keyword")),
    ],
)
def test_a_form_as_a_whole_is_checked(change: dict[str, object], problem: tuple[str, str]) -> None:
    assert problem in rules_of({**REPORT, **change})


def test_the_example_form_has_no_problem() -> None:
    assert rules_of(REPORT) == []
