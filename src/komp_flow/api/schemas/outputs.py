"""What is answered, described as it is written."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, fields

from komp_flow.api.fields import Anything, Instant, Values, one_of, plain
from komp_flow.work.doing.inbox import STATES
from komp_flow.work.watching import listing


class Output(Schema):
    """What is answered: later versions may have more fields."""

    class Meta:
        """Told to the OpenAPI document."""

        unknown = EXCLUDE


class TaskLine(Output):
    """A task as it stands in a list."""

    id = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    process = fields.String(required=True)
    process_name = fields.String()
    instance = fields.UUID(required=True)
    state = one_of(STATES, required=True)
    role = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    due = Instant(attribute="due_at", allow_none=True)
    follow_up = Instant(attribute="follow_up_at", allow_none=True)
    overdue = fields.Boolean()
    why = fields.String(metadata={"description": "Why it is the reader's; empty when it is not."})
    unit = fields.String(allow_none=True)
    unit_name = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    person_name = fields.String(allow_none=True)
    measure = fields.String(allow_none=True)
    cycle = fields.String(allow_none=True)
    assignee = fields.String(allow_none=True)
    claimed_by = fields.String(allow_none=True)
    phase = fields.String(allow_none=True)
    escalation = fields.Integer()
    suspended = fields.Boolean()
    created_at = Instant()
    closed_at = Instant(allow_none=True)
    closed_by = fields.String(allow_none=True)


class Draft(Output):
    """What is typed so far; version 0 is nothing saved yet."""

    values = Values(required=True)
    version = fields.Integer(required=True)
    edited_by = fields.String(allow_none=True)
    edited_at = Instant(allow_none=True)


class Look(Output):
    """A form with some answers, expressions said: what may be filled in, and what stands there now."""

    open_fields = fields.List(
        Values(), required=True, data_key="fields", metadata={"description": "As docs/rest.md tells them."}
    )
    values = Values(required=True, metadata={"description": "What is sent when nothing is changed."})


class May(Output):
    """What the reader may do with the task now."""

    complete = fields.Boolean()
    claim = fields.Boolean()
    release = fields.Boolean()
    delegate = fields.Boolean()
    draft = fields.Boolean()
    share = fields.Boolean(metadata={"description": "Let the other of the two read these notes."})
    hand_over = fields.Boolean(metadata={"description": "Give the talks of the one it is about to another manager."})


class Reading(Output):
    """That somebody has read a text that is about the caller."""

    reader = fields.String(required=True)
    reader_name = fields.String(allow_none=True)
    task = fields.UUID(required=True)
    task_name = fields.String(required=True)
    cycle = fields.String(allow_none=True)
    cycle_name = fields.String(allow_none=True)
    day = fields.Date(required=True)
    first_at = Instant(required=True)


class Privacy(Output):
    """Who reads what is written in a task about a person."""

    own = fields.Boolean(metadata={"description": "Notes: their author's alone until they are shared."})
    reads = fields.Boolean(metadata={"description": "Whether the caller is one of the two who read."})
    stands_in = fields.Boolean(
        metadata={"description": "The caller has the task only because nobody else is there, and sees no text."}
    )
    readers = fields.List(fields.String(), metadata={"description": "The names of those who may read what is sent."})
    shared_at = Instant(allow_none=True)
    to_discussion = fields.Boolean(metadata={"description": "Some of it is for the unit's discussion, and read there."})
    readings = fields.List(fields.Nested(Reading), metadata={"description": "Who has read; for the person alone."})


class Task(TaskLine):
    """A task as it is opened."""

    form = Values(allow_none=True, metadata={"description": "The form-js document; null: the task is only ticked off."})
    look = fields.Nested(Look, allow_none=True, metadata={"description": "The form with the draft; null where closed."})
    context = Values(required=True, metadata={"description": "What the form shows from before."})
    names = Values(metadata={"description": "The other names that the form's expressions read."})
    draft = fields.Nested(Draft, required=True)
    answers = Values(allow_none=True, metadata={"description": "What was sent, once the task is completed."})
    next = fields.String(metadata={"description": "What happens when it is completed, in one sentence."})
    guidance = fields.String(allow_none=True)
    holders = fields.List(fields.String(), metadata={"description": "The names of those who have it now."})
    may = fields.Nested(May)
    privacy = fields.Nested(Privacy, allow_none=True, metadata={"description": "Of a task about a person; else null."})


class Done(Output):
    """A completed task, and what the same person has next."""

    task = fields.UUID(required=True, attribute="task_id")
    instance = fields.UUID(required=True, attribute="instance_id")
    next = fields.List(fields.Nested(TaskLine), required=True)


class Subject(Output):
    """What an instance is about; what it has none of is null."""

    unit = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    measure = fields.String(allow_none=True)
    cycle = fields.String(allow_none=True)


class InstanceLine(Output):
    """An instance as it stands in a list."""

    id = fields.UUID(required=True)
    process = fields.String(required=True)
    process_name = fields.String()
    version = fields.Integer(required=True)
    state = one_of(listing.STATES, required=True)
    subject = fields.Nested(Subject, required=True)
    phase = fields.String(allow_none=True)
    escalation = fields.Integer()
    started_at = Instant()
    started_by = fields.String(allow_none=True)
    ended_at = Instant(allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The subject stands on the line itself."""
        return obj if attr == "subject" else super().get_attribute(obj, attr, default)


