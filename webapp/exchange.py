"""Registers as files: download a list, upload a table, look at what it would do, confirm."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import exchange, register_tables
from engine.acts.exchange import Applied, Preview, PreviewRow
from engine.acts.register_tables import Format
from engine.acts.table_files import MOST_ROWS, read_table_file, read_workbook
from engine.desk.registers import REGISTERS, Register, register_named
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.security import Target, may, require
from engine.foundation.text import Text
from webapp.context import actor, language, now, services
from webapp.register_inputs import zone
from webapp.registers import wanted_rows

blueprint = Blueprint("exchange", __name__, url_prefix="/registers")

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN = 200  # rows of a preview that the page draws; wrong ones come first


@blueprint.get("/<register>/export.<any(csv, xlsx):format>")
def export(register: str, format: str) -> Response:
    """The rows of a list as a file; who exported what stays in the access log."""
    chosen = register_named(register)
    wanted = wanted_rows(chosen)
    with services().database.write() as tx:
        content = register_tables.export(
            tx,
            chosen,
            format=cast(Format, format),
            actor=actor(),
            at=now(),
            wanted=wanted,
            language=language(),
            zone=zone(),
        )
    return _file(content, f"{register}-{now():%Y%m%d}", format)


@blueprint.get("/<register>/template.<any(csv, xlsx):format>")
def template(register: str, format: str) -> Response:
    """An empty table with the right titles."""
    chosen = register_named(register)
    return _file(
        register_tables.template(chosen, format=cast(Format, format), language=language()), register, format
    )


def _file(content: bytes, name: str, format: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = TYPES[format]
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/<register>/import")
def upload(register: str) -> str:
    """Choose a file."""
    chosen = register_named(register)
    require(actor(), chosen.keep, Target(label=register))
    return _upload_page(chosen)


@blueprint.post("/<register>/import")
def preview(register: str) -> ResponseReturnValue:
    """What the file would do, each wrong cell marked; nothing is imported yet."""
    chosen = register_named(register)
    require(actor(), chosen.keep, Target(label=register))
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _upload_page(chosen, problem=_NO_FILE), 422
    try:
        table = read_table_file(sent.read(), sent.filename)
        with services().database.write() as tx:
            found = exchange.preview(
                tx, chosen, table, file=sent.filename, actor=actor(), at=now(), zone=zone()
            )
    except (Forbidden, NotFound):
        raise
    except Rejection as refusal:
        return _upload_page(chosen, problem=refusal.text), 422
    return _preview_page(chosen, found), 422 if found.problems else 200


@blueprint.post("/<register>/import/<uuid:token>")
def confirm(register: str, token: UUID) -> ResponseReturnValue:
    """Import what was previewed, whole."""
    chosen = register_named(register)
    try:
        with services().database.write() as tx:
            done = exchange.apply(tx, token, chosen, actor=actor(), at=now(), zone=zone())
    except Conflict as refusal:
        return _upload_page(chosen, problem=refusal.text), 409
    flash(_("Imported: %(new)s new, %(changed)s changed, %(same)s as before.", **_counted(done)), "success")
    return redirect(url_for("registers.listing", register=register), code=303)


@blueprint.get("/import")
def workbook() -> str:
    """Choose a file with a sheet for each register."""
    _require_a_keeper()
    return _workbook_page()


@blueprint.post("/import")
def preview_workbook() -> ResponseReturnValue:
    """What the workbook would do, register by register; nothing is imported yet."""
    _require_a_keeper()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _workbook_page(problem=_NO_FILE), 422
    try:
        tables = read_workbook(sent.read())
        with services().database.write() as tx:
            found = exchange.preview_workbook(
                tx, tables, file=sent.filename, actor=actor(), at=now(), zone=zone()
            )
    except (Forbidden, NotFound):
        raise
    except Rejection as refusal:
        return _workbook_page(problem=refusal.text), 422
    wrong = sum(len(one.problems) for one in found)
    return _workbook_preview(found, wrong), 422 if wrong else 200


@blueprint.post("/import/<uuid:token>")
def confirm_workbook(token: UUID) -> ResponseReturnValue:
    """Import the previewed workbook, whole."""
    _require_a_keeper()
    try:
        with services().database.write() as tx:
            done = exchange.apply_workbook(tx, token, actor=actor(), at=now(), zone=zone())
    except Conflict as refusal:
        return _workbook_page(problem=refusal.text), 409
    counted = Applied(
        "", sum(one.added for one in done), sum(one.changed for one in done), sum(one.same for one in done)
    )
    flash(
        _("Imported: %(new)s new, %(changed)s changed, %(same)s as before.", **_counted(counted)), "success"
    )
    return redirect(url_for("registers.index"), code=303)


@blueprint.get("/workbook.xlsx")
def export_workbook() -> Response:
    """All registers as one file; who exported what stays in the access log."""
    with services().database.write() as tx:
        content = register_tables.export_workbook(
            tx, actor=actor(), at=now(), language=language(), zone=zone()
        )
    return _file(content, f"registers-{now():%Y%m%d}", "xlsx")


@blueprint.get("/workbook-template.xlsx")
def workbook_template() -> Response:
    """An empty workbook with the right sheets and titles."""
    _require_a_keeper()
    return _file(register_tables.workbook_template(language=language()), "registers", "xlsx")


def _require_a_keeper() -> None:
    """Whoever keeps no register at all is refused as for the first of them."""
    keeps = {register.keep for register in REGISTERS.values()}
    if not any(may(actor(), act) for act in keeps):
        require(actor(), next(iter(REGISTERS.values())).keep, Target(label="import"))


def _workbook_page(problem: Text | None = None) -> str:
    return render_template("registers/workbook.html", problem=problem, most=MOST_ROWS)


def _workbook_preview(found: list[Preview], wrong: int) -> str:
    return render_template(
        "registers/workbook_preview.html",
        parts_of_file=[(register_named(one.register), one, _shown(one)) for one in found],
        file=found[0].file,
        token=found[0].token,
        total=sum(len(one.rows) for one in found),
        wrong=wrong,
    )


def _shown(found: Preview) -> list[PreviewRow]:
    return sorted(found.rows, key=lambda row: (row.act != "wrong", row.act == "same"))[:SHOWN]


def _counted(done: Applied) -> dict[str, int]:
    return {"new": done.added, "changed": done.changed, "same": done.same}


def _upload_page(register: Register, problem: Text | None = None) -> str:
    return render_template(
        "registers/import.html",
        register=register,
        problem=problem,
        columns=[field for field in register.fields if field.given],
        most=MOST_ROWS,
    )


def _preview_page(register: Register, found: Preview) -> str:
    return render_template("registers/preview.html", register=register, preview=found, rows=_shown(found))


_NO_FILE = Text(
    zh="应选择一个文件, 但没有收到; 请选择 CSV 或 XLSX 文件。",
    en="Expected a file, but none arrived; choose a CSV or XLSX file.",
)
