"""What an event is about: a moment, a message, or a fault thrown by a diagram inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from engine.bpmn.determinism import moment
from engine.bpmn.tokens import Token
from engine.foundation.text import Text

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Timer:
    """Waits until a moment; `expression` gives it as ISO text, a date with its offset or a duration from now."""

    expression: str
    duration: bool

    def due(self, token: Token) -> datetime:
        """The moment, computed once when the token arrives; aware UTC."""
        value = token.workflow.script_engine.evaluate(token, self.expression)
        due = _after(value, token.workflow.top_workflow.pulse.now) if self.duration else _date(value)
        if due is None:
            raise token.failure(_no_time(value, duration=self.duration))
        return due


@dataclass(frozen=True, slots=True)
class Message:
    """Waits for a message from outside the diagram."""

    name: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An error or escalation, thrown inside and caught on a boundary around; a catcher without code catches all."""

    kind: Literal["error", "escalation"]
    code: str | None

    def catches(self, thrown: Fault) -> bool:
        """Whether a boundary event with this definition reacts."""
        return self.kind == thrown.kind and self.code in (None, thrown.code)


@dataclass(frozen=True, slots=True)
class Awaited:
    """One event that a token waits for; `due` is set for timers."""

    element: str
    definition: Timer | Message
    due: datetime | None


def _date(value: object) -> datetime | None:
    try:
        due = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return due.astimezone(UTC) if due is not None and due.tzinfo is not None else None


def _after(value: object, now: float) -> datetime | None:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return moment(now) + timedelta(**{unit: int(n) for unit, n in match.groupdict(default="0").items()})


def _no_time(value: object, *, duration: bool) -> Text:
    zh, en = ("时长(如 PT4H)", "a duration such as PT4H") if duration else _MOMENT
    return Text(
        zh=f"定时器应得到{zh}, 实际为 {value!r}; 请检查定时器的表达式",
        en=f"expected {en} for the timer, found {value!r}; check its expression",
    )


_MOMENT = ("带时区的 ISO 时间", "an ISO date and time with its offset")
