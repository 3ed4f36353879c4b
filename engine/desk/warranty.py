"""What the registers say of a device when its repair is judged: warranty, repairs so far, promises, parts, place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, or_, select

from engine.desk.registers.devices import REPAIR
from engine.desk.registers.fields import Hand
from engine.desk.registers.writing import add_rows
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Manufacturer, Part, Repair, Site

LONGEST_FAULT = 300


def ledger_of(tx: Connection, *, serial: str | None, asset_id: UUID | None, on: date) -> dict[str, Any]:
    """The device behind a serial number (or the case's own) with its repairs and the days that they took until `on`."""
    asset = _asset(tx, serial, asset_id)
    serial = asset.serial if asset is not None else serial
    repairs = tx.execute(_repairs(serial)).all() if serial else []
    days = days_covered((each.began_on, each.ended_on or on) for each in repairs)
    kind = None if asset is None else tx.scalar(select(Customer.kind).where(Customer.id == asset.customer_id))
    return {
        "serial": serial,
        "product_class": asset.asset_class if asset is not None else None,
        "customer_kind": kind,
        "bought_on": _iso(asset.bought_on if asset is not None else None),
        "warranty_until": _iso(asset.warranty_until if asset is not None else None),
        "repairs": len(repairs),
        "repair_days": days,
    }


def days_covered(spans: Iterable[tuple[date, date]]) -> int:
    """How many days a device was under repair: a day that falls into several repairs counts once."""
    days, reached = 0, date.min
    for began, ended in sorted(spans):
        days += max((ended - max(began, reached)).days, 0)
        reached = max(reached, ended)
    return days


def note_repair(
    tx: Connection, *, case_number: str, asset_id: UUID | None, wish: Mapping[str, Any], on: date, hand: Hand
) -> None:
    """One more repair in the ledger; a device without a serial number and a case noted before are passed over."""
    asset = _asset(tx, wish.get("serial"), asset_id)
    serial = asset.serial if asset is not None else wish.get("serial")
    known = select(Repair.id).where(Repair.serial == serial, Repair.case_number == case_number)
    if not serial or tx.execute(known).first() is not None:
        return
    row = {"serial": serial, "case_number": case_number, "ended_on": on}
    row["began_on"] = date.fromisoformat(str(wish.get("began_on") or on.isoformat())[:10])
    row["fault"] = str(wish.get("fault") or "")[:LONGEST_FAULT] or None
    add_rows(tx, REPAIR, [row], hand=hand)


def commitment_of(tx: Connection, asset_id: UUID | None, *, on: date) -> dict[str, Any] | None:
    """What the manufacturer of a registered device has promised, and whether that still holds on `on` (R-088)."""
    if asset_id is None:
        return None
    query = select(Manufacturer.__table__).join(Asset, Asset.manufacturer_id == Manufacturer.id)
    found = tx.execute(query.where(Asset.id == asset_id)).first()
    if found is None:
        return None
    return {
        "manufacturer": found.name,
        "contact": found.phone or found.email,
        "scope": found.commitment_scope,
        "limits": found.commitment_limits,
        "until": _iso(found.commitment_until),
        "holds": found.commitment_until is not None and found.commitment_until >= on,
    }


def part_fits(tx: Connection, part: str | None, asset_id: UUID | None) -> bool | None:
    """Whether a part, by its number or name, suits the case's device; None when the registers do not say (R-177)."""
    model = None if asset_id is None else tx.scalar(select(Asset.model).where(Asset.id == asset_id))
    if not part or model is None:
        return None
    query = select(Part.models).where(or_(Part.sku == part, Part.name == part), Part.retired_at.is_(None))
    found = [models for models in tx.execute(query).scalars() if models]
    return any(model in models for models in found) if found else None


def site_matches(tx: Connection, code: str | None, asset_id: UUID | None) -> bool | None:
    """Whether a site code is that of the place where the case's device stands; None when no place is registered."""
    query = select(Site.code).join(Asset, Asset.site_id == Site.id).where(Asset.id == asset_id)
    known = tx.scalar(query) if asset_id is not None else None
    return None if known is None else known.lower() == str(code or "").strip().lower()


def _asset(tx: Connection, serial: object, asset_id: UUID | None) -> Any:
    wanted = Asset.serial == serial if serial else Asset.id == asset_id
    return tx.execute(select(Asset.__table__).where(wanted)).first() if serial or asset_id else None


def _repairs(serial: str) -> Any:
    return select(Repair.began_on, Repair.ended_on).where(
        Repair.serial == serial, Repair.retired_at.is_(None)
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
