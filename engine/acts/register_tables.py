"""Registers as tables to take away: the rows of one, all registers as a workbook, and empty templates of both."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.acts.table_writing import OutSheet, Value, write_csv, write_workbook
from engine.desk.registers.catalogue import REGISTERS
from engine.desk.registers.fields import SHANGHAI, Field, Register
from engine.desk.registers.reading import Wanted, conditions_of, everything
from engine.desk.registers.references import keys_of
from engine.desk.registers.values import write_value
from engine.foundation.security import Actor, Target, log_access, require

MOST_EXPORTED = 50_000
EVERYTHING = "registers"  # what the access log calls all of them

Format = Literal["csv", "xlsx"]


def export(
    tx: Connection,
    register: Register,
    *,
    format: Format,
    actor: Actor,
    at: datetime,
    wanted: Wanted = Wanted(),
    language: str = "zh",
    zone: tzinfo = SHANGHAI,
) -> bytes:
    """The wanted rows as a table that can be imported again; leaves a line in the access log. Raises Forbidden."""
    require(actor, "export_register", Target(label=register.name))
    sheet = _sheet(tx, register, wanted, actor=actor, at=at, language=language, zone=zone)
    return write_csv(sheet.headers, sheet.rows) if format == "csv" else write_workbook([sheet])


def export_workbook(
    tx: Connection, *, actor: Actor, at: datetime, language: str = "zh", zone: tzinfo = SHANGHAI
) -> bytes:
    """All registers as one workbook, a sheet each, that can be imported again; logged sheet by sheet. Raises Forbidden."""
    require(actor, "export_register", Target(label=EVERYTHING))
    return write_workbook(
        [
            _sheet(tx, register, Wanted(), actor=actor, at=at, language=language, zone=zone)
            for register in REGISTERS.values()
        ]
    )


def template(register: Register, *, format: Format, language: str = "zh") -> bytes:
    """An empty table with the titles of the columns that people fill in."""
    sheet = _template(register, language)
    return write_csv(sheet.headers, []) if format == "csv" else write_workbook([sheet])


def workbook_template(*, language: str = "zh") -> bytes:
    """An empty workbook with a sheet for each register."""
    return write_workbook([_template(register, language) for register in REGISTERS.values()])


def _template(register: Register, language: str) -> OutSheet:
    titles = [field.title.in_(language) for field in register.fields if field.given]
    return OutSheet(register.title.in_(language), titles, [])


def _sheet(
    tx: Connection,
    register: Register,
    wanted: Wanted,
    *,
    actor: Actor,
    at: datetime,
    language: str,
    zone: tzinfo,
) -> OutSheet:
    rows = list(everything(tx, register, conditions_of(register, wanted, actor), most=MOST_EXPORTED))
    target = f"{register.name} ({len(rows)})"
    log_access(tx, actor=actor.id, act="export_register", target=target, allowed=True, at=at)
    keys = keys_of(tx, register, rows)
    lines = ([_cell(f, row[f.name], zone, language, keys) for f in register.fields] for row in rows)
    return OutSheet(register.title.in_(language), [f.title.in_(language) for f in register.fields], lines)


def _cell(field: Field, value: object, zone: tzinfo, language: str, keys: dict[UUID, str]) -> Value:
    if field.kind == "integer" and isinstance(value, int):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return write_value(field, value, zone=zone, language=language, keys=keys)
