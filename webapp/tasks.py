"""One task: its facts and form, and everything that a person may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import case_reading, correspondence, similar, worklist
from engine.acts.case_reading import CaseBrief, CasePage
from engine.acts.open_task import Action, OpenTask, open_task, save_draft
from engine.acts.worklist import Finished
from engine.bpmn.forms import Form
from engine.foundation.errors import Conflict, InvalidAnswers, NotFound, Rejection
from engine.foundation.security import may
from engine.foundation.text import Text
from webapp import queues
from webapp.answers import ROW, posted, row_change
from webapp.attachments import added_to
from webapp.context import actor, idempotency_key, language, now, revision, services
from webapp.handing_over import may_hand_over, target_of
from webapp.notices import tell

blueprint = Blueprint("tasks", __name__, url_prefix="/cases/<number>/tasks/<uuid:task_id>")

TABS = ("work", "history", "diagram", "attachments")


@blueprint.get("")
def show(number: str, task_id: UUID) -> str:
    """The open task beside its queue; `tab` chooses work, history, diagram or attachments."""
    task = _open(number, task_id)
    return render_template("tasks/task.html", **_page(task, answers=task.answers))


@blueprint.post("")
def complete(number: str, task_id: UUID) -> ResponseReturnValue:
    """Finish the task; the answer is the next one of the queue."""
    if ROW in request.form:
        task = _open(number, task_id)
        if (changed := _rows(task.form)) is not None:
            return render_template("tasks/task.html", **_page(task, answers=changed))
    try:
        finished = _complete(number, task_id)
    except InvalidAnswers as wrong:
        return _again(number, task_id, wrong.errors)
    except Rejection:
        _name_what_was_typed(number, task_id)
        raise
    return _next(finished)


@blueprint.post("/draft")
def draft(number: str, task_id: UUID) -> ResponseReturnValue:
    """Keep what is typed so far."""
    task = _open(number, task_id)
    save_draft(services().cases, number, task_id, _typed(task.form), actor=actor(), now=now())
    return "", 204


@blueprint.post("/claim")
def claim(number: str, task_id: UUID) -> ResponseReturnValue:
    """Take the task and open it."""
    worklist.claim(
        services().cases,
        number,
        task_id,
        actor=actor(),
        now=now(),
        revision=revision(),
        key=idempotency_key(),
    )
    undo = url_for("tasks.release", number=number, task_id=task_id, queue=request.args.get("queue"))
    tell(_("The task is yours."), undo=undo)
    return _see(number, task_id)


@blueprint.post("/release")
def release(number: str, task_id: UUID) -> ResponseReturnValue:
    """Give the task back to its group."""
    worklist.release(
        services().cases,
        number,
        task_id,
        actor=actor(),
        now=now(),
        revision=revision(),
        key=idempotency_key(),
    )
    undo = url_for("tasks.claim", number=number, task_id=task_id, queue=request.args.get("queue"))
    tell(_("The task is back in its group; your draft is kept."), undo=undo)
    return _see(number, task_id)


@blueprint.get("/actions/<uuid:message_id>")
def action(number: str, task_id: UUID, message_id: UUID) -> str:
    """The form of a button such as “cannot be solved, escalate”."""
    task = _open(number, task_id)
    chosen = _action(task, message_id)
    return render_template("tasks/action.html", task=task, action=chosen, answers={}, errors={})


@blueprint.post("/actions/<uuid:message_id>")
def act(number: str, task_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Press the button: send its message into the case."""
    task, chosen = _button(number, task_id, message_id)
    form = chosen.form if chosen is not None else None
    if (changed := _rows(form)) is not None:
        return render_template("tasks/action.html", task=task, action=chosen, answers=changed, errors={})
    try:
        worklist.send(
            services().cases, number, message_id, _typed, actor=actor(), now=now(), key=idempotency_key()
        )
    except InvalidAnswers as wrong:
        if chosen is None:
            raise Conflict(_GONE) from wrong
        page = render_template(
            "tasks/action.html", task=task, action=chosen, answers=_typed(form), errors=wrong.errors
        )
        return page, 422
    if chosen is not None:
        flash(_("Done: %(what)s", what=chosen.name.in_(language())), "success")
    return redirect(url_for("cases.show", number=number), code=303)


