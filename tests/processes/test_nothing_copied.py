"""Nothing stands in two diagrams that could be a diagram of its own, called from both.

Two activities are alike when they ask the same fields, wish for the same sort of thing, call the same diagram or ask
the same table; names, ids and groups are no difference, because whoever copies changes those. Three alike in a row,
whatever questions and deadlines lie between them, are a diagram to be called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.acts.publishing import read_folder
from engine.bpmn.diagram import Diagram, Element
from engine.bpmn.library import Library, SourceFile, read_library
from engine.bpmn.markup import is_activity
from engine.foundation.settings import source_folder

Kind = tuple[str, ...]
Run = tuple[Kind, ...]
IN_A_ROW = 3

REASONED: Mapping[frozenset[str], str] = {
    frozenset({"case_escalation", "fault_escalation"}): (
        "The procedure has two chains of three tiers. Each tier belongs to a group of its own and tells another one; "
        "a lane is drawn and cannot be handed to a called diagram, so a common tier would hide who is in charge."
    ),
}
"""The pairs of diagrams that may be alike, each with the reason."""

FILES = read_folder(source_folder())
LIBRARY = read_library(FILES)


def kind_of(library: Library, element: Element) -> Kind:
    """What an activity does, whatever it is called."""
    if element.kind in ("userTask", "manualTask"):
        form = library.forms.get(element.form)
        return ("asks", *sorted(field.name for field in form.fields)) if form else ("asks", element.id)
    return (element.kind, element.called or element.decision or element.service or "")


def following(diagram: Diagram, element: str) -> set[str]:
    """The activities that may come next, past questions, joints and what happens on the edge."""
    found: set[str] = set()
    passed: set[str] = set()
    ahead = [element, *(e.id for e in diagram.elements.values() if e.attached_to == element)]
    while ahead:
        for flow in diagram.outgoing(ahead.pop()):
            if is_activity(diagram.elements[flow.target].kind):
                found.add(flow.target)
            elif flow.target not in passed:
                passed.add(flow.target)
                ahead.append(flow.target)
    return found


def rows(diagram: Diagram, so_far: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every row of activities that begins with these."""
    if len(so_far) == IN_A_ROW:
        yield so_far
        return
    for name in following(diagram, so_far[-1]) - set(so_far):
        yield from rows(diagram, (*so_far, name))


def repeated(library: Library) -> dict[frozenset[str], set[Run]]:
    """The rows that two diagrams or more have in common, by diagrams."""
    where: dict[Run, set[str]] = defaultdict(set)
    for diagram in library.diagrams.values():
        activities = (e.id for e in diagram.elements.values() if is_activity(e.kind))
        for row in (row for name in activities for row in rows(diagram, (name,))):
            where[tuple(kind_of(library, diagram.elements[name]) for name in row)].add(diagram.process)
    found: dict[frozenset[str], set[Run]] = defaultdict(set)
    for run, processes in where.items():
        if len(processes) > 1:
            found[frozenset(processes)].add(run)
    return found


def copied(process: str, *, named: str) -> Library:
    """The library with a diagram copied and its elements renamed."""
    (source,) = [file for file in FILES if file.path == f"processes/{process}.bpmn"]
    content = source.content.decode()
    for element in (process, *LIBRARY.diagrams[process].elements):
        content = content.replace(f'"{element}"', f'"{named}_{element}"')
        content = content.replace(f">{element}<", f">{named}_{element}<")
    forms = [
        replace(file, path=f"forms/{named}_{file.path.removeprefix('forms/')}")
        for file in FILES
        if file.path.removeprefix("forms/").removesuffix(".json") in LIBRARY.diagrams[process].elements
    ]
    return read_library([*FILES, SourceFile(f"processes/{named}_{process}.bpmn", content.encode()), *forms])


def test_no_three_activities_in_a_row_stand_in_two_diagrams() -> None:
    assert {pair: runs for pair, runs in repeated(LIBRARY).items() if pair not in REASONED} == {}


def test_what_is_excepted_is_still_alike_and_has_a_reason() -> None:
    assert set(REASONED) == set(repeated(LIBRARY))
    assert all(len(reason) > 80 for reason in REASONED.values())


def test_a_copy_is_found_though_everything_in_it_is_renamed() -> None:
    pair = frozenset({"return_for_repair", "spare_return_for_repair"})
    assert pair in repeated(copied("return_for_repair", named="spare"))
