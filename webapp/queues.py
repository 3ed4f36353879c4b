"""The list of tasks as people see it: a queue in stretches of time, beside or before the open task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g, request
from flask_babel import gettext as _

from engine.acts import worklist
from engine.acts.paging import Page
from engine.acts.queues import TaskLine
from webapp.context import actor, language, now, services
from webapp.lines import Line, lines
from webapp.words import group_name

MINE, GROUPS = "mine", "groups"


@dataclass(frozen=True, slots=True)
class Queue:
    """One entry of the queue list: `late` counts what is overdue in it, where that is known."""

    id: str
    name: str
    count: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """The tasks of one stretch of time."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    """Everything that the list shows; `current` is the task that is open beside it."""

    queue: str
    name: str
    queues: tuple[Queue, ...]
    bundles: tuple[Bundle, ...]
    after: str | None
    search: str
    current: UUID | None


def pane(queue: str, *, current: UUID | None = None) -> Pane:
    """The list of "mine", "groups" or a group, as the address asks for it. Raises Forbidden, NotFound."""
    page = _page(queue)
    queues = _queues()
    return Pane(
        queue=queue,
        name=next((q.name for q in queues if q.id == queue), group_name(queue).in_(language())),
        queues=queues,
        bundles=tuple(
            Bundle(name, tuple(lines(tasks, queue=queue, claimable=queue != MINE)))
            for name, tasks in stretches(page.rows, at=now(), zone=services().settings.time_zone)
        ),
        after=page.after,
        search=request.args.get("q", ""),
        current=current,
    )


def _page(queue: str) -> Page[TaskLine]:
    return worklist.inbox(
        services().cases,
        actor=actor(),
        now=now(),
        queue=queue,
        after=request.args.get("after"),
        search=request.args.get("q") or None,
        counted=False,
    )


def counted() -> Mapping[str, Any]:
    """How much waits in the queues of the person at hand, counted once per page: its list and its menu say the same."""
    if "waiting" not in g:
        g.waiting = worklist.counts(services().cases, actor=actor(), now=now())
    waiting: Mapping[str, Any] = g.waiting
    return waiting


def _queues() -> tuple[Queue, ...]:
    counts = counted()
    return (
        Queue(MINE, _("My tasks"), counts["mine"], counts["mine_overdue"]),
        Queue(GROUPS, _("Tasks of my groups"), counts["groups_total"]),
        *(
            Queue(group, group_name(group).in_(language()), n)
            for group, n in sorted(counts["groups"].items())
        ),
    )


def stretches(
    tasks: Iterable[TaskLine], *, at: datetime, zone: str
) -> Iterator[tuple[str, Iterator[TaskLine]]]:
    """The tasks in their order, cut into overdue, today, this week and later; weeks end on Sunday."""
    names = {"overdue": _("Overdue"), "today": _("Today"), "week": _("This week"), "later": _("Later")}
    midnight = at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    monday = midnight + timedelta(days=7 - midnight.weekday())

    def stretch(task: TaskLine) -> str:
        if task.due_at is None or (task.due_at >= monday and not task.paused):
            return "later"
        if task.due_at < at and not task.paused:
            return "overdue"
        return "today" if task.due_at < tomorrow else "week" if task.due_at < monday else "later"

    return ((names[key], group) for key, group in groupby(tasks, key=stretch))
