"""Deadlines: limits from the decision table, promises of a case as clocks, and what a pause does to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from engine.desk.calendar import Calendar
from engine.foundation.errors import Conflict, Rejection, ShouhouError
from engine.foundation.text import Text

State = Literal["on_track", "at_risk", "overdue", "paused", "met", "missed"]
Calendars = Mapping[str, Calendar]

AT_RISK_PERCENT = 80
CUSTOMER = "customer"

STATES: dict[str, Text] = {
    "on_track": Text(zh="正常", en="On track"),
    "at_risk": Text(zh="临近超时", en="At risk"),
    "overdue": Text(zh="已超时", en="Overdue"),
    "paused": Text(zh="已暂停", en="Paused"),
    "met": Text(zh="按时完成", en="Met"),
    "missed": Text(zh="超时完成", en="Missed"),
}

PAUSE_REASONS: dict[str, Text] = {
    "customer_information": Text(zh="等待客户提供信息", en="Waiting for information from the customer"),
    "customer_access": Text(zh="等待客户安排进场或远程授权", en="Waiting for the customer to grant access"),
    "customer_decision": Text(zh="等待客户决定", en="Waiting for the customer's decision"),
    "customer_appointment": Text(zh="客户要求改期", en="The customer asked for a later date"),
}
"""Only the customer may stop the customer's clock; waiting for parts or a supplier does not. For releases that have
no table of reasons of their own."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the decision table `limits`: how much time something may take, and on whose clock.

    `calendar` names a calendar; `clock` is customer, internal or supplier; `scope` is case (one promise per case) or
    step (counted from the moment its timer is armed).
    """

    name: str
    minutes: float
    calendar: str
    clock: str
    scope: str

    @property
    def pausable(self) -> bool:
        """Whether waiting for the customer stops it."""
        return self.clock == CUSTOMER


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise of a case. Running: `due_at` is set; paused: `remaining` working minutes are kept instead."""

    name: str
    minutes: float
    calendar: str
    clock: str
    started_at: datetime
    due_at: datetime | None
    remaining: float | None = None
    paused_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None

    def pause(self, *, at: datetime, calendars: Calendars) -> Clock:
        """Keep the working minutes left. A promise that is met, late or not the customer's is left as it is."""
        if self.paused_at is not None:
            raise Conflict(_ALREADY_PAUSED.format(name=self.name))
        if self.met_at is not None or self.due_at is None or self.clock != CUSTOMER:
            return self
        if self.due_at <= at:
            return self.checked(at=at)
        left = calendar_of(calendars, self.calendar).working_minutes(at, self.due_at)
        return replace(self, due_at=None, remaining=left, paused_at=at)

    def resume(self, *, at: datetime, calendars: Calendars) -> Clock:
        """Run again from `at` with the minutes that were left; a promise that is not paused is left as it is."""
        if self.paused_at is None or self.remaining is None or self.met_at is not None:
            return self
        due_at = calendar_of(calendars, self.calendar).add_working(at, self.remaining)
        return replace(self, due_at=due_at, remaining=None, paused_at=None)

    def meet(self, *, at: datetime) -> Clock:
        """Stop: what was promised happened at `at`; the first time counts."""
        return self if self.met_at is not None else replace(self.checked(at=at), met_at=at)

    def checked(self, *, at: datetime) -> Clock:
        """The same promise with `breached_at` set when it was already due at `at`."""
        late = self.met_at is None and self.due_at is not None and self.due_at < at
        return replace(self, breached_at=self.due_at) if late and self.breached_at is None else self

    def left(self, *, at: datetime, calendars: Calendars) -> float:
        """Working minutes left at `at`; negative when late."""
        if self.due_at is None:
            return self.remaining or 0.0
        return calendar_of(calendars, self.calendar).working_minutes(at, self.due_at)

    def used_percent(self, *, at: datetime, calendars: Calendars) -> float:
        """How much of the promise is used up at `at` (or was when it was met); above 100 when late."""
        if not self.minutes:
            return 100.0
        left = self.left(at=self.met_at or at, calendars=calendars)
        return 100 * (1 - left / self.minutes)

    def state(self, *, at: datetime, calendars: Calendars) -> State:
        """How the promise stands at `at`."""
        if self.met_at is not None:
            return "missed" if self.breached_at is not None or _past(self.due_at, self.met_at) else "met"
        if self.paused_at is not None:
            return "paused"
        if _past(self.due_at, at):
            return "overdue"
        used = self.used_percent(at=at, calendars=calendars)
        return "at_risk" if used >= AT_RISK_PERCENT else "on_track"

    def moment(self, percent: float, *, at: datetime, calendars: Calendars) -> datetime:
        """When `percent` of the promise will be used up, seen from `at`.

        `at` itself when that has already happened, but the due moment for 100 percent; a paused promise answers as if
        it ran again from `at`.
        """
        if percent >= 100 and self.due_at is not None:
            return self.due_at
        keep = self.minutes * (100 - percent) / 100
        ahead = self.left(at=at, calendars=calendars) - keep
        return calendar_of(calendars, self.calendar).add_working(at, ahead) if ahead > 0 else at


