"""The product's entry point with promises broken on purpose, to show that the referee notices.

STORM_SABOTAGE names them: `keys` (a repeated completion is not recognised), `amnesia` (some completions are
acknowledged but not done), `haste` (timers fire before they are due).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from engine.acts import timers, worklist
from webapp import wsgi

HASTE = timedelta(seconds=2)
NOTHING = worklist.Finished(name=None, following=None)
FORGOTTEN = 0.15  # share of the completions


def create() -> Flask:
    """The application, sabotaged."""
    for sabotage in os.environ["STORM_SABOTAGE"].split():
        _SABOTAGES[sabotage]()
    return wsgi.create()


def _keys() -> None:
    complete = worklist.complete
    worklist.complete = lambda *args, **how: complete(*args, **{**how, "key": None})


def _amnesia() -> None:
    complete: Callable[..., Any] = worklist.complete

    def forgetful(*args: Any, **how: Any) -> Any:
        return NOTHING if random.random() < FORGOTTEN else complete(*args, **how)

    worklist.complete = forgetful


def _haste() -> None:
    fire_due = timers.fire_due
    timers.fire_due = lambda cases, **how: fire_due(cases, now=datetime.now(UTC) + HASTE)


_SABOTAGES = {"keys": _keys, "amnesia": _amnesia, "haste": _haste}
