"""The clause register: every clause of the written procedure in our own words, and what realises it.

`processes/clauses.csv` is a source file of the release. An element, process or figure that names a clause realises it
without an entry here; the register names whatever else does, the tests that show it, or why nothing can.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.diagram import Diagram
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.figures import FigureDefinition
from engine.foundation.text import Text

CLAUSES = "processes/clauses.csv"
COLUMNS = (
    "id",
    "document_zh",
    "document_en",
    "line",
    "zh",
    "en",
    "kind",
    "realised_by",
    "tests",
    "reason_zh",
    "reason_en",
)
CUT_OFF = "cut_off"
KINDS: Mapping[str, Text] = {
    "step": Text(zh="步骤", en="Step"),
    "decision": Text(zh="判断", en="Decision"),
    "escalation": Text(zh="升级", en="Escalation"),
    "notification": Text(zh="通知", en="Notification"),
    "limit": Text(zh="时限", en="Time limit"),
    "periodic": Text(zh="定期", en="Periodic"),
    "rule": Text(zh="规则", en="Rule"),
    "permission": Text(zh="权限", en="Permission"),
    "record": Text(zh="记录", en="Record"),
    "form": Text(zh="表单", en="Form"),
    "figure": Text(zh="指标", en="Figure"),
    "category": Text(zh="分类", en="Category"),
    "channel": Text(zh="渠道", en="Channel"),
    "role": Text(zh="角色", en="Role"),
    CUT_OFF: Text(zh="原文缺失", en="Cut off in the source"),
}
"""What sort of sentence a clause is."""
TOKENS = (
    "element",
    "process",
    "table",
    "form",
    "figure",
    "message",
    "group",
    "register",
    "feature",
    "waiver",
)
"""What may realise a clause; a `waiver` is an element that is passed only when the clause is waived."""

_ID = re.compile(r"R-[0-9]{3}\Z")
_TOKEN = re.compile(rf"({'|'.join(TOKENS)}):([a-z][a-z0-9_]*(?:/[a-z][a-z0-9_]*)?)\Z")
_TEST = re.compile(r"tests/[a-z_/]+\.py(?:::test_[a-z0-9_]+)?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """One thing that realises a clause, such as `form:triage`; elements are written `process/element`."""

    kind: str
    name: str

    @property
    def place(self) -> tuple[str, str]:
        """The process and the element of an element or waiver."""
        process, _, element = self.name.partition("/")
        return process, element

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of the written procedure; `lines` are the lines of the source that say it, the main one first."""

    id: str
    document: Text
    lines: tuple[int, ...]
    words: Text
    kind: str
    named: tuple[Token, ...]
    tests: tuple[str, ...]
    reason: Text | None

    @property
    def is_cut_off(self) -> bool:
        """Whether the entry only marks where the source breaks off."""
        return self.kind == CUT_OFF


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the procedure is realised."""

    total: int
    realised: int
    reasoned: int
    cut_off: int

    @property
    def text(self) -> Text:
        """The same as a sentence."""
        return _COVERAGE.format(
            done=self.realised + self.reasoned,
            total=self.total,
            realised=self.realised,
            reasoned=self.reasoned,
            cut_off=self.cut_off,
        )


def read_clauses(content: bytes, *, file: str = CLAUSES) -> dict[str, Clause]:
    """The clauses by id, in the source's order; raises ProblemsFound naming every fault of form."""
    problems: list[Problem] = []
    found: dict[str, Clause] = {}
    for row in _rows(content, file):
        faults = list(_faults(row, found))
        problems += (Problem(file, row["id"] or "-", "clause-form", text) for text in faults)
        if not faults:
            found[row["id"]] = _clause(row)
    if problems:
        raise ProblemsFound(problems)
    ordered = sorted(found.values(), key=lambda clause: (clause.lines[0], clause.id))
    return {clause.id: clause for clause in ordered}


def carried(
    diagrams: Iterable[Diagram], figures: Iterable[FigureDefinition]
) -> Mapping[str, tuple[Token, ...]]:
    """What names each clause by itself: processes and elements by their property, figures by their definition."""
    found: dict[str, list[Token]] = defaultdict(list)
    for diagram in diagrams:
        for clause in diagram.properties.get("clauses", "").split():
            found[clause].append(Token("process", diagram.process))
        for element in diagram.elements.values():
            for clause in element.clauses:
                found[clause].append(Token("element", f"{diagram.process}/{element.id}"))
    for figure in figures:
        for clause in figure.clauses:
            found[clause].append(Token("figure", figure.id))
    return {clause: tuple(tokens) for clause, tokens in found.items()}


def realised_by(clause: Clause, carriers: Mapping[str, tuple[Token, ...]]) -> tuple[Token, ...]:
    """All that realises a clause: what carries it, then what the register names besides."""
    return tuple(dict.fromkeys((*carriers.get(clause.id, ()), *clause.named)))


