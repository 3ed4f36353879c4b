"""From the texts that a browser sends to JSON values; what does not convert is left for the validator."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import FormatChecker

from engine.bpmn.values import iso_date

if TYPE_CHECKING:
    from engine.bpmn.forms.form import Field

_TRUE = frozenset({"true", "on", "1", "yes", "是"})
_FALSE = frozenset({"false", "off", "0", "no", "否"})
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_CELL = re.compile(
    r"(?P<field>[a-z][a-z0-9_]*?)(?P<mark>__|\.)(?P<row>[0-9]{1,4})(?P=mark)(?P<column>[a-z][a-z0-9_]*)"
)

FORMATS = FormatChecker(formats=())
"""The formats that a form may use; nothing else is checked by jsonschema."""


class TableCell(NamedTuple):
    """The place that a key such as `parts__0__sku` names."""

    field: str
    row: int
    column: str


def table_cells(key: str) -> TableCell | None:
    """The cell of a table that an HTML field's name stands for, None for other names."""
    match = _CELL.fullmatch(key)
    return TableCell(match["field"], int(match["row"]), match["column"]) if match else None


def coerced(field: Field, raw: Mapping[str, object], zone: tzinfo) -> object:
    """The JSON value of a field, None when it is blank."""
    if field.columns:
        return _table(field, raw, zone)
    if field.multiple:
        return _several(raw.get(field.name))
    return _single(field, raw.get(field.name), zone)


def _several(value: object) -> object:
    if value is None or isinstance(value, str):
        value = [value or ""]
    if not isinstance(value, list):
        return value
    found = [one.strip() if isinstance(one, str) else one for one in value]
    return [one for one in found if one not in ("", None)] or None


def filled_rows(field: Field, raw: Mapping[str, object], zone: tzinfo) -> list[tuple[int, object]]:
    """The rows of a table in which something was filled in, each with its place (from 0) among those sent."""
    given = raw.get(field.name)
    rows = given if isinstance(given, list) else _rows(field, raw)
    found = [(place, _row(field, row, zone)) for place, row in enumerate(rows)]
    return [(place, row) for place, row in found if row != {}]


def _table(field: Field, raw: Mapping[str, object], zone: tzinfo) -> object:
    given = raw.get(field.name)
    if given not in (None, "") and not isinstance(given, list):
        return given
    return [row for _, row in filled_rows(field, raw, zone)] or None


def _rows(field: Field, raw: Mapping[str, object]) -> list[object]:
    """The rows named by keys, in the order of their numbers; gaps close."""
    rows: dict[int, dict[str, object]] = {}
    for key, value in raw.items():
        cell = table_cells(key)
        if cell is not None and cell.field == field.name:
            rows.setdefault(cell.row, {})[cell.column] = value
    return [rows[number] for number in sorted(rows)]


def _row(field: Field, row: object, zone: tzinfo) -> object:
    """A row without its blank cells; strange columns stay, so that the validator sees them."""
    if not isinstance(row, dict):
        return row
    columns = {column.name: column for column in field.columns}
    cells = {
        name: _single(columns[name], value, zone) if name in columns else value for name, value in row.items()
    }
    return {name: value for name, value in cells.items() if value is not None}


def _single(field: Field, value: object, zone: tzinfo) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        return None
    if field.format == "date-time":
        return _moment(text, zone)
    convert = _CONVERSIONS.get(field.format or field.type)
    return text if convert is None else convert(text)


def _integer(text: str) -> object:
    plain = unicodedata.normalize("NFKC", text)
    return int(plain) if _INTEGER.fullmatch(plain) else text


def _number(text: str) -> object:
    plain = unicodedata.normalize("NFKC", text)
    if not _NUMBER.fullmatch(plain):
        return text
    return float(plain) if "." in plain else int(plain)


def _boolean(text: str) -> object:
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else text


def _day(text: str) -> object:
    return unicodedata.normalize("NFKC", text)


def _moment(text: str, zone: tzinfo) -> object:
    """With the offset of `zone` when the browser sent none."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


_CONVERSIONS: dict[str, Callable[[str], object]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _day,
}


@FORMATS.checks("date")
def _is_day(value: Any) -> bool:
    return not isinstance(value, str) or iso_date(value) is not None


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    return _MOMENT.fullmatch(value) is not None and datetime.fromisoformat(value).tzinfo is not None
