"""Knowledge: search it, read an article, draft one from a case, review it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts.learning import draft_from_case
from engine.desk import registers
from engine.desk.registers import REGISTERS, knowledge
from engine.foundation.errors import InvalidAnswers
from engine.foundation.security import Target, may
from engine.foundation.text import Text
from webapp.context import actor, now, services
from webapp.registers import posted_revision

blueprint = Blueprint("knowledge", __name__, url_prefix="/knowledge")

ARTICLE = REGISTERS["article"]
STATES = ("reviewed", "draft")


@blueprint.app_context_processor
def _offered() -> dict[str, Callable[[], bool]]:
    return {"may_write_knowledge": lambda: may(actor(), ARTICLE.keep)}


@blueprint.get("/")
def index() -> str:
    """What answers the words; without words, the newest articles."""
    search = (request.args.get("q") or "").strip()
    state = request.args.get("state") if request.args.get("state") in STATES else "reviewed"
    with services().database.read() as tx:
        found = knowledge.search(tx, search, actor=actor(), states=(str(state),)) if search else []
        newest = knowledge.newest(tx, actor=actor(), state=str(state)) if not search else []
    return render_template(
        "knowledge/index.html",
        found=found or newest,
        search=search,
        state=state,
        may_write=may(actor(), ARTICLE.keep),
    )


@blueprint.get("/<uuid:id>")
def show(id: UUID) -> str:
    """An article to read."""
    return _page(id)


@blueprint.post("/<uuid:id>/review")
def review(id: UUID) -> ResponseReturnValue:
    """Make an article known to all."""
    try:
        with services().database.write() as tx:
            knowledge.review(tx, id, revision=posted_revision(), actor=actor(), at=now())
    except InvalidAnswers as wrong:
        return _page(id, problem=next(iter(wrong.errors.values()))), 422
    flash(_("Reviewed. Everybody finds this article now."), "success")
    return redirect(url_for("knowledge.show", id=id), code=303)


@blueprint.post("/<uuid:id>/cases")
def link(id: UUID) -> ResponseReturnValue:
    """Note a case in which the article helped."""
    number = (request.form.get("number") or "").strip()
    if number:
        with services().database.write() as tx:
            knowledge.link(tx, id, number, actor=actor(), at=now())
        flash(_("Case %(number)s is linked.", number=number), "success")
    return redirect(url_for("knowledge.show", id=id), code=303)


@blueprint.post("/from-case/<number>")
def from_case(number: str) -> ResponseReturnValue:
    """A draft with what the case knows, opened for editing."""
    id = draft_from_case(services().cases, number, actor=actor(), now=now())
    flash(
        _("A draft was made from case %(number)s. Complete it; a colleague reviews it.", number=number),
        "success",
    )
    return redirect(url_for("registers.show", register=ARTICLE.name, id=id), code=303)


def _page(id: UUID, problem: Text | None = None) -> str:
    with services().database.read() as tx:
        row = registers.get(tx, ARTICLE, id, actor=actor())
    values = row.values
    target = Target(label=values["number"], excluded={values["author"]})
    return render_template(
        "knowledge/article.html",
        article=row,
        register=ARTICLE,
        problem=problem,
        may_write=may(actor(), ARTICLE.keep),
        may_review=values["state"] == "draft" and may(actor(), "review_knowledge", target),
    )
