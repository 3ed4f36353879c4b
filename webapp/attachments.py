"""Files and notes of a case: added from its page or from a task, read by whoever may see the case."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import correspondence
from engine.acts.correspondence import Added
from webapp import uploads as uploads_
from webapp.context import actor, idempotency_key, now, services
from webapp.language import local_path
from webapp.uploads import allow_files, download, uploads

blueprint = Blueprint("attachments", __name__, url_prefix="/cases/<number>/attachments")
blueprint.url_value_preprocessor(allow_files)


@blueprint.post("")
def add(number: str) -> ResponseReturnValue:
    """Keep what was sent, words or files or both, and go back to the page it was sent from."""
    sent, text = uploads(), request.form.get("text", "")
    cases, who, at, key = services().cases, actor(), now(), idempotency_key()
    if text.strip():
        correspondence.add_note(cases, number, text, sent, actor=who, now=at, key=key)
    else:
        correspondence.add_files(cases, number, sent, actor=who, now=at, key=key)
    flash(_("Added to the case.") if text.strip() or sent else _("Nothing was chosen."), "success")
    onward = request.form.get("next")
    return redirect(local_path(onward) if onward else url_for("cases.show", number=number), code=303)


@blueprint.get("/<uuid:id>")
def file(number: str, id: UUID) -> ResponseReturnValue:
    """One file, to be saved."""
    return download(*correspondence.open_file(services().cases, number, id, actor=actor()))


def added_to(number: str) -> Added:
    """The files and notes of a case, for its page."""
    return correspondence.added(services().cases, number, actor=actor())


def register(app: Flask) -> None:
    """Add these addresses, and tell templates what may be sent."""
    app.register_blueprint(blueprint)
    uploads_.register(app)
