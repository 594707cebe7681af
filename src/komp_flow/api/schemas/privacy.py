"""What goes in and out about erasing."""

from __future__ import annotations

from marshmallow import fields

from komp_flow.api.fields import Instant, text
from komp_flow.api.schemas.inputs import Input
from komp_flow.api.schemas.outputs import Output
from komp_flow.work.erasing import LONGEST_REASON


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
