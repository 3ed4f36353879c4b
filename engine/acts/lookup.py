"""What intake finds in the registers while a report is being written: customers, devices, contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from engine.cases import Cases
from engine.foundation.errors import NotFound
from engine.foundation.models import Asset, Customer
from engine.foundation.models.registers import Contact
from engine.foundation.security import Actor, may, require
from engine.foundation.text import Text

MOST = 200  # rows that a form offers at once
FOUND = 20  # rows that are offered for what was typed
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a field may hold, and what tells it from others."""

    value: str
    hint: str


def offered(cases: Cases, *, actor: Actor) -> dict[str, list[Known]]:
    """The newest customers, serial numbers and models. Raises Forbidden."""
    require(actor, "open_case")
    with cases.database.read() as tx:
        return {field: _known(tx, query.limit(MOST)) for field, query in _QUERIES.items()}


def typed(cases: Cases, field: str, words: str, *, customer: str | None = None, actor: Actor) -> list[Known]:
    """What `field` may hold that contains `words`; contacts are those of `customer`. Raises NotFound, Forbidden."""
    require(actor, "open_case")
    if field == "contact":
        query = _contacts(customer) if customer and may(actor, "see_contact_details") else None
    elif field in _QUERIES:
        query = _QUERIES[field].where(_holds(_COLUMNS[field], words))
    else:
        raise NotFound(_NO_FIELD)
    with cases.database.read() as tx:
        return [] if query is None else _known(tx, query.limit(FOUND))


def filled(
    cases: Cases, *, serial: str | None = None, customer: str | None = None, actor: Actor
) -> Mapping[str, str]:
    """What the registers say of a serial number or a customer, by the names of form fields. Raises Forbidden.

    Telephone and mail are for those who may see them.
    """
    require(actor, "open_case")
    with cases.database.read() as tx:
        row = _device(tx, serial) if serial else None
        row = row or (_customer(tx, customer) if customer else None)
    if row is None:
        return {}
    shown = _PLAIN if not may(actor, "see_contact_details") else (*_PLAIN, *_PRIVATE)
    values = row._asdict()
    return {name: str(values[name]) for name in shown if values.get(name)}


_PLAIN = ("customer", "model", "bought_on")
_PRIVATE = ("contact", "phone", "email", "location")
_OF_CUSTOMER = (
    Customer.name.label("customer"),
    Customer.contact_name.label("contact"),
    Customer.phone,
    Customer.email,
)


def _device(tx: Connection, serial: str) -> Any:
    query = (
        select(*_OF_CUSTOMER, Asset.model, Asset.bought_on, Asset.place.label("location"))
        .join(Customer, Customer.id == Asset.customer_id)
        .where(Asset.serial == serial.strip(), Asset.retired_at.is_(None))
    )
    return tx.execute(query).one_or_none()


def _customer(tx: Connection, name: str) -> Any:
    return tx.execute(select(*_OF_CUSTOMER).where(Customer.name == name.strip())).one_or_none()


_QUERIES: Mapping[str, Select[Any]] = {
    "customer": select(Customer.name, Customer.contact_name)
    .where(Customer.retired_at.is_(None))
    .order_by(Customer.id.desc()),
    "serial": select(Asset.serial, Asset.model, Asset.name, Customer.name)
    .join(Customer, Customer.id == Asset.customer_id)
    .where(Asset.retired_at.is_(None))
    .order_by(Asset.id.desc()),
    "model": select(Asset.model, Asset.name)
    .where(Asset.retired_at.is_(None))
    .distinct()
    .order_by(Asset.model),
}
_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "customer": (Customer.name,),
    "serial": (Asset.serial, Asset.model, Customer.name),
    "model": (Asset.model, Asset.name),
}


def _contacts(customer: str) -> Select[Any]:
    return (
        select(Contact.name, Contact.phone)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Customer.name == customer.strip(), Contact.retired_at.is_(None))
        .order_by(Contact.id.desc())
    )


def _known(tx: Connection, query: Select[Any]) -> list[Known]:
    found: dict[str, Known] = {}
    for value, *hints in tx.execute(query).tuples():
        found.setdefault(value, Known(value, " · ".join(hint for hint in hints if hint)))
    return list(found.values())


def _holds(columns: tuple[Any, ...], words: str) -> Any:
    plain = words.strip()
    for special in (_ESCAPE, "%", "_"):
        plain = plain.replace(special, _ESCAPE + special)
    return or_(*(column.ilike(f"%{plain}%", escape=_ESCAPE) for column in columns))


_NO_FIELD = Text(
    zh="应为可以查找的字段, 但没有这个字段; 请从页面上选择。",
    en="Expected a field that can be looked up, found none of that name; choose from the page.",
)
