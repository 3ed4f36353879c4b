"""The words that the fields of registers may hold; ids are stored, titles are shown."""

from __future__ import annotations

from engine.desk.people import GROUPS
from engine.foundation.text import Text

LANGUAGES = {"zh": Text(zh="中文", en="Chinese"), "en": Text(zh="英文", en="English")}
CUSTOMER_KINDS = {
    "organisation": Text(zh="单位", en="Organisation"),
    "individual": Text(zh="个人", en="Individual"),
}
CONTACT_ROLES = {
    "project_owner": Text(zh="项目负责人", en="Project responsible"),
    "technical": Text(zh="技术联系人", en="Technical contact"),
    "user": Text(zh="使用人", en="User"),
    "purchasing": Text(zh="商务联系人", en="Commercial contact"),
}
HOURS = {
    "always": Text(zh="7×24 小时", en="Around the clock"),
    "working": Text(zh="工作时间", en="Working hours"),
}
CONSENTS = {
    "each_time": Text(zh="每次征得同意", en="Asked each time"),
    "standing": Text(zh="合同约定同意", en="Agreed in the contract"),
    "refused": Text(zh="不允许", en="Not allowed"),
}
ASSET_CLASSES = {
    "network": Text(zh="网络设备", en="Network device"),
    "server": Text(zh="服务器", en="Server"),
    "storage": Text(zh="存储", en="Storage"),
    "security": Text(zh="安全设备", en="Security device"),
    "video": Text(zh="音视频设备", en="Audio and video"),
    "terminal": Text(zh="终端", en="Terminal"),
    "software": Text(zh="软件", en="Software"),
    "infrastructure": Text(zh="机房基础设施", en="Infrastructure"),
    "other": Text(zh="其他", en="Other"),
}
ASSET_STATUSES = {
    "in_service": Text(zh="在用", en="In service"),
    "out_of_service": Text(zh="停用", en="Out of service"),
    "retired": Text(zh="报废", en="Retired"),
}
COVERAGES = {
    "gold": Text(zh="金牌", en="Gold"),
    "standard": Text(zh="标准", en="Standard"),
}
SERVICE_TYPES = {
    "daily_operation": Text(zh="日常运作", en="Daily operation"),
    "consulting": Text(zh="服务咨询", en="Consulting"),
    "inspection": Text(zh="巡检保养", en="Inspection and upkeep"),
    "monitoring": Text(zh="主动监测", en="Active monitoring"),
    "fault_repair": Text(zh="故障修复", en="Fault repair"),
    "special_assurance": Text(zh="特殊保障", en="Special assurance"),
    "upgrade": Text(zh="升级优化", en="Upgrade and optimisation"),
}
BULLETIN_KINDS = {
    "platform_fault": Text(zh="平台故障", en="Platform fault"),
    "vendor_advisory": Text(zh="厂商缺陷通知", en="Manufacturer's advisory"),
    "known_error": Text(zh="已知错误", en="Known error"),
}
BULLETIN_STATUSES = {
    "draft": Text(zh="草稿", en="Draft"),
    "announced": Text(zh="已通报", en="Announced"),
    "restored": Text(zh="已恢复", en="Restored"),
    "withdrawn": Text(zh="已撤销", en="Withdrawn"),
}
ARTICLE_STATES = {
    "draft": Text(zh="草稿", en="Draft"),
    "reviewed": Text(zh="已审核", en="Reviewed"),
    "retired": Text(zh="已停用", en="Retired"),
}
DUTY_GROUPS = {
    group: GROUPS[group]
    for group in (
        "call_center",
        "duty_engineer",
        "service_engineer",
        "technical_specialist",
        "service_manager",
        "maintenance_staff",
        "maintenance_dept",
    )
}
