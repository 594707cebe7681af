"""Timers: exactly one of date, duration and cycle, in a form that can be read, within the bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime

from komp_flow import feel
from komp_flow.engine.checks.diagram import Diagram, Node
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.formulas import SOME_MOMENT, UNKNOWN, constant, is_feel
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import timers
from komp_flow.engine.memory.bpmn import BPMN, formula
from komp_flow.i18n import _

KINDS = ("timeDate", "timeDuration", "timeCycle")
# A date in the diagram was drawn on a day that is not known here; twice the bound is too far from any of them.
SLACK = timers.AHEAD
_FAR = datetime(9900, 1, 1, tzinfo=UTC)  # so that the bound, which counts from now, lets any absolute time pass


def check(diagram: Diagram, findings: Findings) -> None:
    """Every timer of every process that is to run."""
    for process in diagram.processes:
        for node in process.all_nodes():
            if node.kind == "timer":
                _timer(node, findings)


def _timer(node: Node, findings: Findings) -> None:
    definition = node.definition
    if definition is None:
        return
    parts = [part for kind in KINDS for part in definition.findall(BPMN + kind)]
    text = formula(parts[0]) if len(parts) == 1 else None
    if text is None:
        findings.add("timer-kind", node.element)
        return
    kind = str(parts[0].tag).removeprefix(BPMN)
    try:
        instants = parsed_time(text)
    except Fault as fault:
        findings.add("timer-invalid", node.element, reason=fault.message)
        return
    except feel.FeelError:
        return  # said of the expression
    if not is_feel(text) and not _fits(kind, text):
        findings.add("timer-kind-differs", node.element, text=text[:80], kind=kind)
    if instants and instants[-1] > datetime.now(UTC) + timers.AHEAD + SLACK:
        reason = _("En tidsfrist kan være høyst fem år fram i tid: «%(text)s».", text=text[:80])
        findings.add("timer-invalid", node.element, reason=reason)


def _fits(kind: str, text: str) -> bool:
    if kind == "timeCycle":
        return text.startswith("R")
    return text.startswith("P") if kind == "timeDuration" else not text.startswith(("P", "R"))


def parsed_time(text: str) -> list[datetime]:
    """The absolute instants in a constant text or expression; what is measured from some day is only tried out.

    Raises Fault for what is no time or passes a bound, and FeelSyntaxError.
    """
    if not is_feel(text):
        return _tried(text)
    feel.parse(text[1:])
    value = constant(text)
    return [] if value is UNKNOWN or value is None else _tried(value)


def _tried(value: object) -> list[datetime]:
    if isinstance(value, list) and len(value) <= timers.TIMES:
        return sorted(instant for item in value for instant in _tried(item))
    is_absolute = isinstance(value, date) or (isinstance(value, str) and not value.strip().startswith(("P", "R")))
    since = _FAR if is_absolute else SOME_MOMENT.now
    found = timers.instants(value, since, since, SOME_MOMENT.zone)
    return (found or []) if is_absolute else []
