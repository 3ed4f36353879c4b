"""One's own account: signing in in two steps, setting it up, seeing and ending one's sessions, changing the password."""

from __future__ import annotations

import re
from html import unescape

import pyotp
import pytest
from werkzeug.test import TestResponse

from engine.acts.cast import People
from engine.desk.people import set_password
from engine.foundation.database import Database
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings
from tests.conftest import Clock
from tests.webapp.conftest import MakeApp, Web
from tests.webapp.desk import words
from webapp.auth import COOKIE, HALF_COOKIE

PASSWORD = "correct horse battery"
LI_GONG = {"account": "li_gong", "password": PASSWORD}
PAGE = "/account/second-factor"


@pytest.fixture
def with_password(web: Web, database: Database) -> Web:
    """A browser in front of a company where Li Gong has a password."""
    with database.write() as tx:
        set_password(tx, "li_gong", PASSWORD, actor=SYSTEM)
    return web


def secret_of(page: TestResponse) -> str:
    """The secret as the page spells it."""
    spelled = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page.text)
    assert spelled, page.text
    return spelled[1].replace(" ", "")


def code(web: Web, secret: str) -> str:
    return pyotp.TOTP(secret).at(web.clock())


def turned_on(web: Web) -> tuple[str, list[str]]:
    """Li Gong turns it on through the pages: the secret, and the recovery codes; the next code is due."""
    web.as_("li_gong").post(f"{PAGE}/begin")
    secret = secret_of(web.get(PAGE))
    shown = web.post(f"{PAGE}/confirm", {"code": code(web, secret)})
    codes = re.findall(r"<code>([\d-]{24})</code>", shown.text)
    web.clock.advance(seconds=30)
    return secret, codes


def fresh(web: Web) -> Web:
    """Another browser."""
    return Web(web.app, web.database, web.clock, web.settings)


def test_it_is_set_up_with_a_picture_or_a_typed_secret_and_answers_with_recovery_codes(web: Web) -> None:
    assert "设置" in web.as_("li_gong").get(PAGE).text
    assert web.post(f"{PAGE}/begin").status_code == 303
    page = web.get(PAGE)
    secret, address = secret_of(page), re.search(r'href="(otpauth://[^"]+)"', page.text)
    assert address and f"secret={secret}" in unescape(address[1]) and "issuer=Shouhou" in address[1]
    assert "<svg" in page.text and 'style="' not in page.text and "<script>" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    wrong = web.post(f"{PAGE}/confirm", {"code": "000000" if code(web, secret) != "000000" else "1"})
    assert wrong.status_code == 422 and "验证码不正确" in wrong.text and secret_of(wrong) == secret
    shown = web.post(f"{PAGE}/confirm", {"code": code(web, secret)})
    assert len(re.findall(r"<code>[\d-]{24}</code>", shown.text)) == 10
    assert shown.headers["Cache-Control"] == "no-store"
    after = web.get(PAGE)
    assert "还有 10 个恢复码" in words(after.text) and secret not in after.text.replace(" ", "")


def test_signing_in_takes_two_steps_and_leads_on_to_where_one_wanted_to_go(with_password: Web) -> None:
    secret, _ = turned_on(with_password)
    web = fresh(with_password)
    half = web.post("/sign-in", {**LI_GONG, "next": "/cases/?q=a"})
    assert (half.status_code, half.location) == (303, "/sign-in/code?next=/cases/?q%3Da")
    assert web.client.get_cookie(COOKIE) is None
    assert web.get("/inbox/").location.startswith("/sign-in")
    page = web.get(half.location)
    assert 'autocomplete="one-time-code"' in page.text and 'value="/cases/?q=a"' in page.text
    refused = web.post("/sign-in/code", {"code": "1", "next": "/cases/?q=a"})
    assert refused.status_code == 422 and "验证码不正确" in refused.text
    right = web.post("/sign-in/code", {"code": code(web, secret), "next": "/cases/?q=a"})
    assert (right.status_code, right.location) == (303, "/cases/?q=a")
    assert web.client.get_cookie(HALF_COOKIE) is None
    assert "李工" in web.get("/inbox/").text


def test_the_half_way_cookie_is_out_of_reach_and_opens_nothing(with_password: Web) -> None:
    turned_on(with_password)
    web = fresh(with_password)
    answer = web.post("/sign-in", LI_GONG)
    sent = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(HALF_COOKIE))
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Max-Age=600" in sent
    half = web.client.get_cookie(HALF_COOKIE)
    assert half is not None
    web.client.set_cookie(COOKIE, half.value)
    assert web.get("/inbox/").location.startswith("/sign-in")


def test_after_ten_minutes_one_starts_again(with_password: Web) -> None:
    secret, _ = turned_on(with_password)
    web = fresh(with_password)
    web.post("/sign-in", LI_GONG)
    web.clock.advance(minutes=10)
    late = web.post("/sign-in/code", {"code": code(web, secret)})
    assert late.status_code == 422 and "请重新登录" in late.text and 'name="password"' in late.text
    assert fresh(web).get("/sign-in/code").location == "/sign-in"


