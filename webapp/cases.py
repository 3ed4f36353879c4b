"""Cases: find one, open one, read one; pause its clocks, and check that its history was not altered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import audit, case_reading, directory, steering, worklist
from engine.acts.case_list import CaseFilter, case_list
from engine.acts.worklist import Startable
from engine.foundation.errors import InvalidAnswers, NotFound
from engine.foundation.text import Text
from webapp import intake
from webapp.answers import posted, remember, row_change
from webapp.attachments import added_to
from webapp.context import actor, idempotency_key, now, services

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

FILTERS = ("status", "search", "group", "person", "due", "process")


@blueprint.get("/")
def index() -> str:
    """All cases, newest first; the address says which."""
    chosen = CaseFilter(**{name: request.args.get(name) or None for name in FILTERS})
    page = case_list(
        services().cases, actor=actor(), now=now(), chosen=chosen, after=request.args.get("after")
    )
    return render_template(
        "cases/index.html",
        page=page,
        chosen=chosen,
        processes=worklist.startable(services().cases),
        person_name=_name_of(chosen.person),
    )


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The processes that people may start; straight to the form when there is only one."""
    processes = worklist.startable(services().cases)
    if len(processes) == 1:
        return redirect(url_for("cases.begin", process=processes[0].process))
    return render_template("cases/new.html", kinds=_kinds(processes))


@blueprint.get("/new/<process>")
def begin(process: str) -> str:
    """The form that opens a case."""
    return _start_page(_startable(process))


@blueprint.post("/new/<process>")
def start(process: str) -> ResponseReturnValue:
    """Open the case and show it."""
    chosen = _startable(process)
    raw = intake.completed(chosen.form, posted(chosen.form, request.form)) if chosen.form else {}
    if chosen.form and (changed := row_change(chosen.form, request.form)) is not None:
        return _start_page(chosen, answers=changed)
    try:
        number = worklist.start(
            services().cases, process, raw, actor=actor(), now=now(), key=idempotency_key()
        )
    except InvalidAnswers as wrong:
        return _start_page(chosen, answers=raw, errors=wrong.errors), 422
    flash(_("Case %(number)s is open.", number=number), "success")
    return redirect(url_for("cases.show", number=number), code=303)


@blueprint.get("/<number>")
def show(number: str) -> str:
    """The page of a case: promises, diagram with its history, facts, what waits."""
    page = case_reading.case_page(services().cases, number, actor=actor(), now=now())
    return render_template(
        "cases/case.html",
        case=page,
        reasons=steering.pause_reasons(services().cases, number),
        added=added_to(number),
    )


@blueprint.post("/<number>/pause")
def pause(number: str) -> ResponseReturnValue:
    """Stop the customer's clock while the customer is waited for."""
    steering.pause(
        services().cases,
        number,
        reason=request.form.get("reason", ""),
        actor=actor(),
        now=now(),
        key=idempotency_key(),
    )
    flash(_("The customer's clock is stopped. Resume it here when the customer has answered."), "success")
    return redirect(url_for("cases.show", number=number), code=303)


@blueprint.post("/<number>/resume")
def resume(number: str) -> ResponseReturnValue:
    """Let the customer's clock run on."""
    steering.resume(services().cases, number, actor=actor(), now=now(), key=idempotency_key())
    flash(_("The customer's clock runs again."), "success")
    return redirect(url_for("cases.show", number=number), code=303)


@blueprint.get("/<number>/verification")
def verification(number: str) -> str:
    """Check the hash chain of a case and re-execute it from its recorded inputs."""
    result = audit.verify(services().cases, number, actor=actor(), now=now())
    return render_template("cases/verification.html", number=number, result=result)


def _kinds(processes: list[Startable]) -> list[tuple[str, list[Startable]]]:
    """What customers say first, the fullest form before the others; then what one's own groups begin; then the rest."""
    said = sorted(
        (p for p in processes if p.for_customers), key=lambda p: -len(p.form.fields if p.form else ())
    )
    own = [p for p in processes if p not in said and p.group in actor().groups]
    rest = [p for p in processes if p not in said and p not in own]
    kinds = ((_("From a customer"), said), (_("Begun by my groups"), own), (_("Begun by other groups"), rest))
    return [(name, those) for name, those in kinds if those]


def _name_of(person: str | None) -> str:
    return directory.person(services().cases, person, actor=actor(), now=now()).name if person else ""


def _startable(process: str) -> Startable:
    chosen = next((s for s in worklist.startable(services().cases) if s.process == process), None)
    if chosen is None:
        raise NotFound(_NOT_STARTABLE)
    if chosen.form is not None:
        remember(chosen.form)
    return chosen


def _start_page(
    chosen: Startable,
    *,
    answers: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
) -> str:
    return render_template(
        "cases/start.html",
        chosen=chosen,
        answers=answers or {},
        errors=errors or {},
        suggested=intake.offered(chosen.form),
    )


_NOT_STARTABLE = Text(
    zh="应选择一个可以发起的流程, 但没有这个流程; 请从列表中选择。",
    en="Expected a process that people may start, found none of that name; choose one from the list.",
)
