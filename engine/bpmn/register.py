"""The clause register of one release: each clause with all that realises it, and back from an element to its clauses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.bpmn.clauses import CLAUSES, Clause, Coverage, Token, carried, coverage, read_clauses, realised_by
from engine.bpmn.library import Library
from engine.foundation.figures import FIGURES, FigureDefinition, read_figures

Place = tuple[str, str]
"""A process and one of its elements."""


@dataclass(frozen=True, slots=True)
class Register:
    """The clauses in the source's order with what realises each; empty for a release without a register.

    It is read when somebody asks, never to run a case: an old release runs even when its register can no longer be read.
    """

    clauses: Mapping[str, Clause]
    tokens: Mapping[str, tuple[Token, ...]]
    figures: Mapping[str, FigureDefinition]
    coverage: Coverage

    @classmethod
    def of(cls, library: Library) -> Register:
        """The register of a release. Raises ProblemsFound when it cannot be read."""
        files = {file.path: file.content for file in library.files}
        clauses = _clauses(files[CLAUSES]) if CLAUSES in files else {}
        figures = _figures(files[FIGURES]) if FIGURES in files else {}
        carriers = carried(library.diagrams.values(), figures.values())
        return cls(
            clauses=clauses,
            tokens={clause.id: realised_by(clause, carriers) for clause in clauses.values()},
            figures=figures,
            coverage=coverage(clauses.values(), carriers),
        )

    def status(self, clause: str) -> str:
        """How a clause stands: "cut_off", "realised", "reasoned", or "open" when neither is given."""
        known = self.clauses[clause]
        if known.is_cut_off:
            return "cut_off"
        if self.tokens[clause]:
            return "realised"
        return "reasoned" if known.reason is not None else "open"

    def of_kind(self, clause: str, *kinds: str) -> tuple[Token, ...]:
        """What realises a clause, of these kinds only."""
        return tuple(token for token in self.tokens[clause] if token.kind in kinds)


@lru_cache(maxsize=16)
def _clauses(content: bytes) -> Mapping[str, Clause]:
    return read_clauses(content)


@lru_cache(maxsize=16)
def _figures(content: bytes) -> Mapping[str, FigureDefinition]:
    return read_figures(content)
