"""Cycles: made and changed by the form that sets them up, with the names that diagrams read about them."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.db.prepared import Prepared
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.registers import calendar
from komp_flow.registers.calendar import IsWorkingDay
from komp_flow.registers.models import Cycle, CycleDate
from komp_flow.registers.values import day, integer, truth

# What a form may call the columns of a cycle, beside their own names.
COLUMNS: Final[Mapping[str, str]] = {
    "name": "name",
    "start": "starts_on",
    "starts_on": "starts_on",
    "end": "ends_on",
    "ends_on": "ends_on",
    "decided_on": "decided_on",
    "units": "units",
    "reading_wanted": "reading_wanted",
    "quality_check": "quality_check",
    "consultation": "consultation",
    "plan_elsewhere": "plan_elsewhere",
    "smallest_group": "smallest_group",
    "ladder": "ladder",
    "reminders": "reminders",
}
CYCLE_COLUMNS: Final = frozenset(COLUMNS) | frozenset(calendar.NAMES)
_ALL: Final = Prepared(select(*Cycle.__table__.columns).order_by(Cycle.starts_on.desc(), Cycle.id))
FEWEST_IN_A_GROUP: Final = 3
LONGEST_NAME: Final = 200


def cycle(db: Session, cycle_id: str) -> Cycle:
    """The cycle with this id. Raises NotFound."""
    found = db.get(Cycle, cycle_id)
    if found is None:
        raise NotFound(_("Vi fant ikke syklusen. Velg en i lista over sykluser."))
    return found


def cycles(db: Session) -> Sequence[Any]:
    """The rows of all cycles, the newest first."""
    return _ALL.all(db)


def previous(db: Session, cycle_id: str | None) -> dict[str, object] | None:
    """The settings of the newest cycle but this one: what a new one may begin with."""
    found = next((one for one in cycles(db) if one.id != cycle_id), None)
    if found is None:
        return None
    return {
        "id": found.id,
        "name": found.name,
        "quality_check": found.quality_check,
        "reading_wanted": found.reading_wanted,
        "consultation": found.consultation,
        "smallest_group": found.smallest_group,
        "end": found.ends_on,
    }


def set_up(
    db: Session, row: Mapping[str, object], *, cycle_id: str | None, instance_id: uuid.UUID | None, now: datetime
) -> tuple[Cycle, bool]:
    """Make the cycle that a form describes, or change the one that `cycle_id` names; True when its dates changed.

    `row` maps columns (COLUMNS, and the names of the calendar's dates) to values; what it leaves out stays as it is.
    Raises Invalid with every column that does not hold.
    """
    values, dates, extra = _read(row)
    known = db.get(Cycle, cycle_id) if cycle_id is not None else None
    if known is None:
        values |= {"moved": dates, "extra": extra, "instance_id": instance_id, "created_at": now}
        return _made(db, values), True
    before = (known.starts_on, known.decided_on, dict(known.moved))
    for column, value in values.items():
        setattr(known, column, value)
    known.moved = {**known.moved, **dates}
    known.extra = {**known.extra, **extra}
    _hold(known)
    db.flush()
    return known, before != (known.starts_on, known.decided_on, dict(known.moved))


def _made(db: Session, values: dict[str, Any]) -> Cycle:
    if not values.get("name") or not values.get("starts_on"):
        raise Invalid(
            _("En syklus trenger et navn og en startdato. Fyll ut feltene og prøv igjen."),
            [
                FieldError(name, _("Fyll ut dette feltet."))
                for name, column in (("name", "name"), ("start", "starts_on"))
                if not values.get(column)
            ],
        )
    values.setdefault("ends_on", values["starts_on"] + timedelta(days=calendar.FROM_START["evaluation"]))
    made = Cycle(id=_free_id(db, values["name"]), **values)
    _hold(made)
    db.add(made)
    db.flush()
    db.refresh(made)
    return made


def _hold(one: Cycle) -> None:
    if one.ends_on <= one.starts_on:
        raise Invalid(
            _("Syklusen må slutte etter at den har begynt. Rett datoene og prøv igjen."),
            [FieldError("end", _("Sett en dato etter start."))],
        )


def _read(row: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    values: dict[str, Any] = {}
    dates: dict[str, str] = {}
    extra: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name, value in row.items():
        try:
            if name in calendar.NAMES:
                if (found := day(value)) is not None:
                    dates[name] = found.isoformat()
            elif name in COLUMNS:
                if value is not None:
                    values[COLUMNS[name]] = _column(COLUMNS[name], value)
            else:
                extra[name] = _plain(value)
        except ValueError as error:
            wrong.append(FieldError(name, str(error)))
    if wrong:
        raise Invalid(_("Noen av feltene kan ikke brukes. Rett dem og prøv igjen."), wrong)
    return values, dates, extra


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _column(column: str, value: object) -> object:
    match column:
        case "starts_on" | "ends_on" | "decided_on":
            return day(value)
        case "reading_wanted" | "quality_check" | "consultation" | "plan_elsewhere":
            return truth(value)
        case "smallest_group":
            number = integer(value)
            if number is None or number < FEWEST_IN_A_GROUP:
                raise ValueError(_("Den minste gruppen må være på minst tre personer."))
            return number
        case "ladder":
            return _ladder(value)
        case "units" | "reminders":
            return _texts(value) or (None if column == "units" else ["none"])
    return str(value).strip()[:LONGEST_NAME]


def _texts(value: object) -> list[str]:
    items: Sequence[object] = value.split(",") if isinstance(value, str) else value  # type: ignore[assignment]
    return [text for item in items if (text := str(item).strip())]


def _ladder(value: object) -> list[int]:
    steps = [integer(item) for item in _texts(value)]
    if not steps or any(step is None or not 0 < step <= 250 for step in steps) or len(steps) > 10:
        raise ValueError(_("Skriv antall virkedager etter fristen, for eksempel 5, 10, 15."))
    return sorted({step for step in steps if step is not None})


def _free_id(db: Session, name: str) -> str:
    """A short id that may stand in an address: `2027`, `kompetansesyklus-2027`, with a number where it is taken."""
    letters = name.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:34].strip("-") or "syklus"
    found, number = slug, 1
    while db.get(Cycle, found) is not None:
        number += 1
        found = f"{slug}-{number}"
    return found


def dates(one: Cycle, is_working_day: IsWorkingDay) -> dict[str, date | None]:
    """The cycle's calendar: each named date, null until it is known."""
    moved = {name: date.fromisoformat(text) for name, text in one.moved.items()}
    return calendar.dates(one.starts_on, one.decided_on, moved, is_working_day)


def set_date(
    db: Session, one: Cycle, name: str, to: date, is_working_day: IsWorkingDay, *, by: str | None, now: datetime
) -> date:
    """Set one date of the calendar by hand; answers the working day it became. Raises Invalid on an unknown name.

    Where the decision is made already, `decision` is its day, V, and the dates that count from it follow.
    """
    if name not in calendar.NAMES:
        names = ", ".join(calendar.NAMES)
        raise Invalid(
            _("Kalenderen har ingen dato som heter «%(name)s». Velg en av disse: %(names)s.", name=name, names=names),
            [FieldError("name", _("Velg en dato i kalenderen."))],
        )
    first, last = one.starts_on - timedelta(days=366), one.starts_on + timedelta(days=5 * 366)
    if not first <= to <= last:
        raise Invalid(
            _("Datoen må ligge i nærheten av syklusen, mellom %(first)s og %(last)s.", first=first, last=last),
            [FieldError("date", _("Velg en annen dato."))],
        )
    kept = calendar.next_working_day(to, is_working_day)
    before = dates(one, is_working_day)[name]
    one.moved = {**one.moved, name: kept.isoformat()}
    if name == "decision" and one.decided_on is not None:
        one.decided_on = kept
    db.add(CycleDate(cycle_id=one.id, name=name, before=before, after=kept, by=by, at=now))
    db.flush()
    return kept


def names(one: Cycle, is_working_day: IsWorkingDay, zone: ZoneInfo) -> dict[str, object]:
    """`cycle`, `deadline` and `escalation` as expressions read them."""
    deadline = dates(one, is_working_day)
    ladders = {name: calendar.ladder(day, one.ladder, zone, is_working_day) for name, day in deadline.items()}
    facts: dict[str, object] = {
        "id": one.id,
        "name": one.name,
        "state": one.state,
        "start": one.starts_on,
        "end": one.ends_on,
        "decided_on": one.decided_on,
        "reading_wanted": one.reading_wanted,
        "quality_check": one.quality_check,
        "consultation": one.consultation,
        "plan_elsewhere": one.plan_elsewhere,
        "smallest_group": one.smallest_group,
        "ladder": list(one.ladder),
        "reminders": list(one.reminders),
    }
    return {"cycle": {**one.extra, **facts}, "deadline": dict(deadline), "escalation": dict(ladders)}
