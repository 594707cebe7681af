"""What goes in and out about people, substitutes, imports and what becomes of talks."""

from __future__ import annotations

from typing import Any

from flask_smorest.fields import Upload
from marshmallow import fields

from komp_flow.api.fields import Anything, Instant, nested, one_of, text
from komp_flow.api.schemas.inputs import LONGEST_TEXT, Input, PageQuery
from komp_flow.api.schemas.outputs import Output
from komp_flow.i18n import _l

ASKED: dict[str, Any] = {
    "required": _l("Legg ved filen."),
    "invalid": _l("Legg ved filene som filer, ikke som tekst."),
}
DATE: dict[str, Any] = {"type": ["string", "null"], "format": "date"}


def day(**more: Any) -> fields.Date:
    """A date."""
    said = _l("Skriv en dato, som i 2027-01-31.")
    required = _l("Feltet må fylles ut.")
    errors: dict[str, Any] = {"invalid": said, "format": said, "required": required, "null": required}
    return fields.Date(format="%Y-%m-%d", error_messages=errors, **more)


class SubstitutionQuery(PageQuery):
    """Of one person, as the one who is away or the one who steps in."""

    person = text()


class SubstitutionInput(Input):
    """Who acts for whom, from one day to another, both included. Without `person`: for the token's own."""

    person = text(load_default=None, allow_none=True)
    substitute = text(required=True)
    start = day(required=True)
    end = day(required=True)


class Substitution(Output):
    """`substitute` acts for `person`."""

    id = fields.Integer(required=True)
    person = fields.String(required=True)
    substitute = fields.String(required=True)
    start = fields.Date(required=True)
    end = fields.Date(required=True)
    runs = fields.Boolean(metadata={"description": "It has begun."})


class Ended(Output):
    """It is done."""

    done = fields.Boolean(required=True)


class OrganisationFiles(Input):
    """The two organisation files, as `komp-flow import-organisation` reads them."""

    units = fields.List(Upload(), required=True, error_messages=ASKED)
    people = fields.List(Upload(), required=True, error_messages=ASKED)
    dry_run = one_of(("true", "false", "1", "0"), load_default="false")


class Change(Output):
    """One unit or person that is not as before."""

    what = one_of(("unit", "person"), required=True)
    kind = one_of(("new", "changed", "left", "returned", "closed", "reopened"), required=True)
    id = fields.String(required=True)
    name = fields.String()
    fields_ = fields.Dict(data_key="fields", attribute="fields", metadata={"description": "Name → [before, after]."})


class RowError(Output):
    """One thing to mend in a file."""

    file = one_of(("units", "people"), required=True)
    line = fields.Integer(required=True)
    field = fields.String()
    reason = fields.String(required=True)


class ImportReport(Output):
    """What the files say, what changes, and in words what follows for what runs."""

    units = fields.Integer(required=True)
    people = fields.Integer(required=True)
    dry_run = fields.Boolean(required=True)
    written = fields.Boolean(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    changes = fields.List(nested(Change), metadata={"description": "At most 1,000."})
    warnings = fields.List(fields.String())
    consequences = fields.List(fields.String(), metadata={"description": "What it does to running work, in words."})
    summary = fields.List(fields.String())


class Postponement(Input):
    """The last day of the leave; the talk is taken up after it. Without a date: until somebody takes it up."""

    until = day(load_default=None, allow_none=True)


class NewTime(Input):
    """When the two talk."""

    talk_at = Instant(required=True)


class Declining(Input):
    """The date after which the talk is closed as declined. HR sets it; without one, when the talks should be held."""

    after = day(load_default=None, allow_none=True)


class HandOver(Input):
    """The manager who has the talk from now on, and why; null takes it back."""

    to = text(required=True, allow_none=True)
    reason = text(LONGEST_TEXT, load_default="")


class ExtraordinaryTalk(Input):
    """With whom, in which cycle (the one that runs, where it is left out)."""

    person = text(required=True)
    cycle = text(load_default=None, allow_none=True)


class Follows(Input):
    """Whether the plan follows to the new unit."""

    follows = fields.Boolean(
        required=True, error_messages={"required": _l("Feltet må fylles ut."), "invalid": _l("Send true eller false.")}
    )


class Talk(Output):
    """A talk as the one who steers it may know it; never what is written in it."""

    id = fields.UUID(required=True)
    person = fields.String(required=True)
    unit = fields.String(allow_none=True)
    cycle = fields.String(allow_none=True)
    state = one_of(("running", "resting", "ended"), required=True)
    rests_until = Anything(metadata=DATE)
    declined_from = Anything(metadata=DATE)
    extraordinary = fields.Boolean()


class Transfer(Output):
    """A plan of one's own, made in a unit that one has left."""

    id = fields.UUID(required=True)
    from_unit = fields.String(allow_none=True)
    to_unit = fields.String(required=True)
    asked_at = Instant()
    follows = fields.Boolean(allow_none=True, required=True)


class UnitMapping(Input):
    """The units that a closed unit's work goes on in; the first takes over the year's course."""

    to = fields.List(
        text(), required=True, error_messages={"required": _l("Feltet må fylles ut."), "invalid": _l("Send en liste.")}
    )
    reason = text(LONGEST_TEXT, required=True)


class Mapped(Output):
    """The closed unit, and the names of those that its work goes on in."""

    unit = fields.String(required=True)
    names = fields.List(fields.String(), required=True)
