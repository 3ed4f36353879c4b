"""The duty roster: who is on duty in the coming days, and the hours in which nobody is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.desk import registers
from engine.desk.people import everybody
from engine.desk.registers import REGISTERS, duties
from engine.desk.registers.choices import DUTY_GROUPS
from engine.foundation.errors import InvalidAnswers, NotFound
from engine.foundation.security import may
from engine.foundation.text import Text
from webapp.context import actor, now, services
from webapp.register_inputs import zone
from webapp.registers import posted_revision

blueprint = Blueprint("duty", __name__, url_prefix="/duty")

DUTY = REGISTERS["duty"]
HOTLINE = "call_center"  # has to be staffed around the clock
DAYS = 14


@blueprint.get("/")
def index() -> str:
    """Two weeks of a group's roster with its gaps."""
    return _page(_group(request.args.get("group")))


@blueprint.post("/")
def add() -> ResponseReturnValue:
    """Put somebody on duty."""
    group = _group(request.form.get("group_id"))
    try:
        with services().database.write() as tx:
            registers.add(tx, DUTY, request.form, actor=actor(), at=now(), zone=zone())
    except InvalidAnswers as wrong:
        return _page(group, errors=wrong.errors), 422
    flash(_("The duty is on the roster."), "success")
    return redirect(url_for("duty.index", group=group), code=303)


@blueprint.post("/<uuid:id>/remove")
def remove(id: UUID) -> ResponseReturnValue:
    """Take a duty off the roster; the register keeps that it was there."""
    with services().database.write() as tx:
        registers.retire(tx, DUTY, id, revision=posted_revision(), actor=actor(), at=now())
    flash(_("The duty was taken off the roster."), "success")
    return redirect(url_for("duty.index", group=_group(request.form.get("group_id"))), code=303)


def _group(written: str | None) -> str:
    if written and written not in DUTY_GROUPS:
        raise NotFound(_NO_GROUP)
    return written or HOTLINE


def _page(group: str, errors: dict[str, Text] | None = None) -> str:
    start = _midnight(now().astimezone(zone()).date())
    end = start + timedelta(days=DAYS)
    with services().database.read() as tx:
        shifts = duties.shifts(tx, group, start=start, end=end)
        gaps = duties.gaps(tx, group, start=now(), end=end)
        people = [one for one in everybody(tx, active=True) if group in one.groups]
    return render_template(
        "duty/index.html",
        group=group,
        groups=DUTY_GROUPS,
        days=[_day(start + timedelta(days=number), shifts, gaps) for number in range(DAYS)],
        gaps=gaps,
        people=people,
        errors=errors or {},
        register=DUTY,
        may_keep=may(actor(), DUTY.keep),
    )


def _day(start: datetime, shifts: list[duties.Shift], gaps: list[duties.Gap]) -> dict[str, object]:
    """The duties that begin on a local day or run into it, with their hours of that day, and the gaps that touch it."""
    end = _midnight(start.astimezone(zone()).date() + timedelta(days=1))
    return {
        "start": start,
        "shifts": [
            (shift, max(shift.starts_at, start), min(shift.ends_at, end))
            for shift in shifts
            if shift.starts_at < end and shift.ends_at > start
        ],
        "gaps": [
            (max(g.starts_at, start), min(g.ends_at, end))
            for g in gaps
            if g.starts_at < end and g.ends_at > start
        ],
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone()).astimezone(UTC)


_NO_GROUP = Text(
    zh="没有这个岗位组的值班表; 请从列表中选择。", en="This group has no roster; choose one from the list."
)
