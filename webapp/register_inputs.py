"""How fields of registers look: values in words, and inputs that hold what is stored or was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from engine.desk.registers import Field, Register, Row
from engine.foundation.text import Text, same
from webapp.context import language, services
from webapp.formatting import exact, local

WIDGETS = {"prose": "textarea", "choice": "select", "person": "select", "flag": "checkbox"}
CASES = frozenset(
    {"case_number", "source_case"}
)  # fields that name a case; older ones may name another system's
_CASE = re.compile(r"SH-\d{4}-\d{6,}")
HTML_TYPES = {"date": "date", "moment": "datetime-local", "integer": "number"}
Options = Mapping[str, list[tuple[str, Text]]]


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form: `options` are the choices of a select, or suggestions for a reference."""

    field: Field
    value: str
    error: Text | None
    options: list[tuple[str, Text]]

    @property
    def id(self) -> str:
        """The id of its element, to which the error summary links."""
        return f"field-{self.field.name}"

    @property
    def widget(self) -> str:
        """How it is drawn."""
        return WIDGETS.get(self.field.kind, "line")

    @property
    def html_type(self) -> str:
        """The type of a single-line input."""
        return HTML_TYPES.get(self.field.kind, "text")


def inputs(
    register: Register, written: Mapping[str, str], errors: Mapping[str, Text], options: Options
) -> list[Input]:
    """The fields that people fill in; a stored person or choice that is no longer offered stays selectable."""
    return [
        Input(
            field,
            written.get(field.name, ""),
            errors.get(field.name),
            _options(field, options, written.get(field.name, "")),
        )
        for field in register.fields
        if field.given
    ]


def _options(field: Field, options: Options, value: str) -> list[tuple[str, Text]]:
    if field.choices is not None:
        return list(field.choices.items())
    offered = list(options.get(field.kind if field.kind == "person" else field.name, []))
    if field.kind == "person" and value and value not in dict(offered):
        offered.append((value, same(value)))
    return offered


def written(register: Register, row: Row, keys: Mapping[str, str]) -> dict[str, str]:
    """The stored values as the inputs hold them; `keys` are what people write for references."""
    return {field.name: _written(field, row, keys) for field in register.fields}


def _written(field: Field, row: Row, keys: Mapping[str, str]) -> str:
    value = row.values[field.name]
    if value is None or value is False:
        return ""
    if field.kind == "reference":
        return keys.get(field.name, "")
    if value is True:
        return "1"
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%dT%H:%M}"
    return ", ".join(value) if isinstance(value, list) else str(value)


def defaults(register: Register) -> dict[str, str]:
    """What the inputs of a new row hold."""
    return {f.name: str(f.default) for f in register.fields if f.default not in (None, False)}


def shown(row: Row, field: Field) -> str | Markup:
    """A value in words, in the language of the page; a reference leads to its row."""
    value = row.values[field.name]
    if value in (None, "", []):
        return ""
    if field.kind == "reference":
        href = url_for("registers.show", register=field.refers, id=value)
        return Markup('<a href="{}">{}</a>').format(href, row.names.get(field.name, ""))
    if field.kind == "person":
        return row.names.get(field.name, str(value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field.name in CASES and _CASE.fullmatch(str(value)):
        return Markup('<a href="{}">{}</a>').format(url_for("cases.show", number=value), value)
    if field.choices is not None:
        return str(field.choices.get(value, same(value)).in_(language()))
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return exact(value)
    if isinstance(value, date):
        return value.isoformat()
    return " · ".join(value) if isinstance(value, list) else str(value)


def zone() -> ZoneInfo:
    """The zone in which people write moments."""
    return ZoneInfo(services().settings.time_zone)


def register(app: Flask) -> None:
    """Offer `shown(row, field)` to templates."""
    app.jinja_env.globals["field_words"] = shown
