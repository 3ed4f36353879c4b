"""A form: the fields that a page draws, and the check of what a person filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import Any, NamedTuple, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.bpmn.expressions import Expression, ExpressionError
from engine.bpmn.forms import messages
from engine.bpmn.forms.coercion import FORMATS, coerced, filled_rows, table_cells
from engine.bpmn.pure import CHINA
from engine.bpmn.values import Refusal, copied
from engine.foundation.errors import InvalidAnswers
from engine.foundation.text import Text

RESERVED = ("typename",)


class Choice(NamedTuple):
    """One option: the value that is stored and the words that are read."""

    value: Any
    title: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field, or one column of a table.

    `type` is string, integer, number, boolean or array; `widget` is text, textarea, number, radio, select,
    checkbox, date, datetime, table, person or signature. `required` holds while the field is shown; `show_if`
    maps other fields to the values with which this one is shown. `step` is what an HTML number field takes. `group`
    is the group to which the person must belong whom a person field names. `folded` fields lie together behind a
    word, until one of them is filled in or wrong.
    """

    name: str
    title: Text
    description: Text | None
    type: str
    format: str | None
    widget: str
    choices: tuple[Choice, ...] = ()
    required: bool = False
    show_if: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    columns: tuple[Field, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    prefill: Expression | None = None
    placeholder: Text | None = None
    group: str | None = None
    folded: bool = False

    @property
    def multiple(self) -> bool:
        """Whether several choices may be taken."""
        return self.type == "array" and not self.columns

    def shown_with(self, answers: Mapping[str, object]) -> bool:
        """Whether the field is shown when the other fields are answered so."""
        return all(_meets(answers.get(name), values) for name, values in self.show_if.items())


def _meets(answer: object, values: tuple[object, ...]) -> bool:
    given = answer if isinstance(answer, list) else [answer]
    return any(type(one) is type(value) and one == value for one in given for value in values)


@dataclass(frozen=True)
class Form:
    """A form that was read; `schema` is JSON Schema 2020-12 with the default size limits filled in."""

    file: str
    id: str
    title: Text
    description: Text | None
    fields: tuple[Field, ...]
    schema: Mapping[str, Any] = field(repr=False)
    untranslated: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return self._by_name.get(name)

    def check(self, raw: Mapping[str, object], *, zone: tzinfo = CHINA) -> dict[str, Any]:
        """The answers as JSON: texts of an HTML form coerced, blank and hidden fields dropped, all validated.

        Tables come as lists of records or as keys `field__0__column` or `field.0.column`; moments without an
        offset are in `zone`. Raises InvalidAnswers with a sentence per field, in the order of the form; what is
        wrong in a table stands under `field.row.column`, the row counted from 0 as it was sent.
        """
        errors = {key: messages.unknown(key) for key in raw if not self._knows(key)}
        answers = self._visible(raw, zone, errors)
        places = {one.name: filled_rows(one, raw, zone) for one in self.fields if one.columns}
        for error in self._validator.iter_errors(answers):
            for name, text in self._complaints(error, answers, places):
                errors.setdefault(name, text)
        if errors:
            raise InvalidAnswers({name: errors[name] for name in sorted(errors, key=self._position)})
        return answers

    def prefilled(
        self,
        data: Mapping[str, object],
        *,
        element: str,
        functions: Mapping[str, Callable[..., object]] | None = None,
    ) -> dict[str, object]:
        """What the fields show at first: `x-prefill` over the case's data, else the element's last answers."""
        last = data.get(element)
        earlier: Mapping[str, object] = last if isinstance(last, dict) else {}
        values = {one.name: _first_value(one, data, earlier, functions or {}) for one in self.fields}
        return {name: value for name, value in values.items() if value is not None}

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {one.name: one for one in self.fields}

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.schema, format_checker=FORMATS)

    def _knows(self, key: str) -> bool:
        if key in RESERVED or key.startswith("_"):
            return False
        cell = table_cells(key)
        if cell is None:
            return key in self._by_name
        table = self._by_name.get(cell.field)
        return table is not None and any(column.name == cell.column for column in table.columns)

    def _visible(self, raw: Mapping[str, object], zone: tzinfo, errors: dict[str, Text]) -> dict[str, Any]:
        """A field may depend only on earlier ones, so one pass in their order is enough."""
        answers: dict[str, Any] = {}
        for one in self.fields:
            try:
                value = copied(coerced(one, raw, zone)) if one.shown_with(answers) else None
            except Refusal:
                errors[one.name] = messages.unsuitable(one.title)
            else:
                answers |= {} if value is None else {one.name: value}
        return answers

    def _complaints(
        self,
        error: ValidationError,
        answers: Mapping[str, object],
        places: Mapping[str, Sequence[tuple[int, object]]],
    ) -> list[tuple[str, Text]]:
        """The fields that an error is about, with their sentences; hidden fields need not be filled in."""
        path = list(error.absolute_path)
        if error.validator == "required" and not path:
            wanted = cast(list[str], error.validator_value)
            missing = [self._by_name[name] for name in wanted if name not in answers]
            return [(one.name, messages.missing(one)) for one in missing if one.shown_with(answers)]
        one = self._by_name.get(str(path[0])) if path else None
        if one is None:
            return [("", messages.INCONSISTENT)]
        if one.columns and len(path) > 1:
            return [messages.in_table(one, error, [places[one.name][int(path[1])][0], *path[2:]])]
        return [(one.name, messages.explain(one.title, error))]

    def _position(self, name: str) -> int:
        names = list(self._by_name)
        top = name.partition(".")[0]
        return names.index(top) if top in self._by_name else len(names)


def _first_value(
    one: Field,
    data: Mapping[str, object],
    earlier: Mapping[str, object],
    functions: Mapping[str, Callable[..., object]],
) -> object:
    """A prefill that cannot be computed leaves the field empty: it must never keep a person from a task."""
    if one.prefill is None:
        return earlier.get(one.name)
    try:
        return one.prefill.evaluate(data, functions, known=one.prefill.names)
    except ExpressionError:
        return None
