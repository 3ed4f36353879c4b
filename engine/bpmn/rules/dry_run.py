"""The trial itself, run as a module: files come in on stdin as JSON, problems go out on stdout as JSON."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TextIO
from uuid import UUID

from engine.bpmn.diagram import Diagram
from engine.bpmn.expressions import ExpressionError
from engine.bpmn.library import Library, SourceFile, read_library
from engine.bpmn.runtime import Run
from engine.bpmn.values import Refusal
from engine.foundation.errors import DecisionMissed, DiagramFailed, Problem, ProblemsFound
from engine.foundation.text import Text

_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
_CASE = UUID(int=1)
_LACKING_ANSWERS = (ExpressionError, DecisionMissed, Refusal)
"""Failures that say nothing about the diagram: the trial has no real answers to compute with."""
_ANSWERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "due": lambda *_: "2026-02-05T01:00:00+00:00",
        "now": lambda: _AT.isoformat(),
        "best_person": lambda *_: "somebody",
        "handlers": lambda: [],
        "handled_by": lambda *_: False,
        "entitlement": lambda: {"covered": True, "level": None, "contract": None},
        "person_group": lambda *_: None,
        "known_fault": lambda *_: None,
        "contract_terms": lambda *_: None,
        "known_error": lambda *_: None,
        "owners_of": lambda *_: {"names": [], "to": [], "unreachable": [], "owners": []},
        "figures_of": lambda *_: {"cases": 0, "closed": 0, "reopened": 0, "major": 0, "late": 0, "text": ""},
        "repairs_of": lambda *_: {"repairs": 0, "repair_days": 0},
        "rising_months": lambda *_: {"rising": 0, "count": 0, "major": 0, "counts": []},
        "commitment": lambda: None,
        "part_fits": lambda *_: None,
        "site_matches": lambda *_: None,
    }
)
"""What the desk might answer about a new case."""


def problems_of(files: list[SourceFile]) -> list[Problem]:
    """Builds every process and starts those that people start."""
    try:
        library = read_library(files)
        return [problem for diagram in library.diagrams.values() for problem in _problems(library, diagram)]
    except ProblemsFound as found:
        return list(found.problems)


def _problems(library: Library, diagram: Diagram) -> Iterator[Problem]:
    try:
        library.closure(diagram.process)
        if diagram.properties.get("starts") == "case":
            _start(library, diagram)
    except ProblemsFound as found:
        yield from found.problems
    except DiagramFailed as failure:
        if not isinstance(failure.__cause__, _LACKING_ANSWERS):
            element = failure.element or diagram.process
            yield Problem(file=diagram.file, element=element, rule="trial-failed", text=failure.text)
    except RecursionError:
        yield Problem(file=diagram.file, element=diagram.process, rule="trial-failed", text=_ENDLESS)


def _start(library: Library, diagram: Diagram) -> None:
    case = dict.fromkeys(("id", "number", "kind", "channel", "received_at", "opened_at", "opened_by"))
    start: dict[str, object] = {} if diagram.start is None else {diagram.start.id: {}}
    Run.start(
        library=library,
        process=diagram.process,
        case_id=_CASE,
        data={"case": case, **start},
        at=_AT,
        functions=_ANSWERS,
        services=lambda _operator, _given: {},
    )


def main(source: TextIO, target: TextIO) -> None:
    """Reads the files, writes the problems."""
    files = [SourceFile(path, base64.b64decode(content)) for path, content in json.load(source)]
    found = [[p.file, p.element, p.rule, p.text.zh, p.text.en] for p in problems_of(files)]
    json.dump(found, target)


_ENDLESS = Text(
    zh="流程应能结束, 但它无休止地重复; 请检查循环。",
    en="Expected a process that comes to rest, found one that repeats without end; look at its loops.",
)

if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
