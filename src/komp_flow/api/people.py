"""People and units that come, go and change: substitutes, the organisation's files, and what becomes of talks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from flask import g
from werkzeug.datastructures import FileStorage

from komp_flow import work
from komp_flow.api.routes import Routes, cut
from komp_flow.api.schemas import inputs, page_of, people
from komp_flow.auth.guards import actor
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.organisation import Change, RowError
from komp_flow.organisation.csv_files import MAX_BYTES
from komp_flow.requests import db
from komp_flow.work.policy import Permission

MOST_CHANGES: Final = 1_000
bp = Routes("people", "Who steps in, who comes and goes, and what becomes of their talks.")


@bp.asks("/substitutions", Permission.SUBSTITUTE, page_of(people.Substitution), query=people.SubstitutionQuery)
def substitutions(asked: dict[str, Any]) -> Any:
    """Those that run today or are to come: HR sees everyone's, others those they are part of."""
    return cut(work.substitutions(db(), actor(), g.now, person=asked.pop("person", None)), asked)


@bp.does("/substitutions", Permission.SUBSTITUTE, people.SubstitutionInput, people.Substitution, 201)
def substitute(body: dict[str, Any]) -> Any:
    """Let somebody act for a person from one day to another. One's own are one's own choice; HR sets anybody's."""
    person = body["person"] or actor().person_id
    return work.substitute(db(), actor(), person, body["substitute"], body["start"], body["end"], g.now)


@bp.does("/substitutions/<int:substitution_id>", Permission.SUBSTITUTE, inputs.Nothing, people.Ended, method="DELETE")
def end_substitution(_body: dict[str, Any], substitution_id: int) -> Any:
    """Take it away, begun or not."""
    work.end_substitution(db(), actor(), substitution_id, g.now)
    return {"done": True}


# The organisation's files.


@bp.does(
    "/organisation",
    Permission.CHANGE_ORGANISATION,
    people.OrganisationFiles,
    people.ImportReport,
    location="files",
)
def import_organisation(body: dict[str, Any]) -> Any:
    """Make the organisation what the two files say: all of it, or nothing. With `dry_run`, only say what would change,
    for running work too. 422 lists every row that must be mended; running work follows with the ticks afterwards.
    """
    units, persons = (_one(body[name], name) for name in ("units", "people"))
    dry_run = body["dry_run"] in {"true", "1"}
    found = work.importing.import_organisation(db(), actor(), units, persons, g.now, dry_run=dry_run)
    if found.report.errors:
        raise RefusedFiles(found.report.errors)
    report = found.report
    return {
        "units": report.units,
        "people": report.people,
        "dry_run": report.dry_run,
        "written": report.written,
        "counts": report.counts,
        "changes": [vars_of(change) for change in report.changes[:MOST_CHANGES]],
        "warnings": report.warnings,
        "consequences": found.consequences,
        "summary": report.summary(),
    }


def vars_of(change: Change) -> dict[str, Any]:
    """A change with its fields as lists."""
    fields = {name: list(pair) for name, pair in change.fields.items()}
    return {"what": change.what, "kind": change.kind, "id": change.id, "name": change.name, "fields": fields}


class RefusedFiles(Invalid):
    """The files have rows to mend: nothing was changed. Each is one of `errors`, named by file, line and column."""

    def __init__(self, rows: Sequence[RowError]) -> None:
        told = [
            FieldError("-".join(filter(None, (r.file, str(r.line), r.field))), r.reason) for r in rows[:MOST_CHANGES]
        ]
        super().__init__(_("Ingenting er importert. Rett radene i filene, og send dem på nytt."), told)


def _one(parts: Sequence[FileStorage], name: str) -> bytes:
    if len(parts) != 1:
        raise Invalid(_("Ingenting er endret."), [FieldError(name, _("Send én fil."))])
    content: bytes = parts[0].stream.read(MAX_BYTES + 1)
    if not content:
        raise Invalid(_("Ingenting er endret."), [FieldError(name, _("Filen er tom."))])
    return content


