"""The company under the storm: the procedures as they are shipped, on short limits, its people, its unfinished work."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from engine.acts import publishing, schedules
from engine.acts.cast import CAST, admit
from engine.acts.demo.stories import Story
from engine.acts.demo.world import furnish
from engine.acts.simulation import Desk, Matter, SimulatedClock
from engine.bpmn import releases
from engine.bpmn.library import Library, SourceFile, read_library
from engine.cases import Cases
from engine.desk import portal_links
from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.sessions import open_session
from engine.foundation.settings import source_folder
from tests.storm.stories import ALL, Play

LIMITS = "processes/limits.dmn"
HOUR = 1.0  # seconds that an hour of the table takes in the storm
SHORTEST = 2.0  # seconds
AWAY = timedelta(days=4)  # for so long nothing ran before: the calendar has rounds to catch up on
LONGEST_START = 14  # acts that a case may be old already

STARRED = ("case_intake", "case_escalation", "fault_escalation", "return_for_repair", "follow_up_visit")
"""The procedures that the product is named for."""

WAITING_IN = (
    ("solved by phone", "triage"),
    ("escalated by hand, solved by the specialist", "support_as_specialist"),
    ("fault chain from below", "support_as_maintenance_staff"),
    ("supplier replaces the part", "bring_part_back"),
    ("dissatisfied, won back", "call_customer"),
    ("transferred by the button", "advise_by_phone"),
    ("withdrawn by the customer", "agree_solution"),
    ("waiting for the customer", "agree_solution"),
    ("solved remotely", "confirm_with_customer"),
    ("waiting for closing", "confirm_with_customer"),
    ("waiting for the follow-up call", "call_customer"),
)
"""Stories, and where in them a case waits at the start: in each starred procedure, before a button, for the customer."""

_EXAMPLES = re.compile(r"(<shouhou:examples><!\[CDATA\[).*?(\]\]>)", re.DOTALL)
_EXAMPLE = '[{"given": {"limit": "nobody_knows", "priority": "P1", "coverage": null}, "expect": null}]'
_RULE = re.compile(r"<rule .*?</rule>", re.DOTALL)
_RESULT = re.compile(r"(<outputEntry [^>]*><text>)(.*?)(</text>)")


@functools.cache
def procedures() -> Library:
    """Every process, table and form of the product; only the table of limits is another one, as a company may write it."""
    files = [_hurried(file) for file in publishing.read_folder(source_folder())]
    problems = publishing.check(files)
    assert not problems, problems
    return read_library(files)


def found(database: Database) -> None:
    """Publish the procedures, admit people and customers; the plan of the calendar is some days behind."""
    now = datetime.now(UTC)
    with database.write() as tx:
        admit(tx, at=now)
        furnish(tx, at=now, random=Random(1))
        releases.publish(tx, procedures().files, actor="xie_liu", at=now, note="storm")
    schedules.keep(Cases(database), now=now - AWAY)


def leave_work(database: Database, play: Play, *, how_many: int) -> set[UUID]:
    """What earlier days have left: a case within each starred procedure, others brought forward some acts; their ids."""
    desk = Desk(Cases(database), SimulatedClock(datetime.now(UTC)))
    more = [_opened(desk, play, play.choose()) for _ in range(how_many - len(WAITING_IN))]
    for matter in more:
        for _ in range(play.random.randrange(LONGEST_START)):
            if not _moved(play, matter):
                break
    desk.clock.now = datetime.now(UTC)
    last = [_brought_to(desk, play, story, until=element) for story, element in WAITING_IN]
    return {matter.id for matter in (*more, *last)}


def passes(database: Database, *, clients: int) -> dict[tuple[int, str], str]:
    """A signed-in session of everybody at the browser of every client, as signing in would have made it."""
    now, settings = datetime.now(UTC), Cases(database).settings
    with database.write() as tx:
        return {
            (client, member.id): open_session(tx, person=member.id, now=now, settings=settings)
            for client in range(clients)
            for member in CAST
        }


def links(database: Database, cases: Collection[UUID]) -> dict[UUID, str]:
    """For each of these cases the address that its customer was sent."""
    now = datetime.now(UTC)
    with database.write() as tx:
        secrets = {case: portal_links.create(tx, case, at=now, days=1) for case in cases}
    return {case: f"/portal/cases/{secret}" for case, secret in secrets.items()}


def _hurried(file: SourceFile) -> SourceFile:
    """The same table with an hour in a second, by day and by night; of its examples the one without figures stays."""
    if file.path != LIMITS:
        return file
    text = _EXAMPLES.sub(rf"\g<1>{_EXAMPLE}\g<2>", file.content.decode())
    return SourceFile(file.path, _RULE.sub(_hurried_rule, text).encode())


def _hurried_rule(rule: re.Match[str]) -> str:
    minutes = next(_RESULT.finditer(rule[0]))[2]
    seconds = max(SHORTEST, float(minutes) / 60 * HOUR)
    results = iter((f"{seconds / 60:.4f}", '"always"'))
    return _RESULT.sub(lambda result: f"{result[1]}{next(results, result[2])}{result[3]}", rule[0])


def _brought_to(desk: Desk, play: Play, name: str, *, until: str) -> Matter:
    """A case of the story `name` that waits at an element; all in one moment, so that few limits run out before."""
    matter = _opened(desk, play, next(story for story in ALL if story.name == name))
    while until not in matter.tasks and _moved(play, matter):
        pass
    return matter


def _opened(desk: Desk, play: Play, story: Story) -> Matter:
    matter = desk.open(story.process, by="chen_min", **play.report(story))
    play.follow(matter.id, story)
    return matter


def _moved(play: Play, matter: Matter) -> bool:
    """Do what waits first, or press the button that the story has for it; False when nothing can be done."""
    story = play.of(matter.id)
    for task in matter.waiting("task"):
        button = story.buttons.get(task.element)
        try:
            if button in matter.buttons and play.once(matter.id, button):
                answers = play.answers(matter.id, play.process_of(button), button)
                matter.press(button, by=matter.who(task.element), **answers)
            elif task.element != story.stalls:
                matter.do(task.element, **play.answers(matter.id, task.process, task.element))
                play.done(matter.id, task.element)
            else:
                continue
        except Rejection:
            continue  # nobody is left who may, or a timer was faster
        return True
    return False
