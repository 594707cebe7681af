"""Operations on the cycle itself: the strategy is distributed, the cycle is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import bell, notifications, organisation
from komp_flow.engine import OperationCall
from komp_flow.engine.stored import messages
from komp_flow.errors import Invalid
from komp_flow.i18n import _, _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation
from komp_flow.registers import Cycle, talks

# They close with the cycle; open measures carry over (process.md section 2, measure.bpmn).
CLOSE_WITH_THE_CYCLE: Final = ("talk", "reading")
MANAGERS_ONLY: Final = frozenset({"managers", "manager", "ledere"})


@operation(
    "distribute",
    says=_l("Sender ut den vedtatte strategien og åpner den for alle."),
    optional={
        "channel": "how it is sent; kept on the trail",
        "audience": "`managers` for those who lead a unit, anything else for everyone",
    },
    outputs={"distributed_to": "how many people were told"},
)
def distribute(db: Session, call: OperationCall) -> Mapping[str, object]:
    """From now the decision is open to everyone in the organisation, and the dates that count from it are known.

    Where no date of decision was given, it is today.
    """
    cycle = _cycle(db, call)
    cycle.distributed_at = cycle.distributed_at or call.now
    if cycle.decided_on is None:
        cycle.decided_on = call.now.astimezone(db.info["zone"]).date()
        cycle.recalculate_at, cycle.recalculate_after = call.now, None
        bell.ring(db, "calendar", cycle.id, call.now)
    db.flush()
    directory = organisation.directory(db, call.now)
    managers = {unit.manager_id for unit in directory.units.values() if unit.manager_id and not unit.closed}
    audience = str(call.inputs.get("audience") or "")
    everyone = {person for person, facts in directory.people.items() if facts.employed}
    people = everyone & managers if audience in MANAGERS_ONLY else everyone
    notice = notifications.Notice(
        kind="strategy", occasion=call.task_id.hex, instance_id=call.instance_id, cycle_id=cycle.id
    )
    told = notifications.queue(db, people, notice, call.now)
    requests.note(db, call, "distributed", count=told, channel=str(call.inputs.get("channel") or "")[:200])
    return {"distributed_to": told}


@operation(
    "close-cycle",
    says=_l("Lukker syklusen, med samtaler og lesinger som er åpne i den."),
    outputs={"closed": "how many talks and readings were open"},
)
def close_cycle(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Talks and readings end after the step; measures carry over; messages that were kept for the cycle end.

    The process owner is offered the next cycle.
    """
    cycle = _cycle(db, call)
    cycle.state, cycle.closed_at = "closed", call.now
    db.flush()
    messages.end_keep(db, cycle.id, call.now)
    closed = requests.end(db, call, CLOSE_WITH_THE_CYCLE, cycle.id)
    talks.end_with_cycle(db, cycle.id, call.now)
    owners = organisation.directory(db, call.now).holders("process_owner", call.subject)
    notice = notifications.Notice(kind="next-cycle", occasion=cycle.id, instance_id=call.instance_id, cycle_id=cycle.id)
    notifications.queue(db, (holder.person_id for holder in owners), notice, call.now)
    requests.note(db, call, "cycle-closed", count=closed)
    return {"closed": closed}


def _cycle(db: Session, call: OperationCall) -> Cycle:
    cycle = db.get(Cycle, call.subject.cycle) if call.subject.cycle else None
    if cycle is None:
        raise Invalid(_("Forløpet hører ikke til noen syklus. Sett opp syklusen først."))
    return cycle
