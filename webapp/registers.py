"""The registers: find a row, read it with what belongs to it, add, change and retire rows."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import register_pages
from engine.desk import registers
from engine.desk.registers import REGISTERS, Register, Wanted, register_named
from engine.foundation.errors import InvalidAnswers, NotFound
from engine.foundation.security import Target, may, require
from engine.foundation.text import Text
from webapp import register_inputs
from webapp.context import actor, language, now, services
from webapp.register_inputs import zone

blueprint = Blueprint("registers", __name__, url_prefix="/registers")


@blueprint.get("/")
def index() -> str:
    """All registers with their sizes."""
    with services().database.read() as tx:
        counts = registers.counts(tx)
    return render_template(
        "registers/index.html",
        registers=REGISTERS.values(),
        counts=counts,
        may_keep=any(may(actor(), register.keep) for register in REGISTERS.values()),
        may_export=may(actor(), "export_register"),
    )


@blueprint.get("/<register>/")
def listing(register: str) -> str:
    """The rows of a register that match the words, or belong to another row."""
    chosen = register_named(register)
    wanted = wanted_rows(chosen)
    with services().database.read() as tx:
        page = registers.listing(
            tx, chosen, actor=actor(), wanted=wanted, after=request.args.get("after") or None
        )
        parent = _parent(chosen, wanted)
        owner = registers.get(tx, parent, wanted.equals, actor=actor()) if parent else None
    return render_template(
        "registers/list.html",
        register=chosen,
        page=page,
        wanted=wanted,
        parent=parent,
        owner=owner,
        chosen={k: v for k, v in request.args.items() if k in ("q", "where", "is", "retired")},
        may_keep=may(actor(), chosen.keep),
        may_export=may(actor(), "export_register"),
    )


def wanted_rows(register: Register) -> Wanted:
    """The rows that the address asks for; raises NotFound for an address that no page gave."""
    where, given = request.args.get("where") or None, request.args.get("is")
    try:
        equals = UUID(given) if where is not None and given else None
    except ValueError as error:
        raise NotFound(_NO_SUCH_ROWS) from error
    if where is not None and (equals is None or where not in {f.name for f in register.parents}):
        raise NotFound(_NO_SUCH_ROWS)
    search = (request.args.get("q") or "").strip() or None
    return Wanted(search=search, where=where, equals=equals, retired=request.args.get("retired") == "1")


def _parent(register: Register, wanted: Wanted) -> Register | None:
    return REGISTERS[str(register.by_name[wanted.where].refers)] if wanted.where else None


@blueprint.get("/<register>/new")
def new(register: str) -> str:
    """The form for a new row; the address may fill fields in."""
    chosen = register_named(register)
    require(actor(), chosen.keep, Target(label=register))
    given = {name: value for name, value in request.args.items() if name in chosen.by_name}
    return _form(chosen, {**register_inputs.defaults(chosen), **given})


@blueprint.post("/<register>/new")
def add(register: str) -> ResponseReturnValue:
    """Add a row."""
    chosen = register_named(register)
    try:
        with services().database.write() as tx:
            id = registers.add(tx, chosen, request.form, actor=actor(), at=now(), zone=zone())
    except InvalidAnswers as wrong:
        return _form(chosen, request.form, errors=wrong.errors), 422
    flash(_("%(what)s added.", what=chosen.one.in_(language())), "success")
    return redirect(url_for("registers.show", register=register, id=id), code=303)


@blueprint.get("/<register>/<uuid:id>")
def show(register: str, id: UUID) -> str:
    """One row: a form for those who keep the register, its facts for others; what belongs to it, cases, changes."""
    return _row_page(register_named(register), id)


@blueprint.post("/<register>/<uuid:id>")
def change(register: str, id: UUID) -> ResponseReturnValue:
    """Change a row."""
    chosen = register_named(register)
    try:
        with services().database.write() as tx:
            registers.change(
                tx,
                chosen,
                id,
                request.form,
                revision=posted_revision(),
                actor=actor(),
                at=now(),
                zone=zone(),
            )
    except InvalidAnswers as wrong:
        return _row_page(chosen, id, posted=request.form, errors=wrong.errors), 422
    flash(_("Saved."), "success")
    return redirect(url_for("registers.show", register=register, id=id), code=303)


@blueprint.post("/<register>/<uuid:id>/retire")
def retire(register: str, id: UUID) -> ResponseReturnValue:
    """Take a row out of use; the same page offers to undo it."""
    chosen = register_named(register)
    with services().database.write() as tx:
        registers.retire(tx, chosen, id, revision=posted_revision(), actor=actor(), at=now())
    flash(_("No longer in use. Cases that name it still show it; you can restore it here."), "success")
    return redirect(url_for("registers.show", register=register, id=id), code=303)


@blueprint.post("/<register>/<uuid:id>/restore")
def restore(register: str, id: UUID) -> ResponseReturnValue:
    """Take a row back into use."""
    chosen = register_named(register)
    with services().database.write() as tx:
        registers.restore(tx, chosen, id, revision=posted_revision(), actor=actor(), at=now())
    flash(_("In use again."), "success")
    return redirect(url_for("registers.show", register=register, id=id), code=303)


def posted_revision() -> int:
    """The revision that the person saw; 0, which no row has, when none was sent."""
    return request.form.get("revision", default=0, type=int)


def _form(register: Register, written: Mapping[str, str], errors: Mapping[str, Text] | None = None) -> str:
    with services().database.read() as tx:
        options = register_pages.offered(tx, register, actor=actor())
    return render_template(
        "registers/new.html",
        register=register,
        inputs=register_inputs.inputs(register, written, errors or {}, options),
        errors=errors or {},
        may_keep=may(actor(), register.keep),
    )


def _row_page(
    register: Register,
    id: UUID,
    *,
    posted: Mapping[str, str] | None = None,
    errors: Mapping[str, Text] | None = None,
) -> str:
    may_keep = may(actor(), register.keep)
    with services().database.read() as tx:
        page = register_pages.row_page(tx, register, id, actor=actor(), zone=zone())
        options = register_pages.offered(tx, register, actor=actor()) if may_keep else {}
    written = posted if posted is not None else register_inputs.written(register, page.row, page.keys)
    return render_template(
        "registers/row.html",
        page=page,
        register=register,
        row=page.row,
        inputs=register_inputs.inputs(register, written, errors or {}, options),
        errors=errors or {},
        revision=posted_revision() if posted is not None else page.row.revision,
        may_keep=may_keep and page.row.retired_at is None,
        may_restore=may_keep and page.row.retired_at is not None,
        keeps={b.register.name: may(actor(), b.register.keep) for b in page.belongings},
    )


_NO_SUCH_ROWS = Text(
    zh="这个列表地址应由页面给出, 但无法识别; 请从台账重新进入。",
    en="Expected a list address that a page gave out, but it cannot be read; begin at the registers.",
)
