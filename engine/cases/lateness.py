"""What is due in one case: nothing may happen in it before the timers that should have fired by then."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, exists, select

from engine.cases.row import of_case
from engine.cases.step import Step
from engine.foundation.ids import shard_key
from engine.foundation.models import Draft, Timer

_TIMER, _DRAFT = cast(Table, Timer.__table__), cast(Table, Draft.__table__)
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
_DUE_AT = select(_TIMER.c.due_at).where(*of_case(_TIMER), _TIMER.c.id == bindparam("timer"))


def first_due(tx: Connection, case_id: UUID, *, now: datetime) -> Any:
    """The timer (`id`, `due_at`) that should have fired first of those that are due by `now`; None when none is."""
    bound = {"of_shard": shard_key(case_id), "of_case": case_id, "now": now}
    return tx.execute(_FIRST, bound).one_or_none()


def is_behind(step: Step, *, now: datetime) -> bool:
    """Whether a timer of the locked case should have fired by `now`; notes on the way whether anybody is drafting."""
    found = step.tx.execute(_STANDING, {**step.row.bound, "now": now}).one()
    step.row.may_have_drafts = bool(found.drafts)
    return bool(found.late)


def still_due(step: Step, timer_id: UUID, *, at: datetime) -> bool:
    """Whether a timer still waits for exactly this moment."""
    bound = {**step.row.bound, "timer": timer_id}
    return step.tx.execute(_DUE_AT, bound).scalar_one_or_none() == at
