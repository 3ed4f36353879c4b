"""Conditions of statements that are built once and sent many times, with other values each time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, bindparam


def among(column: ColumnElement[Any], many: int) -> ColumnElement[bool]:
    """The condition that a column is one of so many values; bind them with `numbered`.

    A statement prepared for a number of values is sent as it stands; a list of any length is written out each time.
    """
    return column.in_([bindparam(f"value_{number}", type_=column.type) for number in range(many)])


def numbered(values: Collection[Any]) -> dict[str, Any]:
    """The values of the condition that `among` makes."""
    return {f"value_{number}": value for number, value in enumerate(values)}
