"""What can be wrong with an entry of the definitions of figures, each fault in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from engine.foundation.figure_kinds import KINDS, MOMENTS, RATINGS, SECTIONS, UNITS
from engine.foundation.text import Text

UNCONFIRMED = Text(zh="待公司确认", en="to be confirmed by the company")

_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_CLAUSE = re.compile(r"R-[0-9]{3}\Z")


def faults_of(entry: Any, *, known: Collection[str]) -> Iterator[tuple[str, Text]]:
    """Each rule that an entry breaks, with the sentence; `known` are the ids before it."""
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


def is_answers(value: object) -> bool:
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
    "rating": lambda value: value in RATINGS,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
    "answers": is_answers,
    "choices": _choices,
    "facts": is_answers,
    "flag": lambda value: value is True,
}
_EXPECTED = {
    "words": Text(zh="词的列表", en="a list of words"),
    "elements": Text(zh="节点 id 的列表", en="a list of element ids"),
    "word": Text(zh="一个词", en="a word"),
    "moment": Text(zh="案例的一个时刻", en="a moment of a case"),
    "rating": Text(zh="客户自评的一项分数", en="a score that customers give"),
    "number": Text(zh="大于零的数", en="a number above zero"),
    "answers": Text(zh="[{element, field}] 的列表", en="a list of {element, field}"),
    "choices": Text(zh="[{element, field, values}] 的列表", en="a list of {element, field, values}"),
    "facts": Text(zh="[{element, field}] 的列表", en="a list of {element, field}"),
    "flag": Text(zh="true, 否则不写", en="true, or left out"),
}
_KEYS = {"id", "version", "section", "kind", "unit", "title", "definition", "parameters", "clauses"}
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
