"""Who may do a task of a case: the policy's answer, and who holds the task when somebody else does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from engine.bpmn.library import Library
from engine.cases.row import local
from engine.foundation.errors import Conflict
from engine.foundation.models import Draft, Person
from engine.foundation.security import Actor, Refused, Target, require
from engine.foundation.text import Text


def require_may_act(tx: Connection, actor: Actor, task: Any, *, zone: str) -> None:
    """Pass, or raise Refused (outside the group, or kept out by separation of duties) or Conflict (who holds it)."""
    require(actor, "take_task", target_of(task))
    if task.assignee in {None, actor.id, *actor.stands_in_for} or actor.is_system:
        return
    who, at = name_of(tx, task.assignee), local(task.claimed_at or task.created_at, zone)
    raise Conflict(
        Text(
            zh=f"{who}已于 {at} 领取这个任务; 您填写的内容没有丢失。可以请对方释放, 或请经理改派。",
            en=f"{who} has held this task since {at}; nothing of yours was lost. "
            "Ask for its release, or ask a manager to reassign it.",
        )
    )


def target_of(task: Any) -> Target:
    """A task as far as permission depends on it."""
    return Target(
        label=f"{task.process}/{task.element} {task.id}",
        group=task.group_id,
        assignee=task.assignee,
        excluded=task.excluded or (),
    )


def require_may_answer(actor: Actor, task: Any, library: Library) -> None:
    """Pass when the drawing lets the customer answer this task; raises Refused."""
    element = library.diagrams[task.process].elements[task.element]
    require(actor, "answer_as_customer", Target(label=f"{task.process}/{task.element} {task.id}"))
    if element.properties.get("answered_by") != "customer":
        raise Refused(_NOT_ASKED, act="answer_as_customer", target=str(task.id))


def require_untouched(tx: Connection, actor: Actor, task: Any) -> None:
    """Pass when the actor handed this task over and its new holder has not begun; raises Refused, Conflict."""
    require(actor, "take_back_task", Target(label=str(task.id), assignee=task.delegated_by))
    begun = select(Draft.saved_at).where(
        Draft.shard_key == task.shard_key, Draft.case_id == task.case_id, Draft.task_id == task.id
    )
    if tx.execute(begun.where(Draft.person == task.assignee)).first() is not None:
        who = name_of(tx, task.assignee)
        raise Conflict(_BEGUN.format(who=who))


def name_of(tx: Connection, person: str) -> str:
    """How a person is called; the id when unknown."""
    return tx.execute(select(Person.name).where(Person.id == person)).scalar_one_or_none() or person


_BEGUN = Text(
    zh="{who}已经开始填写这个任务, 转交不能再撤回。如需收回, 请与对方联系或请经理改派。",
    en="{who} has begun to fill this task in, so the hand-over cannot be undone any more. "
    "Talk to them, or ask a manager to reassign it.",
)
_NOT_ASKED = Text(
    zh="这一步由我们的工作人员处理, 不需要您填写。",
    en="This step is done by our staff; nothing is asked of you.",
)
