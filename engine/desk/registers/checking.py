"""A row as it was filled in: every field read, required ones present, rules between fields kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import tzinfo
from typing import Any

from engine.desk.registers.fields import Field, Register, Values
from engine.desk.registers.references import References
from engine.desk.registers.values import Wrong, read_value
from engine.foundation.errors import InvalidAnswers
from engine.foundation.text import Text


def check(
    register: Register,
    raw: Mapping[str, object],
    *,
    references: References,
    zone: tzinfo,
    old: Values | None = None,
    names: Collection[str] | None = None,
) -> dict[str, Any]:
    """The values of the fields `names` (all that people fill in), the rest from `old` or the defaults.

    Raises InvalidAnswers, which names every wrong field.
    """
    values: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for field in register.fields:
        before = old[field.name] if old is not None else field.default
        if not field.given or (names is not None and field.name not in names):
            values[field.name] = before
            continue
        try:
            values[field.name] = _value(field, raw, before=before, zone=zone, references=references)
        except Wrong as wrong:
            errors[field.name] = wrong.text
    errors |= _missing(register, values, errors)
    if not errors and register.rule is not None:
        errors = register.rule(values)
    if errors:
        raise InvalidAnswers(errors)
    return values


def _value(
    field: Field, raw: Mapping[str, object], *, before: object, zone: tzinfo, references: References
) -> object:
    value = read_value(field, raw.get(field.name), zone=zone, references=references, old=before)
    return field.default if value is None and field.default is not None else value


def _missing(register: Register, values: Values, errors: Mapping[str, Text]) -> dict[str, Text]:
    return {
        field.name: _REQUIRED
        for field in register.fields
        if field.required and field.name not in errors and values[field.name] in (None, "", [])
    }


_REQUIRED = Text(
    zh="此项必填, 但没有填写; 请填写。", en="This is required, but nothing was entered; fill it in."
)
