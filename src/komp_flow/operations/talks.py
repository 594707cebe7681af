"""Operations of the talks: where one stands, how many the unit still waits for, what the decision did to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from komp_flow.engine import OperationCall
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _, _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation
from komp_flow.registers import reconciling, talks
from komp_flow.registers.talks import Talk
from komp_flow.registers.values import day

FOLLOWS_THE_TALK = ("talk_at",)  # the variable that due dates and timers of a talk are counted from


@operation(
    "talk-status",
    says=_l("Noterer hvor langt en samtale er kommet, med datoer og uten innhold."),
    inputs={"status": "`started invited held closed declined postponed cancelled`"},
    optional={
        "talk_at": "with `invited`: when the two will talk",
        "held_on": "with `held`: the day on which they did; today where it is not given",
        "postponed_until": "with `postponed`: the day on which it is taken up again, where it is known",
        "confirmation": "with `closed`: `agree` or `not_commented`",
        "extraordinary": "with `started`: true for a talk outside the unit's round",
    },
    outputs={"talk_id": "the talk's id, which is the key of messages to it"},
)
def talk_status(db: Session, call: OperationCall) -> Mapping[str, object]:
    """The register of talks has status and dates, never what is said or written. A talk that is closed stays closed.

    Where the talk is moved, what is counted from `talk_at` in the instance (due dates, timers) follows after the step.
    """
    status = call.inputs.get("status")
    if status not in talks.STATUSES:
        raise Invalid(
            _("«%(status)s» er ikke en status for en samtale.", status=status),
            [FieldError("status", _("Velg en av disse: %(names)s.", names=", ".join(talks.STATUSES)))],
        )
    talk = talks.made(db, call.instance_id, call.subject, call.now)
    if talk.status not in talks.ENDED:
        _note(db, talk, str(status), call)
    db.flush()
    return {"talk_id": talk.id}


def _note(db: Session, talk: Talk, status: str, call: OperationCall) -> None:
    given = call.inputs
    if status == talks.STARTED:
        talk.extraordinary = talk.extraordinary or given.get("extraordinary") is True
        talk.talk_at = talk.postponed_until = None
    elif status == talks.INVITED:
        moved_to, before = _instant(given.get("talk_at"), db), talk.talk_at
        talk.talk_at, talk.invited_at = moved_to, talk.invited_at or call.now
        if talk.status == talks.INVITED and moved_to != before:
            requests.recalculate(db, call, FOLLOWS_THE_TALK)
    elif status == talks.HELD:
        talk.held_on = day(given.get("held_on")) or call.now.astimezone(db.info["zone"]).date()
    elif status == talks.POSTPONED:
        talk.postponed_until = day(given.get("postponed_until"))
    if status in talks.ENDED:
        talk.closed_at = call.now
        confirmation = given.get("confirmation")
        talk.confirmation = str(confirmation)[:20] if status == talks.CLOSED and confirmation else None
    talk.status = status


def _instant(value: object, db: Session) -> datetime | None:
    if isinstance(value, str) and value:
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=db.info["zone"])


@operation(
    "count-talks",
    says=_l("Teller samtalene som gjenstår i enheten."),
    outputs={"talks_left": "how many talks of the unit's round are neither closed, declined, postponed nor cancelled"},
)
def count_talks(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Talks that are asked for and have not begun count as left; extraordinary ones do not count."""
    waiting = requests.waiting(db, "start", "talk", unit=call.subject.unit, cycle=call.subject.cycle)
    return {"talks_left": talks.left(db, call.subject.unit, call.subject.cycle) + waiting}


@operation(
    "reconcile-plan",
    says=_l("Teller tiltakene i en plan som ble endret eller ikke vedtatt."),
    outputs={"measures_touched": "how many measures of the person's plan were changed, rejected or left out"},
)
def reconcile_plan(db: Session, call: OperationCall) -> Mapping[str, object]:
    """A plan is tied to what the unit proposed. What was decided about it is found through the recommendation."""
    fates = reconciling.fates(db, call.subject.person, call.subject.cycle)
    return {"measures_touched": sum(fate.outcome in reconciling.TOUCHED for fate in fates)}
