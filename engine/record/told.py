"""One event of a history beside the words of its release: what the sentences about it look things up in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.foundation.text import Text
from engine.record.history import EventRow
from engine.record.names import Names
from engine.record.vocabulary import DiagramWords, ElementWords, LibraryWords


class ToldEvent:
    """An event, the names of the people and things in it, and the drawing it happened on."""

    def __init__(self, row: EventRow, library: LibraryWords, names: Names) -> None:
        self.row = row
        self.library = library
        self.names = names
        content = row.content
        self.input: Mapping[str, Any] = content.get("input") or {}
        self.path: Sequence[Mapping[str, Any]] = content.get("path") or ()
        self.wishes: Sequence[Any] = content.get("wishes") or ()

    def element(self, process: str | None, element: str | None) -> ElementWords | None:
        """The element of a drawing, if the release has it."""
        diagram = self.diagram(process)
        return None if diagram is None or element is None else diagram.elements.get(element)

    def diagram(self, process: str | None) -> DiagramWords | None:
        """The drawing of a process, if the release has it."""
        return None if process is None else self.library.diagrams.get(process)

    def name(self, process: str | None, element: str | None) -> Text:
        """What the drawing calls it; of a nameless element, what its diagram is called."""
        known, diagram = self.element(process, element), self.diagram(process)
        if known is not None and known.name.zh:
            return known.name
        return diagram.name if diagram is not None else Text(zh="这一步", en="this step")

    @property
    def subject(self) -> Text:
        """What the drawing calls the element of this event."""
        return self.name(self.row.process, self.row.element)

    def wish_of(self, passage: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a completed service task asked for: each leaves one wish, in the order of the path."""
        services = [p for p in self.path if p["s"] == "completed" and self._kind(p) == "serviceTask"]
        number = next(n for n, p in enumerate(services) if p is passage)
        return self.wishes[number] if number < len(self.wishes) else {}

    def _kind(self, passage: Mapping[str, Any]) -> str | None:
        known = self.element(passage["p"], passage["e"])
        return None if known is None else known.kind