class OpenTask(Output):
    """An open task of an instance."""

    id = fields.UUID(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(allow_none=True, required=True)
    due = Instant(attribute="due_at", allow_none=True, required=True)
    assignee = fields.String(allow_none=True)


class Timer(Output):
    """A timer that waits; `due` is null while its time is not known or the instance rests."""

    element = fields.String(required=True)
    name = fields.String()
    due = Instant(allow_none=True, required=True)


class Event(Output):
    """One event of the trail, `sentence` in the reader's language (empty for what only means something drawn)."""

    at = Instant(required=True)
    what = fields.String(required=True)
    element = fields.String(allow_none=True, required=True)
    by = fields.String(allow_none=True, required=True)
    on_behalf_of = fields.String(allow_none=True)
    sentence = fields.String()


class Incident(Output):
    """Why an instance could not go on."""

    id = fields.UUID()
    element = fields.String(allow_none=True)
    kind = fields.String()
    text = fields.String()
    opened_at = Instant()


class Instance(InstanceLine):
    """One instance, with all that is open in it and its trail, the oldest event first."""

    variables = Values(required=True)
    tasks = fields.List(fields.Nested(OpenTask), required=True)
    timers = fields.List(fields.Nested(Timer), required=True)
    trail = fields.List(fields.Nested(Event), required=True)
    incidents = fields.List(fields.Nested(Incident))


class ProcessLine(Output):
    """A process with its newest version."""

    id = fields.String(required=True, attribute="process")
    name = fields.String()
    version = fields.Integer(required=True, attribute="number")
    published_at = Instant()
    active = fields.Integer(metadata={"description": "How many instances are running."})


class VersionLine(Output):
    """One published version of a process, or with `kind` form of a form."""

    id = fields.UUID(required=True)
    kind = one_of(("process", "form"))
    process = fields.String(required=True)
    version = fields.Integer(required=True, attribute="number")
    name = fields.String()
    published_at = Instant()
    published_by = fields.String(allow_none=True)
    why = fields.String()
    active = fields.Integer()
    forms = fields.Dict(keys=fields.String(), values=fields.Integer())


class Version(VersionLine):
    """One version with its diagram."""

    xml = fields.String(required=True)


class Problem(Output):
    """One thing to mend, or to think about."""

    file = fields.String(required=True)
    element = fields.String(required=True)
    severity = one_of(("error", "warning"), required=True)
    rule = fields.String(required=True)
    message = fields.String(required=True)
    fix = fields.String(required=True)


class Listing(Output):
    """Every problem of every file."""

    problems = fields.List(fields.Nested(Problem), required=True)


class Published(Listing):
    """The new versions, and what is worth a thought (warnings)."""

    versions = fields.List(fields.Nested(VersionLine), required=True)


class Message(Output):
    """The message as it was taken in; `repeated`: it was here before and is not applied again."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    key = fields.String(required=True)
    message_id = fields.String(allow_none=True)
    repeated = fields.Boolean()


class UnitRole(Output):
    """A unit, and what the reader is there."""

    id = fields.String(required=True)
    name = fields.String()
    roles = fields.List(fields.String())


class Me(Output):
    """The token's person."""

    person = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String()
    language = fields.String()
    title = fields.String()
    unit = fields.String()
    roles = fields.List(fields.String(), required=True)
    units = fields.List(fields.Nested(UnitRole), required=True)
    scopes = fields.List(fields.String(), required=True)


class Unit(Output):
    """A unit as it is today."""

    id = fields.String(required=True)
    name = fields.String()
    parent = fields.String(attribute="parent_id", allow_none=True)
    manager = fields.String(attribute="manager_id", allow_none=True)
    deputy = fields.String(attribute="deputy_id", allow_none=True)
    org_number = fields.String(allow_none=True)
    closed = fields.Boolean()


class Person(Output):
    """A person who works here; `unit` and `title` are those of the main position."""

    id = fields.String(required=True)
    name = fields.String()
    email = fields.String()
    unit = fields.String(attribute="unit_id")
    title = fields.String()
    manager = fields.String(attribute="manager_id", allow_none=True)
    roles = fields.List(fields.String())


class Cycle(Output):
    """A cycle with its calendar; a date that is not known yet is null."""

    id = fields.String(required=True)
    name = fields.String()
    state = fields.String()
    start = Anything(metadata={"type": ["string", "null"], "format": "date"})
    end = Anything(metadata={"type": ["string", "null"], "format": "date"})
    decided_on = Anything(metadata={"type": ["string", "null"], "format": "date"})
    dates = Values()
    settings = Values()


class Row(Output):
    """A row of a register: its own columns, and whose it is."""

    class Meta:
        """Told to the OpenAPI document."""

        unknown = INCLUDE

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """As it is: each register has its own columns."""
        return plain(obj)

    id = fields.String(required=True)
    label = fields.String()
    unit = fields.String(allow_none=True)
    person = fields.String(allow_none=True)
    cycle = fields.String(allow_none=True)
    element = fields.String(allow_none=True)
    task = fields.String(allow_none=True)


class FieldProblem(Output):
    """One field that must be mended, by its path as in `areas-0-name`."""

    field = fields.String(required=True)
    message = fields.String(required=True)


class ProblemDetails(Output):
    """An error (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "/problems/not-found"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem))
    current = Values(metadata={"description": "The other version, with 412."})
    problems = fields.List(fields.Nested(Problem), metadata={"description": "What check found, where it refused."})


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of one page of a list."""
    return type(
        f"{item.__name__}Page",
        (Output,),
        {
            "__doc__": f"One page of a list of {item.__name__}; `total` counts the whole of it.",
            "__module__": __name__,
            "items": fields.List(fields.Nested(item), required=True),
            "total": fields.Integer(required=True),
            "page": fields.Integer(required=True),
            "page_size": fields.Integer(required=True),
        },
    )
