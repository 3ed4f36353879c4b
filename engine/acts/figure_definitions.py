"""Definitions of figures: those of the current release, and each as it read in the release that published by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from engine.bpmn import releases
from engine.bpmn.library import Library
from engine.cases import Cases
from engine.foundation.errors import NotFound, ProblemsFound
from engine.foundation.figures import FIGURES, FigureDefinition, read_figures
from engine.foundation.security import Actor, require
from engine.foundation.text import Text
from engine.record.published import Published

NONE: Mapping[str, FigureDefinition] = {}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a definition; `release` is the first that had it, published at `at`."""

    definition: FigureDefinition
    release: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DefinitionPage:
    """One version of a definition among all that there were, the newest first."""

    version: Version
    versions: tuple[Version, ...]


def definitions(cases: Cases, tx: Connection) -> Mapping[str, FigureDefinition]:
    """The figures of the current release; none before the first release, or when it defines none."""
    content = definitions_file(known_library(cases, tx))
    return NONE if content is None else _read(content)


def definitions_file(library: Library | None) -> bytes | None:
    """The file of definitions of a release; None when it has none."""
    files = library.files if library is not None else ()
    return next((file.content for file in files if file.path == FIGURES), None)


def known_library(cases: Cases, tx: Connection) -> Library | None:
    """The current release; None before the first."""
    try:
        return cases.releases.library(releases.current(tx), tx)
    except NotFound:
        return None


def as_published(tx: Connection, told: Collection[Published]) -> Mapping[str, FigureDefinition]:
    """The definitions by which these figures were published, as they read then; without those nobody can read now."""
    read = {
        number: _readable(releases.content_of(tx, number, FIGURES)) for number in {t.release for t in told}
    }
    return {one.figure: read[one.release][one.figure] for one in told if one.figure in read[one.release]}


def definition_page(cases: Cases, figure: str, version: int, *, actor: Actor) -> DefinitionPage:
    """A version of a definition as it was published, and which others there are. Raises NotFound, Forbidden."""
    require(actor, "see_figures")
    found: dict[int, Version] = {}
    with cases.database.read() as tx:
        for release, at, content in releases.versions_of(tx, FIGURES):
            definition = _readable(content).get(figure)
            if definition is not None:
                found.setdefault(definition.version, Version(definition, release, at))
    if version not in found:
        raise NotFound(_NO_VERSION.format(figure=figure, version=version))
    return DefinitionPage(found[version], tuple(found[n] for n in sorted(found, reverse=True)))


def _readable(content: bytes | None) -> Mapping[str, FigureDefinition]:
    try:
        return NONE if content is None else _read(content)
    except ProblemsFound:  # published by other rules than today's
        return NONE


@lru_cache(maxsize=16)
def _read(content: bytes) -> Mapping[str, FigureDefinition]:
    return read_figures(content)


_NO_VERSION = Text(
    zh="指标 {figure} 没有第 {version} 版定义。", en="There is no version {version} of a figure {figure}."
)
