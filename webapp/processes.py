"""Processes, decision tables, forms and releases, to be read; they are changed through files."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.acts import catalogue
from engine.bpmn.decisions import DecisionTable
from webapp.context import actor, services
from webapp.player import plain

blueprint = Blueprint("processes", __name__, url_prefix="/processes")

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
    return render_template("processes/process.html", page=page, drawn=plain(page.diagrams, process))


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
    lines = catalogue.release_list(services().cases, actor=actor())
    return render_template("processes/releases.html", lines=lines)


@blueprint.get("/releases/<int:number>")
def release(number: int) -> ResponseReturnValue:
    """The files of a release and how they differ from an older one."""
    base = request.args.get("base", type=int)
    page = catalogue.release_page(services().cases, number, actor=actor(), base=base)
    return render_template("processes/release.html", page=page)


def is_unconfirmed(table: DecisionTable) -> bool:
    """Whether the table says that its values are defaults which the company has not confirmed."""
    return any(
        mark in words for mark in CONFIRM_MARKS for words in (table.documentation.zh, table.documentation.en)
    )


def _release() -> int | None:
    return request.args.get("release", type=int)
