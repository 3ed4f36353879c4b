"""What a step may end with besides success: it had been applied already, or its diagram failed."""

from __future__ import annotations

from uuid import UUID

from engine.foundation.errors import DiagramFailed, ShouhouError
from engine.foundation.text import Text


class AlreadyApplied(ShouhouError):
    """The same request came twice; the first one counted. `case_id` and `seq` name its history row."""

    def __init__(self, case_id: UUID, seq: int) -> None:
        super().__init__(Text(zh="这次提交已经生效。", en="This submit has been applied already."))
        self.case_id = case_id
        self.seq = seq


class IncidentRaised(ShouhouError):
    """A diagram failed; the input is kept in an incident that can be retried."""

    def __init__(self, failure: DiagramFailed, *, case_id: UUID, incident_id: UUID) -> None:
        super().__init__(
            Text(
                zh=f"流程在这一步出现异常: {failure.text.zh} 您的输入已保存, 管理员处理后可重试, 无需重新填写。",
                en=f"The process failed at this step: {failure.text.en} Your input is kept; it can be retried "
                "after the cause is removed, and need not be typed again.",
            )
        )
        self.case_id = case_id
        self.incident_id = incident_id
