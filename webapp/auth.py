"""Signing in and out; before every other view, who is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from engine.desk.people import GROUPS, Someone, actor_in, actor_of, everybody
from engine.foundation.errors import NotFound, Rejection
from engine.foundation.rates import Rate
from engine.foundation.security import Actor, log_access
from engine.foundation.sessions import Caller, open_session, revoke, session_of
from engine.foundation.sign_in import HALFWAY, StartAgain, give_code, sign_in
from webapp.context import now, public, services, signed_in
from webapp.language import local_path
from webapp.rates import held_to

COOKIE = "session_id"
HALF_COOKIE = "half_id"  # between the password and the second factor
SET_UP = "account.second_factor"
BEFORE_SET_UP = frozenset(
    {SET_UP, "account.begin", "account.confirm"}
)  # open to whoever owes a second factor
TRIES = Rate(
    "sign_in", 60, timedelta(minutes=1)
)  # from one address; each account has a back-off of its own besides

blueprint = Blueprint("auth", __name__)
blueprint.before_request(held_to(TRIES, "POST"))


def register(app: Flask) -> None:
    """Ask for a sign-in before every view that is not public."""
    app.before_request(_recognise)
    app.before_request(_refuse_strangers)
    app.register_blueprint(blueprint)
    app.context_processor(_who)


@blueprint.get("/sign-in")
@public
def page() -> ResponseReturnValue:
    """The page that asks for login name and password."""
    if signed_in() is not None:
        return redirect(_onward())
    return _page()


@blueprint.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Sign in with a password; a refusal shows the page again with its reason."""
    account, password = request.form.get("account", ""), request.form.get("password", "")
    here = services()
    try:
        entered = sign_in(
            here.database,
            account=account,
            password=password,
            address=_address(),
            agent=_agent(),
            now=now(),
            settings=here.settings,
        )
    except Rejection as refusal:
        return _page(account=account, refusal=refusal), 422
    return _halfway(entered.secret) if entered.halfway else welcome(entered.secret)


@blueprint.get("/sign-in/code")
@public
def second_step() -> ResponseReturnValue:
    """The page that asks for the second factor."""
    if HALF_COOKIE not in request.cookies:
        return redirect(url_for("auth.page"))
    return _code_page()


@blueprint.post("/sign-in/code")
@public
def give() -> ResponseReturnValue:
    """Give the second factor; a refusal shows the page again with its reason."""
    here = services()
    try:
        secret = give_code(
            here.database,
            secret=request.cookies.get(HALF_COOKIE, ""),
            code=request.form.get("code", ""),
            address=_address(),
            agent=_agent(),
            now=now(),
            settings=here.settings,
        )
    except StartAgain as late:
        answer = make_response(_page(refusal=late), 422)
        answer.delete_cookie(HALF_COOKIE)
        return answer
    except Rejection as refusal:
        return _code_page(refusal), 422
    return welcome(secret)


@blueprint.post("/sign-in/demo")
@public
def enter_demo() -> ResponseReturnValue:
    """Sign in as one of the demonstration's people, without a password; there is no such page elsewhere."""
    here = services()
    if not here.settings.demo:
        abort(404)
    person = request.form.get("person", "")
    with here.database.write() as tx:
        known = actor_of(tx, person, at=now())
        secret = open_session(
            tx, person=known.id, now=now(), settings=here.settings, way="demo", caller=caller()
        )
        log_access(
            tx, actor=known.id, act="sign_in", target="demo", allowed=True, at=now(), address=_address()
        )
    return welcome(secret)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this session; the browser forgets what it kept."""
    secret = request.cookies.get(COOKIE)
    if secret:
        with services().database.write() as tx:
            revoke(tx, secret=secret)
    session.clear()
    answer = redirect(url_for("auth.page"), code=303)
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def welcome(secret: str) -> Response:
    """Lead somebody who has just proved who they are to where they wanted to go, with a new CSRF secret."""
    onward = _onward()
    session.clear()
    answer = redirect(onward, code=303)
    _keep(answer, COOKIE, secret)
    answer.delete_cookie(HALF_COOKIE)
    return answer  # type: ignore[return-value]


def caller() -> Caller:
    """From where this request comes."""
    return Caller(_address(), _agent())


def _halfway(secret: str) -> Response:
    """On to the second step, with a secret that opens no page."""
    answer = redirect(url_for("auth.second_step", next=request.values.get("next") or None), code=303)
    _keep(answer, HALF_COOKIE, secret, max_age=HALFWAY)
    return answer  # type: ignore[return-value]


def _keep(answer: BaseResponse, name: str, secret: str, max_age: timedelta | None = None) -> None:
    answer.set_cookie(
        name,
        secret,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _who() -> dict[str, object]:
    owes = bool(g.get("owes_second_factor"))
    return {"actor": signed_in(), "group_names": GROUPS, "owes_second_factor": owes}


def _code_page(refusal: Rejection | None = None) -> str:
    return render_template("auth/code.html", refusal=refusal, onward=request.values.get("next", ""))


def _recognise() -> None:
    secret = request.cookies.get(COOKIE)
    if secret and request.endpoint != "assets.file":
        g.actor = _actor(secret)


def _actor(secret: str) -> Actor | None:
    here = services()
    asks_for_news = "HX-Request" in request.headers and "If-None-Match" in request.headers
    found = session_of(
        here.database, secret=secret, now=now(), settings=here.settings, keep_awake=not asks_for_news
    )
    if found is None:
        return None
    g.owes_second_factor = found.owes_second_factor
    try:
        return replace(actor_in(here.database, found, at=now()), address=_address())
    except NotFound:
        return None


def _refuse_strangers() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "is_public", False):
        return None
    if signed_in() is not None:
        return _lead_to_set_up()
    if request.headers.get("HX-Request"):
        back = urlsplit(request.headers.get("HX-Current-URL", "/"))
        return "", 401, {"HX-Redirect": url_for("auth.page", next=f"{back.path}?{back.query}".rstrip("?"))}
    onward = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.page", next=onward if onward != "/" else None))


def _lead_to_set_up() -> ResponseReturnValue | None:
    """Whoever owes a second factor sees nothing else before it is set up."""
    if not g.get("owes_second_factor") or request.endpoint in BEFORE_SET_UP:
        return None
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for(SET_UP)}
    return redirect(url_for(SET_UP), code=303)


def _page(account: str = "", refusal: Rejection | None = None) -> str:
    return render_template(
        "auth/sign_in.html",
        account=account,
        refusal=refusal,
        onward=request.values.get("next", ""),
        demo_people=_demo_people() if services().settings.demo else [],
        single_sign_on=bool(services().settings.oidc_issuer),
    )


def _demo_people() -> list[Someone]:
    """One person per group, in the order of the organisation."""
    with services().database.read() as tx:
        people = everybody(tx, active=True)
    first = {group: person for person in reversed(people) for group in person.groups}
    chosen = [first[group] for group in GROUPS if group in first]
    return list({person.id: person for person in chosen}.values())


def _onward() -> str:
    return local_path(request.values.get("next"))


def _agent() -> str:
    return request.user_agent.string


def _address() -> str:
    return request.remote_addr or ""
