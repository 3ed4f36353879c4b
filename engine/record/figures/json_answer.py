"""Answers out of a recorded command, read by the database: JSON functions differ between SQLite and PostgreSQL."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Answer(FunctionElement[str]):
    """The text that was answered to a field; NULL when it was not."""

    type = String()
    inherit_cache = False
    field: str


def answer(data: Any, field: str) -> ColumnElement[str]:
    """The answer to `field` in a column of commands. Raises ValueError for what is no name of a field."""
    if not _FIELD.match(field):
        raise ValueError(f"Expected the name of a field, found {field!r}.")
    made = Answer(data)
    made.field = field
    return made


class Answers(FunctionElement[str]):
    """All that was answered or rated, as JSON text; NULL for a command that says neither."""

    type = String()
    inherit_cache = True


@compiles(Answers, "sqlite")
def _all_sqlite(element: Answers, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    answers, rating = (f"json_extract({column}, '$.input.{said}')" for said in ("answers", "rating"))
    return f"coalesce({answers}, {rating})"


@compiles(Answers, "postgresql")
def _all_postgresql(element: Answers, compiler: Any, **options: Any) -> str:
    said = f"(CAST({compiler.process(element.clauses, **options)} AS jsonb) -> 'input')"
    return f"coalesce({said} ->> 'answers', {said} ->> 'rating')"


@compiles(Answer, "sqlite")
def _sqlite(element: Answer, compiler: Any, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$.input.answers.{element.field}')"


@compiles(Answer, "postgresql")
def _postgresql(element: Answer, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"(CAST({column} AS jsonb) #>> '{{input,answers,{element.field}}}')"
