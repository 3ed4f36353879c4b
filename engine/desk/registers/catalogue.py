"""All registers, in the order in which people meet them."""

from __future__ import annotations

from engine.desk.registers.customers import (
    CONTACT,
    CONTRACT,
    CONTRACT_LINE,
    CUSTOMER,
    REGION,
    REMOTE_ACCESS,
    SITE,
)
from engine.desk.registers.devices import ASSET, MANUFACTURER, PART, REPAIR, SUPPLIER
from engine.desk.registers.fields import Field, Register
from engine.desk.registers.notices import ARTICLE, BULLETIN, DUTY
from engine.foundation.errors import NotFound
from engine.foundation.text import Text

REGISTERS: dict[str, Register] = {
    register.name: register
    for register in (
        CUSTOMER,
        CONTACT,
        SITE,
        ASSET,
        CONTRACT,
        CONTRACT_LINE,
        REMOTE_ACCESS,
        PART,
        SUPPLIER,
        MANUFACTURER,
        REPAIR,
        BULLETIN,
        ARTICLE,
        DUTY,
        REGION,
    )
}


def register_named(name: str) -> Register:
    """The register with this id; raises NotFound."""
    if name not in REGISTERS:
        raise NotFound(_NO_REGISTER)
    return REGISTERS[name]


def children(register: Register) -> list[tuple[Register, Field]]:
    """The registers whose rows refer to rows of this one, with the field by which they do."""
    return [
        (other, field)
        for other in REGISTERS.values()
        for field in other.parents
        if field.refers == register.name
    ]


_NO_REGISTER = Text(
    zh="没有这个台账; 请从台账列表中选择。",
    en="There is no such register; choose one from the list of registers.",
)
