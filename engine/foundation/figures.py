"""What a figure is: an entry of `processes/figures.json`, a source file that is published with each release.

An entry names its way of calculation (`kind`) and gives it parameters; a change of either needs a new `version`, so
that a published figure always says by which definition it was made. Whatever the company has not fixed is a
parameter, and the definition in words says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

FIGURES = "processes/figures.json"
UNCONFIRMED = Text(zh="待公司确认", en="to be confirmed by the company")

UNITS = frozenset({"percent", "count", "minutes", "days", "score"})
SECTIONS: dict[str, Text] = {
    "promises": Text(zh="时限与修复", en="Limits and repair"),
    "faults": Text(zh="故障", en="Faults"),
    "customers": Text(zh="客户", en="Customers"),
    "equipment": Text(zh="设备与系统", en="Devices and systems"),
    "people": Text(zh="人员与协作", en="People and co-operation"),
}
"""The parts of a report, in their order."""

MOMENTS = frozenset(
    {
        "received_at",
        "opened_at",
        "dispatched_at",
        "accepted_at",
        "first_contact_at",
        "arrived_at",
        "restored_at",
        "resolved_at",
        "confirmed_at",
        "closed_at",
        "followed_up_at",
        "ended_at",
    }
)
"""Moments of a case between which time may be measured."""

KINDS: dict[str, dict[str, str]] = {
    "timely_repair": {
        "kinds": "words",
        "limit": "word",
        "intercepted_links": "words",
        "manufacturer": "choices",
        "uncovered": "words",
        "cancelled": "words",
        "withdrawn": "elements",
    },
    "interval": {
        "kinds": "words",
        "from": "moment",
        "to": "moment",
        "limit": "word?",
        "overdue": "elements?",
        "target_minutes": "number?",
    },
    "first_time_fix": {"kinds": "words", "tests": "elements"},
    "repeats": {"kinds": "words", "cause": "answers", "days": "number"},
    "faults": {"kinds": "words", "type": "answers"},
    "severe": {"kinds": "words", "severities": "words"},
    "accidents": {"kinds": "words", "severities": "words", "impacts": "words"},
    "flagged": {"incident": "answers", "impact": "word"},
    "reports": {"kinds": "words"},
    "complaints": {"kinds": "words", "months": "number"},
    "score": {"answers": "answers", "scale": "number", "rated": "facts?"},
    "share": {"of": "choices", "among": "choices?", "ever": "flag?"},
    "intact": {"kinds": "words", "statuses": "words"},
    "availability": {"kinds": "words", "statuses": "words", "severities": "words"},
    "readings": {"answers": "answers"},
    "workload": {"minutes": "word"},
    "turnaround": {
        "sent": "answers",
        "received": "answers",
        "supplier": "word",
        "overdue": "elements",
    },
}
"""The ways of calculation and the parameters that each takes; `?` marks those that may be left out."""

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_CLAUSE = re.compile(r"R-[0-9]{3}\Z")


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """One figure as a release defines it; `clauses` are ids of the written procedure, such as R-111."""

    id: str
    version: int
    section: str
    kind: str
    unit: str
    title: Text
    definition: Text
    parameters: Mapping[str, Any]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a parameter looks: an element of a diagram and, unless any passage counts, a field of its form."""

    element: str
    field: str | None = None
    values: tuple[object, ...] = ()
    column: str | None = None


def read_figures(content: bytes, *, file: str = FIGURES) -> dict[str, FigureDefinition]:
    """The definitions by id, in the order of the file; raises ProblemsFound naming every fault of form."""
    problems: list[Problem] = []
    found: dict[str, FigureDefinition] = {}
    for number, entry in enumerate(_entries(content, file), start=1):
        name = entry.get("id") if isinstance(entry, dict) else None
        faults = list(_faults(entry, known=found))
        problems += (Problem(file, str(name or f"#{number}"), rule, text) for rule, text in faults)
        if not faults:
            found[entry["id"]] = _definition(entry)
    if problems:
        raise ProblemsFound(problems)
    return found


