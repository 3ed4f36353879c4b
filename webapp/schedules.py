"""Schedules: what the calendar will open by itself, for whom, how often and when next."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from engine.acts import schedules
from engine.foundation.recurrence import Recurrence, read_recurrence
from engine.foundation.text import Text
from webapp.context import services

blueprint = Blueprint("schedules", __name__, url_prefix="/timers/schedules")

WORDS = {
    "title": Text(zh="定期流程", en="Schedules"),
    "hint": Text(
        zh="由日历自动发起的流程, 最近的在前; 遇休息日顺延至下一个工作日。周期写在流程图和合同里。",
        en="What the calendar opens by itself, soonest first; on a day of rest it waits for the next working day."
        " How often is written in the diagrams and in the contracts.",
    ),
    "next": Text(zh="下次", en="Next"),
    "process": Text(zh="流程", en="Process"),
    "subject": Text(zh="对象", en="For"),
    "rule": Text(zh="周期", en="How often"),
    "last": Text(zh="上次", en="Last"),
    "none": Text(
        zh="目前没有定期流程; 发布带周期的流程或登记合同的维护条款后会出现在这里。",
        en="Nothing is scheduled; it appears here when a process with a schedule is published"
        " or a contract has maintenance terms.",
    ),
}


@blueprint.get("")
def index() -> str:
    """Every schedule that waits for its next round."""
    rows = schedules.planned(services().cases)
    return render_template("operations/schedules.html", rows=rows, words=WORDS, how_often=how_often)


def how_often(rule: str) -> Text:
    """The rule of a schedule in words."""
    return _in_words(read_recurrence(rule))


def _in_words(rule: Recurrence) -> Text:
    at = f"{rule.at:%H:%M}"
    if rule.months:
        zh = "每月" if rule.months == 1 else f"每 {rule.months} 个月"
        en = "Every month" if rule.months == 1 else f"Every {rule.months} months"
        return Text(zh=f"{zh} {rule.day} 日 {at}", en=f"{en} on day {rule.day}, {at}")
    if rule.weeks:
        zh = "每周" if rule.weeks == 1 else f"每 {rule.weeks} 周"
        en = "Every week" if rule.weeks == 1 else f"Every {rule.weeks} weeks"
        return Text(
            zh=f"{zh}星期{'一二三四五六日'[rule.weekday - 1]} {at}",
            en=f"{en} on {_DAYS[rule.weekday - 1]}, {at}",
        )
    return Text(zh=f"一次, {at}", en=f"Once, {at}")


def register(app: Flask) -> None:
    """Add this address, and tell the page of timers what to call it."""
    app.register_blueprint(blueprint)
    app.context_processor(lambda: {"schedules_title": WORDS["title"]})


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
