"""What keeps the desk running: incidents that a person must settle, and the timers that will fire next."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import incidents as incidents_act
from engine.acts import waiting
from engine.cases import IncidentRaised
from engine.foundation.security import may
from webapp.context import actor, language, now, services

blueprint = Blueprint("operations", __name__)


@blueprint.get("/incidents")
def incidents() -> str:
    """Where a diagram failed: what happened, what was typed, and a button to try again."""
    settled = request.args.get("settled") == "1"
    page = waiting.incidents(
        services().cases, actor=actor(), resolved=settled, after=request.args.get("after")
    )
    return render_template(
        "operations/incidents.html", page=page, settled=settled, may_retry=may(actor(), "retry_incident")
    )


@blueprint.post("/cases/<number>/incidents/<uuid:incident>/retry")
def retry(number: str, incident: UUID) -> ResponseReturnValue:
    """Run the kept command again, as the person who gave it."""
    try:
        incidents_act.retry(services().cases, number, incident, actor=actor(), now=now())
    except IncidentRaised as again:
        flash(again.text.in_(language()), "problem")
        return redirect(url_for("operations.incidents"), code=303)
    flash(_("It worked this time; the case goes on."), "success")
    return redirect(url_for("cases.show", number=number), code=303)


@blueprint.get("/timers")
def timers() -> str:
    """What will happen by itself, soonest first."""
    page = waiting.upcoming_timers(services().cases, actor=actor(), after=request.args.get("after"))
    return render_template("operations/timers.html", page=page)
