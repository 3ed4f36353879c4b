"""Bulletins at work: which known fault a new report matches, and whom an advisory concerns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.references import BATCH, batches
from engine.foundation.models import Asset, Customer
from engine.foundation.registers import Bulletin


@dataclass(frozen=True, slots=True)
class Match:
    """A bulletin that a report may be about; `sure` when everything that the bulletin names was found in the report."""

    id: UUID
    number: str
    kind: str
    title: str
    advice: str | None
    announced_at: datetime | None
    case_number: str | None
    sure: bool


def matches(
    tx: Connection, *, model: str | None = None, area: str | None = None, words: str = ""
) -> list[Match]:
    """Announced bulletins that fit a report as far as it is known: sure ones first, then the newest.

    What the report does not say (no model, no area) leaves a match possible; what it says otherwise rules it out.
    """
    announced = (
        select(Bulletin.__table__)
        .where(Bulletin.status == "announced", Bulletin.retired_at.is_(None))
        .order_by(Bulletin.announced_at.desc(), Bulletin.id)
    )
    found = [(row, _compared(row, model, area, words)) for row in tx.execute(announced)]
    fitting = [_match(row, sure=all(said)) for row, said in found if said and False not in said and any(said)]
    return sorted(fitting, key=lambda match: not match.sure)


def _compared(row: Any, model: str | None, area: str | None, words: str) -> list[bool | None]:
    """For each thing that the bulletin names: found in the report, contradicted by it, or (None) not said."""
    said = _plain(words)
    verdicts: list[bool | None] = []
    if row.models:
        verdicts.append(_plain(model) in map(_plain, row.models) if model else None)
    if row.area:
        near = _plain(row.area) in said or (_plain(row.area) in _plain(area) if area else None)
        verdicts.append(near)
    if row.symptoms:
        verdicts.append(any(_plain(word) in said for word in row.symptoms) if said else None)
    return verdicts


def _match(row: Any, *, sure: bool) -> Match:
    return Match(
        row.id, row.number, row.kind, row.title, row.advice, row.announced_at, row.case_number, sure=sure
    )


def _plain(word: str | None) -> str:
    return unicodedata.normalize("NFKC", word or "").casefold().strip()


@dataclass(frozen=True, slots=True)
class Concerned:
    """A customer with the devices that a bulletin is about."""

    customer_id: UUID
    customer: str
    serials: tuple[str, ...]


def concerned(tx: Connection, bulletin: UUID) -> list[Concerned]:
    """The customers who have devices in service of the affected models, by name."""
    models = tx.scalar(select(Bulletin.models).where(Bulletin.id == bulletin)) or []
    owned: dict[tuple[UUID, str], list[str]] = {}
    for some in batches(models, BATCH):
        for customer_id, name, serial in tx.execute(_owned(some)).tuples():
            owned.setdefault((customer_id, name), []).append(serial)
    ordered = sorted(owned.items(), key=lambda item: item[0][1])
    return [Concerned(customer_id, name, tuple(serials)) for (customer_id, name), serials in ordered]


def _owned(models: Any) -> Any:
    return (
        select(Customer.id, Customer.name, Asset.serial)
        .join(Customer, Customer.id == Asset.customer_id)
        .where(Asset.model.in_(models), Asset.retired_at.is_(None), Asset.status == "in_service")
        .order_by(Asset.serial)
    )
