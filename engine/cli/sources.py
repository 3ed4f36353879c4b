"""Commands on diagrams, decision tables and forms: check them, lay them out, make a release, take one out again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from engine.cli.program import command, opened, present
from engine.cli.speech import language, option, say
from engine.foundation.security import SYSTEM
from engine.foundation.settings import Settings, source_folder
from engine.foundation.text import Text


@command(
    told=Text(
        zh="""检查流程图、决策表、表单和条款: 每个问题一行, 有问题时退出状态为 1。

        PATHS 是含有 processes/ 和 forms/ 的文件夹, 或其中的单个文件(只显示这些文件的问题); 不写 PATHS 时检查产品自带的流程库。
        数据库中已有发布版本时, 还检查改过的指标定义是否加了版本。""",
        en="""Lint diagrams, decision tables, forms and clauses: one line per problem, exit status 1 when there is any.

        PATHS are folders that hold processes/ and forms/, or single files of such a folder (then only their lines are
        shown); without PATHS the library that ships with the product is checked. Where the database has a release,
        definitions of figures that changed against it need a higher version.""",
    )
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@option(
    "--language",
    "spoken",
    type=click.Choice(["zh", "en"]),
    default=None,
    told=Text(zh="输出的语言; 默认按环境变量。", en="The language of the lines; default: the environment's."),
)
@option(
    "--clauses",
    is_flag=True,
    told=Text(
        zh="同时说明书面制度的条款实现了多少。", en="Also say how much of the written procedure is realised."
    ),
)
@click.pass_obj
def check(settings: Settings, paths: tuple[Path, ...], spoken: str | None, clauses: bool) -> None:
    """Print what the rules say."""
    from engine.acts.publishing import check as problems_of
    from engine.acts.publishing import check_versions, coverage_of, gather

    said = spoken or language()
    gathered = gather(paths or (source_folder(),))
    found = problems_of(gathered.files, tests=gathered.tests)
    found = found or check_versions(settings.database_url, gathered.files)
    shown = [problem for problem in found if gathered.shows(problem.file)]
    for problem in shown:
        click.echo(problem.in_(said))
    if clauses:
        click.echo(coverage_of(gathered.files).text.in_(said))
    if shown:
        sys.exit(1)
    whole = Text(zh="{n} 个文件, 没有问题", en="{n} files, no problem")
    click.echo(whole.format(n=len(gathered.files)).in_(said))


@command(
    told=Text(
        zh="排列流程图: 泳道, 主路径成直线, 例外在下方; 只改动图形。",
        en="Lay diagrams out: lanes, the happy path straight, exceptions below; only the drawing changes.",
    )
)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def tidy(files: tuple[Path, ...]) -> None:
    """Write each file again where its drawing changes."""
    from engine.bpmn.tidy import tidy as laid_out

    for file in files:
        before = file.read_bytes()
        after = laid_out(before, file=file.name)
        if after != before:
            file.write_bytes(after)
        done = Text(zh="已排列", en="laid out") if after != before else Text(zh="没有变化", en="unchanged")
        click.echo(f"{file}: {done.in_(language())}")


@command(
    told=Text(
        zh="检查 FOLDER 中的文件(processes/ 和 forms/), 发布为下一个版本。",
        en="Check the files of FOLDER (processes/ and forms/) and make them the next release.",
    )
)
@click.argument("folder", default=None, required=False, type=click.Path(exists=True, path_type=Path))
@option(
    "--note",
    default="",
    told=Text(zh="改了什么, 显示在发布版本列表中。", en="What changed, for the list of releases."),
)
@click.pass_obj
def publish(settings: Settings, folder: Path | None, note: str) -> None:
    """Publish, and say which release it became."""
    from engine.acts.publishing import publish_folder

    with opened(settings) as cases:
        number = publish_folder(cases, folder or source_folder(), actor=SYSTEM, now=present(), note=note)
        say(Text(zh="发布版本 {n}", en="release {n}"), n=number)


@command(
    told=Text(
        zh="把某个发布版本的流程图、决策表和表单写入 FOLDER。",
        en="Write the diagrams, tables and forms of a release into FOLDER.",
    )
)
@click.argument("folder", type=click.Path(path_type=Path))
@option("--release", type=int, told=Text(zh="默认: 最新版本。", en="Default: the newest."))
@click.pass_obj
def export(settings: Settings, folder: Path, release: int | None) -> None:
    """Print each path that was written."""
    from engine.acts.publishing import export as written

    with opened(settings) as cases:
        for path in written(cases, release=release, folder=folder):
            click.echo(str(path))
