"""How a register is described: its fields with titles, types and rules, told once for pages, checks and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table

from engine.foundation.models import Model
from engine.foundation.security import Actor
from engine.foundation.text import Text

Kind = Literal["text", "prose", "integer", "date", "moment", "flag", "choice", "reference", "words", "person"]
Values = Mapping[str, Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, when, and from which file if from one."""

    actor: Actor
    at: datetime
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One column that people see. `refers` names the register of a reference, `private` hides personal data.

    `listed` shows it in lists, `searched` finds rows by it; a field that is not `given` is set by the engine alone.
    """

    name: str
    title: Text
    kind: Kind = "text"
    required: bool = False
    listed: bool = False
    searched: bool = False
    private: bool = False
    given: bool = True
    longest: int = 200
    least: int = 0
    most: int = 1_000_000
    choices: Mapping[str, Text] | None = None
    refers: str | None = None
    hint: Text | None = None
    pattern: str | None = None
    default: Any = None


@dataclass(frozen=True)
class Register:
    """A kind of thing that the company keeps: `key` tells two rows apart, `label` names one, `sort` orders a list.

    `keep` is the act (engine.foundation.security) that adds and changes rows; `rule` checks fields against each other.
    `fill` sets what people do not (author, state); `index` follows a stored row; `on_retire` and `on_restore` are
    columns that go along. `series` numbers rows that get no key from people. `newest_first` turns the list around.
    """

    name: str
    title: Text
    one: Text
    purpose: Text
    model: type[Model]
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    label: tuple[str, ...]
    sort: str
    keep: str
    series: str | None = None
    newest_first: bool = False
    rule: Callable[[Values], dict[str, Text]] | None = None
    fill: Callable[[Values, Hand], dict[str, Any]] | None = None
    index: Callable[[Connection, UUID, Values], None] | None = None
    on_retire: Mapping[str, Any] = field(default_factory=dict)
    on_restore: Mapping[str, Any] = field(default_factory=dict)
    case_column: str | None = None

    @property
    def table(self) -> Table:
        """The table of its rows."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by name."""
        return {one.name: one for one in self.fields}

    @property
    def listed(self) -> tuple[Field, ...]:
        """The fields that a list shows."""
        return tuple(field for field in self.fields if field.listed)

    @property
    def parents(self) -> tuple[Field, ...]:
        """The fields that refer to rows of other registers."""
        return tuple(field for field in self.fields if field.refers)


def title(zh: str, en: str) -> Text:
    """Short for a Text: registers hold many."""
    return Text(zh=zh, en=en)


def text(name: str, zh: str, en: str, **rules: Any) -> Field:
    """A line of text."""
    return Field(name, title(zh, en), **rules)


def prose(name: str, zh: str, en: str, longest: int = 1000, **rules: Any) -> Field:
    """Several lines of text."""
    return Field(name, title(zh, en), "prose", longest=longest, **rules)


def integer(name: str, zh: str, en: str, **rules: Any) -> Field:
    """A whole number between `least` and `most`."""
    return Field(name, title(zh, en), "integer", **rules)


def day(name: str, zh: str, en: str, **rules: Any) -> Field:
    """A calendar day."""
    return Field(name, title(zh, en), "date", **rules)


def moment(name: str, zh: str, en: str, **rules: Any) -> Field:
    """A moment, written in local time."""
    return Field(name, title(zh, en), "moment", **rules)


def flag(name: str, zh: str, en: str, **rules: Any) -> Field:
    """Yes or no."""
    return Field(name, title(zh, en), "flag", default=False, **rules)


def choice(name: str, zh: str, en: str, choices: Mapping[str, Text], **rules: Any) -> Field:
    """One of a few words."""
    return Field(name, title(zh, en), "choice", choices=choices, **rules)


def words(name: str, zh: str, en: str, **rules: Any) -> Field:
    """Several short words, such as models."""
    return Field(name, title(zh, en), "words", **rules)


def person(name: str, zh: str, en: str, **rules: Any) -> Field:
    """Somebody of the company, by login name."""
    return Field(name, title(zh, en), "person", **rules)


def reference(name: str, zh: str, en: str, refers: str, **rules: Any) -> Field:
    """A row of another register, written as its key."""
    return Field(name, title(zh, en), "reference", refers=refers, **rules)


MAIL = r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+"
PHONE = r"[0-9+][0-9 +()/#*.\-]{3,38}"


def phone(name: str = "phone") -> Field:
    """A telephone number, shown whole only to those who call customers."""
    return text(name, "电话", "Phone", longest=40, private=True, searched=True, pattern=PHONE)


def mail(name: str = "email") -> Field:
    """One mail address, shown whole only to those who write to customers."""
    return text(name, "电子邮件", "E-mail", private=True, searched=True, pattern=MAIL)


def note() -> Field:
    """Whatever else is to be known."""
    return prose("note", "备注", "Note")


def in_order(earlier: str, later: str) -> Callable[[Values], dict[str, Text]]:
    """A rule: `later` may not lie before `earlier`."""

    def rule(values: Values) -> dict[str, Text]:
        first, last = values.get(earlier), values.get(later)
        return {later: _BACKWARDS.format(first=first)} if first and last and last < first else {}

    return rule


_BACKWARDS = Text(
    zh="应不早于 {first}; 请核对起止时间。",
    en="Expected a time that is not before {first}; check the beginning and the end.",
)
