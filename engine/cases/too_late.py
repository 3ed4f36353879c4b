"""What somebody is told who comes too late: who was faster and when, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from engine.cases.permission import name_of
from engine.cases.row import CaseRow, local, of_case
from engine.foundation.errors import Conflict
from engine.foundation.models import Event
from engine.foundation.security import OWN_ACTORS
from engine.foundation.text import Text

_EVENT = cast(Table, Event.__table__)
_ACTS = select(_EVENT.c.actor, _EVENT.c.at).where(*of_case(_EVENT)).order_by(_EVENT.c.seq.desc()).limit(1)
_ON_TASK = _ACTS.where(_EVENT.c.task_id == bindparam("task"))
_DONE = _ON_TASK.where(_EVENT.c.kind.in_(("task:complete", "message:send")))


def gone(tx: Connection, row: CaseRow, task_id: UUID, *, zone: str) -> Conflict:
    """The task does not wait any more: who completed it, or else who moved the case on."""
    bound = {**row.bound, "task": task_id}
    done = tx.execute(_DONE, bound).one_or_none()
    if done is not None:
        return Conflict(_COMPLETED.format(**_who_and_when(tx, done, zone)))
    return Conflict(_MOVED_ON.format(**_who_and_when(tx, tx.execute(_ACTS, row.bound).one(), zone)))


def stale(tx: Connection, row: CaseRow, task: Any, *, zone: str) -> Conflict:
    """The task still waits, but the page is older than what somebody did with it."""
    changed = tx.execute(_ON_TASK, {**row.bound, "task": task.id}).one_or_none()
    known = _who_and_when(tx, changed, zone) if changed is not None else {"who": "-", "at": "-"}
    held = task.assignee is not None
    return Conflict(
        (_HELD if held else _BACK).format(**known, holder=name_of(tx, task.assignee) if held else "")
    )


def _who_and_when(tx: Connection, act: Any, zone: str) -> dict[str, str]:
    own = OWN_ACTORS.get(act.actor)
    return {"who": own.name if own else name_of(tx, act.actor), "at": local(act.at, zone)}


_COMPLETED = Text(
    zh="{who}已于 {at} 完成这个任务。您填写的内容仍然保留。",
    en="{who} completed this task at {at}; nothing of yours was lost.",
)
_MOVED_ON = Text(
    zh="这个任务已不再等待处理: 流程已经往前走了(最近一步: {who}, {at})。您填写的内容仍然保留。",
    en="This task does not wait any more: the case has moved on (last step: {who}, {at}). What you typed is kept.",
)
_HELD = Text(
    zh="任务在您打开之后已有变化({who}, {at}), 现由{holder}办理。您填写的内容仍然保留, 请刷新后继续。",
    en="The task changed since you opened it ({who}, {at}) and is held by {holder}. "
    "What you typed is kept; reload and go on.",
)
_BACK = Text(
    zh="任务在您打开之后已有变化({who}, {at}), 已退回岗位组。您填写的内容仍然保留, 请刷新后继续。",
    en="The task changed since you opened it ({who}, {at}) and is back in its group. "
    "What you typed is kept; reload and go on.",
)
