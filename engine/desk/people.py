"""People: who works here, in which groups, with which skills; and as whom they act."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select, update

from engine.desk.absences import away_at, stood_in_for
from engine.foundation.database import Database
from engine.foundation.errors import Conflict, NotFound, Rejection
from engine.foundation.models import Membership, Person, Skill
from engine.foundation.passwords import hash_password
from engine.foundation.security import Actor, Target, require
from engine.foundation.sessions import SignedIn, revoke_all
from engine.foundation.text import Text

_LOGIN = re.compile(r"[a-z][a-z0-9_.-]{1,63}")
_MAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


GROUPS: dict[str, Text] = {
    "call_center": Text(zh="用户服务呼叫中心", en="Call centre"),
    "duty_engineer": Text(zh="值班工程师", en="Duty engineer"),
    "service_engineer": Text(zh="服务工程师", en="Service engineer"),
    "technical_specialist": Text(zh="技术专员", en="Technical specialist"),
    "service_manager": Text(zh="用户服务部经理", en="Service manager"),
    "vice_president": Text(zh="主管副总", en="Vice president in charge"),
    "maintenance_staff": Text(zh="维护人员", en="Maintenance staff"),
    "maintenance_dept": Text(zh="售后维护部", en="After-sales maintenance department"),
    "gm_assistant": Text(zh="总经理助理", en="Assistant to the general manager"),
    "project_management": Text(zh="项目管理部", en="Project management department"),
    "si_head": Text(zh="系统集成负责人", en="Head of system integration"),
    "software_division": Text(zh="应用工程事业部", en="Application engineering division"),
    "purchasing": Text(zh="采购部", en="Purchasing department"),
    "quality_control": Text(zh="质量控制管理部", en="Quality control department"),
    "account_manager": Text(zh="客户经理", en="Account manager"),
    "sales": Text(zh="销售部", en="Sales department"),
    "engineering": Text(zh="设计、生产部门", en="Design and production departments"),
    "process_owner": Text(zh="流程负责人", en="Process owner"),
    "auditor": Text(zh="审计员", en="Auditor"),
    "administrator": Text(zh="系统管理员", en="System administrator"),
}
"""Work is routed by these ids, never by their labels."""


_PERSON, _MEMBER = cast(Table, Person.__table__), cast(Table, Membership.__table__)
_BY_ID = select(_PERSON.c.id, _PERSON.c.name, _PERSON.c.language, _PERSON.c.active).where(
    _PERSON.c.id == bindparam("id")
)
_GROUPS_OF = select(_MEMBER.c.group_id).where(_MEMBER.c.person.in_(bindparam("people", expanding=True)))


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the company as the register knows them; `id` is the login name."""

    id: str
    name: str
    email: str | None
    phone: str | None
    language: str
    active: bool
    groups: frozenset[str]
    skills: frozenset[str]


def person(tx: Connection, id: str) -> Someone:
    """The person with this login name; raises NotFound."""
    found = _someones(tx, _people().where(Person.id == id))
    if not found:
        raise NotFound(_NOBODY.format(id=id))
    return found[0]


def everybody(tx: Connection, *, active: bool | None = None) -> list[Someone]:
    """All people by login name, or only the active (or left) ones."""
    chosen = _people().order_by(Person.id)
    return _someones(tx, chosen if active is None else chosen.where(Person.active == active))


def groups_of(tx: Connection, id: str) -> frozenset[str]:
    """The groups that a person belongs to."""
    return frozenset(tx.scalars(select(Membership.group_id).where(Membership.person == id)))


def members(tx: Connection, group: str, at: datetime | None = None) -> list[str]:
    """Active members of a group by login name; with `at`, only those who are not away then."""
    chosen = (
        select(Person.id)
        .join(Membership, Membership.person == Person.id)
        .where(Membership.group_id == group, Person.active)
        .order_by(Person.id)
    )
    if at is not None:
        chosen = chosen.where(Person.id.not_in(away_at(at)))
    return list(tx.scalars(chosen))


