"""The written procedure: its clauses, what realises each, and how they were kept in a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, current_app, render_template, request, url_for

from engine.acts import procedure
from engine.acts.message_names import message_name
from engine.acts.procedure import STATUSES, VERDICTS, ClauseLine
from engine.bpmn.clauses import KINDS, Token
from engine.bpmn.features import FEATURES
from engine.bpmn.library import Library
from engine.bpmn.register import Register
from engine.desk.people import GROUPS
from engine.desk.registers import REGISTERS
from engine.foundation.text import Text, same
from webapp.context import actor, language, now, services

blueprint = Blueprint("clauses", __name__, url_prefix="/procedure")

SHOWN_TOKENS = 5


@dataclass(frozen=True, slots=True)
class Named:
    """What realises a clause, as a page shows it; without an address it is only named."""

    label: str
    address: str | None


TOKEN_KINDS: dict[str, Text] = {
    "process": Text(zh="流程", en="Process"),
    "table": Text(zh="决策表", en="Decision table"),
    "form": Text(zh="表单", en="Form"),
    "figure": Text(zh="指标", en="Figure"),
    "message": Text(zh="通知", en="Message"),
    "group": Text(zh="岗位组", en="Group"),
    "register": Text(zh="台账", en="Register"),
    "feature": Text(zh="系统功能", en="Feature of the product"),
}


@blueprint.get("/")
def index() -> str:
    """The clauses in the source's order, by document, with counts over a period."""
    chosen = {name: request.args.get(name) or None for name in ("kind", "status", "verdict", "search")}
    if chosen["verdict"] not in VERDICTS:
        chosen["verdict"] = None
    page = procedure.procedure_page(services().cases, _period(), actor=actor(), now=now(), **chosen)
    return render_template(
        "clauses/index.html",
        page=page,
        documents=_by_document(page.lines),
        realisation=lambda line: _first(line.tokens, page.library, page.register),
        chosen=chosen,
        kinds=KINDS,
        statuses=STATUSES,
        is_over=page.period.end <= now(),
    )


@blueprint.get("/<clause>")
def show(clause: str) -> str:
    """One clause: its elements, rules, forms and tests, and the cases of a period."""
    verdict = request.args.get("verdict")
    page = procedure.clause_page(
        services().cases,
        clause,
        _period(),
        actor=actor(),
        now=now(),
        verdict=verdict if verdict in VERDICTS else None,
    )
    others = (token for token in page.line.tokens if token.kind not in ("element", "waiver"))
    return render_template(
        "clauses/clause.html",
        page=page,
        line=page.line,
        clause=page.line.clause,
        kinds=KINDS,
        statuses=STATUSES,
        chosen=verdict if verdict in VERDICTS else None,
        others=[(token.kind, named(token, page.library, page.register)) for token in others],
        is_over=page.period.end <= now(),
    )


@blueprint.app_template_filter("token_kind")
def token_kind(kind: str) -> str:
    """What sort of thing realises a clause."""
    return TOKEN_KINDS[kind].in_(language())


def named(token: Token, library: Library, register: Register) -> Named:
    """What a token is called in the language of the page, and where it opens."""
    return Named(_label(token, library, register).in_(language()), _address(token))


def _period() -> str:
    return request.args.get("period") or procedure.this_month(services().cases, now=now())


def _by_document(lines: Iterable[ClauseLine]) -> list[tuple[Text, list[ClauseLine]]]:
    return [(document, list(some)) for document, some in groupby(lines, lambda line: line.clause.document)]


def _first(tokens: tuple[Token, ...], library: Library, register: Register) -> tuple[list[Named], int]:
    """The first few that realise a clause, those that people see before the automatic ones, and how many are left.

    Steps of one name in several diagrams stand here once; the page of the clause has them all.
    """
    names: dict[str, Token] = {}
    for token in sorted(tokens, key=lambda token: _rank(token, library)):
        names.setdefault(_label(token, library, register).zh, token)
    shown = list(names.values())
    return [named(t, library, register) for t in shown[:SHOWN_TOKENS]], max(0, len(shown) - SHOWN_TOKENS)


def _rank(token: Token, library: Library) -> int:
    if token.kind in ("element", "waiver"):
        element = library.element(*token.place)
        return 0 if element is not None and element.kind in ("userTask", "startEvent", "boundaryEvent") else 1
    return 3 if token.kind == "process" else 2


def _label(token: Token, library: Library, register: Register) -> Text:
    if token.kind in ("element", "waiver"):
        element = library.element(*token.place)
        return element.name if element is not None and element.name.zh else same(token.name)
    known: Text | None = None
    match token.kind:
        case "process" if token.name in library.diagrams:
            known = library.diagrams[token.name].name
        case "table" if token.name in library.tables:
            known = library.tables[token.name].name
        case "form" if token.name in library.forms:
            known = library.forms[token.name].title
        case "figure" if token.name in register.figures:
            known = register.figures[token.name].title
        case "message" if token.name in library.messages:
            known = message_name(library.messages[token.name].subject)
        case "group":
            known = GROUPS.get(token.name)
        case "register" if token.name in REGISTERS:
            known = REGISTERS[token.name].title
        case "feature" if token.name in FEATURES:
            known = FEATURES[token.name].name
    return known or same(token.name)


def _address(token: Token) -> str | None:
    match token.kind:
        case "element" | "waiver":
            process, element = token.place
            return url_for("processes.show", process=process, element=element)
        case "process":
            return url_for("processes.show", process=token.name)
        case "table":
            return url_for("processes.table", table=token.name)
        case "form":
            return url_for("processes.form", form=token.name)
        case "figure":
            return url_for("reports.figure", period=_period(), figure=token.name)
        case "group":
            return url_for("people.index", group=token.name)
        case "register":
            return url_for("registers.listing", register=token.name)
        case "feature":
            return _place(token.name)
    return None


def _place(feature: str) -> str | None:
    """The page of a feature when it can be opened without a case at hand."""
    page = FEATURES[feature].page if feature in FEATURES else None
    if page is None or page not in current_app.view_functions:
        return None
    rules = current_app.url_map.iter_rules(page)
    plain = any(not rule.arguments and "GET" in (rule.methods or ()) for rule in rules)
    return url_for(page) if plain else None
