"""Which cases a person may see at all: a complaint, for instance, is kept from the person it is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, select, type_coerce
from sqlalchemy.orm import aliased

from engine.foundation.models import Case
from engine.foundation.security import Actor, Target, require

_Kept = aliased(Case)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases that are not kept from `actor`."""
    return Case.id.not_in(_hidden_from(actor))


def of_visible_cases(table: Any, actor: Actor) -> ColumnElement[bool]:
    """Rows of a case's table (tasks, timers, incidents) whose case is not kept from `actor`."""
    visible: ColumnElement[bool] = table.case_id.not_in(_hidden_from(actor))
    return visible


def kept_from(tx: Connection, actor: Actor) -> frozenset[str]:
    """The numbers of the cases that are kept from `actor`."""
    return frozenset(tx.execute(select(Case.number).where(Case.id.in_(_hidden_from(actor)))).scalars())


def _hidden_from(actor: Actor) -> Select[Any]:
    """The cases that are kept from `actor`: few, and found by an index of their own."""
    named = type_coerce(_Kept.kept_out, String).contains(f'"{actor.id}"', autoescape=True)
    return select(_Kept.id).where(_Kept.kept_out.is_not(None), named)


def require_visible(row: Any, actor: Actor) -> None:
    """Pass, or raise Unseen as if there were no such case: that it exists is kept from the person as well."""
    require(actor, "see_case", Target(label=row.number, kept_out=row.kept_out or ()))