@dataclass(frozen=True, slots=True)
class Armed:
    """A waiting timer of a diagram: running with `due_at`, or paused with the working minutes `remaining`."""

    clock: str
    calendar: str
    due_at: datetime | None
    remaining: float | None = None

    def pause(self, *, at: datetime, calendars: Calendars) -> Armed:
        """Keep what is left, when it counts the customer's time and is not due yet."""
        if self.clock != CUSTOMER or self.due_at is None or self.due_at <= at:
            return self
        left = calendar_of(calendars, self.calendar).working_minutes(at, self.due_at)
        return replace(self, due_at=None, remaining=left)

    def resume(self, *, at: datetime, calendars: Calendars) -> Armed:
        """Due again after what was left, counted from `at`."""
        if self.remaining is None:
            return self
        due_at = calendar_of(calendars, self.calendar).add_working(at, self.remaining)
        return replace(self, due_at=due_at, remaining=None)


def start_clock(limit: Limit, *, at: datetime, calendars: Calendars) -> Clock:
    """A promise that begins to run at `at`."""
    return Clock(
        name=limit.name,
        minutes=limit.minutes,
        calendar=limit.calendar,
        clock=limit.clock,
        started_at=at,
        due_at=due_at(limit, started_at=at, calendars=calendars),
    )


def due_at(limit: Limit, *, started_at: datetime, calendars: Calendars, percent: float = 100) -> datetime:
    """When `percent` of a limit that began at `started_at` is used up, if nothing pauses it."""
    return calendar_of(calendars, limit.calendar).add_working(started_at, limit.minutes * percent / 100)


def calendar_of(calendars: Calendars, name: str) -> Calendar:
    """The calendar that a limit names; raises ShouhouError when there is none."""
    if name not in calendars:
        raise ShouhouError(_UNKNOWN_CALENDAR.format(name=name, known=", ".join(sorted(calendars))))
    return calendars[name]


def checked_reason(reason: str, *, allowed: Mapping[str, Text] = PAUSE_REASONS) -> str:
    """`reason` when it may stop the customer's clock; a Rejection that lists the allowed ones otherwise."""
    if reason in allowed:
        return reason
    raise Rejection(
        Text(
            zh="暂停原因应为下列之一, 请重新选择: " + "、".join(text.zh for text in allowed.values()),
            en="Expected one of these reasons for a pause; please choose again: "
            + "; ".join(text.en for text in allowed.values()),
        )
    )


def _past(due_at: datetime | None, at: datetime) -> bool:
    return due_at is not None and due_at < at


_ALREADY_PAUSED = Text(
    zh="时限 {name} 应在计时中, 但它已经暂停; 请刷新页面后再试。",
    en="Expected the clock {name} to run, but it is paused already; reload the page and try again.",
)
_UNKNOWN_CALENDAR = Text(
    zh="时限表中的日历应为 {known} 之一, 实际为 {name}; 请修改时限表。",
    en="Expected a calendar among {known} in the table of limits, found {name}; correct the table.",
)
