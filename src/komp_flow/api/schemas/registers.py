"""The registers as programs ask for them and get them."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields

from komp_flow.api.fields import Instant, one_of, plain, text
from komp_flow.api.schemas.inputs import Input, PageQuery
from komp_flow.api.schemas.outputs import Output, Row
from komp_flow.registers import talks

FORMATS: Final = ("json", "csv")
LONGEST_SEARCH: Final = 200


class CsvQuery(PageQuery):
    """A list that may be had as a file: all of it, without pages."""

    format = one_of(FORMATS, metadata={"description": "csv: the whole list as a file, as with `Accept: text/csv`."})


class RegisterQuery(CsvQuery):
    """Filters of a register."""

    cycle = text()
    unit = text()
    area = text(metadata={"description": "An area's id."})
    stage = text(metadata={"description": "Of areas and measures: proposed, merged, recommended, local."})
    text = text(LONGEST_SEARCH, metadata={"description": "Words that all stand in the row."})


class OfPeopleQuery(CsvQuery):
    """Filters of what there is one of for each person."""

    cycle = text()
    unit = text()


class CountQuery(Input):
    """Which cycle."""

    cycle = text(required=True)


class OfPerson(Output):
    """What there is one of for each person."""

    id = fields.UUID(required=True)
    person = fields.String(allow_none=True, required=True)
    person_name = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    unit_name = fields.String(allow_none=True)
    cycle = fields.String(allow_none=True)


class TalkStatus(OfPerson):
    """How far one talk is, never what is written in it."""

    status = one_of(talks.STATUSES, required=True)
    stage = one_of(tuple(dict.fromkeys(talks.STAGES.values())), required=True)
    talk_at = Instant(allow_none=True)
    invited_at = Instant(allow_none=True)
    held_on = fields.Date(allow_none=True)
    closed_at = Instant(allow_none=True)
    postponed_until = fields.Date(allow_none=True)
    extraordinary = fields.Boolean()
    escalation = fields.Integer()


class TalkCount(Output):
    """How many talks of a unit, or with a null unit of all, are how far; null where the group is too small."""

    unit = fields.String(allow_none=True, required=True)
    unit_name = fields.String(allow_none=True)
    talks = fields.Integer(allow_none=True, required=True)
    not_started = fields.Integer(allow_none=True, required=True)
    under_way = fields.Integer(allow_none=True, required=True)
    closed = fields.Integer(allow_none=True, required=True)


class TalkCounts(Output):
    """One line a unit, those first that are about all."""

    items = fields.List(fields.Nested(TalkCount), required=True)


class ReadingStatus(OfPerson):
    """Whether somebody has read and confirmed what they were given."""

    what = one_of(("material", "strategy"))
    status = one_of(("unread", "read", "lapsed"), required=True)
    given_at = Instant()
    due = Instant(allow_none=True)
    confirmed_at = Instant(allow_none=True)


class PlanStatus(TalkStatus):
    """One person's plan. Without `readable`, its texts are another's to read and null, and there are no goals."""

    readable = fields.Boolean(required=True)
    reference = fields.String(allow_none=True, metadata={"description": "Where the plan is, in another solution."})
    agreed = fields.Boolean(allow_none=True)
    career_wish = fields.String(allow_none=True)
    goals = fields.List(fields.Nested(Row), required=True)


class Origin(Output):
    """Where a row comes from: the step and the task whose submission it is of."""

    process = fields.String(allow_none=True)
    process_name = fields.String(allow_none=True)
    element = fields.String(allow_none=True)
    step = fields.String(allow_none=True, metadata={"description": "The element's name."})
    task = fields.UUID(allow_none=True)
    instance = fields.UUID(allow_none=True, metadata={"description": "Null where I may not open it."})
    by = fields.String(allow_none=True)
    by_name = fields.String(allow_none=True)
    at = Instant()
    changed_at = Instant()


class RowStep(Output):
    """One step of a trail: the first rows that I may read, and how many those are in all."""

    register = fields.String(required=True)
    stage = fields.String(allow_none=True)
    total = fields.Integer(required=True)
    rows = fields.List(fields.Nested(Row), required=True)


class Told(Output):
    """What people's plans say in numbers; null where the people are too few to be told."""

    people = fields.Integer(allow_none=True)
    effect = fields.Float(allow_none=True, metadata={"description": "The mean of what they report, 1 to 5."})


class RowTrail(Output):
    """What the row came from and what it led to, step by step; `goals` and `effects` only for those who may."""

    before = fields.List(fields.Nested(RowStep), required=True)
    after = fields.List(fields.Nested(RowStep), required=True)
    goals = fields.Nested(Told, allow_none=True)
    effects = fields.Nested(Told, allow_none=True)


class RowSheet(Row):
    """One row of a register with its origin and its trail."""

    register = fields.String(required=True)
    origin = fields.Nested(Origin, required=True)
    trail = fields.Nested(RowTrail, required=True)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The row's own columns, with what is known about it beside them."""
        about = {"origin": Origin().dump(obj.origin), "trail": RowTrail().dump(obj.trail)}
        return plain(obj.row) | {"register": obj.register} | about
