"""People and groups: who works here; administrators add people, set groups and skills, record absences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import account, directory
from engine.acts.directory import AbsenceLine, PersonLine
from engine.desk import absences
from engine.desk import people as register
from engine.desk.registers import duties, regions
from engine.desk.registers.choices import DUTY_GROUPS
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.security import Target, may, require
from engine.foundation.text import Text
from webapp.context import actor, now, services
from webapp.words import SKILLS

DAYS = 14  # of the roster that a person's page shows

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("/")
def index() -> str:
    """Everybody, or one group, with what they hold."""
    group, search = request.args.get("group") or None, request.args.get("q") or None
    lines = directory.people(services().cases, actor=actor(), now=now(), group=group, search=search)
    return render_template(
        "people/index.html",
        lines=lines,
        group=group,
        search=search,
        groups=register.GROUPS,
        may_manage=_may_manage(),
    )


@blueprint.get("/new")
def new() -> str:
    """The form for a new person."""
    require(actor(), "manage_people", Target(label="new"))
    return _new_page()


@blueprint.post("/new")
def add() -> ResponseReturnValue:
    """Add a person."""
    given = request.form
    try:
        with services().database.write() as tx:
            register.add_person(
                tx,
                actor=actor(),
                id=given.get("login", "").strip(),
                name=given.get("name", ""),
                at=now(),
                groups=given.getlist("groups"),
                skills=_skills(),
                email=given.get("email", "").strip() or None,
                phone=given.get("phone", "").strip() or None,
                language=given.get("person_language", "zh"),
                password=given.get("password") or None,
            )
    except Rejection as refusal:
        return _refused(refusal, _new_page)
    flash(_("%(name)s was added.", name=given.get("name", "")), "success")
    return redirect(url_for("people.show", person=given.get("login", "").strip()), code=303)


@blueprint.get("/<person>")
def show(person: str) -> str:
    """One person: groups, skills, absences."""
    return _person_page(person)


@blueprint.post("/<person>")
def change(person: str) -> ResponseReturnValue:
    """Set how the person is reached, region, groups, skills and whether they work here."""
    given = request.form
    try:
        region = _region(given.get("region"))
        with services().database.write() as tx:
            if "name" in given:  # what a form does not send stays
                register.set_details(tx, person, actor=actor(), **_details())
            if "region" in given:
                regions.set_region(tx, person, region, actor=actor())
            register.set_groups(tx, person, request.form.getlist("groups"), actor=actor())
            register.set_skills(tx, person, _skills(), actor=actor())
            register.set_active(tx, person, request.form.get("active") == "1", actor=actor())
    except Rejection as refusal:
        return _refused(refusal, lambda problem: _person_page(person, problem))
    flash(_("Saved."), "success")
    return redirect(url_for("people.show", person=person), code=303)


@blueprint.post("/<person>/absences")
def be_away(person: str) -> ResponseReturnValue:
    """Record a period without new work, and who stands in."""
    try:
        starts, ends = _day(request.form.get("from")), _day(request.form.get("to"))
        with services().database.write() as tx:
            absences.set_absence(
                tx,
                person,
                actor=actor(),
                at=now(),
                starts_at=starts,
                ends_at=ends + timedelta(days=1),
                substitute=request.form.get("substitute") or None,
                reason=request.form.get("reason") or None,
            )
    except Rejection as refusal:
        return _refused(refusal, lambda problem: _person_page(person, problem))
    flash(_("The absence is recorded."), "success")
    return redirect(url_for("people.show", person=person), code=303)


@blueprint.post("/<person>/absences/<uuid:absence>")
def change_absence(person: str, absence: UUID) -> ResponseReturnValue:
    """Change the days of an absence, who stands in, or the reason."""
    given = request.form
    try:
        starts, ends = _day(given.get("from")), _day(given.get("to"))
        with services().database.write() as tx:
            absences.change_absence(
                tx,
                absence,
                actor=actor(),
                at=now(),
                starts_at=starts,
                ends_at=ends + timedelta(days=1),
                substitute=given.get("substitute") or None,
                reason=given.get("reason") or None,
            )
    except Rejection as refusal:
        return _refused(refusal, lambda problem: _person_page(person, problem))
    flash(_("The absence is changed."), "success")
    return redirect(url_for("people.show", person=person), code=303)


@blueprint.post("/<person>/absences/<uuid:absence>/end")
def be_back(person: str, absence: UUID) -> ResponseReturnValue:
    """The person is back, or will not be away after all."""
    with services().database.write() as tx:
        absences.end_absence(tx, absence, actor=actor(), at=now())
    flash(_("The absence has ended."), "success")
    return redirect(url_for("people.show", person=person), code=303)


@blueprint.post("/<person>/second-factor/reset")
def reset_second_factor(person: str) -> ResponseReturnValue:
    """Let somebody in with the password alone who lost their authenticator and their recovery codes."""
    account.reset_second_factor(services().database, person, actor=actor(), now=now())
    flash(
        _("The second step is reset. The person signs in with the password and sets it up again."), "success"
    )
    return redirect(url_for("people.show", person=person), code=303)


def _details() -> dict[str, str | None]:
    """Name and addresses as they were typed."""
    return {name: request.form.get(name, "").strip() or None for name in ("name", "email", "phone")}


def _may_manage() -> bool:
    return may(actor(), "manage_people")


def _new_page(problem: Text | None = None) -> str:
    return render_template(
        "people/new.html",
        groups=register.GROUPS,
        known_skills=_known_skills(),
        ticked=_skills(),
        problem=problem,
    )


def _person_page(person: str, problem: Text | None = None) -> str:
    line = directory.person(services().cases, person, actor=actor(), now=now())
    with services().database.read() as tx:
        known = regions.in_words(tx)
        coming = duties.of_person(tx, person, start=now(), end=now() + timedelta(days=DAYS))
    return render_template(
        "people/person.html",
        line=line,
        regions=known,
        duties=coming,
        on_roster=[group for group in line.groups if group in DUTY_GROUPS],
        groups=register.GROUPS,
        known_skills=_known_skills(),
        ticked=_skills() if request.method == "POST" and "from" not in request.form else line.skills,
        others=_others(line),
        first_day=_first_day,
        last_day=_last_day,
        problem=problem,
        may_manage=_may_manage(),
        resettable=may(actor(), "reset_second_factor")
        and account.has_second_factor(services().database, person),
        may_be_away=may(actor(), "set_absence", Target(label=person, assignee=person)),
    )


def _others(line: PersonLine) -> list[PersonLine]:
    everybody = directory.people(services().cases, actor=actor(), now=now())
    return [other for other in everybody if other.active and other.id != line.id]


def _refused(refusal: Rejection, page: Callable[[Text], str]) -> ResponseReturnValue:
    """The same page with what was typed and the reason; refusals of permission have a page of their own."""
    if isinstance(refusal, Forbidden | NotFound):
        raise refusal
    return page(refusal.text), 409 if isinstance(refusal, Conflict) else 422


_SEPARATORS = str.maketrans({",": " ", "\uff0c": " ", "、": " ", ";": " ", "\uff1b": " "})


def _skills() -> list[str]:
    """The skills that are ticked, and those that were written beside them."""
    written = " ".join(request.form.getlist("skills"))
    return written.translate(_SEPARATORS).split()


def _known_skills() -> list[str]:
    return sorted({*SKILLS, *directory.skills_in_use(services().cases)})


def _first_day(absence: AbsenceLine) -> str:
    return absence.starts_at.astimezone(ZoneInfo(services().settings.time_zone)).date().isoformat()


def _last_day(absence: AbsenceLine) -> str:
    """The day in which it ends; midnight belongs to the day before."""
    end = absence.ends_at.astimezone(ZoneInfo(services().settings.time_zone)) - timedelta(microseconds=1)
    return end.date().isoformat()


def _region(written: str | None) -> UUID | None:
    """The region that was chosen, None for headquarters."""
    try:
        return UUID(written) if written else None
    except ValueError as error:
        raise Rejection(_NO_REGION) from error


def _day(written: str | None) -> datetime:
    """The beginning of a local day."""
    try:
        that = date.fromisoformat(written or "")
    except ValueError as error:
        raise Rejection(_NO_DATE) from error
    return datetime.combine(that, time(), ZoneInfo(services().settings.time_zone)).astimezone(UTC)


_NO_REGION = Text(
    zh="应从列表中选择区域, 但无法识别; 请重新选择。",
    en="Expected a region of the list, found something else; choose again.",
)
_NO_DATE = Text(
    zh="应填写起止日期, 但有一个没有填写或无法识别; 请从日历中选择。",
    en="Expected a first and a last day, but one is missing or unreadable; choose both.",
)
