"""One's own account: where one is signed in, another password, and a second factor with its recovery codes."""

from __future__ import annotations

import re

import segno
from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from engine.acts import account as acts
from engine.acts.account import Account
from engine.foundation.errors import Rejection
from engine.foundation.text import Text
from webapp.auth import COOKIE
from webapp.context import actor, now, services

blueprint = Blueprint("account", __name__, url_prefix="/account")

BROWSERS = {
    "MicroMessenger": "WeChat",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}  # the first that is named: later ones are named by others as well
SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
MODULE = 4  # pixels of one square of the code that cameras read


def register(app: Flask) -> None:
    """Add these addresses, and say in words what a browser calls itself."""
    app.register_blueprint(blueprint)
    app.template_filter("device")(device)


@blueprint.after_request
def _keep_secret(answer: Response) -> Response:
    """Secrets and recovery codes stay in no cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/")
def show() -> str:
    """Where one is signed in, the password, and whether a second factor is on."""
    return _page()


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of one's own."""
    acts.sign_out_everywhere(services().database, actor=actor(), now=now())
    return _signed_out(_("You are signed out everywhere."))


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Take another password; all sessions end with the old one."""
    current, new = request.form.get("current", ""), request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _page(password_problem=_NOT_ALIKE), 422
    try:
        acts.change_password(services().database, current=current, new=new, actor=actor(), now=now())
    except Rejection as refusal:
        return _page(password_problem=refusal.text), 422
    return _signed_out(_("The password is changed. Sign in with the new one."))


@blueprint.get("/second-factor")
def second_factor() -> str:
    """Turn it on, or see that it is on."""
    return _second_factor_page()


@blueprint.post("/second-factor/begin")
def begin() -> ResponseReturnValue:
    """Make a secret for one's authenticator."""
    try:
        acts.begin_second_factor(services().database, actor=actor(), now=now())
    except Rejection as refusal:
        return _second_factor_page(refusal.text), 409
    return redirect(url_for("account.second_factor"), code=303)


@blueprint.post("/second-factor/confirm")
def confirm() -> ResponseReturnValue:
    """The first code turns it on; the answer is the only page that shows the recovery codes."""
    try:
        codes = acts.confirm_second_factor(services().database, code=_code(), actor=actor(), now=now())
    except Rejection as refusal:
        return _second_factor_page(refusal.text), 422
    return render_template("account/recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/recovery-codes")
def recovery_codes() -> ResponseReturnValue:
    """New recovery codes in place of the old ones."""
    try:
        codes = acts.renew_recovery_codes(services().database, code=_code(), actor=actor(), now=now())
    except Rejection as refusal:
        return _second_factor_page(refusal.text), 422
    return render_template("account/recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/off")
def turn_off() -> ResponseReturnValue:
    """Sign in with the password alone again."""
    try:
        acts.turn_off_second_factor(services().database, code=_code(), actor=actor(), now=now())
    except Rejection as refusal:
        return _second_factor_page(refusal.text), 422
    flash(_("The second step is off."), "success")
    return redirect(url_for("account.second_factor"), code=303)


def device(agent: str | None) -> str:
    """What a browser calls itself, in two words; what it is unknown, as it came."""
    said = agent or ""
    browser = next((name for sign, name in BROWSERS.items() if sign in said), None)
    system = next((name for name in SYSTEMS if name in said), None)
    return " · ".join(word for word in (browser, system) if word) or said[:40]


def _page(password_problem: Text | None = None) -> str:
    return render_template("account/show.html", account=_account(), password_problem=password_problem)


def _second_factor_page(problem: Text | None = None) -> str:
    found = _account()
    secret = found.enrolment.secret if found.enrolment else ""
    return render_template(
        "account/second_factor.html",
        account=found,
        problem=problem,
        picture=_picture(found.enrolment.uri) if found.enrolment else "",
        secret=" ".join(re.findall(".{1,4}", secret)),
    )


def _account() -> Account:
    here = services()
    secret = request.cookies.get(COOKIE, "")
    return acts.account(here.database, actor=actor(), secret=secret, now=now(), settings=here.settings)


def _picture(uri: str) -> Markup:
    """The code that an authenticator's camera reads, drawn here: the secret goes to nobody else."""
    drawn = segno.make(uri, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=MODULE, light="#fff", svgclass=None, lineclass=None))  # noqa: S704 - our own drawing


def _signed_out(words: str) -> ResponseReturnValue:
    flash(words, "success")
    answer = make_response(redirect(url_for("auth.page"), code=303))
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _code() -> str:
    return request.form.get("code", "")


_NOT_ALIKE = Text(
    zh="两次填写的新密码应一致, 但不同; 请重新填写。",
    en="Expected the new password twice alike, but they differ; type it again.",
)
