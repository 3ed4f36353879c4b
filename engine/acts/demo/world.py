"""The invented customers of the demonstration, their devices and contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import Connection, insert

from engine.foundation.ids import new_id
from engine.foundation.models import Asset, Contract, Customer


@dataclass(frozen=True, slots=True)
class Site:
    """One invented customer with one device."""

    customer: str
    contact: str
    phone: str
    place: str
    device: str
    model: str
    serial: str
    coverage: str | None  # the contract's level; None: no contract


SITES = (
    Site(
        "滨江会展中心",
        "周晓岚",
        "138 0000 5521",
        "三层会议区",
        "视频会议主机",
        "VC-900",
        "VC9-7730214",
        "gold",
    ),
    Site(
        "华东第三医院",
        "顾明远",
        "139 0000 1180",
        "门诊楼机房",
        "核心交换机",
        "SW-7600",
        "SW7-5500127",
        "gold",
    ),
    Site(
        "城东税务所", "吕建平", "136 0000 7702", "办税大厅", "叫号服务器", "QS-200", "QS2-1002938", "standard"
    ),
    Site("明德小学", "秦老师", "137 0000 3345", "信息中心", "网络存储", "NS-410", "NS4-8800412", "standard"),
    Site("海港物流", "尤强", "135 0000 9921", "三号仓", "防火墙", "FW-3000", "FW3-2210087", "gold"),
    Site(
        "云桥大酒店",
        "彭丽",
        "133 0000 4410",
        "地下一层机房",
        "无线控制器",
        "WC-80",
        "WC8-4711008",
        "standard",
    ),
    Site("青禾农业公司", "段志远", "159 0000 2276", "办公楼", "边缘网关", "EG-15", "EG1-3300981", None),
    Site("北岭水务", "高远", "158 0000 8834", "调度中心", "数据库服务器", "DS-880", "DS8-9090011", "gold"),
    Site("长宁图书馆", "白雪", "188 0000 1502", "二层总台", "自助借还机", "LB-30", "LB3-6620045", "standard"),
    Site("星汇商场", "曹阳", "186 0000 6690", "弱电间", "监控录像机", "VR-64", "VR6-1718280", None),
)

MAINTENANCE = {"gold": 3, "standard": 6}  # months between visits
CLASSES = {
    "VC": "video",
    "SW": "network",
    "QS": "server",
    "NS": "storage",
    "FW": "security",
    "WC": "network",
    "EG": "network",
    "DS": "server",
    "LB": "terminal",
    "VR": "video",
}
SERVED = {"gold": "always", "standard": "working"}  # service hours
CHECKLIST = "机房温度, 设备利用率, 存储空间, 网络质量, 后备电源, 日志"
ACCOUNT_MANAGER = "zhu_lan"

FAULTS = (
    "开机十分钟后画面中断",
    "整层网络时断时续, 丢包严重",
    "告警灯常亮, 风扇转速异常",
    "数据库连接数占满, 业务系统登录缓慢",
    "升级后管理页面打不开",
    "电源模块无输出, 设备只靠备用电源运行",
    "录像回放缺少夜间片段",
    "应用软件保存单据时报错退出",
    "无线终端频繁掉线重连",
    "存储空间显示不足, 实际仍有空余",
)


def furnish(tx: Connection, *, at: datetime, random: Random) -> None:
    """Write the customers, devices and contracts; contracts run for a year around `at`."""
    today = at.date()
    for number, site in enumerate(SITES):
        customer = new_id(at)
        tx.execute(insert(Customer).values(**_customer(site, customer)))
        bought = today - timedelta(days=random.randint(200, 1400))
        tx.execute(insert(Asset).values(**_asset(site, customer, bought, at)))
        if site.coverage is not None:
            tx.execute(insert(Contract).values(**_contract(site, customer, today, number, at)))


def _customer(site: Site, identity: UUID) -> dict[str, object]:
    return {
        "id": identity,
        "name": site.customer,
        "contact_name": site.contact,
        "phone": site.phone,
        "email": f"{site.serial.lower()}@customer.invalid",
        "address": site.place,
        "language": "zh",
        "manager": ACCOUNT_MANAGER if site.coverage == "gold" else None,
    }


def _asset(site: Site, customer: UUID, bought: date, at: datetime) -> dict[str, object]:
    return {
        "id": new_id(at),
        "customer_id": customer,
        "model": site.model,
        "serial": site.serial,
        "name": site.device,
        "asset_class": CLASSES[site.model[:2]],
        "bought_on": bought,
        "warranty_until": bought + timedelta(days=3 * 365),
    }


def _contract(site: Site, customer: UUID, today: date, number: int, at: datetime) -> dict[str, object]:
    return {
        "id": new_id(at),
        "customer_id": customer,
        "number": f"HT-{today.year}-{number + 1:03d}",
        "coverage": site.coverage,
        "calendar": SERVED[str(site.coverage)],
        "starts_on": today - timedelta(days=120),
        "ends_on": today + timedelta(days=400),
        "maintenance_months": MAINTENANCE[str(site.coverage)],
        "next_visit_on": today + timedelta(days=21 + 7 * number),
        "checklist": CHECKLIST,
    }
