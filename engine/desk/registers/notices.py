"""What is made known, written down and rostered: bulletins, knowledge articles and duties."""

from __future__ import annotations

from typing import Any

from engine.desk.registers import choices
from engine.desk.registers.article_words import index_article
from engine.desk.registers.fields import (
    Hand,
    Register,
    Values,
    choice,
    in_order,
    moment,
    person,
    prose,
    reference,
    text,
    title,
    words,
)
from engine.foundation.models.registers import Article, Bulletin, Duty


def _dated(values: Values, hand: Hand) -> dict[str, Any]:
    """The moment of an announcement or restoration is that of its entry when nobody gives another one."""
    filled = {}
    if values["status"] in ("announced", "restored") and values["announced_at"] is None:
        filled["announced_at"] = hand.at
    if values["status"] == "restored" and values["restored_at"] is None:
        filled["restored_at"] = hand.at
    return filled


def _authored(_values: Values, hand: Hand) -> dict[str, Any]:
    """A changed article has to be reviewed again, and by somebody other than whoever changed it."""
    return {"author": hand.actor.id, "state": "draft", "reviewer": None, "reviewed_at": None}


BULLETIN = Register(
    name="bulletin",
    title=title("通报", "Bulletins"),
    one=title("通报", "Bulletin"),
    purpose=title(
        "平台故障和厂商缺陷; 受理时自动比对。",
        "Platform faults and manufacturers' advisories; intake compares new reports with them.",
    ),
    model=Bulletin,
    fields=(
        text("number", "编号", "Number", longest=32, given=False, listed=True, searched=True),
        choice("kind", "类型", "Kind", choices.BULLETIN_KINDS, required=True, listed=True),
        text("title", "标题", "Title", required=True, listed=True, searched=True),
        choice(
            "status",
            "状态",
            "Status",
            choices.BULLETIN_STATUSES,
            listed=True,
            default="draft",
        ),
        text("area", "影响区域", "Area", longest=100, listed=True, searched=True),
        words("symptoms", "症状关键词", "Words of the symptom", searched=True),
        words("models", "影响型号", "Affected models", searched=True),
        reference("manufacturer_id", "制造商", "Manufacturer", "manufacturer"),
        moment("announced_at", "通报时间", "Announced at", listed=True),
        moment("restored_at", "恢复时间", "Restored at", listed=True),
        prose("advice", "处理建议", "What to do", longest=4000),
        text("case_number", "案例号", "Case", longest=32, searched=True),
    ),
    key=("number",),
    label=("number", "title"),
    sort="number",
    keep="keep_bulletins",
    series="TB",
    newest_first=True,
    fill=_dated,
    rule=in_order("announced_at", "restored_at"),
)

ARTICLE = Register(
    name="article",
    title=title("知识库", "Knowledge"),
    one=title("知识条目", "Article"),
    purpose=title(
        "已解决问题的经验, 经审核后供全员查阅。",
        "What was learnt from solved problems; reviewed, then found by everybody.",
    ),
    model=Article,
    fields=(
        text("number", "编号", "Number", longest=32, given=False, listed=True, searched=True),
        text("title", "标题", "Title", required=True, listed=True, searched=True),
        choice("state", "状态", "State", choices.ARTICLE_STATES, given=False, listed=True, default="draft"),
        prose("symptom", "症状", "Symptom", longest=4000, required=True, searched=True),
        prose("cause", "原因", "Cause", longest=4000),
        prose("solution", "解决办法", "Solution", longest=8000),
        prose("workaround", "临时措施", "Workaround", longest=4000),
        words("models", "适用型号", "Models", searched=True),
        words("topics", "分类", "Topics", listed=True, searched=True),
        text("source_case", "来源案例", "From case", longest=32, listed=True, searched=True),
        words("linked_cases", "相关案例", "Linked cases"),
        person("author", "作者", "Author", given=False, listed=True),
        person("reviewer", "审核人", "Reviewed by", given=False),
        moment("reviewed_at", "审核时间", "Reviewed at", given=False),
    ),
    key=("number",),
    label=("number", "title"),
    sort="number",
    keep="write_knowledge",
    series="KB",
    newest_first=True,
    fill=_authored,
    index=index_article,
    on_retire={"state": "retired"},
    on_restore={"state": "draft"},
)

DUTY = Register(
    name="duty",
    title=title("值班表", "Duty roster"),
    one=title("班次", "Shift"),
    purpose=title(
        "谁在何时值班; 热线须全天有人。", "Who is on duty when; the hotline has to be staffed all day."
    ),
    model=Duty,
    fields=(
        choice("group_id", "岗位组", "Group", choices.DUTY_GROUPS, required=True, listed=True),
        person("person", "人员", "Person", required=True, listed=True),
        moment("starts_at", "开始", "From", required=True, listed=True),
        moment("ends_at", "结束", "Until", required=True, listed=True),
    ),
    key=("group_id", "starts_at", "person"),
    label=("person",),
    sort="starts_at",
    keep="keep_duty",
    newest_first=True,
    rule=in_order("starts_at", "ends_at"),
)
