"""The tables of the registers: what the company knows of customers, devices, suppliers and duties, whatever the case.

Rows are retired, never deleted: cases go on naming them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model


class Kept:
    """What every register row carries: `revision` refuses stale changes, `retired_at` ends its use."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None]


class Region(Kept, Model):
    """A part of the company under headquarters, or under another region."""

    __tablename__ = "region"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    parent_id: Mapped[UUID | None]
    head: Mapped[str | None] = mapped_column(String(64))


class Site(Kept, Model):
    """A place where devices of a customer stand; its code proves arrival."""

    __tablename__ = "site"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    customer_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(300))
    region_id: Mapped[UUID | None]
    hours: Mapped[str | None] = mapped_column(String(16))
    entry_rules: Mapped[str | None] = mapped_column(String(2000))


class Contact(Kept, Model):
    """A person on the customer's side, and what they decide."""

    __tablename__ = "contact"

    customer_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(100))
    site_id: Mapped[UUID | None]
    role: Mapped[str | None] = mapped_column(String(24))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(8))
    note: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (Index(None, "customer_id", "name", unique=True),)


class RemoteAccess(Kept, Model):
    """A way into a customer's network for remote diagnosis; never a password."""

    __tablename__ = "remote_access"

    customer_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(100))
    site_id: Mapped[UUID | None]
    tool: Mapped[str] = mapped_column(String(100))
    endpoint: Mapped[str] = mapped_column(String(300))
    consent: Mapped[str | None] = mapped_column(String(16))
    checked_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (Index(None, "customer_id", "name", unique=True),)


class ContractLine(Kept, Model):
    """One service that a contract promises, for all devices or for one."""

    __tablename__ = "contract_line"

    contract_id: Mapped[UUID]
    line: Mapped[int] = mapped_column(SmallInteger)
    service_type: Mapped[str] = mapped_column(String(24))
    asset_id: Mapped[UUID | None]
    times_a_year: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(String(1000))

    __table_args__ = (Index(None, "contract_id", "line", unique=True),)


class Supplier(Kept, Model):
    """Who sells and repairs parts."""

    __tablename__ = "supplier"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    contact_name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(300))
    scope: Mapped[str | None] = mapped_column(String(1000))
    turnaround_days: Mapped[int | None]


class Manufacturer(Kept, Model):
    """Who makes the devices, and what they committed themselves to."""

    __tablename__ = "manufacturer"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    contact_name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(200))
    commitment_scope: Mapped[str | None] = mapped_column(String(2000))
    commitment_limits: Mapped[str | None] = mapped_column(String(1000))
    commitment_until: Mapped[date | None] = mapped_column(Date)


class Part(Kept, Model):
    """A spare part and the models that it fits."""

    __tablename__ = "part"

    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    models: Mapped[list[Any] | None]
    manufacturer_id: Mapped[UUID | None]
    supplier_id: Mapped[UUID | None]
    holds_data: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str | None] = mapped_column(String(1000))


class Bulletin(Kept, Model):
    """A fault of a platform that is known to all, or a defect that a manufacturer has made known."""

    __tablename__ = "bulletin"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    area: Mapped[str | None] = mapped_column(String(100))
    symptoms: Mapped[list[Any] | None]
    models: Mapped[list[Any] | None]
    manufacturer_id: Mapped[UUID | None]
    announced_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    advice: Mapped[str | None] = mapped_column(String(4000))
    case_number: Mapped[str | None] = mapped_column(String(32))

    __table_args__ = (Index("ix_bulletin_status", "status", "announced_at"),)


class Article(Kept, Model):
    """What was learnt from a case, for the next one."""

    __tablename__ = "article"

    number: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16))
    symptom: Mapped[str] = mapped_column(String(4000))
    cause: Mapped[str | None] = mapped_column(String(4000))
    solution: Mapped[str | None] = mapped_column(String(8000))
    workaround: Mapped[str | None] = mapped_column(String(4000))
    models: Mapped[list[Any] | None]
    topics: Mapped[list[Any] | None]
    source_case: Mapped[str | None] = mapped_column(String(32), index=True)
    linked_cases: Mapped[list[Any] | None]
    author: Mapped[str] = mapped_column(String(64))
    reviewer: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]


class ArticleWord(Model):
    """The search index of knowledge: two-character pieces of Chinese, beginnings of other words."""

    __tablename__ = "article_word"

    word: Mapped[str] = mapped_column(String(24), primary_key=True)
    article_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    weight: Mapped[int] = mapped_column(SmallInteger)


class Repair(Kept, Model):
    """One repair of one device: the ledger behind exchange and refund."""

    __tablename__ = "repair"

    serial: Mapped[str] = mapped_column(String(100))
    case_number: Mapped[str] = mapped_column(String(32))
    began_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    fault: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (Index(None, "serial", "case_number", unique=True),)


class Duty(Kept, Model):
    """Who is on duty for a group, from when to when."""

    __tablename__ = "duty"

    group_id: Mapped[str] = mapped_column(String(48))
    person: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (Index(None, "group_id", "starts_at", "person", unique=True),)


class Schedule(Model):
    """A case that opens by itself, again and again: when next, and for whom."""

    __tablename__ = "schedule"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made of process and subject: kept once
    process: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(200))
    answers: Mapped[dict[str, Any]]  # what the start form would have said
    rule: Mapped[str] = mapped_column(String(64))
    zone: Mapped[str] = mapped_column(String(64))
    first_on: Mapped[date] = mapped_column(Date)  # rounds are counted from here
    until: Mapped[date | None] = mapped_column(Date)
    origin: Mapped[str] = mapped_column(String(64))  # "process", or the number of the case that asked for it
    round: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None] = mapped_column(index=True)  # None: it is over, or was withdrawn
    started: Mapped[int] = mapped_column(Integer, default=0)
    missed: Mapped[int] = mapped_column(Integer, default=0)  # rounds that fell into downtime
    last_at: Mapped[datetime | None]


class RegisterChange(Model):
    """What somebody changed in a register, before and after; `source` is the file of an import."""

    __tablename__ = "register_change"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(String(32))
    row_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    source: Mapped[str | None] = mapped_column(String(200))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_register_change_row", "register", "row_id", "revision"),)


class PendingImport(Model):
    """A file that was read and found right, waiting for the person's confirmation."""

    __tablename__ = "pending_import"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    register: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    file: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]]
