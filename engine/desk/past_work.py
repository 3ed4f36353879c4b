"""What was done for a customer, by a person or by a department lately: counts that an assessment starts from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select

from engine.desk.people import members
from engine.foundation.models import Case, Clock

MONTH = timedelta(days=30)


def figures_of(
    tx: Connection, scope: str | None, subject: str | None, *, until: datetime, months: int
) -> dict[str, Any]:
    """Cases received in the last `months` (of 30 days) before `until`: of a `customer`, a `person` or a `group`.

    `late` are those whose promise of repair was broken; `text` says it all in one line of both languages.
    """
    late = select(Clock.case_id).where(Clock.name == "restoration", Clock.breached_at.is_not(None))
    query = select(
        func.count(),
        func.count(Case.ended_at),
        func.coalesce(func.sum(Case.reopened), 0),
        func.coalesce(func.sum(case((Case.severity == "major", 1), else_=0)), 0),
        func.coalesce(func.sum(case((Case.id.in_(late), 1), else_=0)), 0),
    ).where(Case.received_at >= until - months * MONTH, Case.received_at < until)
    counted = tx.execute(query.where(_of(tx, scope, subject))).one()
    figures = dict(zip(("cases", "closed", "reopened", "major", "late"), map(int, counted), strict=True))
    return {**figures, "text": _TEXT.format(**figures)}


def _of(tx: Connection, scope: str | None, subject: str | None) -> Any:
    if scope == "customer":
        return Case.customer_name == subject
    if scope == "group":
        return Case.handler.in_(members(tx, subject or ""))
    return Case.handler == subject


_TEXT = (
    "期内案例 {cases} 件, 已结束 {closed}, 重新打开 {reopened}, 重大 {major}, 修复超时 {late} "
    "(cases {cases}, closed {closed}, re-opened {reopened}, major {major}, late {late})"
)
