"""Knowledge articles: found by words, reviewed by somebody other than the author, linked to cases."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from engine.desk.registers.article_words import asked
from engine.desk.registers.fields import Hand
from engine.desk.registers.notices import ARTICLE
from engine.desk.registers.reading import stored
from engine.desk.registers.writing import add_rows, write_over
from engine.foundation.errors import Conflict, InvalidAnswers
from engine.foundation.models.registers import Article, ArticleWord
from engine.foundation.security import Actor, Target, require
from engine.foundation.text import Text

PRECISE = 0.75  # of the pieces asked for, when somebody searches
LOOSE = 0.3  # when a description is compared with what is known


@dataclass(frozen=True, slots=True)
class Found:
    """An article that answers words; `share` of the asked pieces it holds, from 0 to 1."""

    id: UUID
    number: str
    title: str
    symptom: str
    solution: str | None
    workaround: str | None
    state: str
    reviewed_at: datetime | None
    share: float


def search(
    tx: Connection,
    words: str,
    *,
    actor: Actor,
    states: Collection[str] = ("reviewed",),
    share: float = PRECISE,
    limit: int = 50,
) -> list[Found]:
    """Articles that hold the asked pieces, the best first. Chinese needs no spaces between words."""
    require(actor, "see_registers", Target(label=ARTICLE.name))
    pieces = asked(words)
    if not pieces:
        return []
    least = math.ceil(len(pieces) * share)
    bound = {"pieces": pieces, "states": sorted(states), "least": least, "most": limit}
    return [Found(*row[:-1], share=row[-1] / len(pieces)) for row in tx.execute(_HOLDING, bound).tuples()]


_COLUMNS = (
    Article.id,
    Article.number,
    Article.title,
    Article.symptom,
    Article.solution,
    Article.workaround,
    Article.state,
    Article.reviewed_at,
)
_HITS = func.count(ArticleWord.word)
_HOLDING = (
    select(*_COLUMNS, _HITS.label("hits"))
    .join(ArticleWord, ArticleWord.article_id == Article.id)
    .where(ArticleWord.word.in_(bindparam("pieces", expanding=True)))
    .where(Article.state.in_(bindparam("states", expanding=True)))
    .group_by(*_COLUMNS)
    .having(bindparam("least") <= _HITS)
    .order_by(_HITS.desc(), func.sum(ArticleWord.weight).desc(), Article.id.desc())
    .limit(bindparam("most"))
)


def newest(tx: Connection, *, actor: Actor, state: str = "reviewed", limit: int = 30) -> list[Found]:
    """The articles that were written or reviewed last."""
    require(actor, "see_registers", Target(label=ARTICLE.name))
    order = (Article.reviewed_at.desc().nulls_last(), Article.id.desc())
    chosen = select(*_COLUMNS).where(Article.state == state).order_by(*order).limit(limit)
    return [Found(*row, share=1.0) for row in tx.execute(chosen).tuples()]


def suggestions(tx: Connection, description: str, *, actor: Actor, limit: int = 5) -> list[Found]:
    """Reviewed articles that resemble a description of a fault: for intake and for the one who repairs."""
    return search(tx, description, actor=actor, share=LOOSE, limit=limit)


def draft(
    tx: Connection,
    *,
    case_number: str,
    title: str,
    symptom: str,
    cause: str | None = None,
    solution: str | None = None,
    workaround: str | None = None,
    models: Collection[str] = (),
    actor: Actor,
    at: datetime,
) -> UUID:
    """A draft article from a case; the case's own article when it has one already. Raises Forbidden."""
    require(actor, "write_knowledge", Target(label=case_number))
    known = select(Article.id).where(Article.source_case == case_number, Article.retired_at.is_(None))
    found = tx.scalar(known.limit(1))
    if found is not None:
        return found
    values = {
        "title": title[:200],
        "symptom": symptom[:4000] or title[:200],
        "cause": cause,
        "solution": solution,
        "workaround": workaround,
        "models": list(models) or None,
        "topics": None,
        "source_case": case_number,
        "linked_cases": None,
    }
    return add_rows(tx, ARTICLE, [values], hand=Hand(actor, at))[0]


def review(tx: Connection, id: UUID, *, revision: int, actor: Actor, at: datetime) -> int:
    """Make an article known to all. Raises Forbidden for its author, InvalidAnswers when it helps nobody, Conflict."""
    article = stored(tx, ARTICLE, id)
    require(actor, "review_knowledge", Target(label=article["number"], excluded={article["author"]}))
    if article["revision"] != revision or article["state"] != "draft":
        raise Conflict(_NOT_AS_READ)
    if not (article["solution"] or article["workaround"]):
        raise InvalidAnswers({"solution": _NO_HELP})
    reviewed = {"state": "reviewed", "reviewer": actor.id, "reviewed_at": at}
    return write_over(tx, ARTICLE, article, reviewed, act="review", hand=Hand(actor, at))


def link(tx: Connection, id: UUID, case_number: str, *, actor: Actor, at: datetime) -> int:
    """Note that an article helped in a case; twice the same changes nothing."""
    require(actor, "write_knowledge", Target(label=case_number))
    article = stored(tx, ARTICLE, id)
    linked = article["linked_cases"] or []
    if case_number in (*linked, article["source_case"]):
        return int(article["revision"])
    changed = {"linked_cases": [*linked, case_number]}
    return write_over(tx, ARTICLE, article, changed, act="link", hand=Hand(actor, at))


def of_case(tx: Connection, case_number: str) -> UUID | None:
    """The article that was drafted from a case."""
    chosen = select(Article.id).where(Article.source_case == case_number, Article.retired_at.is_(None))
    return tx.scalar(chosen.limit(1))


_NOT_AS_READ = Text(
    zh="应审核您看到的草稿, 但它已被修改或已审核过; 请重新打开后再审核。",
    en="Expected the draft that you read, but it was changed or reviewed in the meantime; open it again.",
)
_NO_HELP = Text(
    zh="审核前应写明解决办法或临时措施, 但两项都是空的; 请先补充。",
    en="Expected a solution or a workaround before the review, found neither; add one first.",
)
