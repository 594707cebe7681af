"""The list of instances that one may see, the newest first: each kind is found by an index of its own.

What is seen is what `policy.visible_instances` says. Asked like that a database reads all instances there have ever
been; here a page takes as long after ten years as after one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, select, text, true, union_all
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.db.ids import within
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance
from komp_flow.engine.tables import ESCALATED, IS_STOPPED
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Holdings
from komp_flow.work import policy, rows
from komp_flow.work.doing.inbox import page_errors
from komp_flow.work.lines import InstanceLine, Page
from komp_flow.work.policy import Permission

STATES: Final = ("active", "suspended", "completed", "cancelled", "incident")
MOST_LISTS: Final = 500  # statements that are kept
_NEWEST: Final = (Instance.started_at.desc(), Instance.id.desc())
_lists: Final[dict[Hashable, tuple[Prepared, Prepared]]] = {}


def instances(
    db: Session,
    actor: Actor,
    *,
    process: str | None = None,
    state: str | None = None,
    unit: str | None = None,
    cycle: str | None = None,
    page: int = 1,
    page_size: int = 50,
    now: datetime,
) -> Page[InstanceLine]:
    """One page of the instances that the caller may see, the newest first."""
    who = policy.require(db, actor, Permission.SEE_INSTANCES, now)
    wrong = page_errors(page, page_size)
    if state is not None and state not in STATES:
        wrong.append(FieldError("state", _("Velg en av disse: %(states)s.", states=", ".join(STATES))))
    if wrong:
        raise Invalid(_("Lista kan ikke vises slik. Rett det som er merket."), wrong)
    asked = {"process": process, "state": state, "unit_id": unit, "cycle_id": cycle}
    narrowed = {name: value for name, value in asked.items() if value is not None}
    count, listed = _statements(who, actor, tuple(narrowed))
    own = {"people": policy.own_people(who), "units": policy.own_units(who)}
    values: Mapping[str, object] = {"me": who.person_id, **own, **narrowed}
    total = count.scalar(db, values) or 0
    shown = {"reach": page * page_size, "most": page_size, "skipped": (page - 1) * page_size}
    found = listed.all(db, {**values, **shown})
    directory = organisation.directory(db, now)
    return Page(tuple(rows.instance_line(directory, row) for row in found), total, page, page_size)


def _statements(who: Holdings, actor: Actor, narrowed: tuple[str, ...]) -> tuple[Prepared, Prepared]:
    """How many there are, and a page of them; kept for all who ask in the same way."""
    staff, owners = bool(who.roles & policy.STAFF), bool(who.roles & policy.OWNERS)
    key = (actor.via in policy.TRUSTED, staff, owners, narrowed)
    found = _lists.get(key)
    if found is None:
        parts = [and_(part, *(_is(name) for name in narrowed)) for part in _parts(who, actor)]
        found = Prepared(_count(parts)), Prepared(_page(parts))
        if len(_lists) < MOST_LISTS:
            _lists[key] = found
    return found


def _is(name: str) -> ColumnElement[bool]:
    column: Any = getattr(Instance, name)
    return column == bindparam(name)  # type: ignore[no-any-return]


def _parts(who: Holdings, actor: Actor) -> list[ColumnElement[bool]]:
    """What the caller sees, in parts that have nothing in common."""
    if actor.via in policy.TRUSTED:
        return [true()]
    of_people = [within(Instance.person_id, "people"), Instance.started_by == bindparam("me")]
    of_units = [and_(within(Instance.unit_id, "units"), Instance.person_id.is_(None))]
    if not who.roles & policy.STAFF:
        return [_one_of([*of_people, *of_units])]
    of_people.append(text(ESCALATED))  # type: ignore[arg-type]
    if who.roles & policy.OWNERS:
        of_people.append(text(IS_STOPPED))  # type: ignore[arg-type]
    return [Instance.person_id.is_(None), and_(Instance.person_id.is_not(None), _one_of(of_people))]


def _one_of(kinds: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return Instance.id.in_(union_all(*(select(Instance.id).where(kind) for kind in kinds)))


def _count(parts: Sequence[ColumnElement[bool]]) -> Select[Any]:
    counted = [select(func.count()).select_from(Instance).where(part).scalar_subquery() for part in parts]
    return select(sum(counted[1:], counted[0]))


def _page(parts: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The newest of each part, then the newest of them all: no part is read further than the page reaches."""
    reach = bindparam("reach", type_=Integer)
    newest = [select(Instance.id, Instance.started_at).where(part).order_by(*_NEWEST).limit(reach) for part in parts]
    ids = union_all(*(select(each.subquery()) for each in newest)).subquery()
    most, skipped = bindparam("most", type_=Integer), bindparam("skipped", type_=Integer)
    one_page = select(ids.c.id).order_by(ids.c.started_at.desc(), ids.c.id.desc()).limit(most).offset(skipped)
    return rows.instances().where(Instance.id.in_(one_page)).order_by(*_NEWEST)
