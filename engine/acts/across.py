"""What one case leads to in others, after its own commit: each in a step of its own, under a key that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from engine.cases import AlreadyApplied, Cases, IncidentRaised, Opening
from engine.desk import bulletins
from engine.foundation.errors import Conflict, NotFound
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, CaseLink
from engine.foundation.security import SYSTEM

SAME_FAULT = "same_fault"


class Posted(Protocol):
    """What the outbox hands over: who posted it, and what."""

    @property
    def id(self) -> UUID:
        """The key under which it is carried out."""

    @property
    def case_id(self) -> UUID:
        """The case that posted it."""

    @property
    def number(self) -> str:
        """Its number."""

    @property
    def message(self) -> str:
        """What sort of thing it is."""

    @property
    def recipient(self) -> str:
        """The other case, where there is one."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What goes with it."""


def open_case(cases: Cases, id: UUID, process: str, values: Mapping[str, Any], *, now: datetime) -> None:
    """Open a case of `process` with what is known already; does nothing when it exists."""
    origin = {"reason": values.get("reason"), "from_case": values.get("from")}
    opening = Opening(process=process, answers={**values.get("data", {}), **origin})
    with suppress(AlreadyApplied, IncidentRaised):  # in both cases the new case exists
        cases.start(opening, actor=SYSTEM, now=now, key=str(id))


def tell(cases: Cases, posted: Posted, *, now: datetime) -> None:
    """Deliver what a case posted to the events of other cases that wait for it; whoever does not wait is passed over."""
    told = posted.values
    if posted.message == "open_case" and told.get("tell"):
        _deliver(cases, [posted.case_id], posted, told["tell"], {"number": _number(cases, posted.id)}, now)
    elif posted.message == "tell_linked":
        _deliver(cases, _linked(cases, posted.number), posted, told["element"], told.get("data") or {}, now)
    elif posted.message == "linked" and _is_over(cases, posted.recipient):
        _deliver(cases, [posted.case_id], posted, told["element"], {}, now)


def _deliver(
    cases: Cases, ids: Iterable[UUID], posted: Posted, element: str, data: dict[str, Any], now: datetime
) -> None:
    for case_id in ids:
        with (
            suppress(AlreadyApplied, IncidentRaised, NotFound, Conflict),
            cases.step(case_id, actor=SYSTEM, now=now, key=str(posted.id)) as step,
        ):
            step.deliver(element, data)


def _linked(cases: Cases, number: str) -> list[UUID]:
    query = select(CaseLink.case_id).where(CaseLink.target == number, CaseLink.kind == SAME_FAULT)
    with cases.database.read() as tx:
        return list(tx.execute(query.order_by(CaseLink.case_id)).scalars())


def _is_over(cases: Cases, number: str) -> bool:
    with cases.database.read() as tx:
        return bulletins.is_over(tx, number)


def _number(cases: Cases, case_id: UUID) -> str | None:
    with cases.database.read() as tx:
        where = (Case.shard_key == shard_key(case_id), Case.id == case_id)
        return tx.execute(select(Case.number).where(*where)).scalar_one_or_none()
