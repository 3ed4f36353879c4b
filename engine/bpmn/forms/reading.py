"""From a JSON Schema file to a form; every fault that prevents showing or checking it is listed at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, NoReturn, cast

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from engine.bpmn.expressions import Expression, ExpressionError, parse_expression
from engine.bpmn.forms import vocabulary
from engine.bpmn.forms.form import RESERVED, Choice, Field, Form
from engine.bpmn.forms.limits import limited, limits
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text

LARGEST = 100_000
"""Bytes that a form may have."""
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@lru_cache(maxsize=1024)
def read_form(content: bytes, *, file: str) -> Form:
    """The form of a file; its id is the file's name.

    Raises ProblemsFound with every fault that prevents using it: no JSON, keywords outside the vocabulary,
    wrong types, broken expressions, conditions on fields that the form lacks. `check_form` tells the rest.
    """
    reader = _Reader(file)
    form = reader.read(_loaded(content, file))
    if reader.problems:
        raise ProblemsFound(reader.problems)
    return form


def _loaded(content: bytes, file: str) -> dict[str, Any]:
    try:
        if len(content) > LARGEST:
            raise ValueError(f"{len(content)} > {LARGEST} bytes")
        loaded = json.loads(content, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
        if not isinstance(loaded, dict):
            raise ValueError("no JSON object")
        # The words that a form may use mean the same in draft 7, whose own schema is checked five times faster.
        Draft7Validator.check_schema({word: part for word, part in loaded.items() if word != "$schema"})
    except SchemaError as error:
        raise _unreadable(file, f"{error.json_path}: {error.message[:200]}") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, str(error)) from error
    return loaded


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a key occurs twice among {', '.join(names)}"[:200])
    return dict(pairs)


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _unreadable(file: str, reason: str) -> ProblemsFound:
    return ProblemsFound([Problem(file, "-", "form-unreadable", _UNREADABLE.format(reason=reason))])


class _Reader:
    """Reads on after a fault, so that the owner sees all of them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.untranslated: list[str] = []

    def read(self, schema: dict[str, Any]) -> Form:
        self._keywords("-", schema, vocabulary.FORM)
        if schema.get("type") != "object":
            self._problem("-", "form-type", _OBJECT)
        properties = cast(Mapping[str, Any], schema.get("properties", {}))
        required = frozenset(cast(list[str], schema.get("required", [])))
        self._known("-", required - set(properties))
        fields = tuple(self._field(name, part, name in required) for name, part in properties.items())
        for place, part in enumerate(schema.get("allOf", [])):
            self._condition(f"allOf[{place}]", part, set(properties))
        return Form(
            file=self.file,
            id=PurePosixPath(self.file).stem,
            title=self._text("-", schema, "title") or Text(zh="", en=""),
            description=self._text("-", schema, "description"),
            fields=fields,
            schema={**schema, "properties": {name: limited(part) for name, part in properties.items()}},
            untranslated=tuple(self.untranslated),
        )

    def _field(self, name: str, part: Any, required: bool, *, column: bool = False) -> Field:
        if not _NAME.fullmatch(name) or name in RESERVED:
            self._problem(name, "form-name", _BAD_NAME.format(name=name))
        if not isinstance(part, dict):
            self._problem(name, "form-type", _FIELD_OBJECT)
            part = {}
        self._keywords(name, part, vocabulary.COLUMN if column else vocabulary.FIELD)
        items = part.get("items") if isinstance(part.get("items"), dict) else {}
        choices = self._choices(name, part.get("oneOf", items.get("oneOf", [])))
        type_ = self._type(name, part, items, column=column)
        title = self._text(name, part, "title")
        return Field(
            name=name,
            title=title or Text(zh=name, en=name),
            description=self._text(name, part, "description"),
            type=type_,
            format=part.get("format"),
            widget=self._widget(name, part, items, type_, choices),
            choices=choices or (_YES_NO if type_ == "boolean" else ()),
            required=required,
            show_if=self._show_if(name, part),
            columns=self._columns(name, items),
            prefill=self._prefill(name, part),
            placeholder=self._text(name, part, "x-placeholder"),
            group=self._group(name, part),
            folded=part.get("x-folded") is True,
            **limits(part, type_),
        )

    def _type(self, name: str, part: Mapping[str, Any], items: Mapping[str, Any], *, column: bool) -> str:
        found = part.get("type")
        allowed = vocabulary.COLUMN_TYPES if column else vocabulary.TYPES
        if found not in allowed:
            self._problem(name, "form-type", _TYPE.format(allowed=", ".join(allowed), found=found))
            return "string"
        if found == "array" and items.get("type") != "object" and not items.get("oneOf"):
            self._problem(name, "form-type", _ITEMS)
        if part.get("format") not in vocabulary.FORMATS or ("format" in part and found != "string"):
            self._problem(name, "form-format", _FORMAT.format(found=part.get("format")))
        return str(found)

    def _columns(self, name: str, items: Mapping[str, Any]) -> tuple[Field, ...]:
        if items.get("type") != "object":
            return ()
        self._keywords(name, items, vocabulary.ROW)
        properties = cast(Mapping[str, Any], items.get("properties", {}))
        required = frozenset(cast(list[str], items.get("required", [])))
        self._known(name, required - set(properties))
        if not properties:
            self._problem(name, "form-type", _NO_COLUMNS)
        return tuple(self._field(key, part, key in required, column=True) for key, part in properties.items())

    def _choices(self, name: str, options: Any) -> tuple[Choice, ...]:
        found: list[Choice] = []
        for option in options:
            self._keywords(name, option, vocabulary.OPTION)
            title = self._text(name, option, "title")
            if "const" not in option or title is None or isinstance(option["const"], (dict, list)):
                self._problem(name, "form-choice", _CHOICE)
            else:
                found.append(Choice(option["const"], title))
        return tuple(found)

    def _widget(
        self,
        name: str,
        part: Mapping[str, Any],
        items: Mapping[str, Any],
        type_: str,
        choices: tuple[Choice, ...],
    ) -> str:
        sort = vocabulary.sort_of(type_, part.get("format"), items.get("type"), bool(choices))
        fitting = vocabulary.WIDGETS[sort]
        widget = part.get("x-widget", vocabulary.preferred(sort, len(choices)))
        if widget not in fitting:
            self._problem(name, "form-widget", _WIDGET.format(allowed=", ".join(fitting), found=widget))
        return str(widget)

    def _group(self, name: str, part: Mapping[str, Any]) -> str | None:
        group = part.get("x-group")
        if group is not None and (part.get("x-widget") != "person" or not isinstance(group, str)):
            self._problem(name, "form-group", _GROUP)
            return None
        return group

    def _show_if(self, name: str, part: Mapping[str, Any]) -> dict[str, tuple[object, ...]]:
        conditions = part.get("x-show-if", {})
        if not isinstance(conditions, dict) or not all(isinstance(v, list) for v in conditions.values()):
            self._problem(name, "form-show-if", _SHOW_IF)
            return {}
        return {other: tuple(values) for other, values in conditions.items()}

    def _prefill(self, name: str, part: Mapping[str, Any]) -> Expression | None:
        if "x-prefill" not in part:
            return None
        try:
            return parse_expression(str(part["x-prefill"]))
        except ExpressionError as error:
            self._problem(name, "form-prefill", error.text)
            return None

    def _condition(self, place: str, part: Any, names: set[str]) -> None:
        """A schema under `allOf` may say something about fields of the form and nothing else."""
        if not isinstance(part, dict):
            return
        self._keywords(place, part, vocabulary.CONDITION)
        self._known(place, {*part.get("required", []), *part.get("properties", {})} - names)
        for value in part.get("properties", {}).values():
            if isinstance(value, dict):
                self._keywords(place, value, vocabulary.CONDITION_VALUE)
        for inner in _inner(part):
            self._condition(place, inner, names)

    def _known(self, place: str, strangers: set[str] | frozenset[str]) -> None:
        for name in sorted(strangers):
            self._problem(place, "form-unknown-field", _UNKNOWN.format(name=name))

    def _keywords(self, place: str, part: Mapping[str, Any], allowed: frozenset[str]) -> None:
        for word in sorted(set(part) - allowed):
            self._problem(
                place, "form-keyword", _KEYWORD.format(word=word, allowed=", ".join(sorted(allowed)))
            )

    def _text(self, place: str, part: Mapping[str, Any], key: str) -> Text | None:
        """A text with its English; without one the base stands in and the place is noted."""
        base = str(part.get(key, "")).strip()
        english = str(part.get(f"{key}-en" if key.startswith("x-") else f"x-{key}-en", "")).strip()
        if base and not english:
            self.untranslated.append(place)
        return Text(zh=base, en=english or base) if base else None

    def _problem(self, element: str, rule: str, text: Text) -> None:
        self.problems.append(Problem(file=self.file, element=element, rule=rule, text=text))