def _open(number: str, task_id: UUID) -> OpenTask:
    return open_task(services().cases, number, task_id, actor=actor(), now=now())


def _complete(number: str, task_id: UUID) -> Finished:
    return worklist.complete(
        services().cases,
        number,
        task_id,
        _typed,
        actor=actor(),
        now=now(),
        revision=revision(),
        key=idempotency_key(),
    )


def _typed(form: Form | None) -> dict[str, Any]:
    return posted(form, request.form) if form is not None else {}


def _rows(form: Form | None) -> dict[str, Any] | None:
    return row_change(form, request.form) if form is not None else None


def _again(number: str, task_id: UUID, errors: Mapping[str, Text]) -> ResponseReturnValue:
    task = _open(number, task_id)
    page = _page(task, answers=_typed(task.form), errors=errors)
    return render_template("tasks/task.html", **page), 422


def _name_what_was_typed(number: str, task_id: UUID) -> None:
    """Look the form up once more, so that a refusal can show what was typed under its labels."""
    with suppress(Rejection):
        _typed(_open(number, task_id).form)


def _next(finished: Finished) -> ResponseReturnValue:
    """The page of the next task: at once where the browser swaps pages itself, else by a redirect."""
    following = finished.following
    flash(_completed_words(finished), "success")
    address = _address(following.number, following.task_id) if following else url_for("inbox.mine")
    if "HX-Request" not in request.headers:
        return redirect(address, code=303)
    if following is None:
        return "", 200, {"HX-Redirect": address}
    opened = _open(following.number, following.task_id)
    page = render_template("tasks/task.html", **_page(opened, answers=opened.answers))
    return page, 200, {"HX-Push-Url": address}


def _completed_words(finished: Finished) -> str:
    done = finished.name.in_(language()) if finished.name is not None else _("The task")
    if finished.following is None:
        return str(_("%(task)s is done. Nothing else waits for you.", task=done))
    return str(_("%(task)s is done. Here is your next task.", task=done))


def _page(
    task: OpenTask, *, answers: Mapping[str, Any], errors: Mapping[str, Text] | None = None
) -> dict[str, Any]:
    asked = request.args.get("tab", "work")
    tab = asked if asked in TABS else "work"
    return {
        "task": task,
        "case": _case(task, tab),
        "answers": answers,
        "errors": errors or {},
        "tab": tab,
        "similar": similar.of_case(services().cases, task.line.case_id, actor=actor())
        if tab == "work"
        else None,
        "added": added_to(task.line.number) if tab == "attachments" else None,
        "added_count": correspondence.how_many(services().cases, task.line.number, actor=actor()),
        "pane": queues.pane(_queue(task), current=task.line.task_id),
        "may_release": task.line.assignee is not None and may(actor(), "release_task", target_of(task)),
        "may_hand_over": may_hand_over(task),
    }


def _case(task: OpenTask, tab: str) -> CaseBrief | CasePage:
    """As much of the case as the tab shows."""
    cases, number = services().cases, task.line.number
    if tab in ("history", "diagram"):
        return case_reading.case_page(cases, number, actor=actor(), now=now())
    return case_reading.case_brief(cases, number, actor=actor())


def _queue(task: OpenTask) -> str:
    asked = request.args.get("queue")
    if asked:
        return asked
    return queues.MINE if task.line.assignee == actor().id else queues.GROUPS


def _action(task: OpenTask, message_id: UUID) -> Action:
    chosen = next((a for a in task.actions if a.task_id == message_id), None)
    if chosen is None:
        raise NotFound(_GONE)
    return chosen


def _button(number: str, task_id: UUID, message_id: UUID) -> tuple[OpenTask | None, Action | None]:
    """The task and its button; nothing once they are gone: a press may come twice, and the case may have moved on."""
    with suppress(Conflict):
        task = _open(number, task_id)
        return task, next((a for a in task.actions if a.task_id == message_id), None)
    return None, None


def _see(number: str, task_id: UUID) -> ResponseReturnValue:
    return redirect(_address(number, task_id), code=303)


def _address(number: str, task_id: UUID) -> str:
    return url_for("tasks.show", number=number, task_id=task_id, queue=request.args.get("queue"))


_GONE = Text(
    zh="这一步已不再等待处理。请回到待办列表, 从那里继续。",
    en="This step does not wait any more; go back to the inbox and continue from there.",
)
