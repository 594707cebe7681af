"""Who I am, and the registers: units, people, cycles, and what the process has led to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import Response, g, request
from sqlalchemy.orm import Session

from komp_flow import organisation, registers, work
from komp_flow.api import schemas
from komp_flow.api.routes import Routes, cut, page
from komp_flow.auth.guards import actor
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.registers.csv_files import columns, csv_file
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("registers", "Who works where, and what was decided.")
CSV: Final = "text/csv"
FILTERS: Final = ("cycle", "unit", "area", "stage", "text")
FIRST: Final = ("id", "cycle", "unit", "unit_name", "person", "person_name")
WITHOUT: Final = frozenset({"value", "label"})  # of choices in forms


@bp.asks("/me", None, schemas.Me)
def me() -> Any:
    """The person that the token acts as: their roles, and the units where they have some."""
    directory = organisation.directory(db(), g.now)
    person = directory.person(actor().person_id)
    if person is None:
        raise NotFound(_("Personen finnes ikke."))
    held = directory.holdings(person.id).units
    mine = frozenset({person.unit_id}).union(*held.values())
    units = sorted((directory.units[unit] for unit in mine), key=lambda unit: (unit.sort_key, unit.id))
    return {
        "person": person.id,
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "title": person.title,
        "unit": person.unit_id,
        "roles": sorted(person.roles),
        "units": [
            {
                "id": unit.id,
                "name": unit.name,
                "roles": sorted(role for role, places in held.items() if unit.id in places),
            }
            for unit in units
        ],
        "scopes": sorted(actor().scopes or organisation.SCOPES),
    }


@bp.asks("/units", Permission.SEE_ORGANISATION, schemas.page_of(schemas.Unit), query=schemas.PageQuery)
def units(asked: dict[str, Any]) -> Any:
    """The open units, by name."""
    return cut(organisation.queries.units(organisation.directory(db(), g.now)), asked)


@bp.asks("/people", Permission.SEE_ORGANISATION, schemas.page_of(schemas.Person), query=schemas.PeopleQuery)
def people(asked: dict[str, Any]) -> Any:
    """Those who work here, by name."""
    found = organisation.queries.people(organisation.directory(db(), g.now), unit=asked.get("unit"))
    return cut(found, asked)


@bp.asks("/cycles", Permission.SEE_REGISTERS, schemas.page_of(schemas.Cycle), query=schemas.PageQuery)
def cycles(asked: dict[str, Any]) -> Any:
    """Every cycle with its calendar, the newest first."""
    return cut(work.cycles(db(), actor(), g.now), asked)


def _register(name: str) -> None:
    def rows(asked: dict[str, Any]) -> Any:
        narrowed = registers.Narrowed(**{filter_: asked.get(filter_) for filter_ in FILTERS})
        if as_csv(asked):
            found = work.whole_register(db(), actor(), name, narrowed=narrowed, now=g.now)
            return csv_answer(name, found, [*FIRST, *registers.columns_of(name)])
        pages = {"page": asked["page"], "page_size": asked["page_size"]}
        return page(work.register(db(), actor(), name, narrowed=narrowed, now=g.now, **pages))

    def row(row_id: str) -> Any:
        return work.row(db(), actor(), name, row_id, g.now)

    rows.__name__, row.__name__ = name, f"{name}-row"
    rows.__doc__ = f"The rows of «{name}» that I may see."
    row.__doc__ = f"One row of «{name}», where it comes from, and what it came from and led to."
    answer = schemas.page_of(schemas.Row)
    bp.asks(f"/{name}", Permission.SEE_REGISTERS, answer, query=schemas.RegisterQuery, also=CSV)(rows)
    bp.asks(f"/{name}/<string:row_id>", Permission.SEE_REGISTERS, schemas.RowSheet)(row)


for _name in registers.REGISTERS:
    _register(_name)


@bp.asks("/talks", Permission.SEE_REGISTERS, schemas.page_of(schemas.TalkStatus), query=schemas.OfPeopleQuery, also=CSV)
def talks(asked: dict[str, Any]) -> Any:
    """The talks whose status I may see: mine, those of my employees, for HR those that are escalated."""
    return _of_people("talks", work.talk_list, asked, schemas.TalkStatus)


@bp.asks("/talk-counts", Permission.SEE_REGISTERS, schemas.TalkCounts, query=schemas.CountQuery)
def talk_counts(asked: dict[str, Any]) -> Any:
    """How many talks are how far, by unit; for HR of every unit and, with a null unit, of all together."""
    return {"items": work.talk_counts(db(), actor(), asked["cycle"], g.now)}


@bp.asks(
    "/readings", Permission.SEE_REGISTERS, schemas.page_of(schemas.ReadingStatus), query=schemas.OfPeopleQuery, also=CSV
)
def readings(asked: dict[str, Any]) -> Any:
    """Whether people have read and confirmed what they were given, of those whose talk status I may see."""
    return _of_people("readings", work.reading_list, asked, schemas.ReadingStatus)


@bp.asks("/plans", Permission.SEE_REGISTERS, schemas.page_of(schemas.PlanStatus), query=schemas.OfPeopleQuery, also=CSV)
def plans(asked: dict[str, Any]) -> Any:
    """One row for each person: the talk's dates and status; goals and texts only where they are mine to read."""
    return _of_people("plans", work.plan_list, asked, schemas.PlanStatus)


Listed = Callable[[Session, Actor, work.Among, datetime], work.Page[dict[str, object]]]


def _of_people(name: str, listed: Listed, asked: dict[str, Any], line: type[schemas.Output]) -> Any:
    cycle, unit = asked.get("cycle"), asked.get("unit")
    if not as_csv(asked):
        among = work.Among(cycle, unit, asked["page"], asked["page_size"])
        return page(listed(db(), actor(), among, g.now))
    found = [_told(row) for row in listed(db(), actor(), work.Among(cycle, unit, page_size=None), g.now).items]
    return csv_answer(name, found, line().fields)


def _told(row: Mapping[str, object]) -> Mapping[str, object]:
    """A plan's goals as the words of one cell, one goal after the other."""
    goals = row.get("goals")
    return (
        {**row, "goals": " | ".join(str(goal.get("goal") or "") for goal in goals)} if isinstance(goals, list) else row
    )


def as_csv(asked: dict[str, Any]) -> bool:
    """Whether a file is asked for: by `format`, else by what the program says that it takes."""
    if asked.get("format"):
        return bool(asked["format"] == "csv")
    return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def csv_answer(name: str, found: Sequence[Mapping[str, object]], first: Iterable[str]) -> Response:
    """All of a list as a file, under the API's own names."""
    named = {column: column for column in columns(found, first, WITHOUT)}
    answer = Response(csv_file(named, found), content_type=f"{CSV}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
