"""Whom a bulletin concerns: the customers who use the affected models (R-146)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.desk.registers.references import BATCH, batches
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Bulletin


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
