"""What the ids in figures are called: people, groups, classes of device, and the choices of the forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from engine.bpmn.library import Library
from engine.desk.people import GROUPS
from engine.desk.registers.choices import ASSET_CLASSES
from engine.foundation.models import Person
from engine.foundation.text import Text, same
from engine.record.figures.words import part_name

ASKED = frozenset({"channel", "kind", "nature", "severity", "impact", "security_event"})
"""Fields whose choices are told apart in figures, whatever the form."""


def labels_of(tx: Connection, library: Library | None) -> Mapping[str, Text]:
    """The names by id; a group of people stands under "group:" and its id."""
    people = {person: same(name) for person, name in tx.execute(select(Person.id, Person.name)).tuples()}
    groups = {f"group:{group}": name for group, name in GROUPS.items()}
    return {**dict(_of_forms(library)), **ASSET_CLASSES, **groups, **people}


def named(labels: Mapping[str, Text], key: str) -> Text:
    """What one id is called; one that nobody named reads as it was written."""
    return labels.get(key) or part_name(key)


def _of_forms(library: Library | None) -> Iterator[tuple[str, Text]]:
    for form in library.forms.values() if library is not None else ():
        for field in form.fields:
            if field.type in ("number", "integer"):
                yield field.name, field.title
            if field.name in ASKED:
                yield from ((str(choice.value), choice.title) for choice in field.choices)