def test_a_recovery_code_opens_from_the_same_field_and_wrong_ones_back_off(with_password: Web) -> None:
    _, codes = turned_on(with_password)
    web = fresh(with_password)
    web.post("/sign-in", LI_GONG)
    assert web.post("/sign-in/code", {"code": codes[0]}).status_code == 303
    web = fresh(with_password)
    web.post("/sign-in", LI_GONG)
    said = [web.post("/sign-in/code", {"code": codes[0]}).text for _ in range(6)]
    assert "已经用过" in said[0] and "秒后再试" in said[5]


def test_a_group_that_needs_it_is_led_there_and_nowhere_else(
    make_app: MakeApp, database: Database, clock: Clock, people: People
) -> None:
    with database.write() as tx:
        set_password(tx, "guan_li", PASSWORD, actor=SYSTEM)
    web = Web(make_app(second_factor_groups="administrator"), database, clock, Settings())
    web.post("/sign-in", {"account": "guan_li", "password": PASSWORD})
    for path in ("/inbox/", "/people/", "/account/"):
        assert web.get(path).location == PAGE, path
    assert web.get("/inbox/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == PAGE
    assert web.post("/people/new", {"login": "x"}).location == PAGE
    assert "您所在的岗位组要求两步登录" in web.get(PAGE).text
    web.post(f"{PAGE}/begin")
    web.post(f"{PAGE}/confirm", {"code": code(web, secret_of(web.get(PAGE)))})
    assert web.get("/people/").status_code == 200


def test_it_is_turned_off_with_a_code_only(web: Web) -> None:
    secret, _ = turned_on(web)
    assert web.post(f"{PAGE}/off", {"code": ""}).status_code == 422
    assert web.post(f"{PAGE}/recovery-codes", {"code": ""}).status_code == 422
    new = web.post(f"{PAGE}/recovery-codes", {"code": code(web, secret)})
    spare = re.findall(r"<code>([\d-]{24})</code>", new.text)
    assert web.post(f"{PAGE}/off", {"code": spare[0]}).status_code == 303
    assert "未开启" in web.get(PAGE).text


def test_an_administrator_resets_it_from_the_person_s_page(with_password: Web) -> None:
    turned_on(with_password)
    assert "重置两步登录" not in with_password.as_("sun_jing").get("/people/li_gong").text
    assert with_password.post("/people/li_gong/second-factor/reset").status_code == 403
    page = with_password.as_("guan_li").get("/people/li_gong").text
    assert "/people/li_gong/second-factor/reset" in page
    assert with_password.post("/people/li_gong/second-factor/reset").status_code == 303
    assert "/second-factor/reset" not in with_password.get("/people/li_gong").text
    assert fresh(with_password).post("/sign-in", LI_GONG).location == "/"


def test_what_is_secret_is_never_shown_back(with_password: Web) -> None:
    said = {
        "current": PASSWORD,
        "new": "another good phrase",
        "again": "another good phrase",
        "code": "123456",
    }
    for path in ("/account/password", f"{PAGE}/off", "/sign-in/code"):
        refused = with_password.as_("li_gong").client.post(path, data=said)
        assert refused.status_code == 400, "without the token of the page"
        assert not [word for word in said.values() if word in refused.text], path


def test_one_s_sessions_are_listed_and_end_together(with_password: Web) -> None:
    phone = fresh(with_password)
    phone.post("/sign-in", LI_GONG, headers={"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit Safari/604.1"})
    with_password.as_("li_gong")
    page = words(with_password.get("/account/").text)
    assert "Safari · iPhone" in page and "127.0.0.1" in page and page.count("本设备") == 1
    ended = with_password.post("/account/sign-out-everywhere")
    assert ended.location == "/sign-in" and "已在所有设备上退出登录" in with_password.get("/sign-in").text
    assert phone.get("/inbox/").location.startswith("/sign-in")


def test_the_password_is_changed_with_the_current_one_and_ends_every_session(with_password: Web) -> None:
    other = fresh(with_password).as_("li_gong")
    web = with_password.as_("li_gong")
    new = {"new": "another good phrase", "again": "another good phrase"}
    assert web.post("/account/password", {**new, "current": "guess"}).status_code == 422
    unlike = web.post("/account/password", {**new, "current": PASSWORD, "again": "x"})
    assert unlike.status_code == 422 and "两次填写的新密码应一致" in unlike.text
    assert "another good phrase" not in unlike.text
    assert web.post("/account/password", {**new, "current": PASSWORD}).location == "/sign-in"
    assert other.get("/inbox/").location.startswith("/sign-in")
    assert fresh(web).post("/sign-in", {**LI_GONG, "password": "another good phrase"}).location == "/"
