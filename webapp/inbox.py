"""The inbox: what waits for me and for my groups, most urgent first; kept fresh without reloading."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from webapp.fragments import fragment
from webapp.queues import GROUPS, MINE, pane

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")


@blueprint.get("/")
def mine() -> str:
    """My tasks: what I claimed or was given."""
    return render_template("inbox/inbox.html", pane=pane(MINE))


@blueprint.get("/groups")
def groups() -> str:
    """Unclaimed tasks of all my groups."""
    return render_template("inbox/inbox.html", pane=pane(GROUPS))


@blueprint.get("/groups/<group>")
def group(group: str) -> str:
    """Unclaimed tasks of one group."""
    return render_template("inbox/inbox.html", pane=pane(group))


@blueprint.get("/list/<queue>")
@blueprint.get("/list/<queue>/<uuid:current>")
def lines(queue: str, current: UUID | None = None) -> Response:
    """The list alone, for the page that asks for it every few seconds; 304 when nothing changed."""
    return fragment("inbox/_list.html", pane=pane(queue, current=current))
