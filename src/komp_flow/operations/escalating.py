"""Escalation: a phase is late, and the next one up the ladder is told. It never completes or approves anything."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import engine, notifications, organisation
from komp_flow.engine import OperationCall
from komp_flow.i18n import _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation

# Whom each step of the ladder tells (process.md section 3); what is further up stays with the last.
TOLD: Final = ("superior", "hr", "process_owner")


@operation(
    "escalate",
    says=_l("Hever varslingsnivået ett trinn og varsler den neste i trappen."),
    optional={
        "phase": "which phase is late; named in the notification",
        "level": "which step of the ladder this is, from 1; `occurrence` of the timer where it is not given",
    },
    outputs={"escalation_level": "the instance's level after this"},
)
def escalate(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Each firing raises the instance's level by one: the superior is told first, then HR, then the process owner.

    The notification says which unit and phase, never what anybody has written.
    """
    raised = engine.raise_escalation(db, call.instance_id)
    step = _step(call)
    role = TOLD[min(step, len(TOLD)) - 1]
    phase = call.inputs.get("phase")
    holders = organisation.directory(db, call.now).holders(role, call.subject)
    notice = notifications.Notice(
        kind="escalation",
        occasion=_occasion(call, step),
        instance_id=call.instance_id,
        unit_id=call.subject.unit,
        cycle_id=call.subject.cycle,
        phase=str(phase)[:200] if phase is not None else None,
        level=step,
    )
    notifications.queue(db, (holder.person_id for holder in holders), notice, call.now)
    requests.note(db, call, "escalated", level=raised, step=step, role=role, phase=notice.phase)
    return {"escalation_level": raised}


def _occasion(call: OperationCall, step: int) -> str:
    """What makes two notifications the same one: that talks of a unit are late is said once, however many they are."""
    if call.subject.person is None:
        return call.task_id.hex
    return f"{call.subject.cycle}:{call.subject.unit}:{str(call.inputs.get('phase'))[:100]}:{step}"


def _step(call: OperationCall) -> int:
    """Which step of the ladder; the first where the diagram does not say it in a way that can be used."""
    given = call.inputs.get("level", call.names.get("occurrence"))
    return max(1, int(given)) if isinstance(given, int | Decimal) and not isinstance(given, bool) else 1
