"""A copy of a running SQLite database that passes every check; PostgreSQL has its own tools."""

from __future__ import annotations

from pathlib import Path

from engine.foundation.database import Database
from engine.foundation.errors import Rejection
from engine.foundation.text import Text


def copy_database(url: str, file: Path) -> None:
    """Write a consistent copy into `file`, which must not exist. Raises Rejection for PostgreSQL or an existing file."""
    database = Database(url)
    try:
        if database.dialect != "sqlite":
            raise Rejection(
                Text(
                    zh="PostgreSQL 请用 pg_dump 备份; 本命令只备份 SQLite。",
                    en="Expected an SQLite database; back PostgreSQL up with pg_dump.",
                )
            )
        if file.exists():
            raise Rejection(
                Text(zh=f"{file} 已存在, 请换一个文件名。", en=f"{file} exists already; choose another name.")
            )
        database.copy_to(file)
    finally:
        database.dispose()
