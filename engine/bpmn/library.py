"""All source files of a release, read once: diagrams, decision tables, forms and the texts of messages."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast

from engine.bpmn.closure import Closure, Shelf
from engine.bpmn.decisions import DecisionTable, read_table
from engine.bpmn.diagram import Diagram, Element, read_diagram
from engine.bpmn.forms import Form, read_form
from engine.foundation.errors import NotFound, Problem, ProblemsFound
from engine.foundation.text import Text

MESSAGES = "processes/messages.json"

Derived = TypeVar("Derived")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a release; `path` is relative to the project, with forward slashes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MessageText:
    """What a notification says, with placeholders for the values that the diagram gives."""

    key: str
    subject: Text
    body: Text


@dataclass(frozen=True)
class Library:
    """The parsed files of one release; never changed after reading, shared by all runs and threads."""

    files: tuple[SourceFile, ...]
    diagrams: Mapping[str, Diagram]
    tables: Mapping[str, DecisionTable]
    forms: Mapping[str, Form]
    messages: Mapping[str, MessageText]
    digest: str
    _shelf: Shelf = field(repr=False, compare=False)
    _derived: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    _closures: dict[str, Closure] = field(default_factory=dict, repr=False, compare=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def closure(self, process: str) -> Closure:
        """Everything a run of `process` needs, parsed on first use.

        Raises NotFound for an unknown process and ProblemsFound when the engine cannot run what is drawn.
        """
        if process not in self.diagrams:
            raise NotFound(
                Text(zh=f"没有流程“{process}”。", en=f"Expected a published process, found no '{process}'.")
            )
        with self._guard:
            if process not in self._closures:
                self._closures[process] = self._shelf.close(process)
            return self._closures[process]

    def element(self, process: str, element: str) -> Element | None:
        """One element of one diagram."""
        diagram = self.diagrams.get(process)
        return None if diagram is None else diagram.elements.get(element)


def once_per_release(derive: Callable[[Library], Derived]) -> Callable[[Library], Derived]:
    """Keep with the library what is worked out from it alone; callers must not change the answer."""

    @wraps(derive)
    def kept(library: Library) -> Derived:
        if derive not in library._derived:
            library._derived[derive] = derive(library)
        return cast(Derived, library._derived[derive])

    return kept


def read_library(files: Sequence[SourceFile]) -> Library:
    """Reads `processes/*.bpmn`, `processes/*.dmn`, `processes/messages.json` and `forms/*.json`.

    Raises ProblemsFound with the problems of all files that cannot be read; other files are kept, not read.
    """
    reading = _Reading()
    for file in files:
        reading.read(file)
    if reading.problems:
        raise ProblemsFound(reading.problems)
    return Library(
        files=tuple(files),
        diagrams=reading.diagrams,
        tables=reading.tables,
        forms=reading.forms,
        messages=reading.messages,
        digest=_digest(files),
        _shelf=Shelf(reading.diagrams, reading.tables),
    )


class _Reading:
    def __init__(self) -> None:
        self.diagrams: dict[str, Diagram] = {}
        self.tables: dict[str, DecisionTable] = {}
        self.forms: dict[str, Form] = {}
        self.messages: dict[str, MessageText] = {}
        self.problems: list[Problem] = []

    def read(self, file: SourceFile) -> None:
        reader = self._reader(file.path)
        if reader is not None:
            try:
                reader(file)
            except ProblemsFound as found:
                self.problems.extend(found.problems)

    def _reader(self, path: str) -> Callable[[SourceFile], None] | None:
        place = PurePosixPath(path)
        readers = {
            ("processes", ".bpmn"): self._diagram,
            ("processes", ".dmn"): self._table,
            ("forms", ".json"): self._form,
        }
        return self._messages if path == MESSAGES else readers.get((str(place.parent), place.suffix))

    def _diagram(self, file: SourceFile) -> None:
        diagram = read_diagram(file.content, file=file.path)
        _add(self.diagrams, diagram.process, diagram, file)

    def _table(self, file: SourceFile) -> None:
        table = read_table(file.content, file=file.path)
        _add(self.tables, table.id, table, file)

    def _form(self, file: SourceFile) -> None:
        form = read_form(file.content, file=file.path)
        _add(self.forms, form.id, form, file)

    def _messages(self, file: SourceFile) -> None:
        try:
            texts = json.loads(file.content)
            for key, text in texts.items():
                self.messages[key] = _message(key, text)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(file, repr(error)) from error


def _add(known: dict[str, Any], name: str, value: object, file: SourceFile) -> None:
    if name in known:
        text = Text(
            zh=f"{name} 应只定义一次, 但有两个文件定义了它; 请删除其中一个。",
            en=f"Expected one file for {name}, found two; remove one of them.",
        )
        raise ProblemsFound([Problem(file=file.path, element=name, rule="defined-twice", text=text)])
    known[name] = value


def _message(key: str, text: Mapping[str, Mapping[str, str]]) -> MessageText:
    zh, en = text["zh"], text["en"]
    return MessageText(
        key=key,
        subject=Text(zh=str(zh["subject"]), en=str(en["subject"])),
        body=Text(zh=str(zh["body"]), en=str(en["body"])),
    )


def _unreadable(file: SourceFile, reason: str) -> ProblemsFound:
    text = Text(
        zh='文件应为 {"消息": {"zh": {"subject", "body"}, "en": {...}}} 形式的 JSON, 但无法读取('
        + reason
        + ")。",
        en='Expected JSON of the form {"message": {"zh": {"subject", "body"}, "en": {...}}}, found '
        + reason
        + ".",
    )
    return ProblemsFound([Problem(file=file.path, element="-", rule="messages-unreadable", text=text)])


def _digest(files: Sequence[SourceFile]) -> str:
    lines = sorted(f"{file.path} {hashlib.sha256(file.content).hexdigest()}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
