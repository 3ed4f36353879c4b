"""The people of the demonstration and of the tests: one or two per group, all invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from engine.foundation.models import Membership, Person, Skill
from engine.foundation.security import Actor


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast; `id` is the login name, `skills` are words that the dispatch table uses."""

    id: str
    name: str
    groups: tuple[str, ...]
    skills: tuple[str, ...] = ()
    language: str = "zh"

    @property
    def actor(self) -> Actor:
        """The same person as the engine sees them acting."""
        return Actor(
            id=self.id,
            name=self.name,
            groups=frozenset(self.groups),
            language=self.language,
        )


CAST = (
    Member("chen_min", "陈敏", ("call_center",)),
    Member("he_jie", "何洁", ("call_center",)),
    Member("tang_lei", "唐磊", ("duty_engineer",), ("hardware", "network")),
    Member("li_gong", "李工", ("service_engineer",), ("hardware", "network")),
    Member("wang_gong", "王工", ("service_engineer",), ("software", "network")),
    Member(
        "zhao_zhuan",
        "赵专",
        ("technical_specialist",),
        ("hardware", "software", "network"),
    ),
    Member("qian_zhuan", "钱专", ("technical_specialist",), ("software",)),
    Member("sun_jing", "孙静", ("service_manager",)),
    Member("zhou_fu", "周福", ("vice_president",)),
    Member("wu_wei", "吴维", ("maintenance_staff",), ("hardware",)),
    Member("zheng_hao", "郑浩", ("maintenance_dept",), ("hardware", "network")),
    Member("feng_zhu", "冯助", ("gm_assistant",)),
    Member("xu_mei", "徐梅", ("project_management",)),
    Member("jiang_tao", "蒋涛", ("si_head",)),
    Member("shen_ruan", "沈软", ("software_division",), ("software",)),
    Member("han_cai", "韩彩", ("purchasing",)),
    Member("yang_zhi", "杨志", ("quality_control",)),
    Member("zhu_lan", "朱兰", ("account_manager",)),
    Member("qin_xiao", "秦晓", ("sales",)),
    Member("you_she", "尤设", ("engineering",)),
    Member("xie_liu", "谢柳", ("process_owner",)),
    Member("shen_ji", "沈吉", ("auditor",)),
    Member("guan_li", "管立", ("administrator",)),
)


class People:
    """The cast as actors: by attribute, by login name, or all of a group in order."""

    def __init__(self, members: tuple[Member, ...] = CAST) -> None:
        self._members = {member.id: member for member in members}

    def __getattr__(self, person: str) -> Actor:
        try:
            return self._members[person].actor
        except KeyError as error:
            raise AttributeError(f"nobody in the cast is called {person}") from error

    def __getitem__(self, person: str) -> Actor:
        return self._members[person].actor

    def __iter__(self) -> Iterator[Actor]:
        return (member.actor for member in self._members.values())

    def of(self, group: str) -> Actor:
        """The first person of a group; raises LookupError when nobody is in it."""
        for member in self._members.values():
            if group in member.groups:
                return member.actor
        raise LookupError(f"nobody in the cast is in the group {group}")


def admit(tx: Connection, *, at: datetime, password_hash: str | None = None) -> People:
    """Write the cast into the registers; everybody gets the same password (demonstrations only) or none."""
    tx.execute(
        insert(Person),
        [_person(member, at=at, password_hash=password_hash) for member in CAST],
    )
    tx.execute(
        insert(Membership),
        [{"person": m.id, "group_id": group} for m in CAST for group in m.groups],
    )
    tx.execute(
        insert(Skill),
        [{"person": m.id, "skill": skill} for m in CAST for skill in m.skills],
    )
    return People()


def _person(member: Member, *, at: datetime, password_hash: str | None) -> dict[str, object]:
    return {
        "id": member.id,
        "name": member.name,
        "email": f"{member.id}@example.invalid",
        "language": member.language,
        "password_hash": password_hash,
        "active": True,
        "created_at": at,
    }
