"""Answers as a step takes them: what the form says, and that the people they name are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.bpmn.forms import Field, Form
from engine.desk.people import GROUPS
from engine.foundation.errors import InvalidAnswers
from engine.foundation.models import Membership, Person
from engine.foundation.text import Text, same

Given = Mapping[str, Any] | Callable[[Form | None], Mapping[str, Any]]
"""Answers as they were typed, or how to read them once the form that asks for them is known."""


def checked(tx: Connection, form: Form | None, given: Given) -> dict[str, Any]:
    """The answers as JSON; without a form there are none. Raises InvalidAnswers with a sentence per field."""
    if form is None:
        return {}
    answers = form.check(given(form) if callable(given) else given)
    errors = {
        name: _sentence(field)
        for name, field, person in _named(form, answers)
        if not _present(tx, person, field.group)
    }
    if errors:
        raise InvalidAnswers(errors)
    return answers


def _named(form: Form, answers: Mapping[str, Any]) -> Iterator[tuple[str, Field, object]]:
    """Every person whom the answers name, with the field that asked for them."""
    for field in form.fields:
        if field.widget == "person" and field.name in answers:
            yield field.name, field, answers[field.name]
        for row, cells in enumerate(answers.get(field.name, ()) if field.columns else ()):
            for column in field.columns:
                if column.widget == "person" and column.name in cells:
                    yield f"{field.name}.{row}.{column.name}", column, cells[column.name]


def _present(tx: Connection, person: object, group: str | None) -> bool:
    query = select(Person.id).where(Person.id == person, Person.active)
    if group is not None:
        query = query.join(Membership, Membership.person == Person.id).where(Membership.group_id == group)
    return tx.execute(query).first() is not None


def _sentence(field: Field) -> Text:
    if field.group is None:
        return _NOBODY.format(title=field.title)
    return _STRANGER.format(title=field.title, group=GROUPS.get(field.group, same(field.group)))


_NOBODY = Text(
    zh="“{title}”应为在职人员; 请从列表中选择。",
    en="{title}: expected somebody who works here; choose from the list.",
)
_STRANGER = Text(
    zh="“{title}”应为岗位组“{group}”的在职人员; 请从列表中选择。",
    en="{title}: expected an active member of the group {group}; choose from the list.",
)
