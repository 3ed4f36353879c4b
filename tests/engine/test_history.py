"""No event of a history can be changed, removed, moved, added or cut off unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from engine.foundation.database import Database
from engine.foundation.ids import shard_key
from engine.foundation.models import Case, Event
from engine.record import checkpoints, history
from engine.record.history import EventRow
from engine.record.lean import lean, whole
from engine.record.seals import Seal
from tests.conftest import Clock
from tests.engine import histories

KEY = Ed25519PrivateKey.generate()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@dataclass
class Scene:
    """Two cases of five events each; `mine` is the one that is tampered with."""

    tx: Connection
    mine: UUID
    other: UUID

    def rows(self) -> list[EventRow]:
        return history.of_case(self.tx, self.mine)

    def change(self, seq: int, /, **values: object) -> None:
        self.tx.execute(update(Event).where(Event.case_id == self.mine, Event.seq == seq).values(**values))

    def remove(self, seq: int) -> None:
        self.tx.execute(delete(Event).where(Event.case_id == self.mine, Event.seq == seq))

    def head(self, row: EventRow) -> None:
        histories.set_head(self.tx, self.mine, row.seq, row.hash)


def edit(scene: Scene) -> None:
    scene.change(3, actor="wang_gong")


def delete_middle(scene: Scene) -> None:
    scene.remove(3)
    for seq in (4, 5):
        scene.change(seq, seq=seq - 1)
    histories.set_head(scene.tx, scene.mine, 4, scene.rows()[-1].hash)


def reorder(scene: Scene) -> None:
    scene.change(3, seq=99)
    scene.change(4, seq=3)
    scene.change(99, seq=4)


def duplicate(scene: Scene) -> None:
    copied = scene.rows()[-1]._replace(seq=6, key="again")
    scene.tx.execute(insert(Event), [copied._asdict()])
    scene.head(copied)


def graft(scene: Scene) -> None:
    foreign = history.of_case(scene.tx, scene.other)[2]
    values = foreign._asdict() | {"shard_key": shard_key(scene.mine), "case_id": scene.mine}
    scene.remove(3)
    scene.tx.execute(insert(Event), [values])


def cut_tail(scene: Scene) -> None:
    scene.remove(5)
    scene.head(scene.rows()[-1])


def rewrite(scene: Scene) -> None:
    head = history.GENESIS
    for row in scene.rows():
        edited = row._replace(data=row.data.replace("风扇", "电源"), prev_hash=head)
        head = history.chain(head, edited)
        scene.change(row.seq, data=edited.data, prev_hash=edited.prev_hash, hash=head)
    scene.head(scene.rows()[-1])


def delete_case(scene: Scene) -> None:
    scene.tx.execute(delete(Event).where(Event.case_id == scene.mine))
    scene.tx.execute(delete(Case).where(Case.id == scene.mine))


CAUGHT_BY_CHAIN = [edit, delete_middle, reorder, duplicate, graft]
CAUGHT_BY_CHECKPOINT = [cut_tail, rewrite, delete_case]


@pytest.fixture
def cases(database: Database, clock: Clock) -> tuple[UUID, UUID]:
    return (
        histories.write_case(database, number="SH-2026-000001", events=5, at=clock.now),
        histories.write_case(
            database, number="SH-2026-000002", events=5, at=clock.now + timedelta(seconds=1)
        ),
    )


def verdict(scene: Scene, sealed: list[Seal]) -> list[object]:
    bad: list[object] = list(checkpoints.verify(scene.tx, sealed, public_key=KEY.public_key()))
    return bad + [seq for case in _kept(scene) if (seq := histories.first_bad(scene.tx, case)) is not None]


def _kept(scene: Scene) -> list[UUID]:
    return list(scene.tx.execute(Case.__table__.select().with_only_columns(Case.id)).scalars())


def test_an_untouched_history_is_whole(database: Database, cases: tuple[UUID, UUID], clock: Clock) -> None:
    with database.write() as tx:
        sealed = [checkpoints.take(tx, at=clock.now, key=KEY)]
        assert verdict(Scene(tx, *cases), sealed) == []


@pytest.mark.parametrize("tamper", CAUGHT_BY_CHAIN + CAUGHT_BY_CHECKPOINT)
def test_tampering_is_found(
    database: Database, cases: tuple[UUID, UUID], clock: Clock, tamper: Callable[[Scene], None]
) -> None:
    with database.write() as tx:
        sealed = [checkpoints.take(tx, at=clock.now, key=KEY)]
        histories.disarm(tx)
        scene = Scene(tx, *cases)
        tamper(scene)
        assert verdict(scene, sealed) != []


@pytest.mark.parametrize("tamper", CAUGHT_BY_CHAIN)
def test_the_chain_alone_finds_what_leaves_the_head_in_doubt(
    database: Database, cases: tuple[UUID, UUID], tamper: Callable[[Scene], None]
) -> None:
    with database.write() as tx:
        histories.disarm(tx)
        scene = Scene(tx, *cases)
        tamper(scene)
        assert histories.first_bad(tx, scene.mine) is not None
        assert histories.first_bad(tx, scene.other) is None


@pytest.mark.parametrize("column", [c for c in EventRow._fields if c not in ("hash",)])
def test_every_column_takes_part_in_the_hash(
    database: Database, cases: tuple[UUID, UUID], column: str
) -> None:
    with database.read() as tx:
        row = history.of_case(tx, cases[0])[2]
    other: dict[str, Any] = {
        "shard_key": (row.shard_key + 1) % 256,
        "case_id": cases[1],
        "task_id": cases[1],
        "at": row.at + timedelta(microseconds=1),
        "prev_hash": bytes(32),
        "data": row.data.replace("{}", "").replace("风扇", "电源"),
        "seq": row.seq + 1,
        "release": row.release + 1,
    }
    changed = row._replace(**{column: other.get(column, "x")})
    assert history.chain(changed.prev_hash, changed) != row.hash


def test_the_first_bad_event_is_named(database: Database, cases: tuple[UUID, UUID]) -> None:
    with database.write() as tx:
        histories.disarm(tx)
        Scene(tx, *cases).change(4, actor="wang_gong")
        assert histories.first_bad(tx, cases[0]) == 4


def test_an_event_that_was_lost_at_the_end_is_named(database: Database, cases: tuple[UUID, UUID]) -> None:
    with database.write() as tx:
        histories.disarm(tx)
        Scene(tx, *cases).remove(5)
        assert histories.first_bad(tx, cases[0]) == 5


def test_an_event_is_read_back_as_it_was_written(database: Database, clock: Clock) -> None:
    case_id = histories.write_case(database, number="SH-2026-000009", events=0, at=clock.now)
    with database.write() as tx:
        written = histories.grow(
            tx, case_id, at=clock.now + timedelta(microseconds=123457), text="“引号”\n\u2028💡"
        )
    with database.read() as tx:
        assert history.of_case(tx, case_id) == [written]
        assert written.content["input"]["answers"]["text"] == "“引号”\n\u2028💡"


def test_what_was_typed_is_kept_once_and_read_in_every_place(database: Database, clock: Clock) -> None:
    case_id = histories.write_case(database, number="SH-2026-000009", events=0, at=clock.now)
    answers = {"summary": "电源模块已更换", "parts": [{"number": 1}]}
    path = [
        {"e": "triage", "p": "service_case", "s": "completed", "d": {"triage": answers, "count": 1}},
        {"e": "copy", "p": "service_case", "s": "completed", "d": {"copy": answers}},
        {"e": "rate", "p": "service_case", "s": "completed", "d": {"urgency": {"rule": 1}}},
    ]
    data = {"input": {"answers": answers}, "path": path}
    with database.write() as tx:
        row = history.append(
            tx,
            case_id=case_id,
            release=1,
            head_seq=0,
            head_hash=history.GENESIS,
            kind="task:complete",
            actor="li_gong",
            at=clock.now,
            data=data,
        )
    assert row.data.count("电源模块") == 1
    assert row.content == data


@given(json_values, json_values)
def test_leaving_repeated_values_out_loses_nothing(answers: object, other: object) -> None:
    passage = {"e": "a", "p": "p", "s": "completed", "d": {"a": answers, "b": other, "c": answers}}
    data = {"input": {"answers": answers}, "path": [passage, {"e": "b", "p": "p", "s": "entered"}]}
    assert whole(json.loads(history.canonical(lean(data)))) == data


def test_what_is_not_json_is_refused() -> None:
    for value in (float("nan"), object(), {1: 2, "a": 3}):
        with pytest.raises((TypeError, ValueError)):
            history.canonical(value)


@given(json_values)
def test_canonical_json_gives_the_value_back_and_is_stable(value: object) -> None:
    text = history.canonical(value)
    assert history.canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert history.canonical(value) == history.canonical(dict(reversed(value.items())))


@given(st.text(), st.text(), json_values)
def test_what_is_hashed_is_canonical_json_of_all_columns(actor: str, element: str, data: object) -> None:
    row = _row(actor=actor, element=element, data=history.canonical(data))
    hashed = history._as_hashed(row)
    assert history.canonical(json.loads(hashed)) == hashed
    assert json.loads(hashed)["actor"] == actor


def _row(*, actor: str, element: str, data: str) -> EventRow:
    case = UUID(int=1)
    return EventRow(1, case, 1, "k", None, element, case, actor, Clock().now, 1, data, None, b"", b"")
