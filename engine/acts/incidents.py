"""Incidents from outside: run the kept command again, as the person who gave it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.acts.visibility import require_visible
from engine.cases import Cases, incident
from engine.cases.row import id_of
from engine.cases.step import Step
from engine.desk import people
from engine.foundation.errors import Conflict, NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Incident
from engine.foundation.security import OWN_ACTORS, Actor, Target, refusals_logged, require
from engine.foundation.text import Text


def retry(cases: Cases, number: str, incident_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Run the kept command again with the input that was typed then; settles the incident when it succeeds.

    Raises Forbidden, NotFound, Conflict (settled already, or the case has moved on), IncidentRaised (it failed again;
    counted as another attempt).
    """
    with refusals_logged(cases.database, actor=actor, at=now):
        require(actor, "retry_incident", Target(label=number))
        identity = _visible(cases, number, actor)
    kept = _open(cases, identity, incident_id)
    if kept.command["kind"] == "case:start":
        cases.restart(identity, incident_id, actor=_original(cases, kept.actor, now), now=now, resolver=actor)
        return
    at = _moment(kept, now)
    with cases.step(identity, actor=_original(cases, kept.actor, now), now=at) as step:
        _VERBS[kept.command["kind"]](step, kept.command)
        incident.resolve(step, incident_id, by=actor.id)


def _visible(cases: Cases, number: str, actor: Actor) -> UUID:
    with cases.database.read() as tx:
        found = tx.execute(
            select(Case.id, Case.number, Case.kept_out).where(Case.id == id_of(tx, number))
        ).one()
    require_visible(found, actor)
    return found.id  # type: ignore[no-any-return]


def _open(cases: Cases, identity: UUID, incident_id: UUID) -> Any:
    where = (
        Incident.shard_key == shard_key(identity),
        Incident.case_id == identity,
        Incident.id == incident_id,
    )
    with cases.database.read() as tx:
        row = tx.execute(select(Incident.__table__).where(*where)).one_or_none()
    if row is None:
        raise NotFound(Text(zh="没有这条异常记录。", en="There is no such incident."))
    if row.resolved_at is not None:
        raise Conflict(incident.SETTLED)
    return row


def _original(cases: Cases, person: str, now: datetime) -> Actor:
    if person in OWN_ACTORS:
        return OWN_ACTORS[person]
    with cases.database.read() as tx:
        return people.actor_of(tx, person, at=now)


def _moment(kept: Any, now: datetime) -> datetime:
    # A timer keeps its own due moment; a person's act happens when it is retried.
    return datetime.fromisoformat(kept.command["at"]) if kept.command["kind"] in incident.FIRED else now


def _complete(step: Step, command: dict[str, Any]) -> None:
    step.complete(UUID(command["task_id"]), command["input"]["answers"])


def _send(step: Step, command: dict[str, Any]) -> None:
    step.send(UUID(command["task_id"]), command["input"]["answers"])


def _deliver(step: Step, command: dict[str, Any]) -> None:
    step.deliver(command["element"], command["input"]["answers"])


def _fire(step: Step, command: dict[str, Any]) -> None:
    step.fire(UUID(command["task_id"]))


_VERBS: dict[str, Callable[[Step, dict[str, Any]], None]] = {
    "task:complete": _complete,
    "message:send": _send,
    "message:deliver": _deliver,
    **dict.fromkeys(incident.FIRED, _fire),
}
