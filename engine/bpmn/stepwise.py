"""What all elements share: tokens appear one step at a time, and a finished activity disarms its boundary events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask
from SpiffWorkflow.task import TaskState

from engine.bpmn.tokens import Token


class Stepwise:
    """Mixed into every task spec of the library, before its class.

    The library predicts the tokens of the whole path to the next gateway and keeps them in the state; nothing
    here needs the forecast, and without it a diagram may loop as it likes.
    """

    attached = False
    """Whether the element is a boundary event."""

    def sets(self) -> frozenset[str]:
        """The top-level names that the element may write."""
        return frozenset()

    def test(self) -> None:
        """Diagrams are checked when they are published, not at every step."""

    def _predict(self, token: Token, *forecast: Any, **more: Any) -> None:
        """No forecast."""

    def _on_complete_hook(self, token: Token) -> None:
        super()._on_complete_hook(token)  # type: ignore[misc]  # the library's class comes after the mixin
        if token.triggered:
            token.parent.task_spec.instance_done(token.parent, token)
        else:
            disarm(token)


class BoundarySplit(Stepwise, SimpleBpmnTask):  # type: ignore[misc]  # untyped library
    """Invisible: starts an activity together with the boundary events attached to it, which become its siblings."""


def family(token: Token) -> list[Token]:
    """An activity and the boundary events attached to it; empty when it has none."""
    split = token.parent
    if split is None or not isinstance(split.task_spec, BoundarySplit):
        return []
    members: list[Token] = split.children
    return members


def armed(activity: Token) -> Iterator[Token]:
    """The boundary events that still wait on an activity; an instance has those of the repeated activity."""
    whole = activity.parent if activity.triggered else activity
    return (t for t in family(whole) if t.task_spec.attached and t.state == TaskState.WAITING)


def about_to_stop(activity: Token | None) -> bool:
    """Whether a boundary event has happened that will interrupt the activity, or one around it, in a moment."""
    if activity is None:
        return False
    whole = activity.parent if activity.triggered else activity
    events = (t for t in family(whole) if t.task_spec.attached and t.state == TaskState.READY)
    return any(event.task_spec.cancel_activity for event in events) or about_to_stop(activity.workflow.host)


def disarm(activity: Token) -> None:
    """The activity is over: its boundary events can no longer happen."""
    for event in armed(activity):
        event.cancel()


def host_of(event: Token) -> Token | None:
    """The activity that a boundary event is attached to, while its token lives."""
    return next((t for t in family(event) if not t.task_spec.attached and t.live), None)
