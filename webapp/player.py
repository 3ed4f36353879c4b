"""What the diagram player draws: diagrams in the language of the page, and the moments of a history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import url_for

from engine.acts.case_reading import CasePage
from engine.bpmn.diagram import Diagram, read_diagram
from engine.record.sentences import Entry
from webapp.context import language
from webapp.formatting import moment

KEPT_PICTURES = 256


def case_player(page: CasePage) -> dict[str, Any]:
    """The diagrams that a case has been in, with the changes of each event and the timers that come next.

    `parents` says which diagram called which: the player shows the innermost one in which something is in progress.
    """
    told = _told(page.history)
    return {
        "parents": _parents(page.diagrams, page.case.process),
        **_drawn(page.diagrams, page.case.process, page.case.release),
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


def plain(diagrams: Mapping[str, Diagram], start: str, release: int) -> dict[str, Any]:
    """Diagrams to look at, without a history."""
    return {**_drawn(diagrams, start, release), "frames": [], "timers": []}


def picture(diagram: Diagram, spoken: str) -> str:
    """The BPMN of a diagram as the browser draws it, in one language."""
    return _picture(diagram.file, diagram.xml, spoken)


def _drawn(diagrams: Mapping[str, Diagram], start: str, release: int) -> dict[str, Any]:
    """The diagram that opens first, and where the others are when somebody opens them."""
    return {
        "start": start,
        "diagrams": {start: picture(diagrams[start], language())},
        "addresses": {
            process: _address(diagram, release) for process, diagram in diagrams.items() if process != start
        },
        "names": {process: d.name.in_(language()) for process, d in diagrams.items()},
    }


def _parents(diagrams: Mapping[str, Diagram], start: str) -> dict[str, str]:
    """Each diagram's caller, on the shortest way from the one that begins."""
    parents: dict[str, str] = {}
    waiting = [start]
    for process in waiting:
        for element in diagrams[process].elements.values():
            called = element.called
            if called and called in diagrams and called != start and called not in parents:
                parents[called] = process
                waiting.append(called)
    return parents


def _address(diagram: Diagram, release: int) -> str:
    """Tells contents apart, so that browsers may keep what they have fetched."""
    contents = sha256(diagram.xml).hexdigest()[:12]
    return url_for(
        "processes.picture_of",
        process=diagram.process,
        release=release,
        spoken=language(),
        contents=contents,
    )


@lru_cache(maxsize=KEPT_PICTURES)
def _picture(file: str, xml: bytes, spoken: str) -> str:
    return read_diagram(xml, file=file).picture(spoken).decode()


def _told(history: tuple[Entry, ...]) -> dict[int, str]:
    """What each event is called: its first line."""
    told: dict[int, str] = {}
    for entry in history:
        told.setdefault(entry.seq, entry.sentence.in_(language()))
    return told
