"""What fills the registers of the demonstration once the cases are played: contacts, sites, parts, roster, knowledge.

It comes in as a company would bring it: one workbook whose sheets refer to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from engine.acts import exchange
from engine.acts.cast import People
from engine.acts.demo.world import SITES, Site
from engine.acts.table_files import NamedTable, Table, TableRow
from engine.desk.registers import REGISTERS, add, knowledge
from engine.desk.registers.fields import SHANGHAI
from engine.foundation.models import Contract, Customer
from engine.foundation.security import SYSTEM

FILE = "台账初始数据.xlsx"
ROSTER_DAYS = 21
CLASSES = (
    "音视频设备",
    "网络设备",
    "服务器",
    "存储",
    "安全设备",
    "网络设备",
    "网络设备",
    "服务器",
    "终端",
    "音视频设备",
)
MAKERS = ("华岳视讯", "北斗网络", "中原服务器")
REPAIRERS = ("城南电子维修", "汇通备件", "远景数码")

ARTICLES = (
    {
        "title": "整机反复重启: 先查电源模块温度",
        "symptom": "设备每隔几分钟自动重启, 前面板电源灯闪烁",
        "cause": "电源模块风扇积灰, 过热保护动作",
        "solution": "断电清理风扇和滤网, 仍过热时更换电源模块; 更换后开机观察三十分钟",
        "models": "SW-7600, DS-880",
        "topics": "电源",
    },
    {
        "title": "视频会议画面中断而声音正常",
        "symptom": "开机十分钟左右画面中断, 声音不受影响",
        "cause": "编码板固件与会议平台版本不兼容",
        "workaround": "在平台上改用兼容编码, 会议可继续",
        "solution": "升级编码板固件到平台要求的版本",
        "models": "VC-900",
        "topics": "视频会议",
    },
    {
        "title": "无线终端频繁掉线: 检查信道与功率",
        "symptom": "终端每几分钟掉线重连, 有线网络正常",
        "cause": "相邻楼层接入点占用同一信道",
        "solution": "重新规划信道, 降低发射功率; 控制器启用自动调优",
        "models": "WC-80",
        "topics": "无线",
    },
    {
        "title": "录像缺少夜间片段",
        "symptom": "回放时夜间录像缺失, 白天正常",
        "workaround": "临时改为全天录像",
        "topics": "监控",
    },
)
"""The last one waits for its review."""


def fill(tx: Connection, *, at: datetime) -> None:
    """Write the rows; to be called when the cases are played, because people on a roster would change how they go."""
    previews = exchange.preview_workbook(tx, list(_tables(tx, at)), file=FILE, actor=SYSTEM, at=at)
    token = previews[0].token
    assert token is not None, [problem for one in previews for problem in one.problems]
    exchange.apply_workbook(tx, token, actor=SYSTEM, at=at)
    people = People()
    for number, article in enumerate(ARTICLES):
        id = add(tx, REGISTERS["article"], article, actor=people.li_gong, at=at)
        if number < len(ARTICLES) - 1:
            knowledge.review(tx, id, revision=1, actor=people.zhao_zhuan, at=at)


def _tables(tx: Connection, at: datetime) -> Iterator[NamedTable]:
    yield _table(
        "区域",
        "名称 上级 负责人",
        [("上海", "华东", "sun_jing"), ("华东", "", "zhou_fu"), ("华北", "", "zhou_fu")],
    )
    yield _table("供货商", "名称 联系人 电话 供应和维修范围 约定返修天数", _suppliers())
    yield _table("制造商", "名称 联系人 电话 承诺范围 承诺时限 承诺有效至", _makers(at.date()))
    yield _table(
        "客户", "名称 类型 区域", [(site.customer, "单位", _region(n)) for n, site in enumerate(SITES)]
    )
    yield _table(
        "站点",
        "站点编码 客户 名称 地址 可到场时间 区域 入场要求",
        [_place(n, site) for n, site in enumerate(SITES)],
    )
    yield _table(
        "联系人",
        "客户 姓名 角色 电话 电子邮件 站点",
        [row for n, site in enumerate(SITES) for row in _contacts(n, site)],
    )
    yield _table("设备", "序列号 站点 类别 制造商 供货商", [_device(n, site) for n, site in enumerate(SITES)])
    yield _table("合同服务项", "合同 行号 服务类型 设备 每年次数", list(_lines(tx)))
    yield _table("远程接入", "客户 名称 工具 接入地址 客户同意 最近测试", _ways_in(at.date()))
    yield _table("备件", "料号 名称 适用型号 制造商 供货商 存有数据(须清除或交还)", _parts())
    yield _table("值班表", "岗位组 人员 开始 结束", list(_roster(at.astimezone(SHANGHAI).date())))


def _table(name: str, titles: str, rows: Sequence[tuple[str, ...]]) -> NamedTable:
    return NamedTable(
        name, Table(tuple(titles.split()), tuple(TableRow(n, row) for n, row in enumerate(rows, start=2)))
    )


def _region(number: int) -> str:
    return ("上海", "华东", "华北")[number % 3]


def _code(site: Site) -> str:
    return f"ZD-{site.serial[:3]}"


def _place(number: int, site: Site) -> tuple[str, ...]:
    hours = "7×24 小时" if site.coverage == "gold" else "工作时间"
    entry = "进入机房需提前一天报备, 出示工作证。" if number % 2 == 0 else ""
    return (
        _code(site),
        site.customer,
        site.place,
        f"示范路 {10 + number} 号 {site.place}",
        hours,
        _region(number),
        entry,
    )


def _contacts(number: int, site: Site) -> Iterator[tuple[str, ...]]:
    mail = f"{site.serial.lower()}@customer.invalid"
    yield site.customer, site.contact, "技术联系人", site.phone, mail, _code(site)
    if site.coverage == "gold":
        yield site.customer, f"{site.contact[0]}主任", "项目负责人", f"021 0000 {1000 + number}", "", ""


def _device(number: int, site: Site) -> tuple[str, ...]:
    return site.serial, _code(site), CLASSES[number], MAKERS[number % 3], REPAIRERS[number % 3]


def _lines(tx: Connection) -> Iterator[tuple[str, ...]]:
    """What each contract covers; its number tells the year in which the story begins."""
    signed = select(Customer.name, Contract.number).join(Customer, Customer.id == Contract.customer_id)
    contracts = dict(tx.execute(signed).tuples().all())
    for site in SITES:
        if site.coverage is not None:
            contract = contracts[site.customer]
            yield contract, "1", "故障修复", site.serial, ""
            yield contract, "2", "巡检保养", "", "4" if site.coverage == "gold" else "2"


def _ways_in(today: date) -> list[tuple[str, ...]]:
    tested = (today - timedelta(days=12)).isoformat()
    gold = [site for site in SITES if site.coverage == "gold"]
    return [
        (
            site.customer,
            "运维专线",
            "IPsec VPN",
            f"vpn.{site.serial.lower()}.example.invalid",
            "每次征得同意",
            tested,
        )
        for site in gold
    ]


def _suppliers() -> list[tuple[str, ...]]:
    scope = ("电源、风扇、主板维修", "硬盘、内存、光模块供应", "显示和音视频部件维修")
    return [
        (name, contact, f"021 0000 {8000 + n}", scope[n], str(10 + 5 * n))
        for n, (name, contact) in enumerate(zip(REPAIRERS, ("罗师傅", "汪经理", "简工"), strict=True))
    ]


def _makers(today: date) -> list[tuple[str, ...]]:
    until = today.replace(month=12, day=31).isoformat()
    return [
        (name, "厂商热线", f"400 000 {100 + n}", "主机和板卡三年保修", "四小时响应, 次日到场", until)
        for n, name in enumerate(MAKERS)
    ]


def _parts() -> list[tuple[str, ...]]:
    rows = (
        ("PS-7600", "电源模块", "SW-7600, DS-880", "否"),
        ("FAN-88", "风扇组件", "DS-880, NS-410", "否"),
        ("HDD-4T", "4TB 硬盘", "NS-410, VR-64", "是"),
        ("SFP-10G", "万兆光模块", "SW-7600", "否"),
        ("ENC-900", "编码板", "VC-900", "否"),
        ("AP-80", "无线接入点", "WC-80", "否"),
    )
    return [
        (sku, name, models, MAKERS[n % 3], REPAIRERS[n % 3], data)
        for n, (sku, name, models, data) in enumerate(rows)
    ]


def _roster(today: date) -> Iterator[tuple[str, ...]]:
    """The hotline around the clock but for one night, which the roster shows as a gap; engineers on working hours."""
    for number in range(-7, ROSTER_DAYS):
        day, next_day = today + timedelta(days=number), today + timedelta(days=number + 1)
        by_day, by_night = ("chen_min", "he_jie") if number % 2 else ("he_jie", "chen_min")
        yield "用户服务呼叫中心", by_day, f"{day} 08:00", f"{day} 20:00"
        if number != 5:
            yield "用户服务呼叫中心", by_night, f"{day} 20:00", f"{next_day} 08:00"
        yield "值班工程师", "tang_lei", f"{day} 08:00", f"{day} 20:00"
