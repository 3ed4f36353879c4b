"""What can be wrong with the clause register: clauses that nobody realises, and names of things that do not exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from engine.bpmn.clauses import CLAUSES, Clause, Token, carried, read_clauses, realised_by
from engine.bpmn.features import FEATURES
from engine.bpmn.library import SourceFile
from engine.bpmn.rules.sheet import World
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.figures import FIGURES, FigureDefinition, read_figures
from engine.foundation.text import Text


def registered(
    files: Sequence[SourceFile],
    world: World,
    *,
    registers: Collection[str] | None = None,
    tests: Collection[str] | None = None,
) -> Iterator[Problem]:
    """Every fault of the register of these files, none when they hold no register.

    `registers` and `tests` are the names that exist; what is not given is not compared.
    """
    content = next((file.content for file in files if file.path == CLAUSES), None)
    if content is None or len(world.sheets) != len(world.processes):
        return  # with an unreadable diagram nothing can be said of elements
    try:
        clauses = read_clauses(content)
        figures = _figures(files)
    except ProblemsFound as found:
        yield from (problem for problem in found.problems if problem.file == CLAUSES)
        return
    yield from _unknown(clauses, figures, world)
    carriers = carried((sheet.diagram for sheet in world.sheets.values()), figures.values())
    exists = _existing(world, figures, registers)
    for clause in clauses.values():
        texts = (*_standing(clause, realised_by(clause, carriers)), *_missing(clause, exists, tests))
        yield from (Problem(CLAUSES, clause.id, rule, text) for rule, text in texts)


def _figures(files: Sequence[SourceFile]) -> Mapping[str, FigureDefinition]:
    content = next((file.content for file in files if file.path == FIGURES), None)
    return {} if content is None else read_figures(content)


def _unknown(
    clauses: Mapping[str, Clause], figures: Mapping[str, FigureDefinition], world: World
) -> Iterator[Problem]:
    for sheet in world.sheets.values():
        diagram = sheet.diagram
        named = [(diagram.process, c) for c in diagram.properties.get("clauses", "").split()]
        named += [(e.id, c) for e in diagram.elements.values() for c in e.clauses]
        for element, clause in named:
            if clause not in clauses:
                yield sheet.problem(element, "clause-unknown", _UNKNOWN, found=clause)
    for figure in figures.values():
        for clause in figure.clauses:
            if clause not in clauses:
                yield Problem(FIGURES, figure.id, "clause-unknown", _UNKNOWN.format(found=clause))


def _standing(clause: Clause, tokens: Collection[Token]) -> Iterator[tuple[str, Text]]:
    if clause.is_cut_off:
        if clause.reason is None:
            yield "clause-unreasoned", _NO_REASON
    elif not tokens and clause.reason is None:
        yield "clause-unrealised", _UNREALISED
    elif tokens and clause.reason is not None:
        yield "clause-twofold", _TWOFOLD.format(found=str(next(iter(tokens))))


def _missing(
    clause: Clause, exists: Mapping[str, Callable[[Token], bool]], tests: Collection[str] | None
) -> Iterator[tuple[str, Text]]:
    for token in clause.named:
        if not exists[token.kind](token):
            yield "clause-names", _MISSING.format(found=str(token))
    for test in clause.tests:
        if tests is not None and test not in tests:
            yield "clause-test", _NO_TEST.format(found=test)


def _existing(
    world: World, figures: Collection[str], registers: Collection[str] | None
) -> Mapping[str, Callable[[Token], bool]]:
    def is_element(token: Token) -> bool:
        process, element = token.place
        return process in world.sheets and element in world.sheets[process].diagram.elements

    return {
        "element": is_element,
        "waiver": is_element,
        "process": lambda token: token.name in world.processes,
        "table": lambda token: token.name in world.decisions,
        "form": lambda token: token.name in world.forms,
        "figure": lambda token: token.name in figures,
        "message": lambda token: token.name in world.messages,
        "group": lambda token: token.name in world.groups,
        "register": lambda token: registers is None or token.name in registers,
        "feature": lambda token: token.name in FEATURES,
    }


_UNKNOWN = Text(
    zh="条款 {found} 不在 processes/clauses.csv 中; 请改正条款号, 或先登记该条款。",
    en="Expected a clause of processes/clauses.csv, found {found}, which there is not; correct it or register the clause.",
)
_NO_REASON = Text(
    zh="原文缺失的条款应写明理由(reason_zh、reason_en), 但没有; 请补写。",
    en="Expected a reason for a clause that is cut off in the source, found none; write it in both languages.",
)
_UNREALISED = Text(
    zh="没有任何节点、表单、指标或功能实现该条款, 也没有写明理由; 请在节点属性 clauses 或 realised_by 中注明, 或写理由。",
    en="Expected something that realises the clause, found nothing and no reason; name it in the property clauses of an "
    "element or in realised_by, or give the reason.",
)
_TWOFOLD = Text(
    zh="条款已由 {found} 实现, 不应再写“为何未实现”的理由; 请删除其一。",
    en="Expected either a realisation or the reason why there is none, found both ({found}); remove one.",
)
_MISSING = Text(
    zh="realised_by 中的 {found} 不存在; 请更正或添加。",
    en="Expected realised_by to name what exists, found {found}, which there is not; correct or add it.",
)
_NO_TEST = Text(
    zh="没有测试 {found}; 请更正。",
    en="Expected a test that exists, found {found}, which there is not; correct it.",
)