def sources_of(definition: FigureDefinition) -> Iterator[Source]:
    """Every element and field that a definition reads, for the check against the diagrams and forms."""
    for name, kind in KINDS[definition.kind].items():
        value = definition.parameters.get(name)
        if value is None:
            continue
        if kind.startswith("elements"):
            yield from (Source(element) for element in value)
        elif kind.startswith(("answers", "choices")):
            yield from (_source(v) for v in value)
        elif kind.startswith("facts"):
            yield from (Source(v["element"]) for v in value)


def kind_of_case(content: bytes) -> Source | None:
    """Where a case says of which kind it is, when not by its process: the file's own key of that name."""
    named = json.loads(content).get("kind_of_case")
    return None if named is None else _source(named)


def _source(named: Mapping[str, Any]) -> Source:
    return Source(named["element"], named["field"], tuple(named.get("values", ())), named.get("column"))


def _entries(content: bytes, file: str) -> list[Any]:
    try:
        written = json.loads(content)
        entries, kind = written["figures"], written.get("kind_of_case")
    except (ValueError, KeyError, TypeError) as error:
        raise ProblemsFound(
            [Problem(file, "-", "figures-unreadable", _UNREADABLE.format(found=repr(error)))]
        ) from error
    if not isinstance(entries, list) or not (kind is None or _answers([kind])):
        raise ProblemsFound(
            [Problem(file, "-", "figures-unreadable", _UNREADABLE.format(found=type(entries).__name__))]
        )
    return entries


def _definition(entry: Mapping[str, Any]) -> FigureDefinition:
    return FigureDefinition(
        id=entry["id"],
        version=entry["version"],
        section=entry["section"],
        kind=entry["kind"],
        unit=entry["unit"],
        title=Text(**entry["title"]),
        definition=Text(**entry["definition"]),
        parameters=entry["parameters"],
        clauses=tuple(entry["clauses"]),
    )


def _faults(entry: Any, *, known: Mapping[str, FigureDefinition]) -> Iterator[tuple[str, Text]]:
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        found = ", ".join(sorted(entry)) if isinstance(entry, dict) else type(entry).__name__
        yield "figure-keys", _WRONG_KEYS.format(expected=", ".join(sorted(_KEYS)), found=found)
        return
    if not isinstance(entry["id"], str) or not _ID.match(entry["id"]) or entry["id"] in known:
        yield "figure-id", _WRONG_ID.format(found=entry["id"])
    if not isinstance(entry["version"], int) or isinstance(entry["version"], bool) or entry["version"] < 1:
        yield "figure-version", _WRONG_VERSION.format(found=entry["version"])
    for key, allowed in (("section", SECTIONS), ("unit", UNITS), ("kind", KINDS)):
        if entry[key] not in allowed:
            yield (
                f"figure-{key}",
                _WRONG_WORD.format(key=key, expected=", ".join(sorted(allowed)), found=entry[key]),
            )
    yield from _faults_of_words(entry)
    if not isinstance(entry["clauses"], list) or not all(
        _CLAUSE.match(str(c)) for c in entry["clauses"] or [""]
    ):
        yield "figure-clauses", _WRONG_CLAUSES.format(found=entry["clauses"])
    if entry["kind"] in KINDS:
        yield from _faults_of_parameters(entry["parameters"], KINDS[entry["kind"]])


