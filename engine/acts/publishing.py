"""Publishing: source files in folders become a release, and a release becomes files in folders."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DatabaseError

from engine.bpmn import releases
from engine.bpmn.clauses import Coverage
from engine.bpmn.library import SourceFile, read_library
from engine.bpmn.register import Register
from engine.bpmn.rules import check_files
from engine.cases import Cases
from engine.desk.people import GROUPS
from engine.desk.registers import REGISTERS
from engine.foundation import figure_versions
from engine.foundation.database import Database
from engine.foundation.errors import NotFound, Problem, ProblemsFound, Unavailable
from engine.foundation.figures import FIGURES
from engine.foundation.security import Actor
from engine.foundation.text import Text

FOLDERS = {"processes": (".bpmn", ".dmn", ".json", ".csv"), "forms": (".json",)}
_TEST = re.compile(r"^\s*def (test_\w+)\(", re.MULTILINE)


def read_folder(folder: Path) -> list[SourceFile]:
    """Every source file under `folder`/processes and `folder`/forms, by path. Raises NotFound when there is none."""
    files = [
        SourceFile(path=f"{name}/{path.name}", content=path.read_bytes())
        for name, endings in FOLDERS.items()
        for path in sorted((folder / name).glob("*"))
        if path.suffix in endings
    ]
    if not files:
        raise NotFound(
            Text(
                zh=f"{folder} 下应有 processes/ 和 forms/ 两个文件夹, 但没有找到任何流程文件。",
                en=f"Expected processes/ and forms/ under {folder}, but found no source file there.",
            )
        )
    return files


def check(files: Sequence[SourceFile], *, tests: Collection[str] | None = None) -> list[Problem]:
    """Every fault of these files; the same check serves the command line, publishing and the pages.

    `tests` are the names that the register of clauses may give; without them those names are not compared.
    """
    return check_files(files, groups=frozenset(GROUPS), registers=frozenset(REGISTERS), tests=tests)


def check_versions(database_url: str, files: Sequence[SourceFile]) -> list[Problem]:
    """Definitions that changed against the newest release of a database without a higher version.

    Nothing is compared where there is no database yet, or no release in it.
    """
    file = make_url(database_url).database or ""
    if database_url.startswith("sqlite") and not Path(file).is_file():
        return []
    database = Database(database_url)
    try:
        with database.read() as tx:
            return unraised(_newest(tx), files)
    except (Unavailable, DatabaseError):  # nobody has made tables there
        return []
    finally:
        database.dispose()


def unraised(newest: bytes | None, files: Sequence[SourceFile]) -> list[Problem]:
    """The same against the definitions of one release; None when it has none."""
    mine = next((file.content for file in files if file.path == FIGURES), None)
    return list(figure_versions.unraised(newest, mine))


def _newest(tx: Connection) -> bytes | None:
    try:
        return releases.content_of(tx, releases.current(tx), FIGURES)
    except NotFound:
        return None


def named_tests(folder: Path) -> frozenset[str] | None:
    """The tests beside processes/ and forms/, as `tests/…/test_x.py` and `…::test_y`; None where none are kept."""
    named: set[str] = set()
    for path in (folder / "tests").rglob("test_*.py"):
        file = path.relative_to(folder).as_posix()
        named |= {file, *(f"{file}::{name}" for name in _TEST.findall(path.read_text(encoding="utf-8")))}
    return frozenset(named) or None


def coverage_of(files: Sequence[SourceFile]) -> Coverage:
    """How much of the written procedure these files realise. Raises ProblemsFound when they cannot be read."""
    return Register.of(read_library(files)).coverage


def publish(cases: Cases, files: Sequence[SourceFile], *, actor: Actor, now: datetime, note: str) -> int:
    """Make `files` the next release; returns its number. Raises ProblemsFound and stores nothing when a check fails."""
    problems = check(files)
    if problems:
        raise ProblemsFound(problems)
    with cases.database.write() as tx:
        if problems := unraised(_newest(tx), files):
            raise ProblemsFound(problems)
        return releases.publish(tx, files, actor=actor.id, at=now, note=note)


def publish_folder(cases: Cases, folder: Path, *, actor: Actor, now: datetime, note: str) -> int:
    """Publish the source files of a folder. Raises NotFound, ProblemsFound."""
    return publish(cases, read_folder(folder), actor=actor, now=now, note=note)


def export(cases: Cases, *, release: int | None, folder: Path) -> list[Path]:
    """Write the files of a release (the newest by default) into `folder`; returns the paths written."""
    with cases.database.read() as tx:
        number = release or releases.current(tx)
        files = releases.files_of(tx, number)
    written = []
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        written.append(path)
    return written


@dataclass(frozen=True, slots=True)
class Gathered:
    """Source files to check, and which of them were asked for; a file is always checked within its folder."""

    files: list[SourceFile]
    asked: frozenset[str] | None
    tests: frozenset[str] | None = None

    def shows(self, file: str) -> bool:
        """Whether problems of `file` were asked for."""
        return self.asked is None or file in self.asked


def gather(paths: Sequence[Path]) -> Gathered:
    """The source files that `paths` (folders, or files inside such folders) name. Raises NotFound."""
    folders = [p for p in paths if p.is_dir() and (p / "processes").is_dir()]
    if folders:
        return Gathered([f for folder in folders for f in read_folder(folder)], None, _tests(folders))
    if len(paths) == 1 and paths[0].is_dir():
        inside = paths[0].resolve()
        asked = frozenset(f"{inside.name}/{p.name}" for p in inside.iterdir())
        return Gathered(read_folder(inside.parent), asked, _tests([inside.parent]))
    homes = {p.resolve().parent.parent for p in paths}
    asked = frozenset(f"{p.resolve().parent.name}/{p.name}" for p in paths)
    return Gathered([f for home in sorted(homes) for f in read_folder(home)], asked, _tests(homes))


def _tests(folders: Iterable[Path]) -> frozenset[str] | None:
    known = [tests for folder in folders if (tests := named_tests(folder)) is not None]
    return frozenset().union(*known) if known else None
