"""Forms between the engine and the browser: what a page shows of each field, and what a posted form says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from engine.bpmn.forms import Field, Form
from engine.desk.people import everybody
from engine.foundation.text import Text, same
from webapp.context import services
from webapp.formatting import local

HTML_TYPES = {"date": "date", "datetime": "datetime-local"}
TYPED = "__typed"  # a name typed instead of a signature drawn
ROW = "row"  # name of the buttons that add and remove rows of a table
TEMPLATE_ROW = "__row__"


@dataclass(frozen=True, slots=True)
class Input:
    """One field as the page shows it: its definition, its name in the browser, its value as text (or texts)."""

    field: Field
    name: str
    value: Any
    error: Text | None
    optional: bool
    rows: tuple[tuple[Input, ...], ...] = ()
    template: tuple[Input, ...] = ()

    @property
    def id(self) -> str:
        """The id of its element, to which the error summary links."""
        return element_id(self.name)

    @property
    def stands_out(self) -> bool:
        """Whether it is filled in or wrong, also in one of its cells."""
        return bool(self.value or self.error) or any(cell.stands_out for row in self.rows for cell in row)

    @property
    def widget(self) -> str:
        """How it is drawn: the field's own word, told apart where one word means two things."""
        if self.field.multiple and self.field.choices:
            return "checkboxes"
        if self.field.type == "boolean" and not self.field.choices:
            return "checkbox"
        return self.field.widget

    @property
    def html_type(self) -> str:
        """The type of a single-line field."""
        return HTML_TYPES.get(self.field.widget, "text")

    @property
    def choices(self) -> list[tuple[str, Text]]:
        """Values as the browser sends them, with their words."""
        if self.field.widget == "person":
            return _people(self.field.group)
        return [(_word(choice.value), choice.title) for choice in self.field.choices]


def element_id(name: str) -> str:
    """The id of the element that shows the field `name`."""
    return "f-" + name.replace(".", "-")


def inputs(definition: Form, answers: Mapping[str, Any], errors: Mapping[str, Text]) -> list[Input]:
    """Every field of the form in order, filled in with `answers` (checked ones, or as they were posted)."""
    needed = _sometimes_needed(definition)
    return [
        _input(field, field.name, answers.get(field.name), errors, optional=field.name not in needed)
        for field in definition.fields
    ]


def summary(errors: Mapping[str, Text]) -> list[tuple[str, Text]]:
    """For each error the id of its field and the sentence, which names the field."""
    return [(element_id(name), text) for name, text in errors.items()]


def posted(definition: Form, form: MultiDict[str, str]) -> dict[str, Any]:
    """What the browser sent for the fields of this form, to be checked by `Form.check`."""
    remember(definition)
    found = {field.name: _read(field, field.name, form) for field in definition.fields}
    return {name: value for name, value in found.items() if value is not None}


def remember(definition: Form) -> None:
    """Let the page of a refusal call what was typed by the names that the form shows, fields and choices alike."""
    g.field_labels = {field.name: field.title for field in definition.fields}
    g.choice_words = {
        (field.name, str(choice.value)): choice.title
        for field in definition.fields
        for choice in field.choices
    }


def row_change(definition: Form, form: MultiDict[str, str]) -> dict[str, Any] | None:
    """The posted answers with a table row added or removed, when such a button was pressed; else None."""
    act, _, rest = form.get(ROW, "").partition(":")
    name, _, index = rest.partition(":")
    if act not in ("add", "remove") or not any(f.name == name and f.columns for f in definition.fields):
        return None
    answers = posted(definition, form)
    rows = list(answers.get(name, ()))
    if act == "add":
        rows.append({})
    elif index.isdecimal() and int(index) < len(rows):
        del rows[int(index)]
    return {**answers, name: rows}


def _read(field: Field, name: str, form: MultiDict[str, str]) -> Any:
    if field.columns:
        return _rows(field, name, form)
    if field.multiple:
        return form.getlist(name)
    return form.get(name) or form.get(name + TYPED) or form.get(name)


def _rows(field: Field, name: str, form: MultiDict[str, str]) -> list[dict[str, Any]]:
    parts = (key.split(".") for key in form)
    numbers = {int(p[1]) for p in parts if len(p) == 3 and p[0] == name and p[1].isdecimal()}
    cells = [
        {column.name: form.get(f"{name}.{number}.{column.name}", "") for column in field.columns}
        for number in sorted(numbers)
    ]
    return [{column: value for column, value in row.items() if value} for row in cells]


def _input(
    field: Field, name: str, value: Any, errors: Mapping[str, Text], *, optional: bool = False
) -> Input:
    rows = value if isinstance(value, list) and value else [{}]
    return Input(
        field=field,
        name=name,
        value=_shown(field, value),
        error=errors.get(name),
        optional=optional and not field.required,
        rows=tuple(_cells(field, n, row, errors) for n, row in enumerate(rows)) if field.columns else (),
        template=_cells(field, TEMPLATE_ROW, {}, {}) if field.columns else (),
    )


def _cells(table: Field, row: int | str, values: Any, errors: Mapping[str, Text]) -> tuple[Input, ...]:
    known = values if isinstance(values, Mapping) else {}
    return tuple(
        _input(column, f"{table.name}.{row}.{column.name}", known.get(column.name), errors)
        for column in table.columns
    )


def _sometimes_needed(definition: Form) -> frozenset[str]:
    """Fields that the schema requires under a condition: to call them optional would mislead."""
    rules = definition.schema.get("allOf", ())
    branches = [rule.get(key, {}) for rule in rules for key in ("then", "else")]
    return frozenset(name for branch in branches for name in branch.get("required", ()))


def _people(group: str | None) -> list[tuple[str, Text]]:
    """Who may be named: everybody who works here, or the members of one group."""
    if "people_choices" not in g:
        with services().database.read() as tx:
            g.people_choices = everybody(tx, active=True)
    return [(one.id, same(one.name)) for one in g.people_choices if group is None or group in one.groups]


def _shown(field: Field, value: Any) -> Any:
    if field.multiple:
        return [_word(one) for one in value] if isinstance(value, list) else [_word(value)]
    if field.format == "date-time" and isinstance(value, str):
        return _wall_time(value)
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _wall_time(kept: str) -> str:
    """A kept moment as a datetime-local field wants it: in the display zone, without the zone's name."""
    try:
        at = datetime.fromisoformat(kept)
    except ValueError:
        return kept
    return f"{local(at):%Y-%m-%dT%H:%M}" if at.tzinfo else kept
