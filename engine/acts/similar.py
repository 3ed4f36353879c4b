"""What has happened before: earlier cases of a device or its model, known errors, and articles that may help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from engine.acts.status_names import status_name
from engine.acts.visibility import visible_to
from engine.acts.waiting import name_of
from engine.cases import Cases
from engine.desk.bulletins import KNOWN_ERRORS, Match, fitting
from engine.desk.registers.knowledge import Found, suggestions
from engine.foundation.ids import shard_key
from engine.foundation.models import Asset, Case
from engine.foundation.security import Actor, may, require
from engine.foundation.text import Text

MOST = 3  # of each kind: a hint beside the work, not a search


@dataclass(frozen=True, slots=True)
class Earlier:
    """A case of the same device (`same`) or of its model; `stage` says how it ended or where it stands."""

    number: str
    title: str
    stage: Text
    opened_at: datetime
    ended: bool
    same: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """What may help with a fault; false when there is nothing."""

    cases: tuple[Earlier, ...] = ()
    errors: tuple[Match, ...] = ()
    articles: tuple[Found, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cases or self.errors or self.articles)


def of_case(cases: Cases, case_id: UUID, *, actor: Actor) -> Similar:
    """What resembles a case. Raises Forbidden."""
    require(actor, "see_case")
    with cases.database.read() as tx:
        row = tx.execute(_THE_CASE, {"shard": shard_key(case_id), "id": case_id}).one()
        written = (row.facts or {}).get("model")
        model = row.model or (str(written) if written else None)
        words = str((row.facts or {}).get("description") or row.title)
        return _found(tx, cases, actor, model=model, asset=row.asset_id, words=words, besides=case_id)


def of_report(
    cases: Cases, *, serial: str | None, model: str | None, words: str | None, actor: Actor
) -> Similar:
    """What resembles a report that is being written. Raises Forbidden."""
    require(actor, "open_case")
    with cases.database.read() as tx:
        device = None
        if serial:
            query = select(Asset.id, Asset.model).where(Asset.serial == serial.strip())
            device = tx.execute(query).one_or_none()
        return _found(
            tx,
            cases,
            actor,
            model=device.model if device else model,
            asset=device.id if device else None,
            words=words or "",
            besides=None,
        )


_CASE, _ASSET = cast(Table, Case.__table__), cast(Table, Asset.__table__)
_THE_CASE = (
    select(_CASE.c.title, _CASE.c.facts, _CASE.c.asset_id, _ASSET.c.model)
    .outerjoin(_ASSET, _ASSET.c.id == _CASE.c.asset_id)
    .where(_CASE.c.shard_key == bindparam("shard"), _CASE.c.id == bindparam("id"))
)


def _found(
    tx: Connection,
    cases: Cases,
    actor: Actor,
    *,
    model: str | None,
    asset: UUID | None,
    words: str,
    besides: UUID | None,
) -> Similar:
    errors = fitting(tx, model=model, place=None, words=words, kinds=KNOWN_ERRORS)
    articles = suggestions(tx, words, actor=actor, limit=MOST) if may(actor, "see_registers") else []
    return Similar(
        cases=_earlier(tx, cases, actor, model, asset, besides) if model else (),
        errors=tuple(errors[:MOST]),
        articles=tuple(articles),
    )


def _earlier(
    tx: Connection, cases: Cases, actor: Actor, model: str, asset: UUID | None, besides: UUID | None
) -> tuple[Earlier, ...]:
    devices = select(Asset.id).where(Asset.model == model)
    query = (
        select(*_COLUMNS)
        .where(Case.asset_id.in_(devices), visible_to(actor))
        .order_by((Case.asset_id == asset).desc(), Case.opened_at.desc())
        .limit(MOST)
    )
    if besides is not None:
        query = query.where(Case.id != besides)
    return tuple(_line(row, cases, asset) for row in tx.execute(query))


_COLUMNS = (
    Case.number,
    Case.title,
    Case.process,
    Case.status,
    Case.outcome,
    Case.release,
    Case.asset_id,
    Case.opened_at,
    Case.ended_at,
)


def _line(row: Any, cases: Cases, asset: UUID | None) -> Earlier:
    library = cases.library(row.release)
    ended = name_of(library, row.process, row.outcome) if row.outcome else None
    return Earlier(
        number=row.number,
        title=row.title,
        stage=ended or status_name(library, row.status),
        opened_at=row.opened_at,
        ended=row.ended_at is not None,
        same=asset is not None and row.asset_id == asset,
    )
