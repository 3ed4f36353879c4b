"""Interventions: the process owner or an administrator moves a deadline or cancels a case, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import case_reading, steering
from engine.acts.case_reading import CasePage
from engine.foundation.security import Target, may, require
from webapp.context import actor, idempotency_key, now, services

blueprint = Blueprint("interventions", __name__, url_prefix="/cases/<number>/intervention")


@blueprint.get("")
def show(number: str) -> str:
    """What may be done from outside the diagram, with the reason that the history will keep."""
    return _page(_case(number))


@blueprint.post("/deadline")
def move(number: str) -> ResponseReturnValue:
    """Give a waiting timer another due moment."""
    case = _case(number)
    timer, due_at = _timer(), _moment()
    errors = _deadline_errors(timer, due_at)
    if timer is None or due_at is None or errors:
        return _page(case, errors=errors), 422
    steering.move_deadline(
        services().cases,
        number,
        timer,
        due_at=due_at,
        reason=_reason(),
        actor=actor(),
        now=now(),
        key=idempotency_key(),
    )
    flash(_("The deadline was moved; the reason is in the history."), "success")
    return _back(number)


@blueprint.post("/cancel")
def cancel(number: str) -> ResponseReturnValue:
    """End the case at once; whatever waits is withdrawn."""
    case = _case(number)
    if not _reason():
        return _page(case, errors={"cancel-reason": _("Say why the case is cancelled.")}), 422
    steering.cancel(
        services().cases, number, reason=_reason(), actor=actor(), now=now(), key=idempotency_key()
    )
    flash(_("The case is cancelled; nothing waits for anybody any more."), "success")
    return _back(number)


def register(app: Flask) -> None:
    """Add these addresses, and tell templates whether to lead there."""
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"may_intervene": lambda: may(actor(), "intervene")})


def _case(number: str) -> CasePage:
    require(actor(), "intervene", Target(label=number))
    return case_reading.case_page(services().cases, number, actor=actor(), now=now(), with_history=False)


def _page(case: CasePage, *, errors: Mapping[str, str] | None = None) -> str:
    return render_template(
        "interventions/show.html", case=case, errors=errors or {}, chosen=request.values.get("timer", "")
    )


def _deadline_errors(timer: UUID | None, due_at: datetime | None) -> dict[str, str]:
    errors = {}
    if timer is None:
        errors["timer"] = _("Choose the deadline to move.")
    if due_at is None or due_at <= now():
        errors["due-at"] = _("Give a day and time in the future.")
    if not _reason():
        errors["deadline-reason"] = _("Say why the deadline is moved.")
    return errors


def _timer() -> UUID | None:
    try:
        return UUID(request.form.get("timer", ""))
    except ValueError:
        return None


def _moment() -> datetime | None:
    """The moment as typed; people type it in the display zone."""
    try:
        typed = datetime.fromisoformat(request.form.get("due_at", ""))
    except ValueError:
        return None
    return typed.replace(tzinfo=typed.tzinfo or ZoneInfo(services().settings.time_zone))


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _back(number: str) -> ResponseReturnValue:
    return redirect(url_for("cases.show", number=number), code=303)
