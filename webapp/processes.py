"""Processes, decision tables, forms and releases, to be read; they are changed through files."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.acts import catalogue, release_reading
from engine.bpmn.decisions import DecisionTable
from webapp.context import actor, services
from webapp.player import picture, plain

blueprint = Blueprint("processes", __name__, url_prefix="/processes")

A_YEAR = 365 * 24 * 3600
CONFIRM_MARKS = ("待公司确认", "to be confirmed by the company")


@blueprint.get("/")
def index() -> str:
    """Every process, decision table and form of a release."""
    held = catalogue.catalogue(services().cases, actor=actor(), release=_release())
    return render_template("processes/index.html", held=held)


@blueprint.get("/<process>")
def show(process: str) -> str:
    """A diagram with its elements: who does what, by which clause, with which form, limit or table."""
    page = catalogue.process_page(services().cases, process, actor=actor(), release=_release())
    chosen = page.diagram.elements.get(request.args.get("element", ""))
    drawn = plain(page.diagrams, process, page.release) | {"chosen": chosen.id if chosen else ""}
    return render_template("processes/process.html", page=page, drawn=drawn, chosen=chosen)


@blueprint.get("/<process>/picture/<any(zh, en):spoken>")
def picture_of(process: str, spoken: str) -> Response:
    """The BPMN that a browser draws when somebody opens a called diagram; its address names its contents."""
    page = catalogue.process_page(services().cases, process, actor=actor(), release=_release())
    answer = Response(picture(page.diagram, spoken), mimetype="application/xml")
    answer.cache_control.private = True
    answer.cache_control.max_age = A_YEAR
    answer.cache_control.immutable = True
    return answer


@blueprint.get("/tables/<table>")
def table(table: str) -> str:
    """A decision table as rows that one can read."""
    page = catalogue.table_page(services().cases, table, actor=actor(), release=_release())
    return render_template(
        "processes/table.html", table=page.table, words=page.words, unconfirmed=is_unconfirmed(page.table)
    )


@blueprint.get("/forms/<form>")
def form(form: str) -> str:
    """A form as people see it, without a case behind it."""
    found = catalogue.form_page(services().cases, form, actor=actor(), release=_release())
    return render_template("processes/form.html", definition=found)


@blueprint.get("/releases")
def releases() -> str:
    """Every release: who published it, when and why."""
    lines = release_reading.release_list(services().cases, actor=actor())
    return render_template("processes/releases.html", lines=lines)


@blueprint.get("/releases/<int:number>")
def release(number: int) -> ResponseReturnValue:
    """The files of a release and how they differ from an older one."""
    base = request.args.get("base", type=int)
    page = release_reading.release_page(services().cases, number, actor=actor(), base=base)
    return render_template("processes/release.html", page=page)


def is_unconfirmed(table: DecisionTable) -> bool:
    """Whether the table says that its values are defaults which the company has not confirmed."""
    return any(
        mark in words for mark in CONFIRM_MARKS for words in (table.documentation.zh, table.documentation.en)
    )


def _release() -> int | None:
    return request.args.get("release", type=int)