def actor_of(tx: Connection, id: str, *, at: datetime) -> Actor:
    """The person as somebody who acts at `at`, with the groups of those they stand in for; raises NotFound."""
    found = tx.execute(_BY_ID, {"id": id}).one_or_none()
    if found is None:
        raise NotFound(_NOBODY.format(id=id))
    if not found.active:
        raise NotFound(_LEFT.format(name=found.name))
    absent = stood_in_for(tx, id, at=at)
    groups = tx.execute(_GROUPS_OF, {"people": [id, *absent]}).scalars()
    return Actor(found.id, found.name, frozenset(groups), found.language, absent)


def actor_in(database: Database, session: SignedIn, *, at: datetime) -> Actor:
    """The person of a session, as `actor_of` knows them; nothing more is read while nobody is away."""
    if not session.somebody_away:
        return Actor(session.person, session.name, session.groups, session.language)
    with database.read() as tx:
        return actor_of(tx, session.person, at=at)


def add_person(
    tx: Connection,
    *,
    actor: Actor,
    id: str,
    name: str,
    at: datetime,
    groups: Collection[str] = (),
    skills: Iterable[str] = (),
    email: str | None = None,
    phone: str | None = None,
    language: str = "zh",
    password: str | None = None,
) -> Someone:
    """Add somebody; without a password they cannot sign in with one. Raises Rejection, Conflict, Forbidden."""
    require(actor, "manage_people", Target(label=id))
    _check(id=id, name=name, email=email, language=language)
    if tx.scalar(select(Person.id).where(Person.id == id)) is not None:
        raise Conflict(_TAKEN.format(id=id))
    tx.execute(
        insert(Person).values(
            id=id,
            name=name.strip(),
            email=email or None,
            phone=phone or None,
            language=language,
            active=True,
            password_hash=hash_password(password, account=id) if password is not None else None,
            created_at=at,
        )
    )
    set_groups(tx, id, groups, actor=actor)
    set_skills(tx, id, skills, actor=actor)
    return person(tx, id)


def set_groups(tx: Connection, id: str, groups: Collection[str], *, actor: Actor) -> None:
    """Replace the groups of a person. Raises Rejection for an unknown group, NotFound, Forbidden."""
    require(actor, "manage_people", Target(label=id))
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        raise Rejection(_UNKNOWN_GROUP.format(found=", ".join(unknown)))
    person(tx, id)
    tx.execute(delete(Membership).where(Membership.person == id))
    if groups:
        tx.execute(insert(Membership), [{"person": id, "group_id": group} for group in sorted(set(groups))])


def set_skills(tx: Connection, id: str, skills: Iterable[str], *, actor: Actor) -> None:
    """Replace the skills of a person: words that the dispatch table uses."""
    require(actor, "manage_people", Target(label=id))
    person(tx, id)
    words = sorted({skill.strip() for skill in skills} - {""})
    tx.execute(delete(Skill).where(Skill.person == id))
    if words:
        tx.execute(insert(Skill), [{"person": id, "skill": word} for word in words])


def set_details(
    tx: Connection, id: str, *, name: str | None, email: str | None, phone: str | None, actor: Actor
) -> None:
    """Correct what somebody is called and how they are reached; the login stays. Raises Rejection, NotFound, Forbidden."""
    require(actor, "manage_people", Target(label=id))
    known = person(tx, id)
    _check(id=id, name=name or "", email=email, language=known.language)
    values = {"name": (name or "").strip(), "email": email, "phone": phone[:40] if phone else None}
    tx.execute(update(Person).where(Person.id == id).values(**values))


def set_active(tx: Connection, id: str, active: bool, *, actor: Actor) -> None:
    """Let somebody leave (their sessions end at once) or come back; nobody is ever deleted from the register."""
    require(actor, "manage_people", Target(label=id))
    person(tx, id)
    tx.execute(update(Person).where(Person.id == id).values(active=active))
    if not active:
        revoke_all(tx, person=id)


