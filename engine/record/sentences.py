"""A history in words: what happened, what followed and why, in both languages and without a single raw id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.foundation.text import Text, same
from engine.record.consequences import FOLLOWED
from engine.record.deeds import ACTS, other
from engine.record.history import EventRow
from engine.record.names import Names
from engine.record.phrases import SHOWN_VALUES, answer_in_words, first, joined, rating_in_words, shortened
from engine.record.told import ToldEvent
from engine.record.vocabulary import LibraryWords


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history; `delta` holds the values that changed, `late` marks a used-up limit.

    `minor` lines say which way the diagrams went; a page may show them smaller or on demand.
    """

    seq: int
    at: datetime
    actor: Text
    sentence: Text
    detail: Text | None = None
    late: bool = False
    minor: bool = False
    delta: Mapping[str, Any] = field(default_factory=dict)


def history_in_words(rows: Iterable[EventRow], library: LibraryWords, names: Names) -> list[Entry]:
    """All lines of a case, in order; `library` is the release that the case runs on."""
    return [entry for row in rows for entry in sentence(row, library, names)]


def sentence(row: EventRow, library: LibraryWords, names: Names) -> list[Entry]:
    """The lines of one event: the act itself first, then what the diagrams decided and did because of it."""
    return list(_Teller(row, library, names).lines())


class _Teller(ToldEvent):
    """One event while it is put into words."""

    def lines(self) -> Iterator[Entry]:
        told = ACTS.get(self.row.kind, other)(self)
        yield self._entry(
            told, details=(*self._why(), *self._next()), late=self._late(), delta=self._answers()
        )
        for passage in self.path:
            yield from self._consequence(passage)

    # -- the act itself -----------------------------------------------------------------------------

    def _late(self) -> bool:
        if self.row.kind == "task:overdue":
            return True
        known = self.element(self.row.process, self.row.element)
        return (
            self.row.kind == "timer:fire"
            and known is not None
            and known.limit is not None
            and known.limit[1] >= 100
        )

    def _answers(self) -> Mapping[str, Any]:
        answers = self.input.get("answers")
        return answers if isinstance(answers, dict) else {}

    def _why(self) -> Iterator[Text]:
        if self.row.kind == "timer:fire":
            known = self.element(self.row.process, self.row.element)
            if known is not None and known.limit is not None:
                yield Text(zh="已用去时限的 {n}%", en="{n}% of the limit used").format(n=known.limit[1])
            return
        reason = self.input.get("reason")
        if reason:
            yield self.names.reasons.get(str(reason), same(str(reason)))
        if "text" in self.input:
            yield same(shortened(str(self.input["text"])))
        files = [str(file["name"]) for file in self.input.get("files", ())]
        if files:
            yield Text(zh="附件: {n}", en="attached: {n}").format(n=", ".join(files))
        yield from rating_in_words(self.input.get("rating") or {})
        if "due_at" in self.input:
            moment = self.names.moment(self.input["due_at"])
            yield Text(zh="新的时限: {m}", en="new due moment: {m}").format(m=moment)
        yield from self._answered()

    def _answered(self) -> Iterator[Text]:
        known = self.element(self.row.process, self.row.element)
        form = self.library.forms.get(known.form) if known is not None else None
        if form is None:
            return
        answers = self._answers()
        shown = (
            line
            for f in form.fields
            if (line := answer_in_words(f.title, answers.get(f.name), f.choices, self.names)) is not None
        )
        yield from first(shown, SHOWN_VALUES)

    def _next(self) -> Iterator[Text]:
        """Where the case waits now because of this event."""
        left = {p["e"] for p in self.path if p["s"] != "entered"}
        for passage in self.path:
            known = self.element(passage["p"], passage["e"])
            waits = known is not None and known.kind == "userTask" and passage["s"] == "entered"
            if known is not None and waits and passage["e"] not in left:
                group = self.names.groups.get(known.group or "")
                to = Text(zh="接着: {n}", en="next: {n}").format(n=known.name)
                yield to if group is None else Text(zh="{to}({g})", en="{to} ({g})").format(to=to, g=group)

    # -- what followed -----------------------------------------------------------------------------

    def _consequence(self, passage: Mapping[str, Any]) -> Iterator[Entry]:
        process, element, state = passage["p"], passage["e"], passage["s"]
        yield from self._branch(passage)
        known = self.element(process, element)
        if known is None or (element == self.row.element and process == self.row.process):
            return
        told = FOLLOWED.get((known.kind, state))
        if told is None:
            return
        line = told(self, passage, known)
        if line is not None:
            text, details = line
            yield self._entry(
                text,
                details=details,
                at=_moment(passage, self.row.at),
                minor=known.kind == "callActivity" and state != "cancelled",
                delta=passage.get("d") or {},
            )

    def _branch(self, passage: Mapping[str, Any]) -> Iterator[Entry]:
        """The answer that a gateway gave, where the drawing names both."""
        diagram = self.diagram(passage["p"])
        flow = diagram.flows.get(passage.get("f") or "") if diagram is not None else None
        gateway = None if diagram is None or flow is None else diagram.elements.get(flow.source)
        if flow is None or gateway is None or gateway.kind not in _BRANCHING:
            return
        if gateway.name.zh and flow.name.zh:
            told = Text(zh="{n} {f}", en="{n} {f}").format(n=gateway.name, f=flow.name)
            yield self._entry(told, at=_moment(passage, self.row.at), minor=True)

    def _entry(
        self,
        text: Text,
        *,
        details: Iterable[Text] = (),
        late: bool = False,
        minor: bool = False,
        at: datetime | None = None,
        delta: Mapping[str, Any] | None = None,
    ) -> Entry:
        return Entry(
            seq=self.row.seq,
            at=at or self.row.at,
            actor=self.names.person(self.row.actor),
            sentence=text,
            detail=joined(details),
            late=late,
            minor=minor,
            delta=delta or {},
        )


def _moment(passage: Mapping[str, Any], otherwise: datetime) -> datetime:
    return datetime.fromisoformat(passage["at"]) if "at" in passage else otherwise


_BRANCHING = frozenset({"exclusiveGateway", "inclusiveGateway"})
