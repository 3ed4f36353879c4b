"""Sentences that the browser side says by itself, handed over in the language of the page."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _


def register(app: Flask) -> None:
    """Let the page frame write them out."""
    app.jinja_env.globals["browser_words"] = browser_words


def browser_words() -> dict[str, str]:
    """Key to sentence; `{name}` is filled in by the browser."""
    return {
        "offline": _(
            "The server cannot be reached. What you typed stays on this page; try again in a moment."
        ),
        "draft_saved": _("Draft saved {time}"),
        "draft_lost": _("Draft not saved; keep this page open"),
        "open_called": _("Open the called diagram: {name}"),
        "step": _("Step {n} of {of}"),
        "play": _("Play"),
        "pause": _("Pause"),
    }
