"""Devices, the parts that go into them, their repairs, and who makes and supplies them."""

from __future__ import annotations

from engine.desk.registers import choices
from engine.desk.registers.fields import (
    Register,
    choice,
    day,
    flag,
    in_order,
    integer,
    mail,
    note,
    phone,
    prose,
    reference,
    text,
    title,
    words,
)
from engine.foundation.models import Asset
from engine.foundation.models.registers import Manufacturer, Part, Repair, Supplier

ASSET = Register(
    name="asset",
    title=title("设备", "Devices"),
    one=title("设备", "Device"),
    purpose=title("受理时按序列号识别设备。", "Intake recognises devices by their serial number."),
    model=Asset,
    fields=(
        text("serial", "序列号", "Serial number", required=True, longest=100, listed=True, searched=True),
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        text("model", "型号", "Model", required=True, longest=100, listed=True, searched=True),
        reference("customer_id", "客户", "Customer", "customer", required=True, listed=True),
        choice("asset_class", "类别", "Class", choices.ASSET_CLASSES),
        choice("status", "状态", "Status", choices.ASSET_STATUSES, listed=True, default="in_service"),
        reference("site_id", "站点", "Site", "site"),
        text("place", "位置", "Place", searched=True),
        reference("manufacturer_id", "制造商", "Manufacturer", "manufacturer"),
        reference("supplier_id", "供货商", "Supplier", "supplier"),
        reference("contract_id", "合同", "Contract", "contract"),
        day("bought_on", "购买日期", "Bought on"),
        day("installed_on", "安装日期", "Installed on"),
        day("warranty_until", "保修至", "Warranty until", listed=True),
        text("software_version", "软件版本", "Software version", longest=100),
        day("software_upgrade_until", "免费升级至", "Free upgrades until"),
        flag("holds_data", "含客户数据", "Holds customer data"),
        prose("baseline", "配置基线", "Configuration baseline", longest=4000),
    ),
    key=("serial",),
    label=("name", "serial"),
    sort="serial",
    keep="keep_assets",
    rule=in_order("bought_on", "warranty_until"),
    on_retire={"status": "retired"},
    on_restore={"status": "in_service"},
    case_column="asset_id",
)

PART = Register(
    name="part",
    title=title("备件", "Parts"),
    one=title("备件", "Part"),
    purpose=title(
        "现场更换时核对备件适用的型号。", "Which models a part fits, checked when it is put into a device."
    ),
    model=Part,
    fields=(
        text("sku", "料号", "Part number", required=True, longest=64, listed=True, searched=True),
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        words("models", "适用型号", "Fits models", listed=True, searched=True),
        reference("manufacturer_id", "制造商", "Manufacturer", "manufacturer"),
        reference("supplier_id", "供货商", "Supplier", "supplier", listed=True),
        flag("holds_data", "存有数据(须清除或交还)", "Holds data (wipe or hand back)"),
        note(),
    ),
    key=("sku",),
    label=("name", "sku"),
    sort="sku",
    keep="keep_supply",
)

SUPPLIER = Register(
    name="supplier",
    title=title("供货商", "Suppliers"),
    one=title("供货商", "Supplier"),
    purpose=title("供应和维修备件的单位。", "Who sells and repairs parts."),
    model=Supplier,
    fields=(
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        text("contact_name", "联系人", "Contact", longest=100, listed=True, searched=True),
        phone(),
        mail(),
        text("address", "地址", "Address", longest=300),
        prose("scope", "供应和维修范围", "What they supply and repair", searched=True),
        integer("turnaround_days", "约定返修天数", "Agreed days of repair", least=1, most=365, listed=True),
    ),
    key=("name",),
    label=("name",),
    sort="name",
    keep="keep_supply",
)

MANUFACTURER = Register(
    name="manufacturer",
    title=title("制造商", "Manufacturers"),
    one=title("制造商", "Manufacturer"),
    purpose=title(
        "主要设备厂家及其售后服务承诺。", "The makers of devices and what they committed themselves to."
    ),
    model=Manufacturer,
    fields=(
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        text("contact_name", "联系人", "Contact", longest=100, listed=True, searched=True),
        phone(),
        mail(),
        prose("commitment_scope", "承诺范围", "Scope of the commitment", longest=2000, searched=True),
        prose("commitment_limits", "承诺时限", "Limits of the commitment"),
        day("commitment_until", "承诺有效至", "Commitment until", listed=True),
    ),
    key=("name",),
    label=("name",),
    sort="name",
    keep="keep_supply",
)

REPAIR = Register(
    name="repair",
    title=title("维修台账", "Repair ledger"),
    one=title("维修记录", "Repair"),
    purpose=title(
        "按序列号累计维修次数和天数, 换货退款据此判断; 几次维修重叠的日子只计一次。",
        "Repairs and repair days per serial number; exchange and refund are judged by them. "
        "A day on which several repairs overlap counts once.",
    ),
    model=Repair,
    fields=(
        text("serial", "序列号", "Serial number", required=True, longest=100, listed=True, searched=True),
        text("case_number", "案例号", "Case", required=True, longest=32, listed=True, searched=True),
        day("began_on", "开始日期", "Began on", required=True, listed=True),
        day("ended_on", "完成日期", "Ended on", listed=True),
        text("fault", "故障", "Fault", longest=300, listed=True, searched=True),
    ),
    key=("serial", "case_number"),
    label=("serial", "case_number"),
    sort="began_on",
    keep="keep_assets",
    newest_first=True,
    rule=in_order("began_on", "ended_on"),
)