@bp.does("/units/<string:unit>/mapping", Permission.CHANGE_ORGANISATION, people.UnitMapping, people.Mapped)
def map_unit(body: dict[str, Any], unit: str) -> Any:
    """Where the work of a closed unit goes on: the first of `to` takes over its course, what it proposed is copied."""
    return {"unit": unit, "names": work.mapping.map_unit(db(), actor(), unit, body["to"], body["reason"], g.now)}


# Talks, steered from outside. Nothing of what is written in them.


@bp.does("/talks", Permission.STEER_TALKS, people.ExtraordinaryTalk, people.Talk, 201)
def begin_extraordinary(body: dict[str, Any]) -> Any:
    """A talk for itself, outside the unit's round."""
    return work.talks.begin_extraordinary(db(), actor(), body["person"], body["cycle"], g.now)


@bp.does("/talks/<uuid:talk_id>/move", Permission.STEER_TALKS, people.NewTime, people.Talk)
def move_talk(body: dict[str, Any], talk_id: UUID) -> Any:
    """They talk at another time; what was to be done before it follows."""
    return work.talks.move(db(), actor(), talk_id, body["talk_at"], g.now)


@bp.does("/talks/<uuid:talk_id>/begin", Permission.STEER_TALKS, inputs.Nothing, people.Talk)
def begin_talk(_body: dict[str, Any], talk_id: UUID) -> Any:
    """They talk now; what is left of the preparations falls away."""
    return work.talks.begin(db(), actor(), talk_id, g.now)


@bp.does("/talks/<uuid:talk_id>/postpone", Permission.STEER_TALKS, people.Postponement, people.Talk)
def postpone(body: dict[str, Any], talk_id: UUID) -> Any:
    """It rests through `until`, or until somebody takes it up, and does not count meanwhile."""
    return work.talks.postpone(db(), actor(), talk_id, body["until"], g.now)


@bp.does("/talks/<uuid:talk_id>/resume", Permission.STEER_TALKS, inputs.Nothing, people.Talk)
def take_up(_body: dict[str, Any], talk_id: UUID) -> Any:
    """It goes on, to be agreed on anew within twenty working days."""
    return work.talks.take_up(db(), actor(), talk_id, g.now)


@bp.does("/talks/<uuid:talk_id>/decline", Permission.STEER_TALKS, people.Declining, people.Talk)
def decline(body: dict[str, Any], talk_id: UUID) -> Any:
    """The employee does not want it: closed as declined after the day that HR sets. No reason is asked."""
    return work.talks.decline(db(), actor(), talk_id, body["after"], g.now)


@bp.does("/talks/<uuid:talk_id>/withdraw-decline", Permission.STEER_TALKS, inputs.Nothing, people.Talk)
def withdraw_decline(_body: dict[str, Any], talk_id: UUID) -> Any:
    """The employee wants it after all."""
    return work.talks.withdraw_decline(db(), actor(), talk_id, g.now)


@bp.does("/talks/<uuid:talk_id>/hand-over", Permission.STEER_TALKS, people.HandOver, people.Talk)
def hand_over(body: dict[str, Any], talk_id: UUID) -> Any:
    """Another manager has this person's talks from now on; `to` null gives them back to their own."""
    return work.talks.hand_over(db(), actor(), talk_id, body["to"], body["reason"], g.now)


# One's own plan, when one is in another unit than where it was made.


@bp.asks("/me/plan-transfers", Permission.WORK, page_of(people.Transfer), query=inputs.PageQuery)
def transfers(asked: dict[str, Any]) -> Any:
    """My plans that were made in a unit that I have left; `follows` is null until I have answered."""
    return cut(work.talks.transfers(db(), actor(), g.now), asked)


@bp.does("/me/plan-transfers/<uuid:talk_id>", Permission.WORK, people.Follows, people.Transfer)
def answer_transfer(body: dict[str, Any], talk_id: UUID) -> Any:
    """Whether it follows to the unit where I am now. Without a yes, only I read it."""
    return work.talks.answer_transfer(db(), actor(), talk_id, body["follows"], g.now)
