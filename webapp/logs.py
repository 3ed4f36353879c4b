"""What a server writes about itself: one JSON object a line for machines, readable lines for a terminal."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from flask import Flask, g, request

CHATTY = ("apscheduler", "alembic")  # tell of every tick and every start


def configure(*, stream: TextIO = sys.stderr, readable: bool | None = None) -> None:
    """Send everything that is logged to `stream`; `readable` lines by default where a person looks on."""
    asked = stream.isatty() if readable is None else readable
    every: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*every, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=every, processors=_rendering(asked))
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def register(app: Flask) -> None:
    """Let every line name the request that it was written in; its id is on the page of an error too."""
    app.before_request(_name)


def _name() -> None:
    # Threads serve one request after another.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id, page=request.endpoint)


def _rendering(readable: bool) -> list[Any]:
    without = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if readable:
        return [without, structlog.dev.ConsoleRenderer()]
    return [
        without,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
