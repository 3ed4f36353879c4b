"""What the diagrams did because of an event: tables decided, the system told somebody, processes began and ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.foundation.text import Text
from engine.record.phrases import SHOWN_VALUES, first, joined, output_in_words
from engine.record.told import ToldEvent
from engine.record.vocabulary import ElementWords

_Line = tuple[Text, Sequence[Text]] | None
_ONE_LANGUAGE = ("_zh", "_en")  # an explanation for a letter; the note of the row says it in both


def _decided(event: ToldEvent, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    table = event.library.tables.get(known.decision or "")
    result = (passage.get("d") or {}).get(known.decision) or {}
    numbers = result.get("rules") or [n for n in [result.get("rule")] if n]
    if table is None:
        return Text(zh="判定: {n}", en="Decided: {n}").format(n=known.name), ()
    spoken = (o for o in table.outputs if not o.name.endswith(_ONE_LANGUAGE))
    outputs = (output_in_words(o.label, result.get(o.name), event.names) for o in spoken)
    values = joined(first((line for line in outputs if line is not None), SHOWN_VALUES), zh=", ", en=", ")
    said = Text(zh="判定: {n}", en="Decided: {n}").format(n=known.name)
    told = said if values is None else Text(zh="{s} ({v})", en="{s} ({v})").format(s=said, v=values)
    row = Text(zh="规则表《{t}》第 {n} 行", en="decision table “{t}”, row {n}").format(
        t=table.name, n=", ".join(map(str, numbers))
    )
    notes = [rule.annotation for rule in table.rules if rule.number in numbers and rule.annotation.zh]
    return told, (*notes, row) if numbers else ()


def _served(event: ToldEvent, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    wish = event.wish_of(passage)
    if not known.name.zh or wish.get("do") == "update_case":
        return None
    told = Text(zh="系统: {n}", en="The system: {n}").format(n=known.name)
    message = event.names.messages.get(str(wish.get("message")))
    to = str(wish["to"]) if "to" in wish else None
    receiver = Text(zh="通知: {to}", en="told: {to}").format(to=event.names.receiver(to)) if to else None
    return told, [part for part in (receiver, message) if part is not None]


def _entered_call(event: ToldEvent, _passage: Mapping[str, Any], known: ElementWords) -> _Line:
    called = event.diagram(known.called)
    if called is None:
        return None
    return Text(zh="进入流程: {n}", en="Process entered: {n}").format(n=called.name), ()


def _left_call(event: ToldEvent, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    called = event.diagram(known.called)
    outcome = ((passage.get("d") or {}).get(passage["e"]) or {}).get("outcome")
    if called is None:
        return None
    ended = event.element(known.called, outcome)
    details = (ended.name,) if ended is not None and ended.name.zh else ()
    return Text(zh="流程结束: {n}", en="Process ended: {n}").format(n=called.name), details


def _ended(_event: ToldEvent, passage: Mapping[str, Any], known: ElementWords) -> _Line:
    if passage.get("c") or not known.name.zh:
        return None
    return Text(zh="案例结束: {n}", en="The case ended: {n}").format(n=known.name), ()


def _withdrawn(_event: ToldEvent, _passage: Mapping[str, Any], known: ElementWords) -> _Line:
    return Text(zh="撤回任务: {n}", en="Task withdrawn: {n}").format(n=known.name), ()


FOLLOWED: Mapping[tuple[str, str], Callable[[ToldEvent, Mapping[str, Any], ElementWords], _Line]] = {
    ("businessRuleTask", "completed"): _decided,
    ("serviceTask", "completed"): _served,
    ("callActivity", "entered"): _entered_call,
    ("callActivity", "completed"): _left_call,
    ("callActivity", "cancelled"): _withdrawn,
    ("endEvent", "completed"): _ended,
    ("userTask", "cancelled"): _withdrawn,
}
