"""What intake shows while somebody is still typing: the announced platform fault that the report may be about."""

from __future__ import annotations

from sqlalchemy import select

from engine.cases import Cases
from engine.desk.bulletins import Match, matching
from engine.foundation.models import Asset
from engine.foundation.security import Actor, require


def known_fault(
    cases: Cases,
    *,
    actor: Actor,
    serial: str | None = None,
    model: str | None = None,
    place: str | None = None,
    words: str | None = None,
) -> Match | None:
    """The best match for what has been typed so far; the serial number gives the model. Raises Forbidden."""
    require(actor, "open_case")
    with cases.database.read() as tx:
        known = tx.scalar(select(Asset.model).where(Asset.serial == serial)) if serial else None
        return matching(tx, model=known or model, place=place, words=words)
