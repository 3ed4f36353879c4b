"""The pages that people work on; each enters itself into the navigation here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from engine.foundation.policies import POLICIES
from engine.foundation.security import Actor, may
from webapp import (
    calendar,
    cases,
    clauses,
    dashboard,
    duty,
    exchange,
    figure_words,
    filters,
    handing_over,
    inbox,
    intake,
    knowledge,
    lines,
    navigation,
    operations,
    people,
    processes,
    register_inputs,
    registers,
    reports,
    tasks,
    undelivered,
    words,
)
from webapp.context import actor, now
from webapp.navigation import Count, Entry
from webapp.player import case_player
from webapp.queues import GROUPS, MINE, counted

BLUEPRINTS = (
    inbox.blueprint,
    intake.blueprint,
    tasks.blueprint,
    handing_over.blueprint,
    cases.blueprint,
    processes.blueprint,
    clauses.blueprint,
    people.blueprint,
    operations.blueprint,
    undelivered.blueprint,
    dashboard.blueprint,
    reports.blueprint,
    registers.blueprint,
    exchange.blueprint,
    knowledge.blueprint,
    duty.blueprint,
    calendar.blueprint,
)

_OUTBOX = POLICIES["see_outbox"].groups
_NEW = ("cases.begin", "cases.start")
_CASE = ("cases.show", "cases.verification", "interventions.", "papers.")


def register(app: Flask) -> None:
    """Add every page's blueprint, its place in the navigation and its counts."""
    words.register(app)
    figure_words.register(app)
    filters.register(app)
    register_inputs.register(app)
    calendar.register(app)
    lines.register(app)
    undelivered.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    navigation.add(app, *_places())
    navigation.set_counts(app, _counts)
    app.context_processor(_offered)


def _places() -> tuple[Entry, ...]:
    return (
        Entry("mine", "inbox.mine", _l("My tasks"), "queues", phone=_l("Mine")),
        Entry("groups", "inbox.groups", _l("Tasks of my groups"), "queues", phone=_l("Groups")),
        Entry("new", "cases.new", _l("Open a case"), "queues", phone=_l("New case"), beneath=_NEW),
        Entry("cases", "cases.index", _l("Cases"), phone=_l("Cases"), beneath=_CASE),
        Entry("dashboard", "dashboard.index", _l("Dashboard")),
        Entry("reports", "reports.index", _l("Reports"), beneath=("reports.",)),
        Entry("processes", "processes.index", _l("Processes"), beneath=("processes.",)),
        Entry("procedure", "clauses.index", _l("Procedure"), beneath=("clauses.",)),
        Entry("timers", "operations.timers", _l("Timers"), beneath=("schedules.",)),
        Entry("incidents", "operations.incidents", _l("Incidents"), groups=POLICIES["see_incidents"].groups),
        Entry("undelivered", "undelivered.index", _l("Undelivered messages"), groups=_OUTBOX),
        Entry("knowledge", "knowledge.index", _l("Knowledge"), beneath=("knowledge.",)),
        Entry("registers", "registers.index", _l("Registers"), beneath=("registers.", "exchange.")),
        Entry("duty", "duty.index", _l("Duty roster"), beneath=("duty.",)),
        Entry("calendar", "calendar.show", _l("Working calendar"), beneath=("calendar.",)),
        Entry("people", "people.index", _l("People and groups"), beneath=("people.",)),
    )


def _counts(_actor: Actor, _at: datetime) -> Mapping[str, Count]:
    held = counted()
    return {
        "mine": Count(held["mine"], held["mine_overdue"]),
        "groups": Count(held["groups_total"]),
    }


def _offered() -> dict[str, object]:
    return {
        "present": now,
        "queue_url": queue_url,
        "case_player": case_player,
        "may_see_incidents": lambda: may(actor(), "see_incidents"),
    }


def queue_url(queue: str, **values: object) -> str:
    """Where a queue is: mine, all of my groups, or one group."""
    if queue == MINE:
        return url_for("inbox.mine", **values)  # type: ignore[arg-type]
    if queue == GROUPS:
        return url_for("inbox.groups", **values)  # type: ignore[arg-type]
    return url_for("inbox.group", group=queue, **values)  # type: ignore[arg-type]
