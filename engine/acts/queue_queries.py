"""The statements behind the queues, each shape prepared once: an inbox is asked for far more often than it changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy import cast as as_type

from engine.acts.paging import Key
from engine.foundation.models import Case, QueueCount, Task

_TASK, _CASE = cast(Table, Task.__table__), cast(Table, Case.__table__)
_QUEUE = cast(Table, QueueCount.__table__)
_SAME_CASE = and_(_CASE.c.shard_key == _TASK.c.shard_key, _CASE.c.id == _TASK.c.case_id)
_ESCAPE = "/"
_MOST: BindParameter[int] = bindparam("most")
# Written out, because PostgreSQL plans a limit that it cannot see anew each time.
_ONE: ColumnElement[int] = literal_column("1")

LINE = (
    *_TASK.c,
    _CASE.c.number,
    _CASE.c.title,
    _CASE.c.customer_name,
    _CASE.c.priority,
    _CASE.c.severity,
    _CASE.c.release,
    _CASE.c.facts,
    _CASE.c.kept_out,
)
"""What one line of the inbox is made of."""

COUNT_GROUPS = (
    select(_QUEUE.c.group_id, as_type(func.sum(_QUEUE.c.open), Integer).label("open"))
    .where(_QUEUE.c.group_id.in_(bindparam("groups", expanding=True)))
    .group_by(_QUEUE.c.group_id)
)
_UNASSIGNED = and_(_TASK.c.kind == "task", _TASK.c.assignee.is_(None))
MINE = and_(_TASK.c.kind == "task", _TASK.c.assignee == bindparam("me"))
COUNT_MINE = select(func.count()).where(MINE)
_LATE = func.count().filter(_TASK.c.sort_at < bindparam("now"))
COUNT_OWN = select(func.count().label("held"), _LATE.label("late")).where(MINE)
HIDDEN_TASKS = (
    select(_TASK.c.group_id, func.count().label("open"))
    .where(tuple_(_TASK.c.shard_key, _TASK.c.case_id).in_(bindparam("cases", expanding=True)))
    .where(_UNASSIGNED, _TASK.c.group_id.in_(bindparam("groups", expanding=True)))
    .group_by(_TASK.c.group_id)
)


@lru_cache(maxsize=128)
def page(groups: int, *, keyed: bool, searched: bool) -> Select[Any]:
    """A page of one's own tasks (`groups` = 0) or of the unassigned ones of so many groups.

    One bounded index range per group: a merge of short lists instead of a sort of long ones.
    """
    conditions = [_of_group(number) for number in range(groups)] or [MINE]
    return _merged([_range(condition, keyed, searched) for condition in conditions])


@lru_cache(maxsize=32)
def first(groups: int) -> Select[Any]:
    """The task to do next: the first of one's own, or else of the unassigned ones of so many groups."""
    conditions = [MINE, *(_of_group(number) for number in range(groups))]
    turns = (literal(min(number, 1)).label("turn") for number in range(len(conditions)))
    ranges = [
        _range(one, False, False, most=_ONE).add_columns(turn)
        for one, turn in zip(conditions, turns, strict=True)
    ]
    return _merged(ranges, "turn", most=_ONE)


@lru_cache(maxsize=2)
def found(*, own: bool) -> Select[Any]:
    """How many tasks a search finds, one's own or unassigned ones of `groups`, and how many of them are late."""
    whose = MINE if own else and_(_UNASSIGNED, _TASK.c.group_id.in_(bindparam("groups", expanding=True)))
    late = func.count(case((_TASK.c.sort_at < bindparam("now"), 1)))
    tasks = select(func.count(), late).select_from(_TASK.join(_CASE, _SAME_CASE))
    return tasks.where(whose, _TASK.c.case_id.not_in(_hidden()), _contains())


def _merged(ranges: Sequence[Select[Any]], *before: str, most: ColumnElement[int] = _MOST) -> Select[Any]:
    picked = union_all(*[one.subquery().select() for one in ranges]).subquery()
    this = and_(
        picked.c.shard_key == _TASK.c.shard_key,
        picked.c.case_id == _TASK.c.case_id,
        picked.c.id == _TASK.c.id,
    )
    return (
        select(*LINE)
        .select_from(_TASK.join(picked, this).join(_CASE, _SAME_CASE))
        .order_by(*(picked.c[name] for name in before), _TASK.c.sort_at, _TASK.c.id)
        .limit(most)
    )


def bound(
    me: str, groups: list[str], *, limit: int, key: Key | None = None, search: str | None = None
) -> dict[str, object]:
    """The values for `page` and `first`."""
    values: dict[str, object] = {"me": me, "named": named(me), "most": limit}
    values |= {f"group_{number}": group for number, group in enumerate(groups)}
    if key is not None:
        values |= {"after_at": key.at, "after_id": key.id}
    if search:
        values["words"] = f"%{search.strip()}%"
    return values


def _of_group(number: int) -> ColumnElement[bool]:
    return and_(_UNASSIGNED, _TASK.c.group_id == bindparam(f"group_{number}"))


def _range(
    condition: ColumnElement[bool], keyed: bool, searched: bool, *, most: ColumnElement[int] = _MOST
) -> Select[Any]:
    query = select(_TASK.c.shard_key, _TASK.c.case_id, _TASK.c.id).where(condition)
    query = query.where(_TASK.c.case_id.not_in(_hidden()))
    if keyed:
        at, identity = (
            bindparam("after_at", type_=_TASK.c.sort_at.type),
            bindparam("after_id", type_=_TASK.c.id.type),
        )
        query = query.where(or_(_TASK.c.sort_at > at, and_(_TASK.c.sort_at == at, _TASK.c.id > identity)))
    if searched:
        query = query.join(_CASE, _SAME_CASE).where(_contains())
    return query.order_by(_TASK.c.sort_at, _TASK.c.id).limit(most)


def _hidden() -> Select[Any]:
    """Cases that are kept from the person: few, and found by an index of their own."""
    return select(_CASE.c.id).where(_is_hidden())


def _is_hidden() -> ColumnElement[bool]:
    named = type_coerce(_CASE.c.kept_out, String).contains(bindparam("named"), escape=_ESCAPE)
    return and_(_CASE.c.kept_out.is_not(None), named)


def named(me: str) -> str:
    """The pattern that finds a person in a list of those who are kept out."""
    return _escaped(f'"{me}"')


def _contains() -> ColumnElement[bool]:
    words: BindParameter[str] = bindparam("words", type_=String)
    columns = (_CASE.c.number, _CASE.c.title, _CASE.c.customer_name, as_type(_CASE.c.facts, String))
    return or_(*[column.ilike(words) for column in columns])


def _escaped(word: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        word = word.replace(special, _ESCAPE + special)
    return word


HIDDEN = select(_CASE.c.shard_key, _CASE.c.id).where(_is_hidden())
