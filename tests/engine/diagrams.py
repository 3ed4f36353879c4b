"""Small diagrams for tests, written as a list of elements and paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn.library import Library, SourceFile, read_library
from engine.bpmn.runtime import Run

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' id="definitions" targetNamespace="http://example.com/">'
)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASE = UUID("018f3c2e-0000-7000-8000-000000000001")


def node(tag: str, id: str, inner: str = "", **attributes: str) -> str:
    """One element."""
    more = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<bpmn:{tag} id="{id}"{more}>{inner}</bpmn:{tag}>'


def user(id: str, inner: str = "") -> str:
    return node("userTask", id, inner)


def start(id: str = "begin") -> str:
    return node("startEvent", id)


def end(id: str = "done", event: str = "") -> str:
    return node("endEvent", id, event)


def script(id: str, code: str, inner: str = "") -> str:
    return node("scriptTask", id, f"{inner}<bpmn:script>{escape(code)}</bpmn:script>")


def exclusive(id: str, default: str | None = None) -> str:
    """An exclusive gateway; `default` is the target of its default flow."""
    return node("exclusiveGateway", id, **({} if default is None else {"default": f"{id}__{default}"}))


def parallel(id: str) -> str:
    return node("parallelGateway", id)


def call(id: str, process: str, inner: str = "") -> str:
    return node("callActivity", id, inner, calledElement=process)


def extension(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def decide(id: str, table: str) -> str:
    inner = f"<spiffworkflow:calledDecisionId>{table}</spiffworkflow:calledDecisionId>"
    return node("businessRuleTask", id, extension(inner))


def service(id: str, operator: str, result: str | None = None, **parameters: str) -> str:
    given = "".join(
        f'<spiffworkflow:parameter id="{name}" type="any" value={quoteattr(value)}/>'
        for name, value in parameters.items()
    )
    kept = "" if result is None else f' resultVariable="{result}"'
    inner = (
        f'<spiffworkflow:serviceTaskOperator id="{operator}"{kept}><spiffworkflow:parameters>{given}'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    )
    return node("serviceTask", id, extension(inner))


def date(expression: str) -> str:
    """A timer that waits until a moment."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDate>{escape(expression)}</bpmn:timeDate></bpmn:timerEventDefinition>"


def duration(text: str) -> str:
    """A timer that waits for a while, such as PT4H."""
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>'{text}'</bpmn:timeDuration></bpmn:timerEventDefinition>"


def message(id: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{id}"/>'


def error(id: str | None = None) -> str:
    return "<bpmn:errorEventDefinition/>" if id is None else f'<bpmn:errorEventDefinition errorRef="{id}"/>'


def escalation(id: str | None = None) -> str:
    reference = "" if id is None else f' escalationRef="{id}"'
    return f"<bpmn:escalationEventDefinition{reference}/>"


TERMINATE = "<bpmn:terminateEventDefinition/>"


def boundary(id: str, host: str, event: str, *, interrupting: bool = True) -> str:
    return node(
        "boundaryEvent", id, event, attachedToRef=host, cancelActivity="true" if interrupting else "false"
    )


def catch(id: str, event: str) -> str:
    return node("intermediateCatchEvent", id, event)


def throw(id: str, event: str = "") -> str:
    return node("intermediateThrowEvent", id, event)


def for_each(
    items: str, *, item: str = "item", results: str = "", sequential: bool = False, until: str = ""
) -> str:
    """Done once for each item of a list; `results` is the list of what the instances answered."""
    kind = "true" if sequential else "false"
    output = f"<bpmn:loopDataOutputRef>{results}</bpmn:loopDataOutputRef>" if results else ""
    ending = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{kind}">'
        f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>{output}"
        f'<bpmn:inputDataItem id="{item}" name="{item}"/>{ending}</bpmn:multiInstanceLoopCharacteristics>'
    )


def repeat(condition: str, *, maximum: int) -> str:
    """Done again while a condition holds."""
    return (
        f'<bpmn:standardLoopCharacteristics loopMaximum="{maximum}">'
        f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    )


def flow(source: str, target: str, condition: str | None = None) -> str:
    inner = (
        ""
        if condition is None
        else f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
    )
    return node("sequenceFlow", f"{source}__{target}", inner, sourceRef=source, targetRef=target)


def path(*elements: str) -> str:
    """Flows from each element to the next."""
    return "".join(flow(source, target) for source, target in pairwise(elements))


def sub_process(id: str, *parts: str) -> str:
    return node("subProcess", id, "".join(parts))


def bpmn(process: str, *parts: str, names: Mapping[str, str] | None = None) -> SourceFile:
    """A diagram; `names` declares messages, errors and escalations: {"M": "message", "E": "error"}."""
    declared = "".join(
        f'<bpmn:{kind} id="{id}" name="{id}" {"" if kind == "message" else f"{kind}Code={quoteattr(id)}"}/>'
        for id, kind in (names or {}).items()
    )
    body = "".join(parts)
    text = f'{HEAD}{declared}<bpmn:process id="{process}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return SourceFile(path=f"processes/{process}.bpmn", content=text.encode())


def nothing(operator: str, parameters: dict[str, object]) -> object:
    """A service that does nothing."""
    return None


class Case:
    """A running case with a clock, spoken to by element ids; `reload` forgets and loads it after each command."""

    def __init__(
        self,
        *files: SourceFile,
        data: dict[str, object] | None = None,
        functions: Mapping[str, Callable[..., object]] | None = None,
        services: Callable[[str, dict[str, object]], object] = nothing,
        process: str | None = None,
        library: Library | None = None,
        reload: bool = False,
        kind: type[Run] = Run,
        case_id: UUID = CASE,
    ) -> None:
        self.library = library or read_library(files)
        self.functions = functions or {}
        self.services = services
        self.reload, self.kind, self.case_id = reload, kind, case_id
        self.now = MONDAY
        self.passages: list[object] = []
        self.run = kind.start(
            library=self.library,
            process=process or next(iter(self.library.diagrams)),
            case_id=case_id,
            data=data or {},
            at=self.now,
            functions=self.functions,
            services=self.services,
        )
        self._kept()

    def _kept(self) -> None:
        self.path = self.run.take_path()
        self.passages += self.path
        if self.reload:
            self.load()

    def load(self) -> None:
        """Forgets the live objects and goes on from the bytes."""
        self.run = self.kind.load(
            library=self.library,
            state=self.run.dump(),
            case_id=self.case_id,
            functions=self.functions,
            services=self.services,
        )

    def tasks(self) -> list[str]:
        return [task.element for task in self.run.tasks()]

    def timers(self) -> list[str]:
        return [timer.element for timer in self.run.timers()]

    def messages(self) -> list[str]:
        return [message.element for message in self.run.messages()]

    def do(self, element: str, *, nth: int = 0, **answers: object) -> None:
        """A person completes the nth waiting task of an element."""
        task = [task for task in self.run.tasks() if task.element == element][nth]
        self.run.complete(task.id, answers, at=self.now)
        self._kept()

    def send(self, element: str, **payload: object) -> None:
        self.run.deliver(element, payload, at=self.now)
        self._kept()

    def wait(self, **time: float) -> None:
        """Time passes; timers that become due are fired in their order."""
        self.now += timedelta(**time)
        while (timer := self.run.next_due(self.now)) is not None:
            self.run.fire(timer.id, at=self.now)
            self._kept()

    def told(self) -> list[tuple[str, str]]:
        """The last command's passages as (element, state)."""
        return [(passage.element, passage.state) for passage in self.path]
