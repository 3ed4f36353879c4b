"""Commands on what has happened: prove it, tell it, count it, copy it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli.program import command, opened, present
from engine.cli.speech import language, option, say
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings
from engine.foundation.text import Text


@command(
    told=Text(
        zh="核验历史: 事件链完整, 并按记录的输入重新执行每个案例。",
        en="Prove the histories: chains whole, and every case re-executed from its recorded inputs.",
    )
)
@option(
    "--all", "everything", is_flag=True, told=Text(zh="全部案例; 默认如此。", en="Every case; the default.")
)
@option("--case", "number", told=Text(zh="按案例号核验一个案例。", en="One case, by its number."))
@click.pass_obj
def verify(settings: Settings, everything: bool, number: str | None) -> None:
    """One line per case that is not whole, then the verdict, in both languages: it is kept as a proof."""
    from engine.acts import replay, sealing
    from engine.acts.worklist import case_id

    with opened(settings) as cases:
        one = [case_id(cases, number)] if number and not everything else None
        report = replay.verify_all(cases) if one is None else replay.verify_cases(cases, one)
        contradictions = sealing.standing(cases)
        for line in [*report.lines, *(finding.text.in_(language()) for finding in contradictions)]:
            click.echo(line)
    if contradictions or not report.whole:
        sys.exit(1)


@command(
    told=Text(
        zh="用句子逐步打印一个案例的历史。", en="Print the history of one case in sentences, step by step."
    )
)
@click.argument("number")
@click.pass_obj
def replay(settings: Settings, number: str) -> None:
    """One line per event."""
    from engine.acts.reading import case_page

    with opened(settings) as cases:
        for entry in case_page(cases, number, actor=SYSTEM, now=present()).history:
            click.echo(f"{entry.seq:4} {entry.at:%Y-%m-%d %H:%M}Z  {entry.sentence.in_(language())}")


@command(
    told=Text(
        zh="打印某月或某年的指标; 已发布的数字保持发布时的样子。",
        en="Print the figures of a month or year; what was published stays as it was published.",
    )
)
@option(
    "--month",
    "period",
    told=Text(
        zh="如 2026-10, 或某一年; 默认: 最近结束的月份。",
        en="Such as 2026-10, or a year; default: the last month that is over.",
    ),
)
@option(
    "--publish",
    "publishes",
    is_flag=True,
    told=Text(zh="发布尚未发布的指标。", en="Publish what was not published yet."),
)
@click.pass_obj
def figures(settings: Settings, period: str | None, publishes: bool) -> None:
    """One line per figure."""
    from engine.acts import report_files, reports

    with opened(settings) as cases:
        name = period or reports.last_month(cases, now=present())
        if publishes:
            count = reports.publish_period(cases, name, actor=SYSTEM, now=present())
            say(Text(zh="已发布 {n} 项指标", en="{n} figures published"), n=count)
        report = reports.report(cases, name, actor=SYSTEM, now=present())
        for line in report_files.lines(report, language()):
            click.echo(line)


@command(
    told=Text(
        zh="把运行中的数据库复制到 FILE (SQLite); PostgreSQL 请用 pg_dump。",
        en="Copy the running database into FILE (SQLite); on PostgreSQL use pg_dump.",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy, and say how to check the copy."""
    from engine.foundation.backup import copy_database

    copy_database(settings.database_url, file)
    written = Text(
        zh="{file} 已写入; 可用此命令核对: shouhou --database-url sqlite:///{file} verify --all",
        en="{file} written; check it with: shouhou --database-url sqlite:///{file} verify --all",
    )
    say(written, file=file)
