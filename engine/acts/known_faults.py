"""What intake shows while somebody is still typing: announced platform faults and known errors like the report."""

from __future__ import annotations

from sqlalchemy import select

from engine.cases import Cases
from engine.desk.bulletins import KNOWN_ERRORS, Match, fitting, matching
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


def known_errors(
    cases: Cases,
    *,
    actor: Actor,
    serial: str | None = None,
    model: str | None = None,
    words: str | None = None,
) -> list[Match]:
    """Known errors and vendors' advisories like what has been typed, the best first, with their workaround (R-097).

    Raises Forbidden.
    """
    require(actor, "open_case")
    with cases.database.read() as tx:
        known = tx.scalar(select(Asset.model).where(Asset.serial == serial)) if serial else None
        return fitting(tx, model=known or model, place=None, words=words, kinds=KNOWN_ERRORS)
