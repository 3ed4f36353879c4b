"""The entry point of a server process: `gunicorn "webapp.wsgi:create()"`; what it serves comes from SHOUHOU_*."""

from __future__ import annotations

import atexit
import gc
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask

from engine.acts import background
from engine.acts.installation import signing_key
from engine.cases import Cases
from engine.foundation.database import Database
from engine.foundation.errors import NotFound, Unavailable
from engine.foundation.settings import from_environment
from webapp import create_app, logs


def create() -> Flask:
    """The application with its timers and notifications running in the background."""
    logs.configure()
    settings = from_environment()
    database = Database(settings.database_url)
    settings = replace(settings, secret_key=settings.secret_key or signing_key(database))
    cases = Cases(database, settings)
    _warm_up(cases)
    ticker = background.start(cases, clock=_now)
    atexit.register(ticker.stop)
    return create_app(database=database, cases=cases, settings=settings, clock=_now)


def _warm_up(cases: Cases) -> None:
    """Read the current release before the first request, and spare the garbage collector from walking over it for ever."""
    with suppress(NotFound, Unavailable):
        cases.current_library()
    gc.collect()
    gc.freeze()


def _now() -> datetime:
    return datetime.now(UTC)
