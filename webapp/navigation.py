"""The places of the product: each page that people go to by name enters itself here, with its count if it has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from flask import Flask, current_app, g, request, url_for

from engine.foundation.security import Actor
from webapp.context import now, signed_in

Section = Literal["queues", "filters", "desk"]
SECTIONS: tuple[Section, ...] = ("queues", "filters", "desk")


@dataclass(frozen=True, slots=True)
class Entry:
    """One place: `label` is a lazy gettext string; `groups` empty means everybody.

    `phone` is the short word under which it stands in the bottom bar; `beneath` are the endpoints of the pages that one
    reaches from it ("cases." means all of that blueprint). An `exact` place is the page at hand only without further wishes.
    """

    key: str
    endpoint: str
    label: object
    section: Section = "desk"
    values: Mapping[str, object] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    phone: object = None
    beneath: tuple[str, ...] = ()
    exact: bool = False

    @property
    def url(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint, **self.values)  # type: ignore[arg-type]

    @property
    def is_current(self) -> bool:
        """Whether the page at hand is this place."""
        given = {**(request.view_args or {}), **{k: v for k, v in request.args.items() if v and k != "after"}}
        same = all(str(given.get(name)) == str(value) for name, value in self.values.items())
        return (
            request.endpoint == self.endpoint and same and (not self.exact or len(given) == len(self.values))
        )

    @property
    def is_above(self) -> bool:
        """Whether one came to the page at hand by way of this place."""
        return bool(self.beneath) and (request.endpoint or "").startswith(self.beneath)


@dataclass(frozen=True, slots=True)
class Count:
    """How much waits at a place; `late` of it is overdue."""

    total: int
    late: int = 0


Counts = Callable[[Actor, datetime], Mapping[str, Count]]


def register(app: Flask) -> None:
    """Give templates the places that the signed-in person may go to."""
    app.config["PLACES"] = []
    app.config["OWN_PLACES"] = _no_places
    app.config["PLACE_COUNTS"] = _no_counts
    app.context_processor(
        lambda: {"places": places, "place_counts": place_counts, "current_place": current_place}
    )


def add(app: Flask, *entries: Entry) -> None:
    """Enter places, in the order in which they are to be shown within their section."""
    app.config["PLACES"].extend(entries)


def add_own(app: Flask, source: Callable[[Actor], list[Entry]]) -> None:
    """Where the places come from that belong to one person."""
    app.config["OWN_PLACES"] = source


def set_counts(app: Flask, counts: Counts) -> None:
    """Where the numbers come from: one call per page, keyed by `Entry.key`."""
    app.config["PLACE_COUNTS"] = counts


def _no_places(_actor: Actor) -> list[Entry]:
    return []


def _no_counts(_actor: Actor, _at: datetime) -> Mapping[str, Count]:
    return {}


def places() -> list[tuple[Section, list[Entry]]]:
    """The sections that are not empty for the person at hand."""
    person = signed_in()
    if person is None:
        return []
    if "places" not in g:
        open_to = [e for e in current_app.config["PLACES"] if not e.groups or e.groups & person.groups]
        open_to += current_app.config["OWN_PLACES"](person)
        found = [(section, [e for e in open_to if e.section == section]) for section in SECTIONS]
        g.places = [(section, entries) for section, entries in found if entries]
    shown: list[tuple[Section, list[Entry]]] = g.places
    return shown


def current_place(queue: str | None) -> tuple[str, str] | None:
    """The key of the place that the page at hand belongs to, and whether it is the place itself ("page") or below ("true").

    `queue` is the list beside an open task.
    """
    found: dict[str | None, tuple[str, str] | None] = g.setdefault("current_places", {})
    if queue not in found:  # every entry of the menu asks
        found[queue] = _current_place(queue)
    return found[queue]


def _current_place(queue: str | None) -> tuple[str, str] | None:
    entries = [entry for _section, those in places() for entry in those]
    for entry in sorted((e for e in entries if e.is_current), key=lambda e: not e.exact):
        return entry.key, "page"
    if queue is not None:
        return ("mine" if queue == "mine" else "groups"), "true"
    return next(((entry.key, "true") for entry in entries if entry.is_above), None)


def place_counts() -> Mapping[str, Count]:
    """The numbers beside the places, counted once per page."""
    person = signed_in()
    if person is None:
        return {}
    if "place_counts" not in g:
        g.place_counts = current_app.config["PLACE_COUNTS"](person, now())
    counted: Mapping[str, Any] = g.place_counts
    return counted