def _inner(part: Mapping[str, Any]) -> Iterator[Any]:
    for key in ("if", "then", "else", "not"):
        if key in part:
            yield part[key]
    for key in ("allOf", "anyOf"):
        yield from part.get(key, [])


_YES_NO = (Choice(True, Text(zh="是", en="Yes")), Choice(False, Text(zh="否", en="No")))
_UNREADABLE = Text(
    zh="应为 JSON Schema 2020-12 的表单, 实际有误({reason}); 请改正文件。",
    en="Expected a form in JSON Schema 2020-12, found a fault ({reason}); correct the file.",
)
_OBJECT = Text(zh="表单的 type 应为 object。", en="Expected the type object for the form; set it.")
_FIELD_OBJECT = Text(zh="字段的定义应为对象。", en="Expected an object that defines the field; write one.")
_BAD_NAME = Text(
    zh="字段名应为小写英文、数字和单个下划线, 且不为 typename, 实际为“{name}”。",
    en="Expected a field name in snake_case other than typename, found '{name}'; rename it.",
)
_TYPE = Text(
    zh="类型应为 {allowed}, 实际为 {found}。", en="Expected one of the types {allowed}, found {found}."
)
_ITEMS = Text(
    zh="列表的 items 应为 object(表格)或带 oneOf 的 string(多选)。",
    en="Expected items of the type object (a table) or string with oneOf (several choices); set their type.",
)
_FORMAT = Text(
    zh="format 只能为 date 或 date-time, 且类型为 string, 实际为 {found}。",
    en="Expected the format date or date-time of a string, found {found}.",
)
_NO_COLUMNS = Text(
    zh="表格没有列。", en="Expected at least one column in the table; add properties to its items."
)
_CHOICE = Text(
    zh='选项应写作 {{"const": …, "title": …, "x-title-en": …}}。',
    en='Expected choices as {{"const": ..., "title": ..., "x-title-en": ...}}; complete them.',
)
_WIDGET = Text(
    zh="此类字段的 x-widget 应为 {allowed}, 实际为 {found}。",
    en="Expected one of the widgets {allowed} for this field, found {found}.",
)
_GROUP = Text(
    zh="x-group 应为岗位组, 且只用于 x-widget 为 person 的字段。",
    en="Expected x-group to name a group, on a field whose x-widget is person; correct or remove it.",
)
_SHOW_IF = Text(
    zh='x-show-if 应写作 {{"字段": ["值", …]}}。',
    en='Expected x-show-if as {{"field": ["value", ...]}}; rewrite it.',
)
_UNKNOWN = Text(
    zh="没有名为“{name}”的字段。", en="Expected a field of the form, found '{name}'; correct the name."
)
_KEYWORD = Text(
    zh="不支持关键字 {word}; 可用: {allowed}。", en="The keyword {word} is not supported here; use {allowed}."
)
