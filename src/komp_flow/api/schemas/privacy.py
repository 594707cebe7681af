"""What goes in and out about erasing."""

from __future__ import annotations

from marshmallow import fields

from komp_flow.api.fields import Instant, text
from komp_flow.api.schemas.inputs import Input
from komp_flow.api.schemas.outputs import Output
from komp_flow.work.texts.erasing import LONGEST_REASON


class EraseInput(Input):
    """Why. It is kept, so it says nothing about the person."""

    reason = text(LONGEST_REASON, required=True)


class Erasure(Output):
    """One erasure: of a person (`asked`, `left`, `again` after a copy was put back) or of a cycle's texts (`age`)."""

    id = fields.String(required=True)
    at = Instant(required=True)
    cause = fields.String(required=True)
    person = fields.String(attribute="person_id", allow_none=True)
    cycle = fields.String(attribute="cycle_id", allow_none=True)
    by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class AboutMe(Output):
    """All about the one who asks. The rows of each section have the keys that docs/rest.md lists."""

    format = fields.String(required=True)
    version = fields.Integer(required=True)
    made_at = Instant(required=True)
    person = fields.Dict(required=True)
    talks_with = fields.Dict(allow_none=True)
    account = fields.Dict(allow_none=True)
    incomplete = fields.List(fields.String(), required=True)
    positions = fields.List(fields.Dict())
    roles = fields.List(fields.Dict())
    substitutes = fields.List(fields.Dict())
    tokens = fields.List(fields.Dict())
    goals = fields.List(fields.Dict())
    follow_ups = fields.List(fields.Dict())
    talks = fields.List(fields.Dict())
    written = fields.List(fields.Dict())
    drafts = fields.List(fields.Dict())
    comments = fields.List(fields.Dict())
    readings = fields.List(fields.Dict())
    input = fields.List(fields.Dict())
    measures = fields.List(fields.Dict())
    files = fields.List(fields.Dict())
    who_has_read = fields.List(fields.Dict())
    tasks_open = fields.List(fields.Dict())
    tasks_done = fields.List(fields.Dict())
    notifications = fields.List(fields.Dict())
    trail = fields.List(fields.Dict())
    erasures = fields.List(fields.Dict())
    cycles = fields.List(fields.Dict())
