"""Lines of the inbox: all that a list of tasks says, worked out here so that its template only writes it down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from flask import Flask, url_for

from engine.acts.queues import TaskLine
from webapp.context import actor, language, now
from webapp.formatting import about, moment
from webapp.language import gettext as _

_NOTHING = timedelta(0)
_NUMBER, _ID = (
    "NUMBER",
    UUID(int=0),
)  # stand for the case and the task in an address that is made once for a list


@dataclass(frozen=True, slots=True)
class Line:
    """One task as a list shows it; `claim` is where its button leads, empty when there is none."""

    task: TaskLine
    href: str
    name: str
    clock: str
    words: str
    who: str
    due: str
    claim: str
    claim_key: str


def register(app: Flask) -> None:
    """Offer `clock_words(task)` and `clock_class(task)` to templates."""
    app.jinja_env.globals.update(clock_words=clock_words, clock_class=clock_class)


def lines(tasks: Iterable[TaskLine], *, queue: str, claimable: bool) -> Iterator[Line]:
    """The tasks of a queue in their order; unassigned ones with a button when they are `claimable`."""
    spoken, address = language(), _addresses("tasks.show", queue)
    claim = _addresses("tasks.claim", queue) if claimable else _nowhere
    for task in tasks:
        free = claimable and task.assignee is None
        yield Line(
            task=task,
            href=address(task),
            name=task.name.in_(spoken),
            clock=clock_class(task),
            words=clock_words(task),
            who=" · ".join(filter(None, (task.number, task.customer, task.device or task.title))),
            due=moment(task.due_at) if task.clock != "paused" else "",
            claim=claim(task) if free else "",
            claim_key=claim_key(task) if free else "",
        )


def clock_words(task: TaskLine) -> str:
    """How a task stands, in words."""
    if task.clock == "paused":
        return _("Waiting for the customer")
    if task.due_at is None:
        return _("No deadline")
    left = task.due_at - now()
    return _("%(time)s left", time=about(left)) if left >= _NOTHING else _("%(time)s late", time=about(left))


def clock_class(task: TaskLine) -> str:
    """The same as the style sheet calls it; empty without a deadline."""
    return "" if task.clock == "none" else task.clock.replace("_", "-")


def claim_key(line: TaskLine) -> str:
    """The same person claiming the same revision of a task twice means it once."""
    return str(uuid5(line.task_id, f"claim {line.revision} {actor().id}"))


def _addresses(endpoint: str, queue: str) -> Callable[[TaskLine], str]:
    """Building an address takes longer than all the rest of a line, and those of a list differ in two places only."""
    pattern = url_for(endpoint, number=_NUMBER, task_id=_ID, queue=queue)
    before, _number, rest = pattern.partition(_NUMBER)
    between, _id, after = rest.partition(str(_ID))
    return lambda task: f"{before}{task.number}{between}{task.task_id}{after}"


def _nowhere(_task: TaskLine) -> str:
    return ""
