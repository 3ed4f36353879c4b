"""Forms as people see them and as browsers send them, without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, render_template_string
from lxml import html
from werkzeug.datastructures import MultiDict

from engine.acts.cast import People
from engine.bpmn.forms import Form, read_form
from engine.foundation.errors import InvalidAnswers
from engine.foundation.settings import source_folder
from engine.foundation.text import Text
from webapp.answers import posted, row_change

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "上门报告",
    "x-title-en": "Visit report",
    "type": "object",
    "required": ["result", "arrived_at"],
    "properties": {
        "result": {
            "type": "string",
            "title": "结果",
            "x-title-en": "Result",
            "x-widget": "radio",
            "oneOf": [
                {"const": "fixed", "title": "已修复", "x-title-en": "Fixed"},
                {"const": "parts", "title": "需要备件", "x-title-en": "Parts needed"},
            ],
        },
        "arrived_at": {
            "type": "string",
            "format": "date-time",
            "title": "到达",
            "x-title-en": "Arrived",
        },
        "parts": {
            "type": "array",
            "title": "备件",
            "x-title-en": "Parts",
            "x-show-if": {"result": ["parts"]},
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": {"type": "string", "title": "编号", "x-title-en": "Number"},
                    "quantity": {"type": "integer", "title": "数量", "x-title-en": "Quantity"},
                },
            },
        },
        "helper": {
            "type": "string",
            "title": "协助人员",
            "x-title-en": "Helper",
            "x-widget": "person",
            "maxLength": 64,
        },
        "signature": {
            "type": "string",
            "title": "签字",
            "x-title-en": "Signature",
            "x-widget": "signature",
            "maxLength": 90000,
        },
        "safe": {"type": "boolean", "title": "已做安全检查", "x-title-en": "Safety checked"},
    },
}
TEMPLATE = '{% import "form.html" as form with context %}<form>{{ form.summary(f, e) }}{{ form.fields(f, a, e) }}</form>'
FORMS = sorted((source_folder() / "forms").glob("*.json"))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough: nothing here depends on it."""
    return sqlite_url


@pytest.fixture
def report() -> Form:
    """A form with every kind of field."""
    return read_form(json.dumps(SCHEMA).encode(), file="forms/report.json")


@pytest.fixture
def in_request(app: Flask, people: People) -> Iterator[Flask]:
    """Inside a request that nobody sent."""
    with app.test_request_context():
        g.language = "zh"
        yield app


def drawn(form: Form, answers: Any = None, errors: Any = None, language: str = "zh") -> html.HtmlElement:
    """The form as a tree."""
    g.language = language
    return html.fromstring(render_template_string(TEMPLATE, f=form, a=answers or {}, e=errors or {}))


def sent(tree: html.HtmlElement) -> MultiDict[str, str]:
    """What a browser without JavaScript sends when nothing is changed."""
    return MultiDict(tree.form_values())


def test_what_is_shown_is_what_comes_back(in_request: Flask, report: Form) -> None:
    answers = report.check(
        {
            "result": "parts",
            "arrived_at": "2026-03-02T09:30",
            "parts": [{"sku": "A1", "quantity": "2"}, {"sku": "B2"}],
            "helper": "wang_gong",
            "signature": "data:image/png;base64,AAAA",
            "safe": "true",
        }
    )
    back = posted(report, sent(drawn(report, answers)))
    assert report.check(back) == answers


def test_a_wrong_answer_keeps_what_was_typed_and_links_the_summary_to_the_field(
    in_request: Flask, report: Form
) -> None:
    raw = posted(report, MultiDict({"result": "parts", "parts.0.quantity": "many", "arrived_at": "soon"}))
    with pytest.raises(InvalidAnswers) as wrong:
        report.check(raw)
    tree = drawn(report, raw, wrong.value.errors)
    links = [a.get("href").removeprefix("#") for a in tree.xpath("//*[@data-error-summary]//a")]
    assert set(links) == {"f-arrived_at", "f-parts-0-sku", "f-parts-0-quantity"}
    assert all(tree.get_element_by_id(link) is not None for link in links)
    assert tree.xpath('//*[@name="parts.0.quantity"]')[0].value == "many"
    field = tree.get_element_by_id("f-arrived_at")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") in {e.get("id") for e in tree.iter() if e.get("id")}


def test_rows_are_added_and_removed_by_plain_buttons(in_request: Flask, report: Form) -> None:
    tree = drawn(report, {"result": "parts", "parts": [{"sku": "A1"}, {"sku": "B2"}]})
    form = sent(tree)
    assert row_change(report, form) is None
    more = row_change(report, MultiDict([*form.items(multi=True), ("row", "add:parts")]))
    assert more is not None and [r.get("sku") for r in more["parts"]] == ["A1", "B2", None]
    fewer = row_change(report, MultiDict([*form.items(multi=True), ("row", "remove:parts:0")]))
    assert fewer is not None and [r.get("sku") for r in fewer["parts"]] == ["B2"]
    assert {b.get("value") for b in tree.xpath("//button[@name='row']")} >= {"add:parts", "remove:parts:1"}


@pytest.mark.parametrize("press", ["add:nothing", "remove:parts:99", "add:result", "x", "remove:parts:-1"])
def test_a_strange_row_button_changes_nothing(in_request: Flask, report: Form, press: str) -> None:
    changed = row_change(report, MultiDict({"parts.0.sku": "A1", "row": press}))
    assert changed is None or changed["parts"] == [{"sku": "A1"}]


def test_a_name_may_be_typed_where_a_signature_cannot_be_drawn(in_request: Flask, report: Form) -> None:
    assert posted(report, MultiDict({"signature": "", "signature__typed": "周女士"}))["signature"] == "周女士"
    drawing = {"signature": "data:image/png;base64,AAAA", "signature__typed": "周女士"}
    assert posted(report, MultiDict(drawing))["signature"].startswith("data:")


def test_people_are_chosen_by_name(in_request: Flask, report: Form) -> None:
    options = drawn(report).xpath("//*[@id='f-helper']/option")
    assert {o.get("value"): o.text for o in options}["li_gong"] == "李工"


def test_values_never_become_markup(in_request: Flask, report: Form) -> None:
    evil = '"><script>alert(1)</script>'
    answers = {"parts": [{"sku": evil}], "helper": evil, "signature": evil, "arrived_at": evil}
    tree = drawn(report, answers, {"result": Text(zh=evil, en=evil)})
    assert tree.xpath("//script") == []


def test_columns_and_fields_all_have_names_that_can_be_read_out(in_request: Flask, report: Form) -> None:
    tree = drawn(report, {"parts": [{"sku": "A1"}]})
    labelled = {label.get("for") for label in tree.xpath("//label[@for]")}
    for control in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        inside = any(parent.tag == "label" for parent in control.iterancestors())
        assert inside or control.get("id") in labelled or control.get("aria-label"), html.tostring(control)


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_of_the_procedures_can_be_drawn(in_request: Flask, file: Path, language: str) -> None:
    form = read_form(file.read_bytes(), file=f"forms/{file.name}")
    tree = drawn(form, language=language)
    shown = {
        control.get("name").split(".")[0].removesuffix("__typed") for control in tree.xpath("//*[@name]")
    }
    assert shown - {"row"} == {field.name for field in form.fields}
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
