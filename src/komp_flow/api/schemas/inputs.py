"""What a program may send: a field that is not known is refused."""

from __future__ import annotations

from typing import Final

from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from komp_flow.api.fields import Instant, Scalar, Values, identity, nested, number, one_of, text
from komp_flow.i18n import _l
from komp_flow.work.doing.inbox import LARGEST_PAGE, STATES
from komp_flow.work.watching import listing

LONGEST_TEXT: Final = 2_000


class Input(Schema):
    """What a client sends: a field that is not known is refused."""

    error_messages = {  # noqa: RUF012 (as marshmallow has it)
        "unknown": _l("Feltet finnes ikke."),
        "type": _l("Send et objekt, {…}."),
    }


# Questions.


class PageQuery(Input):
    """Which page of a list."""

    page = number(1, 1_000_000, load_default=1)
    page_size = number(1, LARGEST_PAGE, load_default=50)


class TaskQuery(PageQuery):
    """Without any filter: my own tasks. With one: all that I may see."""

    state = one_of(STATES)
    role = text()
    unit = text()
    cycle = text()
    process = text()
    instance = identity()
    due_before = Instant()
    assignee = text()


class InstanceQuery(PageQuery):
    """Filters of instances."""

    process = text()
    state = one_of(listing.STATES)
    unit = text()
    cycle = text()


class PeopleQuery(PageQuery):
    """Filters of people."""

    unit = text()


# Commands.


class Nothing(Input):
    """No body, or an empty object."""


class Answers(Input):
    """The answers of a task's form."""

    values = Values(load_default=dict)


class DraftValues(Input):
    """What is typed so far."""

    values = Values(required=True)


class Delegation(Input):
    """To whom, and why."""

    to = text(required=True)
    reason = text(LONGEST_TEXT, required=True)


class Reason(Input):
    """Why; it stands on the trail."""

    reason = text(LONGEST_TEXT, load_default="")


class SubjectInput(Input):
    """What an instance is about."""

    unit = text(allow_none=True, load_default=None)
    person = text(allow_none=True, load_default=None)
    measure = text(allow_none=True, load_default=None)
    cycle = text(allow_none=True, load_default=None)


class Start(Input):
    """Which process, about what, with which variables."""

    process = text(required=True)
    subject = nested(SubjectInput, load_default=dict)
    variables = Values(load_default=dict)


class MessageInput(Input):
    """A message to whoever waits for its name and key."""

    name = text(required=True)
    key = Scalar(
        allow_none=True, load_default=None, metadata={"type": ["string", "number", "boolean"], "maxLength": 200}
    )
    payload = Values(load_default=dict)
    message_id = text(allow_none=True, load_default=None)


class Files(Input):
    """Diagrams (.bpmn) and forms (.json), any number, together."""

    files = fields.List(
        Upload(),
        required=True,
        error_messages={
            "required": _l("Legg ved minst én fil."),
            "invalid": _l("Legg ved filene som filer, ikke som tekst."),
        },
    )


class Publication(Files):
    """The files, and what has changed for what reason."""

    why = text(LONGEST_TEXT, required=True)
