"""What a view may ask for: the services of the application, who is asking, in which language, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from flask import current_app, g, request

from engine.foundation.database import Database
from engine.foundation.ids import new_id
from engine.foundation.security import Actor
from engine.foundation.settings import Settings

if TYPE_CHECKING:
    from engine.cases import Cases

Clock = Callable[[], datetime]
View = TypeVar("View", bound=Callable[..., object])

EXTENSION = "shouhou"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that pages are made from; one set per application."""

    database: Database
    cases: Cases
    settings: Settings
    clock: Clock


def services() -> Services:
    """The services of the application that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def actor() -> Actor:
    """The person who is signed in; only to be called where signing in is required."""
    return cast(Actor, g.actor)


def signed_in() -> Actor | None:
    """The person who is signed in, if anybody is."""
    return cast("Actor | None", g.get("actor"))


def now() -> datetime:
    """The moment of this request, aware UTC: the clock is read once, so that a page agrees with itself."""
    if "now" not in g:
        g.now = services().clock()
    return cast(datetime, g.now)


def language() -> str:
    """The language of this page: "zh" or "en"."""
    return cast(str, g.get("language", "zh"))


def idempotency_key() -> str | None:
    """The key under which a repeated submit answers with the first result; None when the client sent none."""
    key = request.form.get("idempotency_key") or request.headers.get("Idempotency-Key") or ""
    return key[:64] or None


def revision() -> int | None:
    """The state of a task that the sender saw; None when the form does not say."""
    written = request.form.get("revision", "")
    return int(written) if written.isdigit() else None


def new_key() -> str:
    """A key for a form that is about to be shown; see `idempotency_key`. A case that it opens takes it as its id."""
    return new_id(now()).hex


def public(view: View) -> View:
    """Mark a view that answers people who are not signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
