"""The organisation files into the database: all of it in one transaction, or nothing; the same files twice, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.i18n import _, ngettext
from komp_flow.organisation import entries as files
from komp_flow.organisation import roles
from komp_flow.organisation.commands import FILE, STREAM
from komp_flow.organisation.entries import Entries, PositionEntry
from komp_flow.organisation.models import OrganisationState, Person, PersonRole, Position, Unit
from komp_flow.organisation.reports import Change, ImportReport, Kind, What
from komp_flow.organisation.snapshots import bump
from komp_flow.organisation.sorting import sort_key

UNIT = cast("Table", Unit.__table__)
PERSON = cast("Table", Person.__table__)
POSITION = cast("Table", Position.__table__)
ROLE = cast("Table", PersonRole.__table__)

MANY_LEAVE = 0.3  # of all, from which on it looks like the wrong file

Record = dict[str, Any]


@dataclass
class Organisation:
    """All of it as plain rows, as the database has it or as the files want it."""

    units: dict[str, Record] = field(default_factory=dict)
    people: dict[str, Record] = field(default_factory=dict)
    positions: dict[str, list[Record]] = field(default_factory=dict)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)


def import_files(
    db: Session, units_csv: bytes, people_csv: bytes, now: datetime, *, dry_run: bool = False, by: str | None = None
) -> ImportReport:
    """Make the organisation what the two files say. Nothing is written if the report has errors, or on a dry run.

    A person who is gone from the file has left, a unit that is gone is closed; neither is ever deleted, and roles
    that were granted stay. Flushes; the caller commits.
    """
    read = files.read(units_csv, people_csv)
    if read.errors:
        return ImportReport(len(read.units), len(read.people), errors=tuple(read.errors), dry_run=dry_run)
    if not dry_run:
        _lock(db)
    before, wanted = _stored(db), _wanted(read)
    changes = tuple(_changes(before, wanted))
    warnings = tuple(_warnings(db, before, wanted, changes))
    if changes and not dry_run:
        _write(db, before, wanted, changes, now)
        counts = ImportReport(0, 0, changes).counts
        audit.record(db, STREAM, [audit.Entry(what="organisation-imported", by=by, detail=counts)], now)
    return ImportReport(
        units=len(wanted.units),
        people=len(wanted.people),
        changes=changes,
        warnings=warnings,
        dry_run=dry_run,
        written=bool(changes) and not dry_run,
    )


def _lock(db: Session) -> None:
    """One import at a time: the second sees what the first wrote."""
    insert_ = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    row = {"id": 1, "revision": 0, "stamp": "", "july_pause": True}
    db.execute(insert_(OrganisationState).values(row).on_conflict_do_nothing())
    db.execute(select(OrganisationState.id).where(OrganisationState.id == 1).with_for_update()).one()
    db.flush()


def _stored(db: Session) -> Organisation:
    positions: dict[str, list[Record]] = defaultdict(list)
    for row in db.execute(select(POSITION).order_by(POSITION.c.person_id, POSITION.c.number)).mappings().all():
        positions[row["person_id"]].append(dict(row))
    given: dict[str, set[str]] = defaultdict(set)
    for person_id, role in db.execute(select(ROLE.c.person_id, ROLE.c.role).where(ROLE.c.source == FILE)).all():
        given[person_id].add(role)
    return Organisation(
        units={row["id"]: dict(row) for row in db.execute(select(UNIT)).mappings().all()},
        people={row["id"]: dict(row) for row in db.execute(select(PERSON)).mappings().all()},
        positions=dict(positions),
        roles={person_id: frozenset(names) for person_id, names in given.items()},
    )


def _wanted(read: Entries) -> Organisation:
    found = Organisation()
    for unit in read.units.values():
        found.units[unit.id] = {
            "id": unit.id,
            "parent_id": unit.parent_id,
            "name": unit.name,
            "org_number": unit.org_number,
            "manager_id": unit.manager_id,
            "deputy_id": unit.deputy_id,
            "closed_at": None,
            "sort_key": sort_key(unit.name),
        }
    for person_id, rows in read.people.items():
        main = files.main_position(rows)
        found.people[person_id] = _person(person_id, rows, main)
        found.positions[person_id] = [_position(number, row, row is main) for number, row in enumerate(rows, 1)]
        found.roles[person_id] = frozenset().union(*(row.roles for row in rows))
    return found


def _person(person_id: str, rows: Sequence[PositionEntry], main: PositionEntry) -> Record:
    return {
        "id": person_id,
        "name": main.name,
        "email": main.email,
        "email_key": main.email.casefold(),
        "language": next((row.language for row in rows if row.language), "nb"),
        "unit_id": main.unit_id,
        "title": main.title,
        "absence_from": next((row.absence_from for row in rows if row.absence_from), None),
        "absence_to": next((row.absence_to for row in rows if row.absence_to), None),
        "left_at": None,
        "sort_key": sort_key(main.name),
    }


def _position(number: int, row: PositionEntry, main: bool) -> Record:
    return {
        "person_id": row.person_id,
        "number": number,
        "unit_id": row.unit_id,
        "manager_id": row.manager_id,
        "title": row.title,
        "percent": row.percent,
        "start": row.start,
        "end": row.end,
        "main": main,
    }


# What differs.


def _changes(before: Organisation, wanted: Organisation) -> Iterable[Change]:
    for unit_id, row in wanted.units.items():
        yield from _change("unit", before.units.get(unit_id), row, "closed_at", "reopened")
    for unit_id, row in before.units.items():
        if unit_id not in wanted.units and row["closed_at"] is None:
            yield Change("unit", "closed", unit_id, row["name"], {})
    for person_id, row in wanted.people.items():
        old = before.people.get(person_id)
        yield from _change("person", _with_more(before, old), _with_more(wanted, row), "left_at", "returned")
    for person_id, row in before.people.items():
        if person_id not in wanted.people and row["left_at"] is None:
            yield Change("person", "left", person_id, row["name"], {})


def _change(what: What, old: Record | None, new: Record | None, gone: str, back: Kind) -> Iterable[Change]:
    assert new is not None  # noqa: S101 (both halves of `_changes` hand in a row)
    if old is None:
        yield Change(what, "new", new["id"], new["name"], {})
        return
    fields = {
        column: (_told(old[column]), _told(value))
        for column, value in new.items()
        if old[column] != value and column not in {gone, "sort_key", "email_key"}
    }
    kind: Kind = back if old[gone] is not None else "changed"
    if fields or kind == back or any(old[column] != new[column] for column in new):
        yield Change(what, kind, new["id"], new["name"], fields)


def _with_more(organisation: Organisation, person: Record | None) -> Record | None:
    """The person with the positions and roles, each as one text. What the main position shows is not shown twice."""
    if person is None:
        return None
    rows = organisation.positions.get(person["id"], [])
    told = [_position_told(row, full=len(rows) > 1) for row in rows]
    given = ", ".join(sorted(organisation.roles.get(person["id"], ())))
    return {**person, "positions": "; ".join(told), "roles": given}


def _position_told(row: Record, *, full: bool) -> str:
    named = [row["unit_id"], row["title"]] if full else []
    manager = f"leder {row['manager_id']}" if row["manager_id"] else ""
    dates = f"{row['start'] or ''}–{row['end'] or ''}" if row["start"] or row["end"] else ""
    return " ".join(part for part in (*named, f"{row['percent']:g} %", dates, manager) if part)


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _warnings(db: Session, before: Organisation, wanted: Organisation, changes: Sequence[Change]) -> Iterable[str]:
    left = sum(change.kind == "left" for change in changes)
    working = sum(row["left_at"] is None for row in before.people.values())
    if left and left > working * MANY_LEAVE:
        yield _("%(left)s av %(all)s medarbeidere mangler i filen og regnes som sluttet.", left=left, all=working)
    has_hr = select(ROLE.c.role).where(ROLE.c.role == roles.HR, ROLE.c.source != FILE).limit(1)
    if not any(roles.HR in given for given in wanted.roles.values()) and db.execute(has_hr).first() is None:
        yield _("Ingen har rollen hr. Oppgaver i enheter uten leder når da ikke fram til noen.")
    vacant = sum(row["manager_id"] is None for row in wanted.units.values())
    if vacant:
        yield ngettext("Én enhet har ingen leder.", "%(num)s enheter har ingen leder.", vacant)


# Writing it.


def _write(db: Session, before: Organisation, wanted: Organisation, changes: Sequence[Change], now: datetime) -> None:
    ids: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        kind = {"returned": "changed", "reopened": "changed"}.get(change.kind, change.kind)
        ids[change.what, kind].append(change.id)
    _mark(db, PERSON, ids["person", "left"], {"left_at": now})
    _mark(db, UNIT, ids["unit", "closed"], {"closed_at": now})
    # Two who swap addresses would for a moment both have one of them.
    changed = ids["person", "changed"]
    moved = [i for i in changed if before.people[i]["email_key"] != wanted.people[i]["email_key"]]
    _mark(db, PERSON, moved, {"email_key": None})
    # Parents first, leaders last: a reference that has to wait for its row makes SQLite search whole tables.
    new_units = sorted((wanted.units[i] for i in ids["unit", "new"]), key=lambda unit: _depth(wanted, unit))
    _insert(db, UNIT, [{**unit, "manager_id": None, "deputy_id": None} for unit in new_units])
    _insert(db, PERSON, [wanted.people[i] for i in ids["person", "new"]])
    _update(db, PERSON, [wanted.people[i] for i in changed])
    _update(db, UNIT, [*new_units, *(wanted.units[i] for i in ids["unit", "changed"])])
    written = [*ids["person", "new"], *changed]
    _replace(db, POSITION, changed, [row for i in written for row in wanted.positions[i]])
    given = [{"person_id": i, "role": role, "source": FILE} for i in written for role in sorted(wanted.roles[i])]
    _replace(db, ROLE, [*changed, *ids["person", "left"]], given)
    bump(db)
    db.expire_all()


def _mark(db: Session, table: Table, ids: Sequence[str], values: Record) -> None:
    if ids:
        db.connection().execute(
            update(table).where(table.c.id == bindparam("of_id")).values(values), [{"of_id": i} for i in ids]
        )


def _depth(wanted: Organisation, unit: Record) -> int:
    depth = 0
    while unit["parent_id"] is not None:
        unit, depth = wanted.units[unit["parent_id"]], depth + 1
    return depth


def _insert(db: Session, table: Table, rows: Sequence[Record]) -> None:
    if rows:
        db.connection().execute(insert(table), list(rows))


def _update(db: Session, table: Table, rows: Sequence[Record]) -> None:
    if rows:
        values: Record = {column.name: bindparam(f"new_{column.name}") for column in table.c if column.name != "id"}
        renamed = [
            {"of_id": row["id"], **{f"new_{name}": value for name, value in row.items() if name != "id"}}
            for row in rows
        ]
        db.connection().execute(update(table).where(table.c.id == bindparam("of_id")).values(values), renamed)


def _replace(db: Session, table: Table, people: Sequence[str], rows: Sequence[Record]) -> None:
    """What these people had from the file, by what the file gives now."""
    if people:
        mine = delete(table).where(table.c.person_id == bindparam("of_id"))
        mine = mine.where(table.c.source == FILE) if table is ROLE else mine
        db.connection().execute(mine, [{"of_id": i} for i in people])
    _insert(db, table, rows)
