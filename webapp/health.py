"""Whether this server can work, for whoever watches it: a load balancer, a service manager."""

from __future__ import annotations

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from engine.acts.installation import is_well
from engine.foundation.errors import Unavailable
from webapp.context import public, services


def register(app: Flask) -> None:
    """Add the address, outside every blueprint: it shows nothing and asks for no sign-in."""
    app.add_url_rule("/healthz", "health", health)


@public
def health() -> ResponseReturnValue:
    """200 when the database answers, 503 when it does not."""
    try:
        is_well(services().database)
    except Unavailable:
        return jsonify(status="the database does not answer"), 503
    return jsonify(status="ok")
