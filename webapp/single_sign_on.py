"""Signing in at the company's own identity provider (OpenID Connect); present only when it is configured."""

from __future__ import annotations

from typing import Any, cast

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, request, session, url_for
from flask.typing import ResponseReturnValue

from engine.desk.people import Someone, everybody
from engine.foundation.errors import Forbidden
from engine.foundation.security import log_access
from engine.foundation.sessions import open_session
from engine.foundation.settings import Settings
from engine.foundation.text import Text
from webapp.auth import caller, welcome
from webapp.context import now, public, services
from webapp.language import local_path

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/sign-in/company")


def register(app: Flask, settings: Settings) -> None:
    """Offer the way through the provider that `settings` names; do nothing without one."""
    if not settings.oidc_issuer:
        return
    app.extensions["company_sign_in"] = OAuth(app).register(
        name="company",
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )
    app.register_blueprint(blueprint)


@blueprint.get("/")
@public
def start() -> ResponseReturnValue:
    """Send the browser to the provider."""
    session["onward"] = local_path(request.args.get("next"))
    back = services().settings.base_url.rstrip("/") + url_for("single_sign_on.back")
    return cast(ResponseReturnValue, _provider().authorize_redirect(back))


@blueprint.get("/back")
@public
def back() -> ResponseReturnValue:
    """Where the provider sends the browser back to, with the proof of who it is."""
    try:
        claims = _provider().authorize_access_token()["userinfo"]
    except (OAuthError, KeyError) as error:
        raise Forbidden(_NOT_PROVED) from error
    onward = local_path(session.get("onward"))
    answer = welcome(_session_for(_person(claims)))
    answer.headers["Location"] = onward
    return answer


def _session_for(person: Someone) -> str:
    with services().database.write() as tx:
        log_access(tx, actor=person.id, act="sign_in", target="company", allowed=True, at=now())
        return open_session(
            tx, person=person.id, now=now(), settings=services().settings, way="company", caller=caller()
        )


def _person(claims: dict[str, Any]) -> Someone:
    """The active person with the provider's login name, or with its verified mail address."""
    with services().database.read() as tx:
        people = everybody(tx, active=True)
    login = claims.get("preferred_username")
    mail = str(claims.get("email", "")).lower() if claims.get("email_verified") else ""
    for person in people:
        if person.id == login or (mail and (person.email or "").lower() == mail):
            return person
    raise Forbidden(_STRANGER)


def _provider() -> Any:
    return current_app.extensions["company_sign_in"]


_NOT_PROVED = Text(
    zh="统一登录没有完成: 身份提供方没有确认您的身份。请返回登录页重试。",
    en="Signing in was not completed: the identity provider did not confirm who you are. Go back to the sign-in page and try again.",
)
_STRANGER = Text(
    zh="您已通过统一登录, 但本系统中没有对应的在职人员; 请系统管理员添加您的账号。",
    en="The identity provider knows you, but no active person here matches; ask the administrator to add you.",
)
