"""Features of the product that realise clauses by being there: where each is found, as a page or a command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.foundation.text import Text


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that people use: `page` is the name of its page, `command` what an operator types after `shouhou`."""

    name: Text
    page: str | None = None
    command: str | None = None


FEATURES: Mapping[str, Feature] = {
    "open_case": Feature(Text(zh="开案例", en="Opening a case"), page="cases.new"),
    "case_page": Feature(Text(zh="案例页面", en="The page of a case"), page="cases.show"),
    "case_list": Feature(Text(zh="案例查询", en="Finding cases"), page="cases.index"),
    "case_proof": Feature(Text(zh="历史核验", en="Proof of a history"), page="cases.verification"),
    "case_files": Feature(
        Text(zh="案例的附件和备注", en="Files and notes of a case"), page="attachments.add"
    ),
    "pause": Feature(Text(zh="暂停计时", en="Pausing the clocks"), page="cases.pause"),
    "inbox": Feature(Text(zh="任务收件箱", en="The inbox"), page="inbox.mine"),
    "hand_over": Feature(Text(zh="转派任务", en="Handing work over"), page="handing_over.show"),
    "timers": Feature(Text(zh="定时器一览", en="List of timers"), page="operations.timers"),
    "schedules": Feature(Text(zh="定期流程一览", en="List of schedules"), page="schedules.index"),
    "service_report_sheet": Feature(
        Text(zh="服务报告打印页", en="The service report on paper"), page="papers.service_report"
    ),
    "dashboard": Feature(Text(zh="看板", en="The dashboard"), page="dashboard.index"),
    "portal_report": Feature(Text(zh="客户网上申告", en="Reporting on the web"), page="portal_report.page"),
    "hotline": Feature(
        Text(zh="客户页面上的服务电话 (SHOUHOU_HOTLINE)", en="Hotline on customers' pages (SHOUHOU_HOTLINE)"),
        page="portal_report.page",
    ),
    "mail_intake": Feature(
        Text(zh="邮件受理 (SHOUHOU_MAIL_IN_URL)", en="Reports by e-mail (SHOUHOU_MAIL_IN_URL)"),
        command="serve",
    ),
    "portal": Feature(Text(zh="客户查询链接", en="The customer's page of a case"), page="portal.show"),
    "portal_answer": Feature(
        Text(zh="客户网上确认和评价", en="Confirming and rating on the web"), page="portal.act"
    ),
    "reports": Feature(Text(zh="月报和年报", en="Monthly and yearly reports"), page="reports.index"),
    "figure_definitions": Feature(Text(zh="指标定义", en="Definitions of figures"), page="reports.figure"),
    "signed_figures": Feature(
        Text(zh="指标更正签署", en="Signed corrections of figures"), page="reports.changes"
    ),
    "knowledge": Feature(Text(zh="知识库", en="Knowledge base"), page="knowledge.index"),
    "knowledge_from_case": Feature(
        Text(zh="由案例起草知识条目", en="Drafting an article from a case"), page="knowledge.from_case"
    ),
    "registers": Feature(Text(zh="台账", en="Registers"), page="registers.index"),
    "import_export": Feature(
        Text(zh="台账导入导出", en="Import and export of registers"), page="exchange.upload"
    ),
    "duty_roster": Feature(Text(zh="值班表", en="Duty roster"), page="duty.index"),
    "people": Feature(Text(zh="人员和岗位组", en="People and groups"), page="people.index"),
    "skills": Feature(Text(zh="人员技能和缺勤", en="Skills and absences of people"), page="people.show"),
    "processes": Feature(Text(zh="流程一览", en="Processes"), page="processes.index"),
    "releases": Feature(Text(zh="发布版本", en="Releases"), page="processes.releases"),
    "publishing": Feature(Text(zh="检查并发布流程", en="Checking and publishing"), command="publish"),
    "procedure": Feature(Text(zh="制度条款", en="Clauses of the procedure"), page="clauses.index"),
    "verification": Feature(Text(zh="全部历史的核验", en="Proof of all histories"), command="verify"),
    "service": Feature(
        Text(
            zh="定时、通知和定期案例的后台运行", en="Timers, messages and recurring cases in the background"
        ),
        command="serve",
    ),
    "product": Feature(Text(zh="本系统", en="This product"), command="serve"),
}
"""By name, as `feature:` tokens of the clause register write it."""
