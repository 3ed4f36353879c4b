"""A history in words: what happened, what followed and why, in both languages and without a single raw id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.foundation.text import Text, same
from engine.record.history import EventRow
from engine.record.names import Names
from engine.record.phrases import answer_in_words, first, joined, output_in_words, shortened
from engine.record.vocabulary import DiagramWords, ElementWords, LibraryWords

SHOWN_VALUES = 4  # values of one form or decision in a line; the page shows all of them under it


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


class _Teller:
    """One event while it is put into words."""

    def __init__(self, row: EventRow, library: LibraryWords, names: Names) -> None:
        self.row = row
        self.library = library
        self.names = names
        content = row.content
        self.input: Mapping[str, Any] = content.get("input") or {}
        self.path: Sequence[Mapping[str, Any]] = content.get("path") or ()
        self.wishes: Sequence[Any] = content.get("wishes") or ()

    def lines(self) -> Iterator[Entry]:
        told = _ACTS.get(self.row.kind, _other)(self)
        yield self._entry(
            told, details=(*self._why(), *self._next()), late=self._late(), delta=self._answers()
        )
        for passage in self.path:
            yield from self._consequence(passage)

    # -- the act itself ----------------------------------------------------------------------------

    def element(self, process: str | None, element: str | None) -> ElementWords | None:
        diagram = self.diagram(process)
        return None if diagram is None or element is None else diagram.elements.get(element)

    def diagram(self, process: str | None) -> DiagramWords | None:
        return None if process is None else self.library.diagrams.get(process)

    def name(self, process: str | None, element: str | None) -> Text:
        """What the drawing calls it; of a nameless element, what its diagram is called."""
        known, diagram = self.element(process, element), self.diagram(process)
        if known is not None and known.name.zh:
            return known.name
        return diagram.name if diagram is not None else Text(zh="这一步", en="this step")

    @property
    def subject(self) -> Text:
        return self.name(self.row.process, self.row.element)

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
        yield from _rating(self.input.get("rating") or {})
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
        told = _FOLLOWED.get((known.kind, state))
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

    def wish_of(self, passage: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a completed service task asked for: each leaves one wish, in the order of the path."""
        services = [p for p in self.path if p["s"] == "completed" and self._kind(p) == "serviceTask"]
        number = next(n for n, p in enumerate(services) if p is passage)
        return self.wishes[number] if number < len(self.wishes) else {}

    def _kind(self, passage: Mapping[str, Any]) -> str | None:
        known = self.element(passage["p"], passage["e"])
        return None if known is None else known.kind

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


# -- acts: what a person, a timer or the world outside did -----------------------------------------


def _about(zh: str, en: str) -> Callable[[_Teller], Text]:
    """A sentence about the element of the event."""
    return lambda teller: Text(zh=zh, en=en).format(n=teller.subject)


def _handed(zh: str, en: str) -> Callable[[_Teller], Text]:
    """A sentence about the element and the person who receives it."""
    return lambda teller: Text(zh=zh, en=en).format(
        n=teller.subject, to=teller.names.person(str(teller.input.get("to") or ""))
    )


def _opened(teller: _Teller) -> Text:
    diagram = teller.diagram(teller.row.process)
    name = diagram.name if diagram is not None else Text(zh="服务", en="service")
    return Text(zh="受理案例: {n}", en="Case opened: {n}").format(n=name)


def _other(_teller: _Teller) -> Text:
    return Text(zh="记录了一次操作", en="An act was recorded")


_ACTS: Mapping[str, Callable[[_Teller], Text]] = {
    "case:start": _opened,
    "task:complete": _about("完成: {n}", "Completed: {n}"),
    "task:claim": _about("领取: {n}", "Taken on: {n}"),
    "task:release": _about("退回岗位组: {n}", "Given back to the group: {n}"),
    "task:reassign": _handed("改派给{to}: {n}", "Reassigned to {to}: {n}"),
    "task:delegate": _handed("委托给{to}: {n}", "Delegated to {to}: {n}"),
    "task:take_back": _about("撤回转交: {n}", "Hand-over undone: {n}"),
    "task:overdue": _about("超过时限: {n}", "Past its time limit: {n}"),
    "timer:fire": _about("到时: {n}", "Time is up: {n}"),
    "message:send": _about("执行操作: {n}", "Action taken: {n}"),
    "message:deliver": _about("收到: {n}", "Received: {n}"),
    "attachment:add": lambda _: Text(zh="添加附件", en="Attachments added"),
    "note:add": lambda _: Text(zh="补充说明", en="A note was added"),
    "customer:rate": lambda _: Text(zh="客户评价服务", en="The customer rated the service"),
    "case:pause": lambda _: Text(zh="暂停客户时限", en="The customer's clock was stopped"),
    "case:resume": lambda _: Text(zh="客户时限继续计时", en="The customer's clock runs again"),
    "intervene:deadline": _about("调整时限: {n}", "Deadline moved: {n}"),
    "intervene:cancel": lambda _: Text(zh="取消案例", en="The case was cancelled"),
}


