"""Proof of a history: its chain is whole, and its recorded inputs lead to the same path, data and end once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.bpmn import state
from engine.bpmn.library import Library
from engine.bpmn.runtime import Run
from engine.cases import Cases
from engine.cases.columns import written_path
from engine.cases.row import no_such_case
from engine.desk.recorded import Replayed
from engine.desk.wishes import Wishes
from engine.foundation.errors import ShouhouError
from engine.foundation.ids import shard_key
from engine.foundation.models import Case
from engine.foundation.text import Text
from engine.record.history import EventRow, canonical, check_chain, of_case

BATCH = 500  # cases looked up in one go by verify_all


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a re-execution first left the record: the event's number and what was found instead."""

    seq: int
    text: Text


@dataclass(frozen=True, slots=True)
class Verification:
    """What can be said of one case; `first_broken` is the first event that the chain does not vouch for."""

    number: str
    case_id: UUID
    events: int
    first_broken: int | None
    first_difference: Difference | None

    @property
    def chain_whole(self) -> bool:
        """No event was changed, moved, added or removed."""
        return self.first_broken is None

    @property
    def reexecuted(self) -> bool:
        """The recorded inputs lead to the recorded path, data and end."""
        return self.first_difference is None

    @property
    def whole(self) -> bool:
        """Both."""
        return self.chain_whole and self.reexecuted

    @property
    def text(self) -> Text:
        """The verdict in one sentence."""
        if self.first_broken is not None:
            told = Text(
                zh="{number}: 历史从第 {seq} 条起不可信",
                en="{number}: the history cannot be trusted from event {seq} on",
            )
            return told.format(number=self.number, seq=self.first_broken)
        if self.first_difference is not None:
            told = Text(
                zh="{number}: 第 {seq} 条重演不符: {what}", en="{number}: event {seq} differs: {what}"
            )
            difference = self.first_difference
            return told.format(number=self.number, seq=difference.seq, what=difference.text)
        told = Text(
            zh="{number}: 链完整, {n} 条事件重演一致",
            en="{number}: chain whole, {n} events re-executed alike",
        )
        return told.format(number=self.number, n=self.events)


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on many cases; `broken` holds those that are not whole."""

    cases: int
    events: int
    broken: tuple[Verification, ...]

    @property
    def whole(self) -> bool:
        """Every case is whole."""
        return not self.broken

    @property
    def text(self) -> Text:
        """The verdict in one sentence."""
        told = Text(
            zh="核对 {cases} 个案例, {events} 条事件: {broken} 个案例有问题。",
            en="{cases} cases with {events} events verified: {broken} not whole.",
        )
        return told.format(cases=self.cases, events=self.events, broken=len(self.broken))

    @property
    def lines(self) -> list[str]:
        """One line per case that is not whole, then the verdict, in both languages."""
        texts = [*(verification.text for verification in self.broken), self.text]
        return [f"{text.zh}  {text.en}" for text in texts]


def verify_case(cases: Cases, case_id: UUID) -> Verification:
    """Check the chain of a case and execute it again from its recorded inputs. Raises NotFound."""
    with cases.database.read() as tx:
        row = _row(tx, case_id)
        events = of_case(tx, case_id)
    broken = check_chain(events, head_seq=row.head_seq, head_hash=row.head_hash)
    difference = _compare(events, row, cases.library) if broken is None else None
    return Verification(row.number, case_id, len(events), broken, difference)


def verify_cases(cases: Cases, case_ids: Iterable[UUID]) -> Report:
    """Verify these cases. Raises NotFound."""
    number, events, broken = 0, 0, []
    for case_id in case_ids:
        verified = verify_case(cases, case_id)
        number += 1
        events += verified.events
        if not verified.whole:
            broken.append(verified)
    return Report(number, events, tuple(broken))


def verify_all(cases: Cases) -> Report:
    """Verify every case of the database."""
    return verify_cases(cases, _all_ids(cases))


class Reexecution:
    """One case run again from its events alone: the same commands at the same moments, the recorded answers."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.run: Run | None = None

    def repeat(self, event: EventRow) -> Difference | None:
        """Give the event's command to the machine; what came out differently, if anything did."""
        content = event.content
        answers, wishes = Replayed(content.get("results", ())), Wishes()
        try:
            self._command(event, content.get("input", {}), answers, wishes)
            answers.finish()
        except ShouhouError as error:
            return Difference(event.seq, error.text)
        found = self._outcome(event, wishes)
        for timer, due_at in content.get("retimed", ()):
            self._running().retime(UUID(timer), datetime.fromisoformat(due_at))
        return _first_difference(event.seq, content, found)

    def _command(self, event: EventRow, given: Mapping[str, Any], answers: Replayed, wishes: Wishes) -> None:
        if event.kind == "case:start":
            self.run = self._started(event, given, answers, wishes)
        elif event.kind in _MOVES:
            run = self._running()
            run.bind(functions=answers.mapping(), services=wishes)
            _MOVES[event.kind](run, event, given)
        elif event.kind == "intervene:cancel":
            self.run = None

    def _started(self, event: EventRow, given: Mapping[str, Any], answers: Replayed, wishes: Wishes) -> Run:
        process = given["process"]
        start = self._library.diagrams[process].start
        data = {"case": given["case"]} | ({start.id: given["answers"]} if start is not None else {})
        return Run.start(
            library=self._library,
            process=process,
            case_id=event.case_id,
            data=data,
            at=event.at,
            functions=answers.mapping(),
            services=wishes,
        )

    def _outcome(self, event: EventRow, wishes: Wishes) -> dict[str, Any]:
        path = [] if self.run is None else written_path(self.run.take_path(), at=event.at)
        return {"path": path, "wishes": wishes.wishes}

    def _running(self) -> Run:
        if self.run is None:
            raise ShouhouError(
                Text(
                    zh="案例此时已经结束, 不应再有这一步。",
                    en="Expected a running case here, but it had ended.",
                )
            )
        return self.run


