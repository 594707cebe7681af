"""Operations that tell somebody something: a message to other instances, a notification to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import notifications, organisation
from komp_flow.engine import OperationCall
from komp_flow.engine.stored import messages
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _, _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation
from komp_flow.organisation import roles

LONGEST_TEXT: Final = 1_000


@operation(
    "send-message",
    says=_l("Sender en melding til andre forløp."),
    optional={
        "name": "the message's name, where the element has no message of its own",
        "key": "the key that receivers match",
        "payload": "a context that the receivers get",
    },
)
def send_message(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Delivered after the step has committed, once to every instance that waits for the name and the key.

    Send tasks, throw events and end events with a `messageRef` are sent by the engine itself, with the message's own
    correlation key over their inputs; they need none of these inputs.
    """
    name = call.inputs.get("name")
    if not isinstance(name, str) or not name:
        raise Invalid(
            _("Meldingen har ikke noe navn. Gi oppgaven en melding, eller en inndata som heter «name»."),
            [FieldError("name", _("Skriv navnet på meldingen."))],
        )
    payload = call.inputs.get("payload")
    messages.correlate(
        db,
        name,
        call.inputs.get("key"),
        payload if isinstance(payload, Mapping) else {},
        external_id=f"operation:{call.task_id.hex}",
        by=call.by,
        now=call.now,
    )
    return {}


@operation(
    "notify",
    says=_l("Varsler dem som har en rolle, eller bestemte personer."),
    optional={
        "role": "whom to tell: a role, or a list of roles, for the instance's subject",
        "people": "whom to tell: a list of employee ids",
        "text": "what to say, at most 1000 letters; never what somebody has written in a talk",
    },
    outputs={"notified": "how many people were told"},
)
def notify(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Puts one notification for each person in the outbox; those who are unknown are left out."""
    directory = organisation.directory(db, call.now)
    people = {
        holder.person_id
        for role in _list(call.inputs.get("role"))
        if role in roles.ALL
        for holder in directory.holders(role, call.subject)
    }
    people |= {person for person in _list(call.inputs.get("people")) if person in directory.people}
    text = call.inputs.get("text")
    notice = notifications.Notice(
        kind="notice",
        occasion=call.task_id.hex,
        instance_id=call.instance_id,
        unit_id=call.subject.unit,
        cycle_id=call.subject.cycle,
        text=str(text)[:LONGEST_TEXT] if text is not None else call.name,
    )
    told = notifications.queue(db, people, notice, call.now)
    requests.note(db, call, "notified", count=told)
    return {"notified": told}


def _list(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