def _faults_of_words(entry: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    for key in ("title", "definition"):
        words = entry[key]
        if (
            not isinstance(words, dict)
            or set(words) != {"zh", "en"}
            or not all(_said(w) for w in words.values())
        ):
            yield "figure-words", _WRONG_WORDS.format(key=key)
            return
    said = entry["definition"]
    if entry["parameters"] and not (UNCONFIRMED.zh in said["zh"] and UNCONFIRMED.en in said["en"]):
        yield "figure-confirmed", _CONFIRM


def _faults_of_parameters(given: Any, allowed: Mapping[str, str]) -> Iterator[tuple[str, Text]]:
    needed = {name for name, kind in allowed.items() if not kind.endswith("?")}
    if not isinstance(given, dict) or not needed <= set(given) <= set(allowed):
        found = ", ".join(sorted(given)) if isinstance(given, dict) else type(given).__name__
        yield "figure-parameters", _WRONG_PARAMETERS.format(expected=", ".join(allowed), found=found)
        return
    for name, value in given.items():
        kind = allowed[name].rstrip("?")
        if not _TYPES[kind](value):
            yield "figure-parameters", _WRONG_VALUE.format(name=name, expected=_EXPECTED[kind], found=value)


def _said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _words(value: object) -> bool:
    return isinstance(value, list) and all(_said(word) for word in value)


def _answers(value: object) -> bool:
    """A table's column may be named beside the field."""
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        return False
    plain = [{key: word for key, word in v.items() if key != "column"} for v in value]
    return _list_of_dicts(plain, {"element", "field"})


def _choices(value: object) -> bool:
    return _list_of_dicts(value, {"element", "field", "values"}) and all(
        isinstance(v["values"], list) and v["values"]
        for v in value  # type: ignore[attr-defined]
    )


def _list_of_dicts(value: object, keys: set[str]) -> bool:
    return isinstance(value, list) and all(
        isinstance(v, dict) and set(v) == keys and _said(v["element"]) and _said(v["field"]) for v in value
    )


_TYPES: dict[str, Callable[[Any], bool]] = {
    "words": _words,
    "elements": _words,
    "word": _said,
    "moment": lambda value: value in MOMENTS,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
    "answers": _answers,
    "choices": _choices,
    "facts": _answers,
    "flag": lambda value: value is True,
}
_EXPECTED = {
    "words": Text(zh="词的列表", en="a list of words"),
    "elements": Text(zh="节点 id 的列表", en="a list of element ids"),
    "word": Text(zh="一个词", en="a word"),
    "moment": Text(zh="案例的一个时刻", en="a moment of a case"),
    "number": Text(zh="大于零的数", en="a number above zero"),
    "answers": Text(zh="[{element, field}] 的列表", en="a list of {element, field}"),
    "choices": Text(zh="[{element, field, values}] 的列表", en="a list of {element, field, values}"),
    "facts": Text(zh="[{element, field}] 的列表", en="a list of {element, field}"),
    "flag": Text(zh="true, 否则不写", en="true, or left out"),
}
_KEYS = {"id", "version", "section", "kind", "unit", "title", "definition", "parameters", "clauses"}
_UNREADABLE = Text(
    zh='文件应为 {{"figures": [...]}} 形式的 JSON, 但读到 {found}; 请更正。',
    en='Expected JSON of the form {{"figures": [...]}}, found {found}; correct the file.',
)
_WRONG_KEYS = Text(
    zh="每项指标应恰有这些键: {expected}; 实际为 {found}。请补齐或删除。",
    en="Expected exactly these keys: {expected}; found {found}. Add or remove keys.",
)
_WRONG_ID = Text(
    zh="指标 id 应由小写字母、数字和下划线组成且不重复, 实际为 {found}; 请改名。",
    en="Expected an id of small letters, digits and underscores that occurs once, found {found}; rename it.",
)
_WRONG_VERSION = Text(
    zh="版本应为从 1 开始的整数, 实际为 {found}; 定义每改一次加一。",
    en="Expected a version counted from 1, found {found}; raise it by one whenever the definition changes.",
)
_WRONG_WORD = Text(
    zh="{key} 应为下列之一: {expected}; 实际为 {found}。请更正。",
    en="Expected {key} to be one of {expected}; found {found}. Correct it.",
)
_WRONG_WORDS = Text(
    zh="{key} 应有中文和英文两种文字; 请补齐 zh 和 en。",
    en="Expected {key} in Chinese and English; fill in zh and en.",
)
_WRONG_CLAUSES = Text(
    zh="clauses 应为 R-111 形式的条款号列表且不为空, 实际为 {found}; 请更正。",
    en="Expected clauses to list ids such as R-111, at least one; found {found}. Correct it.",
)
_WRONG_PARAMETERS = Text(
    zh="参数应为: {expected}; 实际为 {found}。请更正。",
    en="Expected the parameters {expected}; found {found}. Correct them.",
)
_WRONG_VALUE = Text(
    zh="参数 {name} 应为{expected}, 实际为 {found}; 请更正。",
    en="Expected the parameter {name} to be {expected}, found {found}; correct it.",
)
_CONFIRM = Text(
    zh="有参数的指标, 其定义应写明哪些“待公司确认”, 英文写 to be confirmed by the company; 请补写。",
    en="Expected the definition of a figure with parameters to say what is 待公司确认 / to be confirmed by the company; add it.",
)
