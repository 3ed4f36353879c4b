"""The tables. Every table of a case carries `shard_key` and `case_id` in its keys, so that it can be distributed by case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Float, Index, Integer, LargeBinary, MetaData, SmallInteger, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.foundation.columns import Document, Identifier, Moment


class Model(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment(),
        UUID: Identifier(),
        dict[str, Any]: Document(),
        list[Any]: Document(),
    }


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class OfCase:
    """The two leading key columns of everything that belongs to a case."""

    # Sorted before a table's own columns, so that they lead its primary key and a case is found without a scan.
    shard_key: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, sort_order=-2)
    case_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class Case(Model):
    """A service matter from first contact to follow-up; runs on one release."""

    __tablename__ = "service_case"

    shard_key: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    process: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(32))
    priority: Mapped[str | None] = mapped_column(String(8))
    severity: Mapped[str | None] = mapped_column(String(16))
    coverage: Mapped[str | None] = mapped_column(String(32))
    channel: Mapped[str | None] = mapped_column(String(32))
    customer_id: Mapped[UUID | None]
    customer_name: Mapped[str | None] = mapped_column(String(200))
    asset_id: Mapped[UUID | None]
    contract_id: Mapped[UUID | None]
    owner_group: Mapped[str | None] = mapped_column(String(48))
    handler: Mapped[str | None] = mapped_column(String(64))
    first_receiver: Mapped[str | None] = mapped_column(String(64))
    opened_by: Mapped[str] = mapped_column(String(64))
    release: Mapped[int]
    version: Mapped[int]
    facts: Mapped[dict[str, Any]]
    outcome: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[datetime]  # the moment of the last history row; the case's clock never runs backwards
    open_incidents: Mapped[int] = mapped_column(default=0)
    head_seq: Mapped[int]
    head_hash: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    followed_up_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(String(64))
    kept_out: Mapped[list[Any] | None]  # people who may neither work on the case nor see it
    # Last, because SQLite walks over all that stands before the column it reads.
    state: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        Index(None, "shard_key", "number", unique=True),
        Index("ix_service_case_number", "number"),
        Index("ix_service_case_recent", "opened_at", "id"),
        Index("ix_service_case_status", "status", "opened_at", "id"),
        Index("ix_service_case_customer_id", "customer_id", "opened_at"),
        Index("ix_service_case_kept_out", "id", **_only("kept_out IS NOT NULL")),
        Index("ix_service_case_asset_id", "asset_id", "opened_at", **_only("asset_id IS NOT NULL")),
    )


class Task(OfCase, Model):
    """What waits for people now: one row per task, or per message that a person may send by a button."""

    __tablename__ = "task"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # "task" or "message"
    process: Mapped[str] = mapped_column(String(64))
    element: Mapped[str] = mapped_column(String(64))
    group_id: Mapped[str] = mapped_column(String(48))
    assignee: Mapped[str | None] = mapped_column(String(64))
    delegated_by: Mapped[str | None] = mapped_column(String(64))
    excluded: Mapped[list[Any] | None]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_limit: Mapped[str | None] = mapped_column(String(64))
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    sort_at: Mapped[datetime]  # due_at, or a far moment for tasks without one: the inbox order
    revision: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        Index("ix_task_group", "kind", "group_id", "sort_at", "id", **_only("assignee IS NULL")),
        Index("ix_task_assignee", "kind", "assignee", "sort_at", "id", **_only("assignee IS NOT NULL")),
    )


class QueueCount(Model):
    """Open unassigned tasks per group, spread over buckets so that parallel steps do not wait for one row."""

    __tablename__ = "queue_count"

    group_id: Mapped[str] = mapped_column(String(48), primary_key=True)
    bucket: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    open: Mapped[int]


class Timer(OfCase, Model):
    """A waiting timer; `due_at` is empty while its clock is paused or an incident blocks it."""

    __tablename__ = "timer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str] = mapped_column(String(64))
    element: Mapped[str] = mapped_column(String(64))
    host: Mapped[UUID | None]  # the task that it watches, if it watches one
    armed_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    limit_name: Mapped[str] = mapped_column(String(64))
    percent: Mapped[int] = mapped_column(SmallInteger)
    clock: Mapped[str] = mapped_column(String(16))
    calendar: Mapped[str] = mapped_column(String(16))
    remaining: Mapped[float | None] = mapped_column(Float)  # working minutes left while paused
    blocked: Mapped[bool] = mapped_column(Boolean, default=False)

    __table_args__ = (Index("ix_timer_due_at", "due_at", **_only("due_at IS NOT NULL")),)


class Clock(OfCase, Model):
    """A promise of the case (response, restoration ...): when it started, is due, was met, is paused."""

    __tablename__ = "clock"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    minutes: Mapped[float] = mapped_column(Float)
    calendar: Mapped[str] = mapped_column(String(16))
    clock: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    remaining: Mapped[float | None] = mapped_column(Float)
    paused_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]


class Event(OfCase, Model):
    """One command and all that it caused; append-only, each row hashed over the one before."""

    __tablename__ = "event"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    process: Mapped[str | None] = mapped_column(String(64))
    element: Mapped[str | None] = mapped_column(String(64))
    task_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    release: Mapped[int]
    data: Mapped[str] = mapped_column(String)  # canonical JSON, exactly as hashed
    key: Mapped[str | None] = mapped_column(String(64))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        Index(None, "shard_key", "case_id", "key", unique=True, **_only("key IS NOT NULL")),
        Index("ix_event_at", "at"),
    )


class Checkpoint(Model):
    """A signed statement of how far every history had got; append-only, and kept outside as well."""

    __tablename__ = "checkpoint"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    cases: Mapped[int]
    events: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    release: Mapped[int]
    releases: Mapped[bytes] = mapped_column(LargeBinary)
    moved: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Incident(OfCase, Model):
    """A diagram failed: the refused command is kept whole and can be retried."""

    __tablename__ = "incident"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    command: Mapped[dict[str, Any]]
    process: Mapped[str] = mapped_column(String(64))
    element: Mapped[str | None] = mapped_column(String(64))
    sentence_zh: Mapped[str] = mapped_column(String)
    sentence_en: Mapped[str] = mapped_column(String)
    attempts: Mapped[int] = mapped_column(default=1)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (Index("ix_incident_open", "at", **_only("resolved_at IS NULL")),)


class Outbox(OfCase, Model):
    """An effect outside the case, written in the step's transaction and carried out afterwards."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # "notify", "customer" or "open_case"
    channel: Mapped[str] = mapped_column(String(16))  # "mail", "inbox", "case"
    recipient: Mapped[str] = mapped_column(String(200))  # person id, group, or mail address
    message: Mapped[str] = mapped_column(String(64))
    values: Mapped[dict[str, Any]]
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String)

    __table_args__ = (
        Index("ix_outbox_pending", "next_attempt_at", **_only("next_attempt_at IS NOT NULL")),
        Index("ix_outbox_id", "id"),
        Index("ix_outbox_recipient", "recipient", "created_at", **_only("channel = 'inbox'")),
    )


