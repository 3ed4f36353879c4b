"""Files of a case: known kinds only, within limits, kept once, and vouched for by the case's history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from engine.acts import correspondence, steering, worklist
from engine.acts.cast import People
from engine.acts.replay import verify_case
from engine.bpmn import releases
from engine.cases import Cases
from engine.desk import attachments
from engine.desk.attachments import LARGEST, MOST_AT_ONCE, MOST_FROM_OUTSIDE, Upload, check, harmless
from engine.foundation.database import Database
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.models import Case
from engine.foundation.models.correspondence import Blob
from engine.foundation.security import MAILBOX, PORTAL
from engine.record import history
from tests.conftest import Clock
from tests.engine import little_procedure
from tests.pictures import plain

JPEG, PNG, WEBP = plain("JPEG"), plain("PNG"), plain("WEBP")
PDF = b"%PDF-1.7\n%report"
TEXT = "温度 38 ℃\n".encode()


class Desk:
    """One case of the little procedure; `add` attaches files to it."""

    def __init__(self, database: Database, clock: Clock, people: People) -> None:
        self.database, self.clock, self.people = database, clock, people
        self.cases = Cases(database)
        with database.write() as tx:
            releases.publish(tx, little_procedure.files(), actor="xie_liu", at=clock.now, note="")
        self.number = self.open()
        self.id = worklist.case_id(self.cases, self.number)

    def open(self) -> str:
        return worklist.start(
            self.cases,
            little_procedure.PROCESS,
            {"note": "a"},
            actor=self.people.chen_min,
            now=self.clock.now,
        )

    def add(self, *uploads: Upload, by: str = "chen_min", key: str | None = None) -> int:
        return correspondence.add_files(
            self.cases, self.number, uploads, actor=self.people[by], now=self.clock.now, key=key
        )

    def added(self) -> correspondence.Added:
        return correspondence.added(self.cases, self.number, actor=self.people.li_gong)


@pytest.fixture
def desk(database: Database, clock: Clock, people: People) -> Desk:
    return Desk(database, clock, people)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("IMG_1.jpg", JPEG, "image/jpeg"),
        ("a.PNG", PNG, "image/png"),
        ("a.webp", WEBP, "image/webp"),
        ("report.pdf", PDF, "application/pdf"),
        ("readings.txt", TEXT, "text/plain"),
        ("gbk.log", "温度正常".encode("gb18030"), "text/plain"),
    ],
)
def test_photos_reports_and_plain_text_are_taken(name: str, content: bytes, media_type: str) -> None:
    file = check(Upload(name, content))
    assert (file.media_type, file.name) == (media_type, name)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", b"MZ\x90\x00program"),
        ("photo.jpg", b"<html><script>alert(1)</script>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("page.txt", b"<!doctype html><script>alert(1)</script>"),
        ("data.txt", b"binary\x00data"),
        ("archive.zip", b"PK\x03\x04"),
        ("words", TEXT),
        ("riff.webp", b"RIFF\x10\x00\x00\x00WAVEfmt "),
        ("late.pdf", b" %PDF-1.7"),
    ],
)
def test_anything_whose_bytes_say_otherwise_is_refused_by_name(name: str, content: bytes) -> None:
    with pytest.raises(Rejection) as refused:
        check(Upload(name, content))
    assert name in refused.value.text.zh and name in refused.value.text.en


def test_empty_and_oversize_files_are_refused() -> None:
    with pytest.raises(Rejection, match="is empty"):
        check(Upload("a.jpg", b""))
    check(Upload("a.jpg", JPEG.ljust(LARGEST, b"x")))
    with pytest.raises(Rejection, match="at most 10 MB"):
        check(Upload("a.jpg", JPEG.ljust(LARGEST + 1, b"x")))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/passwd", "passwd"),
        ("现场 照片.jpg", "现场 照片.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ('a\r\nSet-Cookie: "x".jpg', "aSet-Cookie x .jpg"),
        ("...", "file"),
        ("x" * 300 + ".jpg", "x" * 116 + ".jpg"),
    ],
)
def test_a_name_keeps_nothing_that_leads_elsewhere_or_deceives(sent: str, kept: str) -> None:
    assert harmless(sent) == kept


@given(st.text(max_size=400))
def test_every_name_becomes_harmless_and_stays_so(name: str) -> None:
    kept = harmless(name)
    assert 0 < len(kept) <= attachments.NAME_LENGTH
    assert "/" not in kept and "\\" not in kept and kept.isprintable()
    assert harmless(kept) == kept


def test_the_ending_tells_what_the_file_is() -> None:
    assert check(Upload("photo.exe", JPEG)).name == "photo.exe.jpg"


def test_a_file_is_handed_out_as_it_came(desk: Desk) -> None:
    desk.add(Upload("现场.jpg", JPEG), Upload("report.pdf", PDF))
    first, second = desk.added().files
    file, content = correspondence.open_file(
        desk.cases, desk.number, first.file.id, actor=desk.people.li_gong
    )
    assert content == JPEG and file.name == "现场.jpg"
    assert (second.file.media_type, second.added_by.zh) == ("application/pdf", "陈敏")


def test_the_same_bytes_are_stored_once_whatever_they_are_called(desk: Desk) -> None:
    desk.add(Upload("a.jpg", JPEG), Upload("b.jpg", JPEG))
    desk.add(Upload("c.jpg", JPEG))
    assert [line.file.name for line in desk.added().files] == ["a.jpg", "b.jpg", "c.jpg"]
    with desk.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(Blob)) == 1


def test_one_wrong_file_keeps_all_of_them_out(desk: Desk) -> None:
    with pytest.raises(Rejection):
        desk.add(Upload("a.jpg", JPEG), Upload("b.jpg", b"MZ"))
    assert not desk.added()


def test_the_history_names_the_hash_and_the_case_still_runs_again_alike(desk: Desk) -> None:
    desk.add(Upload("a.jpg", JPEG))
    correspondence.add_note(
        desk.cases,
        desk.number,
        "风扇有异响",
        [Upload("b.png", PNG)],
        actor=PORTAL,
        now=desk.clock.advance(seconds=0.1),
    )
    with desk.database.read() as tx:
        *_, attached, noted = history.of_case(tx, desk.id)
    assert attached.kind == "attachment:add"
    assert attached.content["input"]["files"][0]["sha256"] == hashlib.sha256(JPEG).hexdigest()
    assert noted.content["input"]["text"] == "风扇有异响"
    assert noted.content["input"]["files"][0]["name"] == "b.png"
    verification = verify_case(desk.cases, desk.id)
    assert verification.whole, verification.text


def test_a_repeated_request_keeps_its_files_once(desk: Desk) -> None:
    for _ in range(2):
        desk.add(Upload("a.jpg", JPEG), key="the same")
    assert len(desk.added().files) == 1


def test_files_can_be_added_to_a_case_that_has_ended(desk: Desk) -> None:
    steering.cancel(desk.cases, desk.number, reason="重复", actor=desk.people.guan_li, now=desk.clock.now)
    assert desk.add(Upload("a.jpg", JPEG)) == 1
    assert verify_case(desk.cases, desk.id).whole


def test_there_is_room_for_so_many_at_once_and_from_outside(desk: Desk) -> None:
    photo = Upload("a.jpg", JPEG)
    with pytest.raises(Rejection, match=f"at most {MOST_AT_ONCE} files at once"):
        desk.add(*[photo] * (MOST_AT_ONCE + 1))

    def from_outside(number: int) -> None:
        correspondence.add_files(desk.cases, desk.number, [photo] * number, actor=PORTAL, now=desk.clock.now)

    for _ in range(MOST_FROM_OUTSIDE // MOST_AT_ONCE):
        from_outside(MOST_AT_ONCE)
    with pytest.raises(Rejection, match="it is full"):
        from_outside(1)
    assert desk.add(photo) == 1, "staff still can"


def other_case(desk: Desk) -> str:
    return desk.open()


def unknown_case(desk: Desk) -> str:
    return "SH-2026-999999"


@pytest.mark.parametrize("where", [other_case, unknown_case])
def test_a_file_opens_only_with_its_own_case(desk: Desk, where: Callable[[Desk], str]) -> None:
    desk.add(Upload("a.jpg", JPEG))
    [line] = desk.added().files
    with pytest.raises(NotFound):
        correspondence.open_file(desk.cases, where(desk), line.file.id, actor=desk.people.li_gong)
    with pytest.raises(NotFound):
        correspondence.open_file(desk.cases, desk.number, uuid4(), actor=desk.people.li_gong)


def test_what_a_case_is_kept_from_somebody_keeps_its_files_from_them(desk: Desk) -> None:
    desk.add(Upload("a.jpg", JPEG))
    with desk.database.write() as tx:
        tx.execute(update(Case).values(kept_out=["li_gong"]))
    with pytest.raises(NotFound):
        desk.added()
    with pytest.raises(NotFound):
        desk.add(Upload("b.jpg", JPEG), by="li_gong")


def test_a_note_needs_words_and_says_who_wrote_it(desk: Desk) -> None:
    with pytest.raises(Rejection, match="Write what you want to add"):
        correspondence.add_note(desk.cases, desk.number, "  ", actor=PORTAL, now=desk.clock.now)
    correspondence.add_note(desk.cases, desk.number, "请带备件", actor=MAILBOX, now=desk.clock.now)
    [note] = desk.added().notes
    assert (note.text, note.added_by.en) == ("请带备件", "the writer of a mail")
