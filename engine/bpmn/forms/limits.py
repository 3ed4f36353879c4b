"""How large an answer may be: what the owner says, and never more than what the engine stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.forms import vocabulary


def limited(part: Any) -> Any:
    """The schema of a field with the sizes that no answer may exceed."""
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string":
        default = vocabulary.longest(pattern="pattern" in part, signature=part.get("x-widget") == "signature")
        return {**part, "maxLength": min(part.get("maxLength", default), default)}
    if part.get("type") == "array":
        items = part.get("items", {})
        return {
            **part,
            "maxItems": min(part.get("maxItems", vocabulary.MOST_ROWS), vocabulary.MOST_ROWS),
            "items": _limited_row(items),
        }
    return part


def _limited_row(items: Any) -> Any:
    if not isinstance(items, dict) or items.get("type") != "object":
        return limited(items)
    columns = {name: limited(part) for name, part in items.get("properties", {}).items()}
    return {**items, "properties": columns, "additionalProperties": False}


def limits(part: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """What a page tells the browser about the size of an answer."""
    number = {"integer": "1", "number": "any"}.get(type_)
    return {
        "minimum": part.get("minimum", part.get("exclusiveMinimum")),
        "maximum": part.get("maximum", part.get("exclusiveMaximum")),
        "step": str(part["multipleOf"]) if "multipleOf" in part else number,
        "min_length": part.get("minLength"),
        "max_length": part.get("maxLength"),
        "pattern": part.get("pattern"),
        "min_items": part.get("minItems"),
        "max_items": part.get("maxItems"),
    }