def _complete(run: Run, event: EventRow, given: Mapping[str, Any]) -> None:
    assert event.task_id is not None
    run.complete(event.task_id, given["answers"], at=event.at)


def _send(run: Run, event: EventRow, given: Mapping[str, Any]) -> None:
    assert event.element is not None
    run.deliver(event.element, given["answers"], at=event.at, task_id=event.task_id)


def _fire(run: Run, event: EventRow, _given: Mapping[str, Any]) -> None:
    assert event.task_id is not None
    run.fire(event.task_id, at=event.at)


_MOVES = {"task:complete": _complete, "message:send": _send, "message:deliver": _send, "timer:fire": _fire}


def _compare(events: list[EventRow], row: Any, library: Any) -> Difference | None:
    execution = Reexecution(library(row.release))
    for event in events:
        difference = execution.repeat(event)
        if difference is not None:
            return difference
    return _end_difference(execution.run, row, seq=len(events))


def _end_difference(run: Run | None, row: Any, *, seq: int) -> Difference | None:
    """The end, and all that the stored state says, must be what the re-execution leaves behind."""
    outcome = row.outcome if run is None else run.outcome
    if outcome != row.outcome:
        return Difference(seq, _other("end", "结局", row.outcome, outcome))
    if run is None or row.ended_at is not None:
        return None
    return None if state.read(run.dump()) == state.read(row.state) else Difference(seq, _STATE)


def _first_difference(seq: int, recorded: Mapping[str, Any], found: Mapping[str, Any]) -> Difference | None:
    for part, words in _PARTS.items():
        for number, (one, other) in enumerate(_pairs(recorded.get(part, []), found[part]), start=1):
            if canonical(one) != canonical(other):
                en, zh = f"{words.en} {number}", f"{words.zh}第 {number} 项"
                return Difference(seq, _other(en, zh, one, other))
    return None


def _pairs(recorded: list[Any], found: list[Any]) -> Iterator[tuple[Any, Any]]:
    for number in range(max(len(recorded), len(found))):
        yield (
            recorded[number] if number < len(recorded) else None,
            found[number] if number < len(found) else None,
        )


def _other(en: str, zh: str, recorded: object, found: object) -> Text:
    expected, other = canonical(recorded), canonical(found)
    return Text(
        zh=f"{zh}应为 {expected}, 重演得到 {other}",
        en=f"expected the {en} to be {expected}, but the re-execution found {other}",
    )


_PARTS = {"path": Text(zh="路径", en="passage"), "wishes": Text(zh="请求", en="wish")}
_STATE = Text(
    zh="保存的流程状态与重演得到的不一致",
    en="the stored state of the diagrams is not the one that the re-execution leaves behind",
)


def _row(tx: Connection, case_id: UUID) -> Any:
    query = select(
        Case.number, Case.release, Case.head_seq, Case.head_hash, Case.outcome, Case.ended_at, Case.state
    ).where(Case.shard_key == shard_key(case_id), Case.id == case_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise no_such_case(str(case_id))
    return row


def _all_ids(cases: Cases) -> Iterator[UUID]:
    last: UUID | None = None
    while True:
        query = select(Case.id).order_by(Case.id).limit(BATCH)
        with cases.database.read() as tx:
            batch = list(tx.execute(query if last is None else query.where(Case.id > last)).scalars())
        if not batch:
            return
        yield from batch
        last = batch[-1]
