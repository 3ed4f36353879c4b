"""Which cases a person may see at all: a complaint, for instance, is kept from the person it is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, String, select, type_coerce
from sqlalchemy.orm import aliased

from engine.cases.row import no_such_case
from engine.foundation.models import Case
from engine.foundation.security import Actor

_Kept = aliased(Case)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases that are not kept from `actor`."""
    return Case.id.not_in(_hidden_from(actor))


def of_visible_cases(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows of a case's table (tasks, timers, incidents) whose case is not kept from `actor`."""
    visible: ColumnElement[bool] = table.case_id.not_in(_hidden_from(actor))
    return visible


def _hidden_from(actor: Actor) -> Select[Any]:
    """The cases that are kept from `actor`: few, and found by an index of their own."""
    named = type_coerce(_Kept.kept_out, String).contains(f'"{actor.id}"', autoescape=True)
    return select(_Kept.id).where(_Kept.kept_out.is_not(None), named)


def require_visible(row: Any, actor: Actor) -> None:
    """Pass, or raise NotFound as if there were no such case: that it exists is kept from the person as well."""
    if actor.id in (row.kept_out or ()):
        raise no_such_case(row.number)
