"""Customers and what belongs to them: sites, contacts, ways in, contracts and their services."""

from __future__ import annotations

from engine.desk.registers import choices
from engine.desk.registers.fields import (
    Register,
    choice,
    day,
    in_order,
    integer,
    mail,
    note,
    person,
    phone,
    prose,
    reference,
    text,
    title,
)
from engine.foundation.models import Contract, Customer
from engine.foundation.models.registers import Contact, ContractLine, Region, RemoteAccess, Site

CUSTOMER = Register(
    name="customer",
    title=title("客户", "Customers"),
    one=title("客户", "Customer"),
    purpose=title("受理时按名称识别客户。", "Intake recognises customers by their name."),
    model=Customer,
    fields=(
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        choice("kind", "类型", "Kind", choices.CUSTOMER_KINDS, listed=True),
        text("contact_name", "主要联系人", "Main contact", longest=100, listed=True, searched=True),
        phone(),
        mail(),
        text("address", "地址", "Address", longest=300, private=True),
        choice("language", "通知语言", "Language of messages", choices.LANGUAGES, default="zh"),
        person("manager", "客户经理", "Account manager", listed=True),
        reference("region_id", "区域", "Region", "region"),
        note(),
    ),
    key=("name",),
    label=("name",),
    sort="name",
    keep="keep_customers",
    case_column="customer_id",
)

CONTACT = Register(
    name="contact",
    title=title("联系人", "Contacts"),
    one=title("联系人", "Contact"),
    purpose=title("客户方的人员和职责。", "People on the customer's side and what they decide."),
    model=Contact,
    fields=(
        reference("customer_id", "客户", "Customer", "customer", required=True, listed=True),
        text("name", "姓名", "Name", required=True, longest=100, listed=True, searched=True),
        choice("role", "角色", "Role", choices.CONTACT_ROLES, listed=True),
        phone(),
        mail(),
        reference("site_id", "站点", "Site", "site", listed=True),
        choice("language", "通知语言", "Language of messages", choices.LANGUAGES),
        note(),
    ),
    key=("customer_id", "name"),
    label=("name",),
    sort="name",
    keep="keep_customers",
)

SITE = Register(
    name="site",
    title=title("站点", "Sites"),
    one=title("站点", "Site"),
    purpose=title(
        "设备所在地点; 到场时核对站点编码。", "Where devices stand; the site's code is checked on arrival."
    ),
    model=Site,
    fields=(
        text("code", "站点编码", "Site code", required=True, longest=40, listed=True, searched=True),
        reference("customer_id", "客户", "Customer", "customer", required=True, listed=True),
        text("name", "名称", "Name", required=True, listed=True, searched=True),
        text("address", "地址", "Address", longest=300, listed=True, searched=True, private=True),
        choice("hours", "可到场时间", "Open for visits", choices.HOURS),
        reference("region_id", "区域", "Region", "region"),
        prose("entry_rules", "入场要求", "Rules of entry", longest=2000),
    ),
    key=("code",),
    label=("code", "name"),
    sort="code",
    keep="keep_customers",
)

REMOTE_ACCESS = Register(
    name="remote_access",
    title=title("远程接入", "Remote access"),
    one=title("远程接入方式", "Way of remote access"),
    purpose=title(
        "远程诊断用的接入方式; 不得登记密码。", "Ways in for remote diagnosis; never note a password here."
    ),
    model=RemoteAccess,
    fields=(
        reference("customer_id", "客户", "Customer", "customer", required=True, listed=True),
        text("name", "名称", "Name", required=True, longest=100, listed=True, searched=True),
        text("tool", "工具", "Tool", required=True, longest=100, listed=True, searched=True),
        text("endpoint", "接入地址", "Address of access", required=True, longest=300, private=True),
        reference("site_id", "站点", "Site", "site"),
        choice("consent", "客户同意", "Customer's consent", choices.CONSENTS, listed=True),
        day("checked_on", "最近测试", "Last tested", listed=True),
        note(),
    ),
    key=("customer_id", "name"),
    label=("name",),
    sort="name",
    keep="keep_assets",
)

CONTRACT = Register(
    name="contract",
    title=title("合同", "Contracts"),
    one=title("合同", "Contract"),
    purpose=title(
        "服务级别、期限和维护条款; 时限和巡检据此计算。",
        "Coverage, period and maintenance terms; limits and visits follow from them.",
    ),
    model=Contract,
    fields=(
        text("number", "合同编号", "Contract number", required=True, longest=64, listed=True, searched=True),
        reference("customer_id", "客户", "Customer", "customer", required=True, listed=True),
        choice("coverage", "服务级别", "Coverage", choices.COVERAGES, required=True, listed=True),
        day("starts_on", "生效日期", "First day", required=True, listed=True),
        day("ends_on", "到期日期", "Last day", required=True, listed=True),
        choice("calendar", "服务时间", "Service hours", choices.HOURS),
        prose("limits_note", "时限约定", "Agreed limits", longest=2000),
        text("project", "项目", "Project", searched=True),
        person("project_owner", "项目负责人", "Project responsible"),
        integer("maintenance_months", "巡检间隔(月)", "Months between visits", least=1, most=60),
        day("next_visit_on", "下次巡检", "Next visit", listed=True),
        prose("checklist", "巡检项目", "Checklist of a visit", longest=4000),
        day("software_upgrade_until", "免费升级至", "Free upgrades until"),
    ),
    key=("number",),
    label=("number",),
    sort="number",
    keep="keep_contracts",
    rule=in_order("starts_on", "ends_on"),
    case_column="contract_id",
)

CONTRACT_LINE = Register(
    name="contract_line",
    title=title("合同服务项", "Contract lines"),
    one=title("合同服务项", "Contract line"),
    purpose=title("合同承诺的各项服务。", "Each service that a contract promises."),
    model=ContractLine,
    fields=(
        reference("contract_id", "合同", "Contract", "contract", required=True, listed=True),
        integer("line", "行号", "Line", required=True, least=1, most=999, listed=True),
        choice(
            "service_type",
            "服务类型",
            "Type of service",
            choices.SERVICE_TYPES,
            required=True,
            listed=True,
            searched=True,
        ),
        reference("asset_id", "设备", "Device", "asset", listed=True),
        integer("times_a_year", "每年次数", "Times a year", least=1, most=366, listed=True),
        note(),
    ),
    key=("contract_id", "line"),
    label=("service_type",),
    sort="line",
    keep="keep_contracts",
)

REGION = Register(
    name="region",
    title=title("区域", "Regions"),
    one=title("区域", "Region"),
    purpose=title(
        "总部以下的区域公司和它们的负责人。", "Regional companies under headquarters and who leads them."
    ),
    model=Region,
    fields=(
        text("name", "名称", "Name", required=True, longest=100, listed=True, searched=True),
        reference("parent_id", "上级", "Belongs to", "region", listed=True),
        person("head", "负责人", "Head", listed=True),
    ),
    key=("name",),
    label=("name",),
    sort="name",
    keep="manage_people",
)
