"""What the diagram player draws: diagrams in the language of the page, and the moments of a history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.acts.case_reading import CasePage
from engine.bpmn.diagram import Diagram, read_diagram
from engine.record.sentences import Entry
from webapp.context import language
from webapp.formatting import moment

KEPT_PICTURES = 256


def case_player(page: CasePage) -> dict[str, Any]:
    """The diagrams that a case has been in, with one frame per event and the timers that come next."""
    told = _told(page.history)
    return {
        **_drawn(page.diagrams),
        "start": page.case.process,
        "frames": [
            {"seq": f.seq, "at": moment(f.at), "text": told.get(f.seq, ""), "marks": f.marks}
            for f in page.frames
        ],
        "timers": [
            {
                "process": timer.process,
                "element": timer.element,
                "due": timer.due_at.isoformat(),
                "text": moment(timer.due_at),
            }
            for timer in page.timers
        ],
    }


def plain(diagrams: Mapping[str, Diagram], start: str) -> dict[str, Any]:
    """Diagrams to look at, without a history."""
    return {**_drawn(diagrams), "start": start, "frames": [], "timers": []}


def _drawn(diagrams: Mapping[str, Diagram]) -> dict[str, Any]:
    return {
        "diagrams": {process: _picture(d.file, d.xml, language()) for process, d in diagrams.items()},
        "names": {process: d.name.in_(language()) for process, d in diagrams.items()},
    }


@lru_cache(maxsize=KEPT_PICTURES)
def _picture(file: str, xml: bytes, spoken: str) -> str:
    return read_diagram(xml, file=file).localized(spoken).decode()


def _told(history: tuple[Entry, ...]) -> dict[int, str]:
    """What each event is called: its first line."""
    told: dict[int, str] = {}
    for entry in history:
        told.setdefault(entry.seq, entry.sentence.in_(language()))
    return told
