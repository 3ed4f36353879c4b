"""Filters that people keep: their places in the menu with their counts, and how they are named and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import saved_filters
from engine.acts.saved_filters import CASES, Saved
from engine.foundation.security import Actor
from webapp import navigation
from webapp.context import actor, now, services, signed_in
from webapp.fragments import fragment
from webapp.language import local_path
from webapp.navigation import Entry
from webapp.notices import tell
from webapp.queues import GROUPS, MINE

blueprint = Blueprint("filters", __name__, url_prefix="/filters")

NOT_ASKED = frozenset({"after", "lang"})


def register(app: Flask) -> None:
    """Add the addresses, and everybody's own places to the menu."""
    app.register_blueprint(blueprint)
    navigation.add_own(app, _places)
    app.jinja_env.globals.update(asked_here=asked_here, saved_here=saved_here, filters_of=own)


@blueprint.post("")
def keep() -> ResponseReturnValue:
    """Keep the filter of the page at hand under a name."""
    made = saved_filters.keep(
        services().cases,
        name=request.form.get("name", ""),
        place=request.form.get("place", CASES)[:48],
        asked={key.removeprefix("asked."): value for key, value in request.form.items() if "asked." in key},
        actor=actor(),
        now=now(),
    )
    said = _("“%(name)s” stands in the menu now.", name=made.name)
    tell(said, undo=url_for("filters.remove", identity=made.id), next=address(made))
    return redirect(address(made), code=303)


@blueprint.post("/<uuid:identity>/name")
def rename(identity: UUID) -> ResponseReturnValue:
    """Give it another name."""
    name = request.form.get("name", "")
    before = saved_filters.rename(services().cases, identity, name=name, actor=actor())
    tell(_("Renamed."), undo=url_for("filters.rename", identity=identity), name=before.name)
    return redirect(address(before), code=303)


@blueprint.post("/<uuid:identity>/removal")
def remove(identity: UUID) -> ResponseReturnValue:
    """Take it out of the menu; the list itself stays open."""
    gone = saved_filters.remove(services().cases, identity, actor=actor(), now=now())
    said = _("“%(name)s” is no longer in the menu.", name=gone.name)
    tell(said, undo=url_for("filters.restore", identity=identity))
    return redirect(address(gone), code=303)


@blueprint.post("/<uuid:identity>/return")
def restore(identity: UUID) -> ResponseReturnValue:
    """Put it back."""
    back = saved_filters.restore(services().cases, identity, actor=actor())
    tell(_("“%(name)s” stands in the menu again.", name=back.name))
    return redirect(address(back), code=303)


@blueprint.get("/counts")
def counts() -> Response:
    """How much each finds, for the menu, which is shown before this is counted."""
    found = saved_filters.counted(services().cases, actor=actor(), now=now())
    return fragment("filters/_counts.html", counts=found)


def own() -> list[Saved]:
    """The filters of whoever is signed in, read once per page."""
    if "saved_filters" not in g:
        person = signed_in()
        g.saved_filters = saved_filters.saved(services().cases, actor=person) if person else []
    found: list[Saved] = g.saved_filters
    return found


def asked_here() -> dict[str, str]:
    """What the address of the page at hand filters by."""
    return {name: value for name, value in request.args.items() if value and name not in NOT_ASKED}


def saved_here(place: str) -> Saved | None:
    """The kept filter that the page at hand shows."""
    return next((one for one in own() if one.place == place and dict(one.asked) == asked_here()), None)


def address(one: Saved) -> str:
    """The list that it shows."""
    endpoint, values = _endpoint(one.place)
    return local_path(url_for(endpoint, **values, **one.asked))  # type: ignore[arg-type]


def _places(_person: Actor) -> list[Entry]:
    return [_entry(one) for one in own()]


def _entry(one: Saved) -> Entry:
    endpoint, values = _endpoint(one.place)
    return Entry(
        f"filter-{one.id}", endpoint, one.name, "filters", values={**values, **one.asked}, exact=True
    )


def _endpoint(place: str) -> tuple[str, Mapping[str, str]]:
    fixed = {CASES: "cases.index", MINE: "inbox.mine", GROUPS: "inbox.groups"}
    return (fixed[place], {}) if place in fixed else ("inbox.group", {"group": place})
