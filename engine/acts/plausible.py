"""Plausible answers: what a simulated person types where the story does not say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.bpmn.forms import Field, Form
from engine.foundation.errors import InvalidAnswers

SOMETHING = "见记录"  # where nothing better is known
ATTEMPTS = 8  # conditional fields appear as others are answered; no form nests deeper


def plausible(
    form: Form,
    given: Mapping[str, Any],
    *,
    at: datetime,
    people: str = "li_gong",
    zone: str = "Asia/Shanghai",
) -> dict[str, Any]:
    """`given`, and for every field that the form still demands a plain answer of its kind (`people`: whom person fields name).

    Raises InvalidAnswers when the form refuses what was given, or demands what cannot be guessed.
    """
    answers = dict(given)
    for _ in range(ATTEMPTS):
        try:
            form.check(answers)
        except InvalidAnswers as refused:
            missing = [name for name in refused.errors if name not in answers and form.field(name)]
            if not missing:
                raise
            for name in missing:
                field = form.field(name)
                assert field is not None
                answers[name] = _plain(field, at, people, zone)
        else:
            return answers
    form.check(answers)
    return answers


def _plain(field: Field, at: datetime, people: str, zone: str) -> Any:
    if field.columns:
        return [{column.name: _plain(column, at, people, zone) for column in field.columns}]
    if field.widget == "person":
        return people
    if field.choices:
        return [field.choices[0].value] if field.multiple else field.choices[0].value
    local = at.astimezone(ZoneInfo(zone))
    if field.format == "date":
        return local.date().isoformat()
    if field.format == "date-time":
        return local.strftime("%Y-%m-%dT%H:%M")
    if field.type in ("integer", "number"):
        return field.minimum if field.minimum is not None else 1
    if field.type == "boolean":
        return True
    return SOMETHING.ljust(field.min_length or 1, "。")
