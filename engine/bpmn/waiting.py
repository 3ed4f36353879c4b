"""What a case waits for: people, moments and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from SpiffWorkflow.task import TaskState

from engine.bpmn.determinism import moment
from engine.bpmn.event_definitions import Awaited, Message
from engine.bpmn.flows import CaseFlow
from engine.bpmn.stepwise import host_of
from engine.bpmn.tokens import Token


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """Work that waits for a person since `since` (aware UTC)."""

    id: UUID
    element: str
    process: str
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingTimer:
    """A timer due at `due_at` (aware UTC); `host` is the task or activity that it is attached to."""

    id: UUID
    element: str
    process: str
    due_at: datetime
    limit: str | None
    percent: int | None
    host: UUID | None


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """An event that waits for the message `message`."""

    id: UUID
    element: str
    process: str
    message: str


def waiting(top: CaseFlow) -> Iterator[Token]:
    """The live tokens of all flows, callers before the called, oldest first."""
    return (token for flow in top.flows() for token in flow.waiting())


def for_people(token: Token) -> bool:
    """Whether the token waits for a person to do its task."""
    return bool(token.task_spec.manual and token.state == TaskState.READY)


def for_events(token: Token) -> bool:
    """Whether the token waits for a timer or a message."""
    return token.state == TaskState.WAITING and hasattr(token.task_spec, "awaited")


def awaited(top: CaseFlow) -> Iterator[tuple[Token, Awaited]]:
    """Every event that a token waits for; at an event gateway one token waits for several."""
    tokens = (token for token in waiting(top) if for_events(token))
    return ((token, event) for token in tokens for event in token.task_spec.awaited(token))


def event_id(token: Token, event: Awaited) -> UUID:
    """The id under which an awaited event is addressed."""
    return token.id if event.element == token.task_spec.bpmn_id else uuid5(token.id, event.element)


def as_task(token: Token) -> WaitingTask:
    """A token that waits for a person, as told to callers."""
    since = moment(token.last_state_change)
    return WaitingTask(token.id, token.task_spec.bpmn_id, token.workflow.process, since)


def as_timer(token: Token, event: Awaited) -> WaitingTimer:
    """A timer that a token waits for, as told to callers."""
    flow = token.workflow
    drawn = flow.top_workflow.closure.diagrams[flow.process].elements[event.element]
    limit, percent = drawn.limit or (None, None)
    host = host_of(token) if token.task_spec.attached else None
    assert event.due is not None
    return WaitingTimer(
        id=event_id(token, event),
        element=event.element,
        process=flow.process,
        due_at=event.due,
        limit=limit,
        percent=percent,
        host=None if host is None else host.id,
    )


def as_message(token: Token, event: Awaited) -> WaitingMessage:
    """A message that a token waits for, as told to callers."""
    assert isinstance(event.definition, Message)
    name = event.definition.name
    return WaitingMessage(event_id(token, event), event.element, token.workflow.process, name)
