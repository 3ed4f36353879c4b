"""Messages that did not arrive: why, to whom, and what to do about each."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import undelivered as acts
from engine.acts.undelivered import LostLine
from engine.desk.people import is_mail_address
from engine.foundation.errors import Rejection
from engine.foundation.security import may
from engine.foundation.text import Text
from webapp.context import actor, now, services

blueprint = Blueprint("undelivered", __name__, url_prefix="/undelivered")


def register(app: Flask) -> None:
    """Tell the page of a case what it shows of this."""
    app.context_processor(lambda: {"undelivered_of": _of_case, "may_see_undelivered": _may_see})


@blueprint.get("")
def index() -> str:
    """Everything that was given up or came back, newest first."""
    return _page()


@blueprint.post("/<uuid:id>")
def settle(id: UUID) -> ResponseReturnValue:
    """Send a message again, to another address if one is given, or strike it off."""
    if request.form.get("act") == "informed":
        with services().database.write() as tx:
            acts.strike_off(tx, actor=actor(), at=now(), ids=[id])
        flash(_("It is struck off: the reader was informed another way."), "success")
        return redirect(url_for("undelivered.index"), code=303)
    address = request.form.get("address", "").strip()
    if address and not is_mail_address(address):
        return _page(wrong=id, problem=_NO_MAIL_ADDRESS), 422
    try:
        with services().database.write() as tx:
            acts.send_again(tx, actor=actor(), at=now(), ids=[id], to=address or None)
    except Rejection as refusal:
        if type(refusal) is not Rejection:
            raise
        return _page(wrong=id, problem=refusal.text), 422
    flash(_("It is sent again now; if it fails once more, it is listed here."), "success")
    return redirect(url_for("undelivered.index"), code=303)


def _page(wrong: UUID | None = None, problem: Text | None = None) -> str:
    return render_template(
        "operations/undelivered.html",
        lines=acts.lost_lines(services().cases, actor=actor()),
        wrong=wrong,
        problem=problem,
        may_resend=may(actor(), "resend"),
    )


def _of_case(number: str) -> list[LostLine]:
    return acts.lost_of_case(services().cases, number, actor=actor())


def _may_see() -> bool:
    return may(actor(), "see_outbox")


_NO_MAIL_ADDRESS = Text(
    zh="应为一个邮件地址, 但无法识别; 请核对后再发送。",
    en="Expected one mail address, but this cannot be read as one; check it and send again.",
)
