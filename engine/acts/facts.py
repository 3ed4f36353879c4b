"""Answers in words: what was filled into a form, with the form's own labels and the names of the choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn.forms import Field, Form
from engine.bpmn.library import Library
from engine.foundation.text import Text, same
from engine.record.names import Names

_BLANK: tuple[object, ...] = (None, "", [])
_YES, _NO = Text(zh="是", en="Yes"), Text(zh="否", en="No")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said, under its label."""

    label: Text
    value: Text


def facts_of(answers: Mapping[str, Any], form: Form | None, names: Names = Names()) -> tuple[Fact, ...]:
    """The answers in the form's order; blank ones are left out. Without a form, the names of the fields must do.

    `names` says what people and groups are called, and in which zone moments are written.
    """
    if form is None:
        return tuple(
            Fact(same(name), shown(value, names=names))
            for name, value in answers.items()
            if value not in _BLANK
        )
    return tuple(
        Fact(field.title, _answered(field, answers[field.name], names))
        for field in form.fields
        if answers.get(field.name) not in _BLANK
    )


def _answered(field: Field, value: object, names: Names) -> Text:
    if field.columns and isinstance(value, list):
        return _joined((_row(field, row, names) for row in value), zh="; ", en="; ")
    return shown(value, dict(field.choices), names=names)


def _row(table: Field, row: Mapping[str, object], names: Names) -> Text:
    cells = (_answered(c, row[c.name], names) for c in table.columns if row.get(c.name) not in _BLANK)
    return _joined(cells, zh=" ", en=" ")


def form_of(library: Library, process: str, element: str | None = None) -> Form | None:
    """The form of an element, or of the start of a process."""
    diagram = library.diagrams.get(process)
    if diagram is None:
        return None
    known = diagram.start if element is None else diagram.elements.get(element)
    return library.forms.get(known.form) if known is not None else None


def shown(value: object, choices: Mapping[Any, Text] | None = None, *, names: Names = Names()) -> Text:
    """One value in words; several are separated by semicolons."""
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, list):
        return _joined((shown(item, choices, names=names) for item in value), zh="; ", en="; ")
    if isinstance(value, dict):
        return _joined(
            (shown(item, names=names) for item in value.values() if item not in _BLANK), zh=" ", en=" "
        )
    known = (choices or {}).get(value)
    if known is None and isinstance(value, str):
        known = names.known(value) or names.moment_in(value)
    return same(str(value)) if known is None else known


def _joined(parts: Iterable[Text], *, zh: str, en: str) -> Text:
    kept = list(parts)
    return Text(zh=zh.join(part.zh for part in kept), en=en.join(part.en for part in kept))
