"""User tasks: who does them, with which form, when they are due and when one is reminded."""

from __future__ import annotations

import re

from lxml import etree

from komp_flow import feel
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.diagram import Diagram, Node
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.formulas import constant, is_feel
from komp_flow.engine.checks.rules import listed
from komp_flow.engine.checks.timing import parsed_time
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import timers
from komp_flow.engine.memory.bpmn import BPMN, extensions, properties

# What people write on lanes, in bokmål, nynorsk and English, and the role that it means. Others are names of their own.
LANES = {
    "leder": "manager",
    "leiar": "manager",
    "manager": "manager",
    "nærmeste leder": "manager",
    "enhetsleder": "manager",
    "overordnet leder": "superior",
    "overordna leiar": "superior",
    "superior": "superior",
    "stedfortreder": "deputy",
    "stedfortredar": "deputy",
    "deputy": "deputy",
    "medarbeider": "employee",
    "medarbeidar": "employee",
    "ansatt": "employee",
    "employee": "employee",
    "hr": "hr",
    "prosesseier": "process_owner",
    "prosesseigar": "process_owner",
    "process owner": "process_owner",
    "toppledelse": "top_management",
    "toppledelsen": "top_management",
    "toppleiing": "top_management",
    "toppleiinga": "top_management",
    "top management": "top_management",
    "tillitsvalgt": "union_rep",
    "tillitsvalgte": "union_rep",
    "tillitsvald": "union_rep",
    "tillitsvalde": "union_rep",
    "union rep": "union_rep",
    "tiltaksansvarlig": "measure_owner",
    "tiltaksansvarleg": "measure_owner",
    "measure owner": "measure_owner",
    "administrator": "administrator",
}
_GUIDANCE = re.compile(r"[\w][\w.\-]{0,99}")
_REMINDER = re.compile(r"P0D|PT0S")


def check(diagram: Diagram, around: Around, findings: Findings) -> None:
    """Every user task of every process that is to run."""
    for process in diagram.processes:
        lanes = _lanes(process.element)
        for node in process.all_nodes():
            if node.tag == "userTask":
                _user_task(node, lanes, around, findings)


def _user_task(node: Node, lanes: dict[str, str], around: Around, findings: Findings) -> None:
    element = node.element
    if not extensions(element, "userTask"):
        findings.add("not-zeebe-user-task", element)
    roles = _who(element, around, findings)
    _form(element, around, findings)
    _schedule(element, findings)
    guidance = properties(element).get("guidance", "")
    if guidance and not _GUIDANCE.fullmatch(guidance):
        findings.add("guidance-invalid", element, text=guidance)
    lane = _lane(node, lanes)
    meant = LANES.get(" ".join(lane.casefold().replace("_", " ").split()))
    if meant in around.known.roles and roles and meant not in roles:
        findings.add("lane-contradicts", element, lane=lane, roles=listed(roles))


def _who(element: etree._Element, around: Around, findings: Findings) -> frozenset[str] | None:
    """The roles, as far as they stand there in plain; None where they are computed."""
    found = extensions(element, "assignmentDefinition")
    groups = found[0].get("candidateGroups", "").strip() if found else ""
    assignee = found[0].get("assignee", "").strip() if found else ""
    if not groups and not assignee:
        findings.add("who-missing", element)
    if found and found[0].get("candidateUsers", "").strip():
        findings.add("candidate-users", element)
    roles = _roles(groups)
    if roles is None:
        return None
    for role in sorted(roles - around.known.roles):
        findings.add("role-unknown", element, role=role, roles=listed(around.known.roles))
    if groups and not roles:
        findings.add("who-missing", element)
    return roles


def _roles(groups: str) -> frozenset[str] | None:
    if not is_feel(groups):
        return frozenset(role.strip() for role in groups.split(",") if role.strip())
    value = constant(groups)
    if isinstance(value, str):
        return _roles(value)
    if isinstance(value, list) and all(isinstance(role, str) for role in value):
        return frozenset(value)
    return None


def _form(element: etree._Element, around: Around, findings: Findings) -> None:
    for definition in extensions(element, "formDefinition"):
        form = definition.get("formId", "").strip()
        if form and not is_feel(form):
            if not around.has_form(form):
                findings.add("form-unknown", element, form=form)
            continue
        name = next((n for n in ("formId", "formKey", "externalReference") if definition.get(n)), "formId")
        findings.add("form-unsupported", element, name=name)


def _schedule(element: etree._Element, findings: Findings) -> None:
    schedules = extensions(element, "taskSchedule")
    due = schedules[0].get("dueDate", "").strip() if schedules else ""
    follow_up = schedules[0].get("followUpDate", "").strip() if schedules else ""
    for name, text in (("dueDate", due), ("followUpDate", follow_up)):
        if not text:
            continue
        try:
            parsed_time(text)
        except Fault:
            findings.add("due-date-invalid", element, name=name, text=text)
        except feel.FeelError:
            continue  # said of the expression
    reminders = properties(element).get("reminders")
    if reminders is None:
        return
    if not _are_reminders(reminders):
        findings.add("reminders-invalid", element, text=reminders)
    elif not due and reminders.strip() != "none":
        findings.add("reminders-without-due", element)


def _are_reminders(text: str) -> bool:
    if text.strip() in ("none", ""):
        return True
    parts = [part.strip() for part in text.split(",")]
    return len(parts) <= timers.TIMES and all(_is_reminder(part) for part in parts)


def _is_reminder(text: str) -> bool:
    if _REMINDER.fullmatch(text):  # on the day itself
        return True
    try:
        timers.period(text)
    except Fault:
        return False
    return True


def _lanes(process: etree._Element) -> dict[str, str]:
    """The innermost lane's name, by the id of the node that it holds."""
    found: dict[str, str] = {}
    for lane in process.iter(BPMN + "lane"):
        for ref in lane.findall(BPMN + "flowNodeRef"):
            found[(ref.text or "").strip()] = lane.get("name", "")  # inner lanes come later in the document
    return found


def _lane(node: Node, lanes: dict[str, str]) -> str:
    """The lane of a node, or of the sub-process around it."""
    at: Node | None = node
    while at is not None:
        if at.id in lanes:
            return lanes[at.id]
        at = at.scope.owner
    return ""