def coverage(clauses: Collection[Clause], carriers: Mapping[str, tuple[Token, ...]]) -> Coverage:
    """How many clauses are realised, reasoned, or only mark a gap of the source."""
    whole = [clause for clause in clauses if not clause.is_cut_off]
    realised = sum(bool(realised_by(clause, carriers)) for clause in whole)
    reasoned = sum(clause.reason is not None and not realised_by(clause, carriers) for clause in whole)
    return Coverage(len(whole), realised, reasoned, len(clauses) - len(whole))


def _rows(content: bytes, file: str) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = tuple(reader.fieldnames or ())
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ProblemsFound(
            [Problem(file, "-", "clauses-unreadable", _UNREADABLE.format(found=error))]
        ) from error
    if columns != COLUMNS or any(None in row or None in row.values() for row in rows):
        found = ",".join(columns)
        raise ProblemsFound([Problem(file, "-", "clauses-unreadable", _UNREADABLE.format(found=found))])
    return rows


def _faults(row: Mapping[str, str], known: Collection[str]) -> Iterator[Text]:
    if not _ID.match(row["id"]) or row["id"] in known:
        yield _WRONG_ID.format(found=row["id"])
    if any(not row[column].strip() for column in ("document_zh", "document_en", "zh", "en")):
        yield _NO_WORDS
    if not row["line"].split() or not all(line.isdecimal() for line in row["line"].split()):
        yield _WRONG_LINE.format(found=row["line"] or "-")
    if row["kind"] not in KINDS:
        yield _WRONG_KIND.format(found=row["kind"] or "-", known=", ".join(KINDS))
    for token in row["realised_by"].split():
        if not (match := _TOKEN.match(token)) or (match[1] in ("element", "waiver")) != ("/" in match[2]):
            yield _WRONG_TOKEN.format(found=token, known=", ".join(TOKENS))
    for test in row["tests"].split():
        if not _TEST.match(test):
            yield _WRONG_TEST.format(found=test)
    if bool(row["reason_zh"].strip()) != bool(row["reason_en"].strip()):
        yield _HALF_REASON


def _clause(row: Mapping[str, str]) -> Clause:
    reason = Text(zh=row["reason_zh"].strip(), en=row["reason_en"].strip())
    return Clause(
        id=row["id"],
        document=Text(zh=row["document_zh"], en=row["document_en"]),
        lines=tuple(int(line) for line in row["line"].split()),
        words=Text(zh=row["zh"], en=row["en"]),
        kind=row["kind"],
        named=tuple(Token(*token.split(":", 1)) for token in row["realised_by"].split()),
        tests=tuple(row["tests"].split()),
        reason=reason if reason.zh else None,
    )


_COVERAGE = Text(
    zh="{total} 条中 {done} 条已实现或说明理由(实现 {realised} 条, 说明理由 {reasoned} 条), 另有 {cut_off} 条原文缺失",
    en="{done} of {total} realised or reasoned ({realised} realised, {reasoned} reasoned), {cut_off} cut off",
)
_UNREADABLE = Text(
    zh="文件应为 UTF-8 的 CSV, 列为 " + ",".join(COLUMNS) + "; 实际为 {found}。请更正。",
    en="Expected CSV in UTF-8 with the columns " + ",".join(COLUMNS) + "; found {found}. Correct the file.",
)
_WRONG_ID = Text(
    zh="条款号应为 R-001 的形式且不重复, 实际为 {found}; 请更正。",
    en="Expected an id such as R-001 that occurs once, found {found}; correct it.",
)
_NO_WORDS = Text(
    zh="条款和出处应有中文和英文两种文字; 请补齐。",
    en="Expected the clause and its document in Chinese and English; fill them in.",
)
_WRONG_LINE = Text(
    zh="line 应为原文的行号(多个用空格分开), 实际为 {found}; 请更正。",
    en="Expected line numbers of the source, separated by spaces, found {found}; correct them.",
)
_WRONG_KIND = Text(
    zh="kind 应为下列之一: {known}; 实际为 {found}。请更正。",
    en="Expected the kind to be one of {known}; found {found}. Correct it.",
)
_WRONG_TOKEN = Text(
    zh="realised_by 应为 form:triage 或 element:流程/节点 的形式, 种类为 {known}; 实际为 {found}。请更正。",
    en="Expected realised_by to read like form:triage or element:process/element, of the kinds {known}; found {found}. "
    "Correct it.",
)
_WRONG_TEST = Text(
    zh="tests 应为 tests/…/test_x.py 或 tests/…/test_x.py::test_y, 实际为 {found}; 请更正。",
    en="Expected a test such as tests/…/test_x.py::test_y, found {found}; correct it.",
)
_HALF_REASON = Text(
    zh="理由应有中文和英文两种文字; 请补齐 reason_zh 和 reason_en。",
    en="Expected the reason in Chinese and English; fill in reason_zh and reason_en.",
)
