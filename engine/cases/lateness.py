"""What must be known of a locked case before anything is done: whether it was done already, and what is due first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, exists, select

from engine.cases.outcomes import AlreadyApplied
from engine.cases.row import of_case
from engine.cases.step import Step
from engine.foundation.ids import shard_key
from engine.foundation.models import Draft, Event, Timer

_TIMER, _DRAFT = cast(Table, Timer.__table__), cast(Table, Draft.__table__)
_EVENT = cast(Table, Event.__table__)
_FIRST = (
    select(_TIMER.c.id, _TIMER.c.due_at)
    .where(*of_case(_TIMER), _TIMER.c.due_at <= bindparam("now"))
    .order_by(_TIMER.c.due_at, _TIMER.c.id)
    .limit(1)
)
_STANDING = select(
    exists().where(*of_case(_TIMER), _TIMER.c.due_at <= bindparam("now")).label("late"),
    exists().where(*of_case(_DRAFT)).label("drafts"),
)
_STANDING_OF_KEY = _STANDING.add_columns(
    select(_EVENT.c.seq)
    .where(*of_case(_EVENT), _EVENT.c.key == bindparam("key"))
    .limit(1)
    .scalar_subquery()
    .label("applied")
)
_DUE_AT = select(_TIMER.c.due_at).where(*of_case(_TIMER), _TIMER.c.id == bindparam("timer"))


def first_due(tx: Connection, case_id: UUID, *, now: datetime) -> Any:
    """The timer (`id`, `due_at`) that should have fired first of those that are due by `now`; None when none is."""
    bound = {"of_shard": shard_key(case_id), "of_case": case_id, "now": now}
    return tx.execute(_FIRST, bound).one_or_none()


def is_behind(step: Step, *, now: datetime, key: str | None) -> bool:
    """Whether a timer of the locked case should have fired by `now`, before a person may act.

    On the way: raises AlreadyApplied for a key under which something was done (nobody else writes while the case is
    locked, so a request counts once), and notes whether anybody is drafting.
    """
    if step.actor.is_system and key is None:
        return False
    asked = {**step.row.bound, "now": now, "key": key}
    found = step.tx.execute(_STANDING if key is None else _STANDING_OF_KEY, asked).one()
    if key is not None and found.applied is not None:
        raise AlreadyApplied(step.row.id, found.applied)
    step.row.may_have_drafts = bool(found.drafts)
    return bool(found.late) and not step.actor.is_system


def still_due(step: Step, timer_id: UUID, *, at: datetime) -> bool:
    """Whether a timer still waits for exactly this moment."""
    bound = {**step.row.bound, "timer": timer_id}
    return step.tx.execute(_DUE_AT, bound).scalar_one_or_none() == at