def _rating(rating: Mapping[str, Any]) -> Iterator[Text]:
    """How satisfied the customer said they are."""
    for name, label in _SCORES.items():
        if name in rating:
            yield Text(zh="{l}: {v}/5", en="{l}: {v}/5").format(l=label, v=rating[name])
    if rating.get("solved") == "no":
        yield Text(zh="问题未解决", en="not solved")
    if rating.get("comment"):
        yield same(shortened(str(rating["comment"])))


_SCORES = {
    "score_solution": Text(zh="解决方案", en="the solution"),
    "score_service": Text(zh="服务", en="the service"),
}
_BRANCHING = frozenset({"exclusiveGateway", "inclusiveGateway"})

# -- consequences: what the diagrams did because of it ---------------------------------------------

_Line = tuple[Text, Sequence[Text]] | None
_ONE_LANGUAGE = ("_zh", "_en")  # an explanation for a letter; the note of the row says it in both


def _decided(teller: _Teller, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    table = teller.library.tables.get(known.decision or "")
    result = (passage.get("d") or {}).get(known.decision) or {}
    numbers = result.get("rules") or [n for n in [result.get("rule")] if n]
    if table is None:
        return Text(zh="判定: {n}", en="Decided: {n}").format(n=known.name), ()
    spoken = (o for o in table.outputs if not o.name.endswith(_ONE_LANGUAGE))
    outputs = (output_in_words(o.label, result.get(o.name), teller.names) for o in spoken)
    values = joined(first((line for line in outputs if line is not None), SHOWN_VALUES), zh=", ", en=", ")
    said = Text(zh="判定: {n}", en="Decided: {n}").format(n=known.name)
    told = said if values is None else Text(zh="{s} ({v})", en="{s} ({v})").format(s=said, v=values)
    row = Text(zh="规则表《{t}》第 {n} 行", en="decision table “{t}”, row {n}").format(
        t=table.name, n=", ".join(map(str, numbers))
    )
    notes = [rule.annotation for rule in table.rules if rule.number in numbers and rule.annotation.zh]
    return told, (*notes, row) if numbers else ()


def _served(teller: _Teller, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    wish = teller.wish_of(passage)
    if not known.name.zh or wish.get("do") == "update_case":
        return None
    told = Text(zh="系统: {n}", en="The system: {n}").format(n=known.name)
    message = teller.names.messages.get(str(wish.get("message")))
    to = str(wish["to"]) if "to" in wish else None
    receiver = Text(zh="通知: {to}", en="told: {to}").format(to=teller.names.receiver(to)) if to else None
    return told, [part for part in (receiver, message) if part is not None]


def _entered_call(teller: _Teller, _passage: Mapping[str, Any], known: ElementWords) -> _Line:
    called = teller.diagram(known.called)
    if called is None:
        return None
    return Text(zh="进入流程: {n}", en="Process entered: {n}").format(n=called.name), ()


def _left_call(teller: _Teller, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    called = teller.diagram(known.called)
    outcome = ((passage.get("d") or {}).get(passage["e"]) or {}).get("outcome")
    if called is None:
        return None
    ended = teller.element(known.called, outcome)
    details = (ended.name,) if ended is not None and ended.name.zh else ()
    return Text(zh="流程结束: {n}", en="Process ended: {n}").format(n=called.name), details


def _ended(_teller: _Teller, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    if passage.get("c") or not known.name.zh:
        return None
    return Text(zh="案例结束: {n}", en="The case ended: {n}").format(n=known.name), ()


def _withdrawn(_teller: _Teller, _passage: Mapping[str, Any], known: ElementWords) -> _Line:
    return Text(zh="撤回任务: {n}", en="Task withdrawn: {n}").format(n=known.name), ()


_FOLLOWED: Mapping[tuple[str, str], Callable[[_Teller, Mapping[str, Any], ElementWords], _Line]] = {
    ("businessRuleTask", "completed"): _decided,
    ("serviceTask", "completed"): _served,
    ("callActivity", "entered"): _entered_call,
    ("callActivity", "completed"): _left_call,
    ("callActivity", "cancelled"): _withdrawn,
    ("endEvent", "completed"): _ended,
    ("userTask", "cancelled"): _withdrawn,
}


def _moment(passage: Mapping[str, Any], otherwise: datetime) -> datetime:
    return datetime.fromisoformat(passage["at"]) if "at" in passage else otherwise