def set_password(tx: Connection, id: str, password: str, *, actor: Actor) -> None:
    """Give somebody a new password (oneself or as administrator) and sign them out everywhere."""
    if actor.id != id:
        require(actor, "manage_people", Target(label=id))
    hashed = hash_password(password, account=id)
    person(tx, id)
    tx.execute(update(Person).where(Person.id == id).values(password_hash=hashed))
    revoke_all(tx, person=id)


def set_language(tx: Connection, *, person: str, language: str) -> None:
    """Remember the language in which somebody reads the product and its messages."""
    if language not in ("zh", "en"):
        raise Rejection(_BAD_LANGUAGE.format(found=language))
    tx.execute(update(Person).where(Person.id == person).values(language=language))


def is_mail_address(word: str) -> bool:
    """Whether one mail address, and nothing else, is written here."""
    return _MAIL.fullmatch(word) is not None


def _people() -> Select[tuple[str, str, str | None, str | None, str, bool]]:
    return select(Person.id, Person.name, Person.email, Person.phone, Person.language, Person.active)


def _someones(
    tx: Connection, chosen: Select[tuple[str, str, str | None, str | None, str, bool]]
) -> list[Someone]:
    rows = tx.execute(chosen).all()
    ids = [row.id for row in rows]
    groups = _collected(tx, select(Membership.person, Membership.group_id).where(Membership.person.in_(ids)))
    skills = _collected(tx, select(Skill.person, Skill.skill).where(Skill.person.in_(ids)))
    return [
        Someone(*row._tuple(), groups.get(row.id, frozenset()), skills.get(row.id, frozenset()))
        for row in rows
    ]


def _collected(tx: Connection, pairs: Select[tuple[str, str]]) -> dict[str, frozenset[str]]:
    collected: dict[str, frozenset[str]] = {}
    for key, value in tx.execute(pairs):
        collected[key] = collected.get(key, frozenset()) | {value}
    return collected


def _check(*, id: str, name: str, email: str | None, language: str) -> None:
    if not _LOGIN.fullmatch(id):
        raise Rejection(_BAD_LOGIN.format(found=id))
    if not 0 < len(name.strip()) <= 100:
        raise Rejection(_BAD_NAME)
    if email and not is_mail_address(email):
        raise Rejection(_BAD_EMAIL.format(found=email))
    if language not in ("zh", "en"):
        raise Rejection(_BAD_LANGUAGE.format(found=language))


_NOBODY = Text(
    zh="应为已登记的人员, 但没有人的登录名是 {id}; 请核对登录名。",
    en="Expected a registered person, but nobody has the login name {id}; check the name.",
)
_LEFT = Text(
    zh="{name} 的账号已停用; 如需恢复请联系系统管理员。",
    en="The account of {name} is closed; ask the administrator to reopen it.",
)
_TAKEN = Text(
    zh="登录名 {id} 应未被使用, 但已有人使用; 请换一个。",
    en="Expected a login name that is free, but {id} is taken; choose another one.",
)
_UNKNOWN_GROUP = Text(
    zh="应为已有的岗位组, 实际为 {found}; 请从列表中选择。",
    en="Expected existing groups, found {found}; choose from the list.",
)
_BAD_LOGIN = Text(
    zh='登录名应以小写字母开头, 由 2-64 个小写字母、数字或 _ . - 组成, 实际为 "{found}"; 请改正。',
    en='Expected a login name of 2-64 lower-case letters, digits or _ . - starting with a letter, found "{found}"; correct it.',
)
_BAD_NAME = Text(
    zh="姓名应为 1 到 100 个字符; 请改正。", en="Expected a name of 1 to 100 characters; correct it."
)
_BAD_EMAIL = Text(
    zh='电子邮件地址应如 name@example.com, 实际为 "{found}"; 请改正。',
    en='Expected a mail address such as name@example.com, found "{found}"; correct it.',
)
_BAD_LANGUAGE = Text(
    zh='语言应为 zh 或 en, 实际为 "{found}"; 请改正。',
    en='Expected the language zh or en, found "{found}"; correct it.',
)
