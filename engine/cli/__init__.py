"""What an operator types: `shouhou COMMAND`. Each command opens the database, calls one act, and prints sentences."""

from engine.cli.program import main
from engine.cli.records import backup, figures, replay, verify
from engine.cli.running import bench, demo, migrate, serve, user
from engine.cli.sources import check, export, publish, tidy

for command in (
    demo,
    serve,
    check,
    tidy,
    publish,
    migrate,
    verify,
    replay,
    export,
    figures,
    backup,
    user,
    bench,
):
    main.add_command(command)

__all__ = ["main"]
