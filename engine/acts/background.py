"""What runs beside the pages in every server process: timers, notifications, signed checkpoints, tidying."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.acts import mail_intake, outbox, reports, schedules, sealing, timers
from engine.cases import Cases
from engine.desk import portal_links
from engine.foundation import rates
from engine.foundation.sessions import forget_expired

TIDY_SECONDS = 600.0
SEAL_SECONDS = 60.0  # how often it is asked whether the hour is over


def start(cases: Cases, *, clock: Callable[[], datetime]) -> timers.Ticker:
    """Start the jobs of one process and return their ticker; any number of processes may run them on PostgreSQL."""
    ticker = timers.Ticker(seconds=cases.settings.tick_seconds)
    ticker.every_tick("timers", lambda: timers.fire_due(cases))
    ticker.every_tick("outbox", lambda: outbox.carry_out(cases, now=clock()))
    ticker.every_tick("schedules", lambda: schedules.start_due(cases, now=clock()))
    ticker.every("plan", TIDY_SECONDS, lambda: schedules.keep(cases, now=clock()))
    ticker.every("figures", TIDY_SECONDS, lambda: reports.publish_due(cases, now=clock()))
    ticker.every("tidy", TIDY_SECONDS, lambda: _tidy(cases, clock()))
    if cases.settings.mail_in_url:
        ticker.every("mail", cases.settings.mail_in_seconds, lambda: mail_intake.take_in(cases, now=clock))
    if cases.settings.audit_folder:
        ticker.every("seal", SEAL_SECONDS, lambda: _seal(cases, clock()))
    ticker.start()
    return ticker


def _seal(cases: Cases, now: datetime) -> None:
    sealing.seal_if_due(cases, folder=sealing.own_folder(cases), at=now)


def _tidy(cases: Cases, now: datetime) -> None:
    with cases.database.write() as tx:
        forget_expired(tx, now=now, settings=cases.settings)
        rates.forget_ended(tx, now=now)
        portal_links.forget_ended(tx, at=now)
        mail_intake.forget_old(tx, now=now)
