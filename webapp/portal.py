"""The customer's side: public pages without an account, for phones first; a secret link opens one case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.acts import portal as acts
from engine.acts.customer_case import CustomerCase, customer_case
from engine.foundation.errors import InvalidAnswers, NotFound, Rejection
from engine.foundation.rates import Rate
from engine.foundation.security import may
from engine.foundation.text import Text
from webapp.answers import posted
from webapp.context import actor, idempotency_key, new_key, now, public, services, signed_in
from webapp.rates import held_to
from webapp.uploads import allow_files, download, uploads

REPORTS = Rate("report", 20, timedelta(hours=1))  # new cases
VISITS = Rate("visit", 120, timedelta(minutes=1))  # pages of cases, right or guessed
ADDITIONS = Rate("addition", 30, timedelta(minutes=1))

reporting = Blueprint("portal_report", __name__, url_prefix="/portal")
blueprint = Blueprint("portal", __name__, url_prefix="/portal/cases")
links = Blueprint("customer_links", __name__, url_prefix="/cases/<number>/customer-link")


def register(app: Flask) -> None:
    """Add the pages."""
    for part in (reporting, blueprint, links):
        app.register_blueprint(part)
    app.context_processor(lambda: {"may_give_link": _may_give_link, "hotline": services().settings.hotline})


for _part in (reporting, blueprint):
    _part.url_value_preprocessor(allow_files)

reporting.before_request(held_to(REPORTS, "POST"))
blueprint.before_request(held_to(VISITS))
blueprint.before_request(held_to(ADDITIONS, "POST"))


@reporting.after_request
@blueprint.after_request
def keep_private(answer: Response) -> Response:
    """Whoever holds the address sees the case: no cache and no search engine shall."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@reporting.get("/")
@public
def page() -> str:
    """The form that reports a fault or makes a complaint."""
    return _report_page({})


@reporting.post("/")
@public
def report() -> ResponseReturnValue:
    """Open a case and lead to its page."""
    said = {name: request.form.get(name, "") for name in (*acts.FIELDS, "kind")}
    try:
        receipt = acts.report(
            services().cases,
            said["kind"],
            said,
            uploads(),
            now=now(),
            key=idempotency_key() or new_key(),
        )
    except InvalidAnswers as wrong:
        return _report_page(said, errors=wrong.errors), 422
    except NotFound:
        raise
    except Rejection as refusal:
        return _report_page(said, errors={"files": refusal.text}), 422
    return redirect(url_for("portal.show", secret=receipt.secret, new=1), code=303)


@blueprint.get("/<secret>")
@public
def show(secret: str) -> str:
    """The case behind the link: how it stands, who comes and when, what is asked."""
    return _case_page(_case(secret), secret)


@blueprint.post("/<secret>")
@public
def act(secret: str) -> ResponseReturnValue:
    """Add to the case, answer its question, or rate it; then show how it stands."""
    asked = request.form.get("act", "")
    try:
        _ACTS.get(asked, _add)(secret)
    except InvalidAnswers as wrong:
        return _case_page(_case(secret), secret, asked=asked, errors=wrong.errors), 422
    except NotFound:
        raise
    except Rejection as refusal:
        return _case_page(_case(secret), secret, asked=asked, errors={asked or "add": refusal.text}), 422
    flash(_("Thank you. We have received it."), "success")
    return redirect(url_for("portal.show", secret=secret), code=303)


@blueprint.get("/<secret>/files/<int:number>")
@public
def file(secret: str, number: int) -> ResponseReturnValue:
    """A file that the customer sent themselves."""
    return download(*acts.open_file(services().cases, secret, number, now=now()))


@links.post("")
def give(number: str) -> ResponseReturnValue:
    """Staff give the customer another link, or withdraw all of them."""
    if request.form.get("act") == "withdraw":
        acts.withdraw_links(services().cases, number, actor=actor(), now=now())
        flash(_("The customer's links to this case are withdrawn."), "success")
        return redirect(url_for("cases.show", number=number), code=303)
    address = acts.new_link(services().cases, number, actor=actor(), now=now())
    return render_template("portal/given.html", number=number, address=address)


def _add(secret: str) -> None:
    acts.add(
        services().cases,
        secret,
        request.form.get("text", ""),
        uploads(),
        now=now(),
        key=idempotency_key(),
    )


def _answer(secret: str) -> None:
    asked = request.form.get("question", "")
    acts.answer(services().cases, secret, asked, _answered(secret), now=now(), key=idempotency_key())


def _rate(secret: str) -> None:
    acts.rate(services().cases, secret, request.form.to_dict(), now=now(), key=idempotency_key())


_ACTS = {"add": _add, "answer": _answer, "rate": _rate}


def _answered(secret: str) -> Mapping[str, Any]:
    question = _case(secret).question
    return posted(question.form, request.form) if question and question.form else {}


def _case(secret: str) -> CustomerCase:
    return customer_case(services().cases, secret, now=now())


def _report_page(said: Mapping[str, str], *, errors: Mapping[str, Text] | None = None) -> str:
    return render_template("portal/report.html", said=said, errors=errors or {})


def _case_page(
    case: CustomerCase, secret: str, *, asked: str = "", errors: Mapping[str, Text] | None = None
) -> str:
    typed = request.form if request.method == "POST" else {}
    answers = _answered(secret) if asked == "answer" else {}
    return render_template(
        "portal/case.html",
        case=case,
        secret=secret,
        asked=asked,
        errors=errors or {},
        typed=typed,
        answers=answers,
        is_new="new" in request.args,
    )


def _may_give_link() -> bool:
    person = signed_in()
    return person is not None and may(person, "manage_customer_links")
