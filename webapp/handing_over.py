"""Handing a task to somebody else, and taking it back while they have not begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import directory, worklist
from engine.acts.open_task import OpenTask, open_task
from engine.foundation.security import Target, may, require
from webapp.context import actor, idempotency_key, now, revision, services
from webapp.notices import tell

blueprint = Blueprint("handing_over", __name__, url_prefix="/cases/<number>/tasks/<uuid:task_id>/hand-over")


@blueprint.get("")
def show(number: str, task_id: UUID) -> str:
    """Choose who shall do the task instead, and say why."""
    task = _open(number, task_id)
    require(actor(), "delegate_task" if _is_mine(task) else "reassign_task", target_of(task))
    return _page(task)


@blueprint.post("")
def give(number: str, task_id: UUID) -> ResponseReturnValue:
    """Delegate one's own task, or reassign it as its manager."""
    task = _open(number, task_id)
    person, reason = request.form.get("person", ""), request.form.get("reason", "").strip()
    errors = _errors(person, reason)
    if errors:
        return _page(task, errors=errors), 422
    act = worklist.delegate if _is_mine(task) else worklist.reassign
    act(
        services().cases,
        number,
        task_id,
        actor=actor(),
        now=now(),
        revision=revision(),
        key=idempotency_key(),
        person=person,
        reason=reason,
    )
    _tell(task)
    return redirect(url_for("inbox.mine"), code=303)


@blueprint.post("/undone")
def take_back(number: str, task_id: UUID) -> ResponseReturnValue:
    """The task is one's own again, if nobody has touched it since it was handed over."""
    worklist.take_back(
        services().cases,
        number,
        task_id,
        revision=revision() or 0,
        actor=actor(),
        now=now(),
        key=idempotency_key(),
    )
    tell(_("The task is yours again."))
    return redirect(url_for("tasks.show", number=number, task_id=task_id), code=303)


def target_of(task: OpenTask) -> Target:
    """A task as far as permission depends on it."""
    return Target(label=task.line.number, group=task.line.group, assignee=task.line.assignee)


def may_hand_over(task: OpenTask) -> bool:
    """Whether the person at hand may give this task to somebody else."""
    held = task.line.assignee is not None and may(actor(), "delegate_task", target_of(task))
    return held or may(actor(), "reassign_task", target_of(task))


def _tell(task: OpenTask) -> None:
    """Who held the task takes it back; who manages it gives it to whom it came from, or to its group."""
    where: dict[str, Any] = {"number": task.line.number, "task_id": task.line.task_id}
    said, following = _("The task was handed over."), task.line.revision + 1
    if _is_mine(task):
        tell(said, undo=url_for("handing_over.take_back", **where), revision=following)
    elif task.line.assignee is None:
        tell(said, undo=url_for("tasks.release", **where), revision=following)
    else:
        back = url_for("handing_over.give", **where)
        reason = _("The hand-over was undone.")
        tell(said, undo=back, revision=following, person=task.line.assignee, reason=reason)


def _open(number: str, task_id: UUID) -> OpenTask:
    return open_task(services().cases, number, task_id, actor=actor(), now=now())


def _is_mine(task: OpenTask) -> bool:
    return task.line.assignee == actor().id


def _page(task: OpenTask, *, errors: Mapping[str, str] | None = None) -> str:
    chosen = directory.colleagues(services().cases, task.line.group, actor=actor(), now=now())
    return render_template("tasks/hand_over.html", task=task, colleagues=chosen, errors=errors or {})


def _errors(person: str, reason: str) -> dict[str, str]:
    errors = {}
    if not person:
        errors["person"] = _("Choose who shall do it.")
    if not reason:
        errors["reason"] = _("Say why, so that they know what to do.")
    return errors