class CaseLink(OfCase, Model):
    """Why a case belongs to another one: the same fault of a platform, what a visit left over ..."""

    __tablename__ = "case_link"

    target: Mapped[str] = mapped_column(String(32), primary_key=True)  # the other case's number
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_case_link_target", "target", "kind"),)


class Draft(OfCase, Model):
    """A form half filled in: kept for the person until the task is completed."""

    __tablename__ = "draft"

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Counter(Model):
    """The last human number given out per series; gaps are allowed."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]


class Release(Model):
    """An immutable, numbered snapshot of every diagram, decision table, form and message."""

    __tablename__ = "release"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String)
    digest: Mapped[str] = mapped_column(String(64))


class ReleaseFile(Model):
    """Which content a path has in a release."""

    __tablename__ = "release_file"

    release: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))


class Content(Model):
    """The bytes of a source file, stored once whatever the number of releases that hold them."""

    __tablename__ = "content"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Person(Model):
    """Somebody who signs in; `id` is the login name and appears in histories."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
    last_dispatched_at: Mapped[datetime | None]
    region_id: Mapped[UUID | None]


class Membership(Model):
    """Who belongs to which group."""

    __tablename__ = "membership"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)


class Skill(Model):
    """What a person can do, used by dispatch."""

    __tablename__ = "skill"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    skill: Mapped[str] = mapped_column(String(64), primary_key=True)


class Absence(Model):
    """A period in which a person takes no work, and who stands in."""

    __tablename__ = "absence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    substitute: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))


class Session(Model):
    """A signed-in browser; only the hash of its secret is stored."""

    __tablename__ = "session"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class SignInAttempt(Model):
    """Failed sign-ins of one account from one address, for the back-off."""

    __tablename__ = "sign_in_attempt"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class AccessLog(Model):
    """Refused acts, sign-ins, and who read which history."""

    __tablename__ = "access_log"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(200))
    allowed: Mapped[bool] = mapped_column(Boolean)
    address: Mapped[str | None] = mapped_column(String(64))


class CalendarDay(Model):
    """A company's own correction of the public calendar: this date is worked, or is not."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    working: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(String(200))


class Setting(Model):
    """A value that the administrator may change while the product runs."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[dict[str, Any]]


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


from engine.foundation import correspondence, publications, registers  # noqa: E402, F401  # their tables join it
