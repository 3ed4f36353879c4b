"""What is wrong with a form that can be read: missing English, conditions and prefills that cannot work."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.bpmn.forms.form import Field, Form
from engine.bpmn.forms.reading import read_form
from engine.bpmn.pure import PURE
from engine.foundation.errors import Problem, ProblemsFound
from engine.foundation.text import Text


def check_source(content: bytes, *, file: str, groups: Collection[str] | None = None) -> list[Problem]:
    """Every fault of a form's file, whether it can be read or not; `groups` are those of the company."""
    try:
        return check_form(read_form(content, file=file), groups=groups)
    except ProblemsFound as found:
        return list(found.problems)


def check_form(form: Form, *, groups: Collection[str] | None = None) -> list[Problem]:
    """Every fault of a form that can be used; an empty list lets it be published."""
    problems = [*_titles(form), *_conditions(form), *_prefills(form), *_folded(form), *_untranslated(form)]
    if groups is not None:
        problems += _strange_groups(form, groups)
    return [Problem(form.file, element, rule, text) for element, rule, text in problems]


def _titles(form: Form) -> Iterator[tuple[str, str, Text]]:
    if not form.title.zh:
        yield "-", "form-title", _TITLE
    for field in form.fields:
        for part in (field, *field.columns):
            if part.title.zh == part.name:
                yield part.name, "form-title", _TITLE


def _conditions(form: Form) -> Iterator[tuple[str, str, Text]]:
    earlier: dict[str, Field] = {}
    for field in form.fields:
        for name, values in field.show_if.items():
            other = earlier.get(name)
            if other is None:
                yield field.name, "form-show-if", _ORDER.format(name=name)
            elif strange := _strange(other, values):
                yield field.name, "form-show-if", _VALUE.format(name=name, values=strange)
        earlier[field.name] = field


def _strange(field: Field, values: tuple[object, ...]) -> str:
    """The values that the other field can never have."""
    options = [choice.value for choice in field.choices]
    return ", ".join(str(value) for value in values if options and value not in options)


def _prefills(form: Form) -> Iterator[tuple[str, str, Text]]:
    for field in form.fields:
        calls = field.prefill.calls if field.prefill else frozenset()
        for name in sorted(calls - set(PURE)):
            yield field.name, "form-prefill", _CALL.format(name=name)


def _folded(form: Form) -> Iterator[tuple[str, str, Text]]:
    """Nobody looks for what must be answered behind a word."""
    asked = {field.name for field in form.fields if field.required}
    for rule in form.schema.get("allOf", ()):
        asked.update(name for key in ("then", "else") for name in rule.get(key, {}).get("required", ()))
    for field in form.fields:
        if field.folded and field.name in asked:
            yield field.name, "form-folded", _FOLDED


def _strange_groups(form: Form, groups: Collection[str]) -> Iterator[tuple[str, str, Text]]:
    for field in form.fields:
        for part in (field, *field.columns):
            if part.group is not None and part.group not in groups:
                yield part.name, "form-group", _GROUP.format(found=part.group)


def _untranslated(form: Form) -> Iterator[tuple[str, str, Text]]:
    for element in form.untranslated:
        yield element, "form-english", _ENGLISH


_TITLE = Text(zh="缺少标题; 请填写 title。", en="Expected a title, found none; fill in title.")
_ORDER = Text(
    zh="x-show-if 只能引用排在前面的字段, 实际引用了“{name}”。",
    en="Expected x-show-if to name an earlier field, found '{name}'; move or correct it.",
)
_VALUE = Text(
    zh="字段“{name}”永远不会是 {values}; 请改正 x-show-if。",
    en="The field '{name}' can never be {values}; correct x-show-if.",
)
_CALL = Text(
    zh="x-prefill 不得调用 {name}(); 只能使用案例数据。",
    en="Expected x-prefill to depend on the case data alone, found {name}(); remove the call.",
)
_FOLDED = Text(
    zh="x-folded 只用于选填字段; 请删除, 或取消必填。",
    en="Expected x-folded on an optional field, found it on one that is required; remove one of both.",
)
_GROUP = Text(
    zh="公司没有岗位组 {found}; 请改正 x-group。",
    en="Expected a group of the company, found {found}; correct x-group.",
)
_ENGLISH = Text(
    zh="缺少英文; 请添加 x-title-en、x-description-en 或 x-placeholder-en。",
    en="Expected English beside every text, found none; add x-title-en (x-description-en, ...).",
)
