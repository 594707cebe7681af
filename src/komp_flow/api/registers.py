"""Who I am, and the registers: units, people, cycles, and what the process has led to."""

from __future__ import annotations

from typing import Any

from flask import g

from komp_flow import organisation, registers, work
from komp_flow.api import schemas
from komp_flow.api.routes import Routes, cut, page
from komp_flow.auth.guards import actor
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("registers", "Who works where, and what was decided.")
NAMES = ("areas", "measures", "goals", "decisions")


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
        narrowed = registers.Narrowed(cycle=asked.get("cycle"), unit=asked.get("unit"))
        pages = {"page": asked["page"], "page_size": asked["page_size"]}
        return page(work.register(db(), actor(), name, narrowed=narrowed, now=g.now, **pages))

    rows.__name__ = name
    rows.__doc__ = f"The rows of «{name}» that I may see."
    answer = schemas.page_of(schemas.Row)
    bp.asks(f"/{name}", Permission.SEE_REGISTERS, answer, query=schemas.RegisterQuery)(rows)


for _name in NAMES:
    _register(_name)
