"""Who acts, and what they may do: the one policy of the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from engine.foundation.database import Database
from engine.foundation.errors import NO_SUCH_CASE, Forbidden, NotFound
from engine.foundation.ids import new_id
from engine.foundation.models import AccessLog
from engine.foundation.policies import POLICIES, Policy
from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system itself) on whose behalf a command runs; `groups` are group ids, `language` zh or en.

    `stands_in_for` names the absent people whose work this person may take; their groups are among `groups`.
    `address` is the network address that the request came from, for the access log.
    """

    id: str
    name: str
    groups: frozenset[str] = frozenset()
    language: str = "zh"
    stands_in_for: frozenset[str] = frozenset()
    address: str | None = None

    @property
    def is_system(self) -> bool:
        """True for timers, replays and the operator's command line."""
        return self.id == SYSTEM_ID

    @property
    def is_customer(self) -> bool:
        """True for the page behind a customer's link: whoever opened it proved to be the customer of that case."""
        return self.id == PORTAL.id

    @property
    def is_outside(self) -> bool:
        """True for whatever comes from outside the company."""
        return self.id in (PORTAL.id, MAILBOX.id)


SYSTEM_ID = "system"
SYSTEM = Actor(id=SYSTEM_ID, name="系统 / System")
PORTAL = Actor(id="portal", name="客户 / Customer")  # the customer, by the page behind their link
MAILBOX = Actor(id="mailbox", name="客户邮件 / Customer's mail")  # whoever wrote to the mailbox
OWN_ACTORS = {one.id: one for one in (SYSTEM, PORTAL, MAILBOX)}  # act without being people of the register


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is aimed at, as far as permission depends on it; `label` is what the access log shows."""

    label: str
    group: str | None = None
    assignee: str | None = None
    handler: str | None = None
    excluded: Collection[str] = ()
    kept_out: Collection[str] = ()  # whatever the act: the case concerns them; `label` is its number


class Refused(Forbidden):
    """An act that the policy refuses; remembers what was tried, for the access log."""

    def __init__(self, text: Text, *, act: str, target: str) -> None:
        super().__init__(text)
        self.act = act
        self.target = target


class Unseen(NotFound, Refused):
    """An act on a case that is kept from the person: logged as a refusal, answered as if there were no such case."""


def require(actor: Actor, act: str, target: Target | None = None) -> None:
    """Return when `actor` may do `act` to `target`; raises Refused. An act without a policy is a KeyError."""
    policy = POLICIES[act]
    aimed = target or Target(label=act)
    if actor.is_system:
        return
    if actor.id in aimed.kept_out:
        raise Unseen(NO_SUCH_CASE.format(name=aimed.label), act=act, target=aimed.label)
    if policy.four_eyes and actor.id in aimed.excluded:
        raise Refused(_FOUR_EYES.format(what=policy.what), act=act, target=aimed.label)
    if not (actor.groups & policy.groups or _related(actor, policy, aimed)):
        raise Refused(_FORBIDDEN.format(what=policy.what, name=actor.name), act=act, target=aimed.label)


def may(actor: Actor, act: str, target: Target | None = None) -> bool:
    """Whether `require` would let it pass; for showing or hiding a button."""
    try:
        require(actor, act, target)
    except Forbidden:
        return False
    return True


@contextmanager
def refusals_logged(database: Database, *, actor: Actor, at: datetime) -> Iterator[None]:
    """Write every refusal inside the block to the access log, in a transaction of its own, and pass it on.

    To be put around a transaction, not into one: what the refused act had written is rolled back first.
    """
    try:
        yield
    except Forbidden as refusal:
        log_refusal(database, refusal, actor=actor, at=at)
        raise


def log_refusal(
    database: Database, refusal: Forbidden, *, actor: Actor | None, at: datetime, target: str = ""
) -> None:
    """Write one refusal to the access log, in a transaction of its own; once, however many doors it passes.

    `target` is what is shown when the refusal does not know what was aimed at.
    """
    if refusal.logged:
        return
    with database.write() as tx:
        log_access(
            tx,
            actor=actor.id if actor else "",
            act=getattr(refusal, "act", "page"),
            target=getattr(refusal, "target", "") or target,
            allowed=False,
            at=at,
            address=actor.address if actor else None,
        )
    refusal.logged = True


def log_access(
    tx: Connection,
    *,
    actor: str,
    act: str,
    target: str,
    allowed: bool,
    at: datetime,
    address: str | None = None,
) -> None:
    """One line of the access log: who tried what, and whether it was allowed."""
    tx.execute(
        insert(AccessLog).values(
            id=new_id(at),
            at=at,
            actor=actor[:64],
            act=act[:64],
            target=target[:200],
            allowed=allowed,
            address=address,
        )
    )


def _related(actor: Actor, policy: Policy, target: Target) -> bool:
    themselves = {actor.id} | actor.stands_in_for
    relations = {
        "anybody": True,
        "group": target.group is not None and target.group in actor.groups,
        "assignee": target.assignee in themselves,
        "handler": target.handler in themselves,
        "customer": actor.is_customer,
    }
    return any(relations[relation] for relation in policy.relations)


_FORBIDDEN = Text(
    zh="{name} 无权{what}; 此次尝试已记录。如确有需要, 请联系系统管理员或部门经理。",
    en="{name} is not entitled to {what}; the attempt was recorded. Ask the administrator or your manager if you should be.",
)
_FOUR_EYES = Text(
    zh="您处理过本案例, 不能再{what}; 请由其他人完成(职责分离)。",
    en="You handled this case, so you may not {what}; somebody else must do it (separation of duties).",
)
