"""The refusals of the engine: each says what was expected, what was found and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.foundation.text import Text


class ShouhouError(Exception):
    """Anything that the engine refuses or cannot do; `text` is the sentence for the person."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Rejection(ShouhouError):
    """You may not, or it is too late; nothing was changed."""


class NotFound(Rejection):
    """There is no such thing (any more)."""


NO_SUCH_CASE = Text(zh="没有案例 {name}。请核对案例号。", en="There is no case {name}; check the number.")


class Forbidden(Rejection):
    """The person is not entitled to this act; `logged` once the access log knows."""

    logged = False


class Conflict(Rejection):
    """Somebody was faster, or the page is older than the case."""


class InvalidAnswers(Rejection):
    """A form was filled in wrongly; `errors` maps each field to its sentence."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__(
            Text(
                zh=f"表单有 {len(errors)} 处需要修改: " + ";".join(e.zh for e in errors.values()),
                en=f"{len(errors)} field(s) need a correction: " + "; ".join(e.en for e in errors.values()),
            )
        )
        self.errors = dict(errors)


class Unavailable(ShouhouError):
    """The database is locked or gone; the same request may be sent again and is not applied twice."""


class DiagramFailed(ShouhouError):
    """A diagram raised while running; becomes an incident that keeps the person's input."""

    def __init__(self, text: Text, *, process: str, element: str | None) -> None:
        super().__init__(text)
        self.process = process
        self.element = element


class DecisionMissed(ShouhouError):
    """A decision table has no row for the case at hand, or more than one where one is allowed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault that the check found in a diagram, decision table, form or imported file."""

    file: str
    element: str
    rule: str
    text: Text

    def __str__(self) -> str:
        return f"{self.file}:{self.element}:{self.rule}: {self.text.en}"

    def in_(self, language: str) -> str:
        """The same line with the sentence in `language`."""
        return f"{self.file}:{self.element}:{self.rule}: {self.text.in_(language)}"


class ProblemsFound(ShouhouError):
    """Files cannot be read or published; `problems` lists every fault with its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            Text(
                zh=f"发现 {len(problems)} 个问题: " + ";".join(p.in_("zh") for p in problems[:5]),
                en=f"{len(problems)} problem(s) found: " + "; ".join(str(p) for p in problems[:5]),
            )
        )
        self.problems = tuple(problems)
