"""Everything that can be wrong with the source files of a release, found without running a case."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import PurePosixPath
from string import Formatter
from typing import TypeVar

from engine.bpmn import decisions, forms
from engine.bpmn.library import MESSAGES, MessageText, SourceFile, read_library
from engine.bpmn.rules import (
    branching,
    clauses,
    constructs,
    drawing,
    expressions,
    figures,
    ids,
    limited,
    naming,
    properties,
    references,
    structure,
)
from engine.bpmn.rules.names import known_names
from engine.bpmn.rules.sheet import Rule, World, read_sheet
from engine.bpmn.rules.trial import try_out
from engine.foundation.errors import Problem, ProblemsFound

RULES: tuple[Rule, ...] = (
    ids.readable,
    ids.unique,
    ids.file_name,
    ids.messages,
    constructs.elements,
    constructs.events,
    constructs.sub_processes,
    constructs.repetitions,
    constructs.extensions,
    constructs.executable,
    structure.starts_and_ends,
    structure.flows_connect,
    structure.flows_listed,
    structure.connected,
    structure.boundaries,
    structure.cycles,
    structure.splits_and_joins,
    structure.event_gateways,
    branching.one_default,
    branching.others_conditioned,
    branching.only_questions_decide,
    branching.short_conditions,
    expressions.readable,
    expressions.scripts,
    references.called_diagrams,
    references.decision_tables,
    references.forms,
    references.groups,
    references.lanes,
    references.event_references,
    references.timers,
    references.services,
    properties.vocabulary,
    properties.values,
    properties.stopped_clocks,
    properties.buttons,
    properties.realised_clauses,
    properties.startable,
    properties.scheduled,
    properties.after_hand_overs,
    limited.each_task,
    naming.base_language,
    naming.both_languages,
    naming.documentation,
    naming.activities,
    naming.events,
    naming.gateways,
    drawing.everything_drawn,
    drawing.usual_sizes,
    drawing.no_overlap,
    drawing.flows_drawn,
)
"""Every rule for diagrams, in the order in which their problems are told."""

T = TypeVar("T")


def check_files(
    files: Sequence[SourceFile],
    *,
    groups: Collection[str],
    registers: Collection[str] | None = None,
    tests: Collection[str] | None = None,
) -> list[Problem]:
    """Every problem of the diagrams, tables, forms, messages and clauses; an empty list lets them be published.

    `groups` are the ids of the company's groups, `registers` and `tests` what the register of clauses may name (None:
    not compared). When nothing else is wrong, every process is built and those that people start are started once, in
    a process of its own that is stopped when it takes too long.
    """
    problems: list[Problem] = []
    world = _world(files, groups, problems)
    for file in files:
        problems += _of_file(file, groups)
    for sheet in world.sheets.values():
        problems += (problem for rule in RULES for problem in rule(sheet, world))
    problems += limited.each_group(world)
    problems += figures.defined(files, world)
    problems += clauses.registered(files, world, registers=registers, tests=tests)
    found = list(dict.fromkeys(problems))
    return found or try_out(files)


def _of_file(file: SourceFile, groups: Collection[str]) -> list[Problem]:
    if _is(file, "processes", ".dmn"):
        return decisions.check_source(file.content, file=file.path)
    if _is(file, "forms", ".json"):
        return forms.check_source(file.content, file=file.path, groups=groups)
    return []


def _world(files: Sequence[SourceFile], groups: Collection[str], problems: list[Problem]) -> World:
    """What can be read; faults of diagrams and messages that cannot are added to `problems`."""
    sheets = [s for s in _each(files, ".bpmn", read_sheet, problems) if s is not None]
    by_process = {sheet.diagram.process: sheet for sheet in sheets}
    tables = [t for t in _each(files, ".dmn", decisions.read_table, []) if t is not None]
    return World(
        sheets=by_process,
        tables={table.id: table for table in tables},
        processes=_stems(files, "processes", ".bpmn") | set(by_process),
        decisions=_stems(files, "processes", ".dmn"),
        forms=_stems(files, "forms", ".json"),
        messages=_messages(files, problems),
        groups=frozenset(groups),
        known=known_names(by_process),
    )


def _each(
    files: Sequence[SourceFile], suffix: str, read: Callable[..., T], problems: list[Problem]
) -> Iterator[T | None]:
    for file in files:
        if _is(file, "processes", suffix):
            try:
                yield read(file.content, file=file.path)
            except ProblemsFound as found:
                problems += found.problems


def _messages(files: Sequence[SourceFile], problems: list[Problem]) -> dict[str, frozenset[str]]:
    try:
        library = read_library([file for file in files if file.path == MESSAGES])
    except ProblemsFound as found:
        problems += found.problems
        return {}
    return {key: _placeholders(message) for key, message in library.messages.items()}


def _placeholders(message: MessageText) -> frozenset[str]:
    texts = (message.subject.zh, message.subject.en, message.body.zh, message.body.en)
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def _stems(files: Sequence[SourceFile], folder: str, suffix: str) -> frozenset[str]:
    return frozenset(PurePosixPath(file.path).stem for file in files if _is(file, folder, suffix))


def _is(file: SourceFile, folder: str, suffix: str) -> bool:
    place = PurePosixPath(file.path)
    return str(place.parent) == folder and place.suffix == suffix
