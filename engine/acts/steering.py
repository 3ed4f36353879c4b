"""What is done to a whole case rather than to one of its tasks: its clock is stopped, a deadline moved, its end brought about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from engine.acts.worklist import case_id, once
from engine.cases import Cases, pausing
from engine.cases.row import no_such_case
from engine.foundation.models import Case
from engine.foundation.security import Actor
from engine.foundation.text import Text


def pause(
    cases: Cases, number: str, *, reason: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Stop the customer's clock while waiting for the customer (product decision 9). Raises Rejection, Conflict."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.pause(reason)


def resume(cases: Cases, number: str, *, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Let the customer's clock run on. Raises Conflict when it runs."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.resume()


def cancel(
    cases: Cases, number: str, *, reason: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """The process owner or an administrator ends a case at once, with a reason. Raises Forbidden, Rejection, Conflict."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.cancel(reason=reason)


def move_deadline(
    cases: Cases,
    number: str,
    timer_id: UUID,
    *,
    due_at: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """The process owner or an administrator gives a waiting timer another due moment, with a reason. Raises Forbidden, Rejection."""
    with once(), cases.step(case_id(cases, number), actor=actor, now=now, key=key) as run:
        run.move_deadline(timer_id, due_at=due_at, reason=reason)


def pause_reasons(cases: Cases, number: str) -> list[tuple[str, Text]]:
    """The reasons for which the customer's clock of this case may stop: those of its release. Raises NotFound."""
    with cases.database.read() as tx:
        release = tx.execute(select(Case.release).where(Case.number == number)).scalar_one_or_none()
    if release is None:
        raise no_such_case(number)
    return list(pausing.pause_reasons(cases.library(release)).items())
