"""When a process starts by itself is checked before it is published."""

from __future__ import annotations

import pytest

from engine.acts.publishing import read_folder
from engine.bpmn.library import SourceFile
from engine.bpmn.rules import check_files
from engine.desk.people import GROUPS
from engine.foundation.settings import source_folder

REVIEW = "processes/process_review.bpmn"
WRITTEN = 'name="schedule" value="every 12 months day=10 time=09:00"'


RATING = "processes/peer_rating.bpmn"
FOLLOWED = 'value="service_case fault_escalation manufacturer_service platform_fault"'


def problems(old: str, new: str, *, path: str = REVIEW) -> list[tuple[str, str]]:
    """Element and rule of what is wrong once the yearly review, or another diagram, is written otherwise."""
    files = []
    for file in read_folder(source_folder()):
        content = file.content.decode()
        if file.path == path:
            assert old in content
            content = content.replace(old, new)
        files.append(SourceFile(file.path, content.encode()))
    return [(problem.element, problem.rule) for problem in check_files(files, groups=GROUPS)]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (WRITTEN, 'name="schedule" value="every year"', "schedule-syntax"),
        (WRITTEN, 'name="each" value="contract"', "schedule-alone"),
        (WRITTEN, 'name="each" value="planet"', "property-value"),
        ('<spiffworkflow:property name="starts" value="case"/>', "", "schedule-alone"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(old: str, new: str, rule: str) -> None:
    assert ("process_review", rule) in problems(old, new)


@pytest.mark.parametrize(
    ("followed", "rule"),
    [
        ("service_case no_such_process", "hand-over-process"),
        ("service_case peer_rating", "hand-over-process"),
        ("service_case, fault_escalation", "property-value"),
    ],
)
def test_a_process_follows_only_the_hand_overs_of_other_processes(followed: str, rule: str) -> None:
    assert ("peer_rating", rule) in problems(FOLLOWED, f'value="{followed}"', path=RATING)
