"""The part of JSON Schema, and our own words beside it, of which forms are made."""

from __future__ import annotations

TYPES = ("string", "integer", "number", "boolean", "array")
COLUMN_TYPES = ("string", "integer", "number", "boolean")
FORMATS = (None, "date", "date-time")
MOST_ROWS = 200
FEW_CHOICES = 5

_WORDS = frozenset({"title", "x-title-en", "description", "x-description-en"})
_LIMITS = frozenset(
    {
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    }
)
_ARRAY_LIMITS = frozenset({"minItems", "maxItems", "uniqueItems"})
_PLACEHOLDER = frozenset({"x-placeholder", "x-placeholder-en"})
FORM = _WORDS | {"$schema", "type", "properties", "required", "allOf", "additionalProperties"}
COLUMN = _WORDS | _LIMITS | _PLACEHOLDER | {"type", "format", "oneOf", "x-widget", "x-group"}
FIELD = COLUMN | _ARRAY_LIMITS | {"const", "items", "x-show-if", "x-prefill", "x-folded"}
ROW = _WORDS | {"type", "properties", "required", "additionalProperties"}
OPTION = frozenset({"const", "title", "x-title-en"})
CONDITION = frozenset({"if", "then", "else", "not", "allOf", "anyOf", "properties", "required"})
CONDITION_VALUE = _LIMITS | _ARRAY_LIMITS | {"const", "enum", "type", "not"}

WIDGETS: dict[str, tuple[str, ...]] = {
    "text": ("text", "textarea", "person", "signature"),
    "choice": ("radio", "select"),
    "number": ("number", "text"),
    "boolean": ("checkbox", "radio", "select"),
    "date": ("date",),
    "date-time": ("datetime",),
    "table": ("table",),
    "choices": ("checkbox", "select"),
}
"""The widgets that suit each sort of field; the first is the usual one."""


def sort_of(type_: str, format_: str | None, items: str | None, has_choices: bool) -> str:
    """What kind of question a field asks; a key of WIDGETS."""
    if type_ == "array":
        return "table" if items == "object" else "choices"
    if type_ == "boolean" or (not has_choices and format_ in ("date", "date-time")):
        return "boolean" if type_ == "boolean" else str(format_)
    if has_choices:
        return "choice"
    return "number" if type_ in ("integer", "number") else "text"


def preferred(sort: str, choices: int) -> str:
    """The widget of a field that names none: many choices go into a list."""
    return "select" if sort == "choice" and choices > FEW_CHOICES else WIDGETS[sort][0]


def longest(*, pattern: bool, signature: bool) -> int:
    """Characters that an answer may have; patterns get short texts, so that matching stays quick."""
    return 90_000 if signature else 200 if pattern else 10_000
