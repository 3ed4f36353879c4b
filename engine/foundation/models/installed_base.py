"""The tables of whom the company serves: customers, their devices, and the contracts that cover them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class Customer(Model):
    """A customer of the company."""

    __tablename__ = "customer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    contact_name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    kind: Mapped[str | None] = mapped_column(
        String(16)
    )  # individual or organisation: rules of exchange differ
    region_id: Mapped[UUID | None]
    manager: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(String(2000))
    revision: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None]


class Asset(Model):
    """A device of the installed base, found at intake by model or serial number."""

    __tablename__ = "asset"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    model: Mapped[str] = mapped_column(String(100), index=True)
    serial: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    bought_on: Mapped[date | None] = mapped_column(Date)
    warranty_until: Mapped[date | None] = mapped_column(Date)
    asset_class: Mapped[str | None] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16), default="in_service")
    site_id: Mapped[UUID | None] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(String(200))
    manufacturer_id: Mapped[UUID | None] = mapped_column(index=True)
    supplier_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None] = mapped_column(index=True)
    installed_on: Mapped[date | None] = mapped_column(Date)
    software_version: Mapped[str | None] = mapped_column(String(100))
    software_upgrade_until: Mapped[date | None] = mapped_column(Date)
    holds_data: Mapped[bool] = mapped_column(Boolean, default=False)
    baseline: Mapped[str | None] = mapped_column(String(4000))
    revision: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None]


class Contract(Model):
    """What the company owes a customer: coverage level and period."""

    __tablename__ = "contract"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    coverage: Mapped[str] = mapped_column(String(32))  # a level that the limits table knows
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    calendar: Mapped[str | None] = mapped_column(String(16))
    limits_note: Mapped[str | None] = mapped_column(String(2000))
    project: Mapped[str | None] = mapped_column(String(200))
    project_owner: Mapped[str | None] = mapped_column(String(64))
    maintenance_months: Mapped[int | None]
    next_visit_on: Mapped[date | None] = mapped_column(Date, index=True)
    checklist: Mapped[str | None] = mapped_column(String(4000))
    software_upgrade_until: Mapped[date | None] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None]
