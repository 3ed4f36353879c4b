"""Filters that a person keeps under a name: each is seen, counted, renamed and removed by its owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from engine.acts import queue_queries
from engine.acts.case_list import CaseFilter, tally
from engine.cases import Cases
from engine.desk.people import GROUPS
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.ids import new_id
from engine.foundation.models import SavedFilter
from engine.foundation.security import Actor, require
from engine.foundation.text import Text

CASES = "cases"
PLACES = frozenset({CASES, "mine", "groups", *GROUPS})
"""Where a filter may stand: the list of cases, and the queues of the inbox."""
MOST = 12  # more would push the places of the menu out of sight
LONGEST_NAME = 40
RETURNABLE = timedelta(days=1)
KNOWN = {field.name for field in fields(CaseFilter)}


@dataclass(frozen=True, slots=True)
class Saved:
    """A kept filter; `place` is "cases" or a queue of the inbox, `asked` what its address asks for."""

    id: UUID
    name: str
    place: str
    asked: Mapping[str, str]


def saved(cases: Cases, *, actor: Actor) -> list[Saved]:
    """The actor's own filters, oldest first."""
    with cases.database.read() as tx:
        return _own(tx, actor)


def keep(
    cases: Cases, *, name: str, place: str, asked: Mapping[str, str], actor: Actor, now: datetime
) -> Saved:
    """Keep a filter under a name. Raises Rejection: no such list, no name, nothing asked for, too many already."""
    require(actor, "see_case")
    if place not in PLACES:
        raise Rejection(_NO_PLACE)
    wanted = {key: value for key, value in asked.items() if value and key in _known(place)}
    if not wanted:
        raise Rejection(_NOTHING_ASKED)
    made = Saved(new_id(now), _checked(name), place, wanted)
    with cases.database.write() as tx:
        gone = SavedFilter.removed_at < now - RETURNABLE
        tx.execute(delete(SavedFilter).where(SavedFilter.person == actor.id, gone))
        if len(_own(tx, actor)) >= MOST:
            raise Rejection(_TOO_MANY.format(most=MOST))
        row = {"id": made.id, "name": made.name, "place": place, "asked": wanted}
        tx.execute(insert(SavedFilter).values(**row, person=actor.id, created_at=now))
    return made


def rename(cases: Cases, identity: UUID, *, name: str, actor: Actor) -> Saved:
    """Give a filter another name; returns it as it was. Raises NotFound, Rejection."""
    checked = _checked(name)
    with cases.database.write() as tx:
        before = _one(tx, identity, actor)
        tx.execute(update(SavedFilter).where(SavedFilter.id == identity).values(name=checked))
    return before


def remove(cases: Cases, identity: UUID, *, actor: Actor, now: datetime) -> Saved:
    """Take a filter out of the menu; for a day it can be put back. Raises NotFound."""
    with cases.database.write() as tx:
        before = _one(tx, identity, actor)
        tx.execute(update(SavedFilter).where(SavedFilter.id == identity).values(removed_at=now))
    return before


def restore(cases: Cases, identity: UUID, *, actor: Actor) -> Saved:
    """Put back what was removed. Raises NotFound when it is gone for good."""
    with cases.database.write() as tx:
        before = _one(tx, identity, actor, removed=True)
        tx.execute(update(SavedFilter).where(SavedFilter.id == identity).values(removed_at=None))
    return before


def counted(cases: Cases, *, actor: Actor, now: datetime) -> dict[UUID, tuple[int, int]]:
    """How much each of the actor's filters finds now, and how much of that is late."""
    with cases.database.read() as tx:
        zone = cases.settings.time_zone
        return {one.id: _count(tx, one, actor=actor, now=now, zone=zone) for one in _own(tx, actor)}


def _count(tx: Connection, one: Saved, *, actor: Actor, now: datetime, zone: str) -> tuple[int, int]:
    if one.place == CASES:
        return tally(tx, actor=actor, now=now, zone=zone, chosen=CaseFilter(**one.asked))
    own = one.place == "mine"
    groups = actor.groups if one.place in ("mine", "groups") else actor.groups & {one.place}
    values: dict[str, Any] = queue_queries.bound(actor.id, [], limit=0, search=one.asked["q"])
    values |= {"now": now} if own else {"now": now, "groups": sorted(groups)}
    found = tx.execute(queue_queries.found(own=own), values).one()
    return int(found[0]), int(found[1])


def _own(tx: Connection, actor: Actor) -> list[Saved]:
    query = select(SavedFilter.__table__).where(
        SavedFilter.person == actor.id, SavedFilter.removed_at.is_(None)
    )
    rows = tx.execute(query.order_by(SavedFilter.created_at, SavedFilter.id))
    return [Saved(row.id, row.name, row.place, row.asked) for row in rows]


def _one(tx: Connection, identity: UUID, actor: Actor, *, removed: bool = False) -> Saved:
    gone = SavedFilter.removed_at.is_not(None) if removed else SavedFilter.removed_at.is_(None)
    query = select(SavedFilter.__table__).where(
        SavedFilter.id == identity, SavedFilter.person == actor.id, gone
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound(_GONE)
    return Saved(row.id, row.name, row.place, row.asked)


def _known(place: str) -> set[str]:
    return KNOWN if place == CASES else {"q"}


def _checked(name: str) -> str:
    words = " ".join(name.split())
    if not 0 < len(words) <= LONGEST_NAME:
        raise Rejection(_NAME.format(most=LONGEST_NAME))
    return words


_NAME = Text(
    zh="请给筛选取一个名称, 1 至 {most} 个字。",
    en="Give the filter a name of 1 to {most} letters.",
)
_NO_PLACE = Text(
    zh="筛选应属于案例列表或一个待办列表, 但没有这个列表; 请从列表页保存。",
    en="Expected the list of cases or a queue of the inbox, found no such list; save the filter on its list.",
)
_NOTHING_ASKED = Text(
    zh="应有要保存的筛选条件, 但没有选择任何条件; 请先搜索或选择条件, 再保存。",
    en="Expected something to filter by, found nothing; search or choose something first, then save it.",
)
_TOO_MANY = Text(
    zh="最多保存 {most} 个筛选; 请先移除一个不再使用的筛选。",
    en="At most {most} filters are kept; remove one that you no longer use.",
)
_GONE = Text(
    zh="没有这个筛选, 或它已被移除。请从左侧菜单选择。",
    en="There is no such filter, or it was removed; choose one from the menu.",
)
