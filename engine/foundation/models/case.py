"""The tables of a case: the case itself, and what waits, runs, failed or goes out because of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.foundation.models.declaration import Model, OfCase, only


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
        Index("ix_service_case_kept_out", "id", **only("kept_out IS NOT NULL")),
        Index("ix_service_case_asset_id", "asset_id", "opened_at", **only("asset_id IS NOT NULL")),
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
        Index("ix_task_group", "kind", "group_id", "sort_at", "id", **only("assignee IS NULL")),
        Index("ix_task_assignee", "kind", "assignee", "sort_at", "id", **only("assignee IS NOT NULL")),
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

    __table_args__ = (Index("ix_timer_due_at", "due_at", **only("due_at IS NOT NULL")),)


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

    __table_args__ = (Index("ix_incident_open", "at", **only("resolved_at IS NULL")),)


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
        Index("ix_outbox_pending", "next_attempt_at", **only("next_attempt_at IS NOT NULL")),
        Index("ix_outbox_id", "id"),
        Index("ix_outbox_recipient", "recipient", "created_at", **only("channel = 'inbox'")),
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
