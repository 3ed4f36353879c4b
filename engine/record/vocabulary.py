"""What a history needs of a release to be put into words: the record knows no more of diagrams and forms."""
# ruff: noqa: D102  # the names of the properties are those of the drawing

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from engine.foundation.text import Text


class ElementWords(Protocol):
    """One node as it is drawn."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def group(self) -> str | None: ...
    @property
    def form(self) -> str: ...
    @property
    def limit(self) -> tuple[str, int] | None: ...
    @property
    def called(self) -> str | None: ...
    @property
    def decision(self) -> str | None: ...


class FlowWords(Protocol):
    """One arrow as it is drawn; `source` is the id of the element that it leaves."""

    @property
    def name(self) -> Text: ...
    @property
    def source(self) -> str: ...


class DiagramWords(Protocol):
    """One process as it is drawn."""

    @property
    def name(self) -> Text: ...
    @property
    def elements(self) -> Mapping[str, ElementWords]: ...
    @property
    def flows(self) -> Mapping[str, FlowWords]: ...


class OutputWords(Protocol):
    """One result column of a decision table."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> Text: ...


class RuleWords(Protocol):
    """One row of a decision table."""

    @property
    def number(self) -> int: ...
    @property
    def annotation(self) -> Text: ...


class TableWords(Protocol):
    """One decision table."""

    @property
    def name(self) -> Text: ...
    @property
    def outputs(self) -> Sequence[OutputWords]: ...
    @property
    def rules(self) -> Sequence[RuleWords]: ...


class FieldWords(Protocol):
    """One question of a form; `choices` are (value, label)."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> Text: ...
    @property
    def choices(self) -> Iterable[tuple[Any, Text]]: ...


class FormWords(Protocol):
    """One form."""

    @property
    def fields(self) -> Sequence[FieldWords]: ...


class LibraryWords(Protocol):
    """One release."""

    @property
    def diagrams(self) -> Mapping[str, DiagramWords]: ...
    @property
    def tables(self) -> Mapping[str, TableWords]: ...
    @property
    def forms(self) -> Mapping[str, FormWords]: ...
