"""What one case leads to in others names an event that waits, and nothing but the outbox carries it there."""

from __future__ import annotations

import pytest

from engine.acts.publishing import read_folder
from engine.bpmn.library import SourceFile
from engine.bpmn.rules.check import check_files
from engine.desk.people import GROUPS
from engine.desk.wishes import SERVICES, Wishes
from engine.foundation.errors import ShouhouError
from engine.foundation.settings import source_folder


def files(path: str, before: str, after: str) -> list[SourceFile]:
    """The procedures as they are shipped, with one thing said otherwise."""
    changed = []
    for file in read_folder(source_folder()):
        text = file.content.decode()
        assert file.path != path or before in text
        content = text.replace(before, after).encode() if file.path == path else file.content
        changed.append(SourceFile(file.path, content))
    return changed


@pytest.mark.parametrize(
    ("process", "before", "element"),
    [
        ("platform_fault", "'platform_fault_over'", "tell_linked_customers"),
        ("platform_report", "'platform_fault_over'", "link_to_platform_fault"),
        ("service_report", "'case_for_rest_opened'", "open_case_for_rest"),
    ],
)
def test_whoever_is_told_waits_for_it(process: str, before: str, element: str) -> None:
    shipped = files(f"processes/{process}.bpmn", before, "'nobody_waits_for_this'")
    problems = [p for p in check_files(shipped, groups=GROUPS) if p.rule == "told-missing"]
    assert [(p.element, "nobody_waits_for_this" in p.text.en) for p in problems] == [(element, True)]


@pytest.mark.parametrize(
    ("service", "given"),
    [
        ("announce", {"kind": "platform_fault"}),
        ("settle_bulletin", {}),
        ("link_case", {"kind": "same_fault", "to": None}),
        ("tell_linked", {}),
    ],
)
def test_a_service_without_what_it_needs_stops_the_diagram(service: str, given: dict[str, object]) -> None:
    assert service in SERVICES
    with pytest.raises(ShouhouError):
        Wishes()(service, given)


def test_keeping_out_is_told_at_once_and_nobody_is_no_one() -> None:
    told: list[tuple[str, object]] = []
    wishes = Wishes(update=lambda field, value: told.append((field, value)))
    wishes("keep_out", {"person": "he_jie"})
    wishes("keep_out", {"person": None})
    assert told == [("kept_out", "he_jie")]
    assert [wish["person"] for wish in wishes.wishes] == ["he_jie", None]
