"""What the parts and columns of figures are called."""

from __future__ import annotations

from collections.abc import Mapping

from engine.foundation.text import Text, same

NOBODY: Mapping[str, Text] = {}

PARTS: dict[str, Text] = {
    "kept": Text(zh="按时", en="In time"),
    "missed": Text(zh="超时", en="Late"),
    "measured": Text(zh="已完成", en="Done"),
    "open": Text(zh="进行中, 未超时", en="Under way, not late"),
    "not_due": Text(zh="未到时限", en="Not yet due"),
    "intercepted": Text(zh="平台故障拦截", en="Intercepted"),
    "cancelled": Text(zh="已取消", en="Cancelled"),
    "out_of_contract": Text(zh="合同外", en="Out of contract"),
    "manufacturer": Text(zh="原厂家服务", en="Served by the manufacturer"),
    "no_limit": Text(zh="没有时限", en="Without a limit"),
    "first_time": Text(zh="一次修复", en="Fixed the first time"),
    "several_times": Text(zh="多次处理", en="Took several attempts"),
    "repeated": Text(zh="重复出现", en="Repeated"),
    "single": Text(zh="未重复", en="Not repeated"),
    "major": Text(zh="重大", en="Major"),
    "urgent": Text(zh="紧急", en="Urgent"),
    "normal": Text(zh="一般", en="Normal"),
    "other": Text(zh="其他", en="Other"),
    "yes": Text(zh="是", en="Yes"),
    "no": Text(zh="否", en="No"),
    "intact": Text(zh="完好", en="Intact"),
    "faulty": Text(zh="有未恢复故障", en="With an open fault"),
    "down": Text(zh="停机", en="Down"),
    "unknown": Text(zh="未注明", en="Not stated"),
}
COLUMNS: dict[str, Text] = {
    "reported": Text(zh="申告总数", en="Reported"),
    "cases": Text(zh="案例数", en="Cases"),
    "count": Text(zh="次数", en="Number"),
    "total_minutes": Text(zh="总历时", en="Total duration"),
    "median_minutes": Text(zh="历时中位数", en="Median duration"),
    "ninetieth": Text(zh="九成以内", en="Nine of ten within"),
    "kept_share": Text(zh="按时比例", en="Share in time"),
    "share": Text(zh="比例", en="Share"),
    "average": Text(zh="平均", en="Average"),
    "highest": Text(zh="最高", en="Highest"),
    "devices": Text(zh="设备台数", en="Devices"),
    "downtime_minutes": Text(zh="停机时间", en="Downtime"),
    "rising": Text(zh="连续上升月数", en="Months rising in a row"),
    "alarm": Text(zh="达到提示条件", en="Alarm raised"),
    "people": Text(zh="人数", en="People"),
    "per_person": Text(zh="人均任务数", en="Tasks per person"),
    "tasks": Text(zh="任务数", en="Tasks"),
    "noted_minutes": Text(zh="填写工时", en="Time noted"),
    "parts": Text(zh="件数", en="Parts"),
    "surveys": Text(zh="调查次数", en="Surveys"),
    "median_days": Text(zh="天数中位数", en="Median days"),
}
ROW_KINDS: dict[str, Text] = {
    "nature": Text(zh="故障性质", en="Nature"),
    "severity": Text(zh="严重程度", en="Severity"),
    "asset_class": Text(zh="设备类别", en="Class of device"),
    "channel": Text(zh="渠道", en="Channel"),
    "month": Text(zh="月份", en="Month"),
    "person": Text(zh="人员或岗位组", en="Person or group"),
    "supplier": Text(zh="供货商", en="Supplier"),
    "group": Text(zh="岗位组", en="Group"),
    "reading": Text(zh="读数", en="Reading"),
    "type": Text(zh="类型", en="Type"),
}
MINUTES = frozenset({"total_minutes", "median_minutes", "downtime_minutes", "noted_minutes"})
SHARES = frozenset({"share", "kept_share"})


def part_name(part: str) -> Text:
    """What a part is called; an id that nobody named reads as it was answered."""
    return PARTS.get(part, same(part.replace("_", " ")))


def column_name(column: str, names: Mapping[str, Text] = NOBODY) -> Text:
    """What a number beside a figure is called; a part counted there has the name that `names` give it, or its own."""
    for prefix, words in _PREFIXES.items():
        if column.startswith(prefix):
            part = column.removeprefix(prefix)
            return words.format(what=names.get(part) or part_name(part))
    return COLUMNS.get(column) or part_name(column)


def row_kind_name(kind: str) -> Text:
    """What the first column of a figure's table is called."""
    return ROW_KINDS.get(kind, same(kind.replace("_", " ")))


def unit_of(column: str, unit: str) -> str:
    """The unit of a number beside a figure of the given unit."""
    if column in MINUTES:
        return "minutes"
    if column in SHARES:
        return "percent"
    if column == "median_days":
        return "days"
    return unit if column in ("ninetieth", "average", "highest") else "count"


_PREFIXES = {
    "score_": Text(zh="{what} 分", en="Score {what}"),
    "impact_": Text(zh="影响: {what}", en="Impact: {what}"),
    "kind_": Text(zh="{what}", en="{what}"),
}
