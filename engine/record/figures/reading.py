"""The queries of the figures: the cases of a span of time, their promises and links, and what was said in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from engine.foundation.figure_kinds import MOMENTS
from engine.foundation.figures import Source
from engine.foundation.models import Asset, Case, CaseLink, Clock, Event
from engine.foundation.security import SYSTEM_ID
from engine.record.figures.json_answer import Answers, answer
from engine.record.figures.period import Period
from engine.record.figures.said import ANSWERED, RATED, Command


def kind_of(asked: Source | None) -> ColumnElement[Any]:
    """The kind of a case: the last answer to `asked`, else the kind that it has from its process."""
    if asked is None:
        return cast(ColumnElement[Any], Case.kind)
    found = (
        select(answer(Event.data, str(asked.field)))
        .where(Event.shard_key == Case.shard_key, Event.case_id == Case.id)
        .where(Event.element == asked.element, Event.kind.in_(ANSWERED))
        .order_by(Event.seq.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return func.coalesce(found, Case.kind)


def reported(period: Period) -> list[ColumnElement[bool]]:
    """Received in a period. No case is opened before it is received, so that the index over `opened_at` leads there."""
    return [
        Case.opened_at >= period.start,
        Case.received_at >= period.start,
        Case.received_at < period.end,
    ]


def cases(tx: Connection, asked: Source | None, where: Iterable[ColumnElement[bool]]) -> list[Row[Any]]:
    """These cases by number, with their kind and the class of their device."""
    device = (Asset.asset_class, Asset.name.label("device"), Asset.serial)
    query = select(*_COLUMNS, kind_of(asked).label("kind"), *device)
    found = tx.execute(query.outerjoin(Asset, Asset.id == Case.asset_id).where(*where)).all()
    # Sorted here, lest the database walk over all numbers instead of the period.
    return sorted(found, key=lambda one: str(one.number))


def promises(tx: Connection, where: Iterable[ColumnElement[bool]]) -> Sequence[Row[Any]]:
    """Every clock of these cases."""
    columns = (Clock.name, Case.number, Clock.due_at, Clock.met_at, Clock.breached_at)
    return tx.execute(select(*columns).select_from(Clock).join(Case, _of(Clock)).where(*where)).all()


def linked(tx: Connection, links: Collection[str], where: Iterable[ColumnElement[bool]]) -> frozenset[str]:
    """The numbers of those of these cases that belong to another one in one of these ways."""
    query = select(Case.number).select_from(CaseLink).join(Case, _of(CaseLink))
    return frozenset(tx.execute(query.where(CaseLink.kind.in_(links), *where)).scalars())


def commands(
    tx: Connection, elements: Collection[str], where: Iterable[ColumnElement[bool]]
) -> list[Command]:
    """What happened at these elements, in no order; `where` may speak of the cases and of the events."""
    if not elements:
        return []
    there = Event.element.in_(sorted(elements))
    query = _COMMANDS.where(or_(there, Event.kind == RATED) if RATED in elements else there, *where)
    return [_command(row) for row in tx.execute(query).tuples().all()]


def commands_beside(
    tx: Connection, elements: Collection[str], beside: Collection[str], period: Period
) -> list[Command]:
    """What ever happened at `elements` in cases received before a period that answered at one of `beside` during it."""
    there = (
        select(Event.shard_key, Event.case_id)
        .join(Case, _of(Event))
        .where(*within(period), Case.received_at < period.start)
        .where(Event.element.in_(sorted(beside)), Event.kind.in_(ANSWERED))
        .distinct()
        .subquery()
    )
    same = and_(there.c.shard_key == Event.shard_key, there.c.case_id == Event.case_id)
    query = _COMMANDS.join(there, same).where(Event.element.in_(sorted(elements)))
    return [_command(row) for row in tx.execute(query).tuples().all()]


def by_people(period: Period) -> tuple[ColumnElement[bool], ...]:
    """That a person answered something during a period."""
    return (*within(period), Event.kind.in_(ANSWERED), Event.actor != SYSTEM_ID)


def parts_of_people(tx: Connection, period: Period) -> Sequence[tuple[str, str, int]]:
    """How often each person answered something in each case."""
    query = select(Event.actor, Case.number, func.count()).select_from(Event).join(Case, _of(Event))
    query = query.where(*by_people(period)).group_by(Event.actor, Case.number)
    return tx.execute(query).tuples().all()


def places_of_people(
    tx: Connection, period: Period
) -> Sequence[tuple[int, str | None, str | None, str, int]]:
    """How often each person answered something at each element of a release and process."""
    place = (Event.release, Event.process, Event.element, Event.actor)
    query = select(*place, func.count()).where(*by_people(period)).group_by(*place)
    return tx.execute(query).tuples().all()


def noted_by_people(tx: Connection, period: Period, field: str) -> Sequence[tuple[str, str | None]]:
    """The answers of each person that mention a field, as JSON."""
    mentions = Event.data.contains(f'"{field}":', autoescape=True)
    query = select(Event.actor, Answers(Event.data)).where(*by_people(period), mentions)
    return tx.execute(query).tuples().all()


def within(period: Period) -> tuple[ColumnElement[bool], ...]:
    """That something happened during a period."""
    return (Event.at >= period.start, Event.at < period.end)


def _of(table: Any) -> ColumnElement[bool]:
    return and_(Case.shard_key == table.shard_key, Case.id == table.case_id)


def _command(row: Any) -> Command:
    number, element, seq, kind, actor, at, answers = row
    return Command(
        number, element, seq, kind, actor, at, _NOTHING if answers is None else json.loads(answers)
    )


_NOTHING: Mapping[str, Any] = {}
_COMMANDS = (
    select(
        Case.number,
        func.coalesce(Event.element, Event.kind),
        Event.seq,
        Event.kind,
        Event.actor,
        Event.at,
        Answers(Event.data),
    )
    .select_from(Event)
    .join(Case, _of(Event))
)
_COLUMNS = tuple(
    getattr(Case, name)
    for name in (
        "number",
        "status",
        "severity",
        "coverage",
        "channel",
        "customer_name",
        "asset_id",
        "outcome",
        "reopened",
        "facts",
        *sorted(MOMENTS),
    )
)
