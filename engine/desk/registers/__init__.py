"""The registers: customers, devices, contracts, parts, suppliers, bulletins, knowledge, duties.

Described in `customers`, `devices` and `notices`; read by `reading`, written by `writing`, which records each change.
"""

from engine.desk.registers.catalogue import REGISTERS, children, register_named
from engine.desk.registers.changes import Change, FieldChange, changes
from engine.desk.registers.fields import Field, Hand, Register
from engine.desk.registers.reading import Listing, Row, Wanted, counts, get, listing
from engine.desk.registers.writing import add, change, restore, retire

__all__ = [
    "REGISTERS",
    "Change",
    "Field",
    "FieldChange",
    "Hand",
    "Listing",
    "Register",
    "Row",
    "Wanted",
    "add",
    "change",
    "changes",
    "children",
    "counts",
    "get",
    "listing",
    "register_named",
    "restore",
    "retire",
]
