"""Which cases a person may see at all: a complaint, for instance, is kept from the person it is about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, or_, type_coerce

from engine.cases.row import no_such_case
from engine.foundation.models import Case
from engine.foundation.security import Actor


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Cases that are not kept from `actor`."""
    named = type_coerce(Case.kept_out, String).contains(f'"{actor.id}"', autoescape=True)
    return or_(Case.kept_out.is_(None), ~named)


def require_visible(row: Any, actor: Actor) -> None:
    """Pass, or raise NotFound as if there were no such case: that it exists is kept from the person as well."""
    if actor.id in (row.kept_out or ()):
        raise no_such_case(row.number)
