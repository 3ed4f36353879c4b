"""Commands that set an installation up and keep it running."""

from __future__ import annotations

import os
import sys

import click

from engine.cli.program import bring_up_to_date, command, opened, present
from engine.cli.speech import language, option, say
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings, from_environment, source_folder
from engine.foundation.text import Text

PORT = Text(zh="端口。", en="The port.")
HOST = Text(zh="监听的地址。", en="The address to listen on.")


@command(
    told=Text(
        zh="生成演示数据(只做一次), 并在 http://127.0.0.1:8000 提供服务。",
        en="Build a demonstration (once) and serve it on http://127.0.0.1:8000.",
    )
)
@option("--port", default=8000, show_default=True, told=PORT)
@option("--host", default="127.0.0.1", show_default=True, told=HOST)
@option(
    "--cases",
    "how_many",
    default=90,
    show_default=True,
    told=Text(
        zh="演示多少个案例; 日历和案例还会自动产生一些。",
        en="How many cases to play; calendars and cases open more.",
    ),
)
@option(
    "--only-prepare",
    is_flag=True,
    told=Text(zh="只生成演示数据, 不启动服务。", en="Build the demonstration and stop."),
)
@click.pass_obj
def demo(settings: Settings, port: int, host: str, how_many: int, only_prepare: bool) -> None:
    """Prepare, then serve."""
    from engine.acts.demo import prepare

    prepare(settings, how_many=how_many, folder=source_folder(), now=present(), say=say)
    if not only_prepare:
        say(
            Text(zh="{address}  (Ctrl+C 结束)", en="{address}  (Ctrl+C ends it)"),
            address=f"http://{host}:{port}",
        )
        _serve(settings, host=host, port=port, workers=1, demo=True)


@command(
    told=Text(
        zh="用 gunicorn 提供网页; 定时器和通知在其中运行。",
        en="Serve the pages with gunicorn; timers and notifications run inside.",
    )
)
@option("--port", default=8000, show_default=True, told=PORT)
@option("--host", default="127.0.0.1", show_default=True, told=HOST)
@option(
    "--workers",
    default=0,
    told=Text(
        zh="服务进程数; SQLite 默认 1 个, PostgreSQL 默认每核 1 个。",
        en="Server processes; default 1 on SQLite, one per core on PostgreSQL.",
    ),
)
@option("--database-url", "own_url", told=Text(zh="所用的数据库。", en="The database to serve."))
@click.pass_obj
def serve(settings: Settings, port: int, host: str, workers: int, own_url: str | None) -> None:
    """Bring the tables up to date, then hand over to the server."""
    settings = from_environment(database_url=own_url or settings.database_url)
    bring_up_to_date(settings)
    on_sqlite = settings.database_url.startswith("sqlite")
    many = workers or (1 if on_sqlite else os.cpu_count() or 2)
    if on_sqlite and many > 1:
        raise click.UsageError(_ONE_PROCESS.in_(language()))
    _serve(settings, host=host, port=port, workers=many, demo=settings.demo)


@command(
    told=Text(
        zh="建立数据表或升级到当前版本; 重复执行不会改变什么。",
        en="Create the tables or bring them to this version; running it twice changes nothing.",
    )
)
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the tables up to date."""
    bring_up_to_date(settings)
    say(Text(zh="数据库已是当前版本", en="the database is up to date"))


@command(told=Text(zh="添加以 PERSON 登录的人员。", en="Add a person who signs in as PERSON."))
@click.argument("person")
@option("--name", told=Text(zh="姓名。", en="How they are called."))
@option(
    "--groups", default="", told=Text(zh="岗位组编号, 以逗号分隔。", en="Group ids, separated by commas.")
)
@option("--email", told=Text(zh="接收通知的邮箱。", en="Where they get messages."))
@option("--password", told=Text(zh="密码; 不写则询问。", en="The password; asked for when left out."))
@option(
    "--reset-second-factor",
    "resets",
    is_flag=True,
    told=Text(
        zh="不添加人员, 而是重置其两步登录: 此后凭密码即可登录。",
        en="Add nobody; reset the second factor of PERSON, who then signs in with the password alone.",
    ),
)
@click.pass_obj
def user(
    settings: Settings,
    person: str,
    name: str | None,
    groups: str,
    email: str | None,
    password: str | None,
    resets: bool,
) -> None:
    """Add the person and their password, or let somebody in again who lost their authenticator."""
    if resets:
        _reset_second_factor(settings, person)
        return
    if name is None:
        raise click.UsageError(_NO_NAME.in_(language()))
    _add_person(settings, person, name, groups, email, password or _asked_for_password())


def _reset_second_factor(settings: Settings, person: str) -> None:
    from engine.acts import account

    with opened(settings) as cases:
        account.reset_second_factor(cases.database, person, actor=SYSTEM, now=present())
    say(Text(zh="{person} 凭密码即可登录", en="{person} signs in with the password alone"), person=person)


def _asked_for_password() -> str:
    words = Text(zh="密码", en="Password").in_(language())
    return str(click.prompt(words, hide_input=True, confirmation_prompt=True))


def _add_person(
    settings: Settings, person: str, name: str, groups: str, email: str | None, password: str
) -> None:
    from engine.desk import people

    chosen = [g.strip() for g in groups.split(",") if g.strip()]
    with opened(settings) as cases, cases.database.write() as tx:
        people.add_person(tx, id=person, name=name, email=email, groups=chosen, at=present(), actor=SYSTEM)
        people.set_password(tx, person, password, actor=SYSTEM)
    say(Text(zh="{person} 可以登录了", en="{person} may sign in"), person=person)


_NO_NAME = Text(
    zh="添加人员需要姓名; 请用 --name 写明。", en="Expected a name for the person; give one with --name."
)


@command(
    told=Text(
        zh="在本机测量 README 中列出的各项性能指标。",
        en="Measure the figures of the README's benchmarks section on this machine.",
    )
)
@option("--quick", is_flag=True, told=Text(zh="轮次和数据少一些。", en="Fewer rounds and rows."))
@option(
    "--postgresql-url",
    told=Text(zh="可以清空的 PostgreSQL 数据库。", en="A PostgreSQL database that may be emptied."),
)
def bench(quick: bool, postgresql_url: str | None) -> None:
    """Measure; the table is in English, as the README has it."""
    from engine.acts.bench import run_bench

    run_bench(quick=quick, postgresql_url=postgresql_url, say=click.echo)


def _serve(settings: Settings, *, host: str, port: int, workers: int, demo: bool) -> None:
    # In this process, because what it has loaded already is a third of what its workers need.
    from gunicorn.app import wsgiapp  # type: ignore[import-untyped]

    os.environ |= {"SHOUHOU_DATABASE_URL": settings.database_url, "SHOUHOU_DEMO": "1" if demo else "0"}
    sys.argv = ["gunicorn", "webapp.wsgi:create()", "--bind", f"{host}:{port}", "--worker-class", "gthread"]
    sys.argv += ["--workers", str(workers), "--threads", "8", "--no-control-socket"]
    wsgiapp.run()


_ONE_PROCESS = Text(
    zh="SQLite 只能由一个进程提供服务; 需要多个进程时请使用 PostgreSQL。",
    en="SQLite is served by one process; use PostgreSQL for several.",
)
