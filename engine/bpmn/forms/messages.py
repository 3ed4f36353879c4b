"""What a person reads about a wrong answer: the field by its title, what is expected, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from jsonschema.exceptions import ValidationError

from engine.foundation.text import Text

if TYPE_CHECKING:
    from engine.bpmn.forms.form import Field

INCONSISTENT = Text(
    zh="答案互相矛盾; 请检查后重新提交。",
    en="The answers contradict each other; check them and submit again.",
)


_FILL_IN = Text(zh="请填写“{title}”。", en="{title}: fill this in.")
_PICK = Text(zh="请选择“{title}”。", en="{title}: choose one.")
_ANSWER = Text(zh="请回答“{title}”。", en="{title} Please answer.")


def unknown(key: str) -> Text:
    """A key that the form does not have."""
    return Text(
        zh="表单中没有“{key}”这一项; 请刷新页面后重试。",
        en="The form has no field '{key}'; reload the page and try again.",
    ).format(key=key[:60])


def missing(field: Field, title: Text | None = None) -> Text:
    """What has to be filled in, chosen or answered; `title` says where, when that is more than the field's own."""
    asks = field.title.en.endswith("?")
    sentence = _ANSWER if asks else _PICK if field.choices else _FILL_IN
    return sentence.format(title=title or field.title)


def unsuitable(title: Text) -> Text:
    """An answer that cannot be stored at all."""
    return _UNSUITABLE.format(title=title)


def explain(title: Text, error: ValidationError) -> Text:
    """The sentence for an error about the field of that title."""
    return _sentence(error).format(title=title, limit=_limit(error.validator_value))


def in_table(table: Field, error: ValidationError, path: Sequence[Any]) -> tuple[str, Text]:
    """The place and the sentence for an error in a table; `path` is the row and, if known, the column."""
    place = Text(zh="{title}第 {n} 行", en="{title} row {n}").format(title=table.title, n=path[0] + 1)
    column = next((one for one in table.columns if list(path[1:2]) == [one.name]), None)
    if error.validator == "required":
        column = _absent(table, error)
    if column is None:
        return table.name, explain(place, error)
    title = _at(place, column.title)
    text = missing(column, title) if error.validator == "required" else explain(title, error)
    return f"{table.name}.{path[0]}.{column.name}", text


def _absent(table: Field, error: ValidationError) -> Field:
    """The column that this error misses: jsonschema reports each in turn, by name in its message alone."""
    wanted, given = cast(list[str], error.validator_value), cast(dict[str, object], error.instance)
    absent = [one for one in table.columns if one.name in wanted and one.name not in given]
    return next((one for one in absent if error.message.startswith(repr(one.name))), absent[0])


def _at(place: Text, title: Text) -> Text:
    return Text(zh="{place}: {title}", en="{place}: {title}").format(place=place, title=title)


def _limit(value: object) -> object:
    return value if isinstance(value, (int, float)) else ""


def _sentence(error: ValidationError) -> Text:
    key = str(error.validator)
    if key in ("type", "format"):
        key = str(error.validator_value)
    return _SENTENCES.get(key, _UNSUITABLE)


_UNSUITABLE = Text(zh="“{title}”的内容不符合要求。", en="{title}: this answer is not allowed here.")
_CHOOSE = Text(zh="请为“{title}”选择列出的选项。", en="{title}: choose one of the options listed.")
_SENTENCES = {
    "integer": Text(zh="“{title}”应为整数, 例如 3。", en="{title}: enter a whole number such as 3."),
    "number": Text(zh="“{title}”应为数字, 例如 2.5。", en="{title}: enter a number such as 2.5."),
    "boolean": Text(zh="请为“{title}”选择是或否。", en="{title}: choose yes or no."),
    "string": Text(zh="“{title}”应为文字。", en="{title}: enter a text."),
    "array": Text(zh="“{title}”应为列表。", en="{title}: enter a list."),
    "object": Text(zh="“{title}”应为表格的一行。", en="{title}: enter a row of the table."),
    "date": Text(
        zh="“{title}”应为存在的日期, 例如 2026-01-31。", en="{title}: enter a date such as 2026-01-31."
    ),
    "date-time": Text(
        zh="“{title}”应为日期和时间, 例如 2026-01-31 09:30。",
        en="{title}: enter a date and time such as 2026-01-31 09:30.",
    ),
    "oneOf": _CHOOSE,
    "const": Text(zh="请先确认“{title}”。", en="{title}: confirm this before you go on."),
    "enum": _CHOOSE,
    "minimum": Text(zh="“{title}”不能小于 {limit}。", en="{title}: enter {limit} or more."),
    "maximum": Text(zh="“{title}”不能大于 {limit}。", en="{title}: enter {limit} or less."),
    "exclusiveMinimum": Text(zh="“{title}”应大于 {limit}。", en="{title}: enter more than {limit}."),
    "exclusiveMaximum": Text(zh="“{title}”应小于 {limit}。", en="{title}: enter less than {limit}."),
    "multipleOf": Text(zh="“{title}”应为 {limit} 的倍数。", en="{title}: enter a multiple of {limit}."),
    "minLength": Text(
        zh="“{title}”至少需要 {limit} 个字。", en="{title}: enter at least {limit} characters."
    ),
    "maxLength": Text(zh="“{title}”最多 {limit} 个字。", en="{title}: enter at most {limit} characters."),
    "pattern": Text(zh="“{title}”的格式不正确。", en="{title}: the format is not right."),
    "minItems": Text(zh="“{title}”至少需要 {limit} 项。", en="{title}: enter at least {limit} entries."),
    "maxItems": Text(zh="“{title}”最多 {limit} 项。", en="{title}: enter at most {limit} entries."),
    "uniqueItems": Text(zh="“{title}”中有重复项。", en="{title}: the same entry occurs twice."),
    "additionalProperties": Text(
        zh="“{title}”中有表单没有的列; 请刷新页面后重试。",
        en="{title}: there is a column that the form does not have; reload the page and try again.",
    ),
}
