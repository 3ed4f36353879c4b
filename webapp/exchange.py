"""Registers as files: download a list, upload a table, look at what it would do, confirm."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import exchange
from engine.acts.exchange import Format, Preview
from engine.acts.table_files import MOST_ROWS, read_table_file
from engine.desk.registers import Register, register_named
from engine.foundation.errors import Conflict, Forbidden, NotFound, Rejection
from engine.foundation.security import Target, require
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
        content = exchange.export(
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
        exchange.template(chosen, format=cast(Format, format), language=language()), register, format
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


def _counted(done: exchange.Applied) -> dict[str, int]:
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
    rows = sorted(found.rows, key=lambda row: (row.act != "wrong", row.act == "same"))[:SHOWN]
    return render_template("registers/preview.html", register=register, preview=found, rows=rows)


_NO_FILE = Text(
    zh="应选择一个文件, 但没有收到; 请选择 CSV 或 XLSX 文件。",
    en="Expected a file, but none arrived; choose a CSV or XLSX file.",
)
