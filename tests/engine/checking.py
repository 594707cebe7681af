"""Checks one drawn diagram in this process, with a few operations and forms known."""

from __future__ import annotations

from engine.drawing import el, esc, io, user
from komp_flow.engine import Known, OperationSpec, Problem, SourceFile
from komp_flow.engine.checks import whole
from komp_flow.engine.checks.around import Around, Outline

OPERATIONS = {
    spec.type: spec
    for spec in (
        OperationSpec("send-message", optional=frozenset({"name", "key", "payload"}), outputs=frozenset()),
        OperationSpec("notify", frozenset({"to"}), frozenset({"text"})),
        OperationSpec("start-units", outputs=frozenset({"count"}), errors=frozenset({"NO_UNITS"})),
    )
}
KNOWN = Known(
    processes=frozenset({"child", "ring"}),
    forms=frozenset({"answer", "loose"}),
    operations=OPERATIONS,
    form_keys={"answer": frozenset({"godkjent", "utfall", "belop"})},
    calls={"ring": frozenset({"p"})},
    inputs={"child": frozenset()},
)
WHO = '<zeebe:assignmentDefinition candidateGroups="manager"/>'
FORM = '<zeebe:formDefinition formId="answer"/>'
SEND = '<zeebe:taskDefinition type="send-message"/>'


def task(id_: str, inner: str = "", ext: str = "", **more: object) -> str:
    """A user task that a manager does."""
    return user(id_, inner, ext=WHO + ext, **more)  # type: ignore[arg-type]


def asked(id_: str, inner: str = "", ext: str = "", **more: object) -> str:
    """A user task with a form that has the keys godkjent, utfall and belop."""
    return task(id_, inner, FORM + ext, **more)


def script(id_: str) -> str:
    return el("scriptTask", id_, "<bpmn:script>1 + 1</bpmn:script>")


def mapped(id_: str, source: str, target: str, way: str = "input") -> str:
    mapping = f'<zeebe:ioMapping><zeebe:{way} source="{esc(source)}" target="{esc(target)}"/></zeebe:ioMapping>'
    return task(id_, ext=mapping)


def problems(data: bytes, *, known: Known = KNOWN, others: dict[str, Outline] | None = None) -> list[Problem]:
    """What check finds in one diagram; `others` are processes in files beside it."""
    return whole.check_file(SourceFile("a.bpmn", data), Around(known, dict(others or {})))


def found(data: bytes, **more: object) -> list[tuple[str, str]]:
    """Rule and element of each problem, in order."""
    return sorted((p.rule, p.element) for p in problems(data, **more))  # type: ignore[arg-type]


def errors(data: bytes, **more: object) -> list[tuple[str, str]]:
    """Rule and element of each error."""
    return sorted((p.rule, p.element) for p in problems(data, **more) if p.severity == "error")  # type: ignore[arg-type]


__all__ = [
    "FORM",
    "KNOWN",
    "OPERATIONS",
    "SEND",
    "WHO",
    "asked",
    "errors",
    "found",
    "io",
    "mapped",
    "problems",
    "script",
]
