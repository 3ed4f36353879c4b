"""What contracts and the installed base say to a diagram: terms of maintenance, and who owns a model."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from engine.desk.people import is_mail_address
from engine.foundation.models import Asset, Contract, Customer

CUSTOMER = "customer:"  # before a customer's id, as somebody to notify
_MARKS = ",、;;\n"


def contract_terms(tx: Connection, number: str | None) -> dict[str, Any] | None:
    """The maintenance terms of a contract with its devices in one text; None for a number that nobody knows."""
    columns = (Contract.customer_id, Customer.name, Contract.maintenance_months, Contract.next_visit_on)
    chosen = select(*columns, Contract.checklist, Contract.ends_on).join(
        Customer, Customer.id == Contract.customer_id
    )
    row = tx.execute(chosen.where(Contract.number == number, Contract.retired_at.is_(None))).one_or_none()
    if row is None:
        return None
    return {
        "customer": row.name,
        "months": row.maintenance_months,
        "next_visit_on": _written(row.next_visit_on),
        "checklist": row.checklist,
        "ends_on": _written(row.ends_on),
        "devices": "\n".join(_devices(tx, row.customer_id)),
    }


def owners_of(tx: Connection, models: str | None, *, on: date) -> dict[str, Any]:
    """The customers who have these models (separated by commas) in service, by name.

    `to` is whom `notify` can reach, `unreachable` the names of the others; `free` says whether a new version costs the
    customer nothing on the local date `on` (R-149).
    """
    found: dict[str, dict[str, Any]] = {}
    for row in tx.execute(_owned(_names(models))):
        free = any(until is not None and until >= on for until in (row.of_asset, row.of_contract))
        owner = found.setdefault(row.name, {"id": f"{CUSTOMER}{row.id}", "email": row.email, "free": False})
        owner["free"] = owner["free"] or free
    return {
        "names": list(found),
        "to": [one["id"] for one in found.values() if _reachable(one)],
        "unreachable": [name for name, one in found.items() if not _reachable(one)],
        "owners": [{"customer": name, "free": one["free"]} for name, one in found.items()],
    }


def _owned(models: list[str]) -> Any:
    return (
        select(
            Customer.id,
            Customer.name,
            Customer.email,
            Asset.software_upgrade_until.label("of_asset"),
            Contract.software_upgrade_until.label("of_contract"),
        )
        .join(Customer, Customer.id == Asset.customer_id)
        .outerjoin(Contract, Contract.id == Asset.contract_id)
        .where(Asset.model.in_(models), Asset.status == "in_service")
        .where(Asset.retired_at.is_(None), Customer.retired_at.is_(None))
        .order_by(Customer.name, Asset.serial)
    )


def _devices(tx: Connection, customer_id: Any) -> list[str]:
    chosen = select(Asset.name, Asset.model, Asset.serial).where(
        Asset.customer_id == customer_id, Asset.retired_at.is_(None)
    )
    return [" ".join(row) for row in tx.execute(chosen.order_by(Asset.serial).limit(100)).tuples()]


def _reachable(owner: dict[str, Any]) -> bool:
    return bool(owner["email"]) and is_mail_address(owner["email"])


def _names(models: str | None) -> list[str]:
    for mark in _MARKS:
        models = (models or "").replace(mark, ",")
    return [name.strip() for name in (models or "").split(",") if name.strip()]


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
