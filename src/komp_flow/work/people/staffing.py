"""What follows for running work when the organisation has changed or a day has passed: found, not done.

`wanted` compares what runs with the organisation of today and says what is to be done, as small steps. It only reads,
so it can also tell what an import would lead to (process.md section 6).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.engine import Instance, ProcessVersion, Subscription, Task
from komp_flow.engine.tables import ENDED, OPEN, SUSPENDED
from komp_flow.i18n import ngettext
from komp_flow.operations.models import Request
from komp_flow.organisation import Directory, Subject
from komp_flow.organisation.facts import PersonFacts
from komp_flow.organisation.staffing.models import ClosedUnit, PlanTransfer, TalkOrder, UnitMapping, Vacancy
from komp_flow.registers import talks
from komp_flow.registers.talks import Talk

TALK: Final = "talk"
READING: Final = "reading"
UNIT: Final = "unit"
TALKS: Final = "talks"  # the phase of a unit whose round of talks is open
MESSAGES: Final = (talks.POSTPONE, talks.RESUME)  # to a talk; those that wait for neither were held, or rest not
MOST_AT_ONCE: Final = 500
LONG_ABSENCE: Final = timedelta(days=14)  # a shorter one needs no other date for the talk than the two agree on

LEFT, MOVED, FOLLOWED, AWAY, BACK, DECLINED, JOINED = "left", "moved", "followed", "away", "back", "declined", "joined"
VACANT, FILLED, CLOSED, SETTLED = "vacant", "filled", "closed", "settled"


@dataclass(frozen=True)
class Step:
    """One small thing to do, for an instance, for a person in a unit's round, or for a unit."""

    kind: str
    instance_id: UUID | None = None
    person_id: str | None = None
    unit_id: str | None = None
    cycle_id: str | None = None
    on_date: date | None = None
    process: str | None = None

    @property
    def key(self) -> str:
        """The same thing is to be done once."""
        if self.instance_id is not None:
            return f"{self.kind}|{self.instance_id.hex}"
        return "|".join(part or "" for part in (self.kind, self.unit_id, self.person_id, self.cycle_id))[:300]


def wanted(db: Session, now: datetime) -> list[Step]:
    """Everything that is to be done now; nothing where running work agrees with the organisation."""
    directory = organisation.directory(db, now)
    homes = {person: unit for unit in directory.units for person in directory.reports(unit)}
    found: list[Step] = []
    for people in _batches(_to_look_at(db, directory, homes)):
        running = db.execute(_running().where(Instance.person_id.in_(people))).all()
        known = _Known.read(db, [row.id for row in running])
        found += [step for row in running if (step := _of_instance(row, directory, homes, known))]
    found += _joined(db, directory)
    found += _of_units(db, directory, {row.unit_id for row in db.execute(_in_units()) if row.unit_id})
    return found


def _to_look_at(db: Session, directory: Directory, homes: Mapping[str, str]) -> list[str]:
    """Those whose talks and readings may not be as they should: most of sixty thousand are, as two words tell."""
    ordered = set(db.scalars(select(TalkOrder.person_id)))
    running = select(Instance.person_id, Instance.unit_id).where(*_RUNS).distinct()
    found: set[str] = set()
    for person_id, unit in db.execute(running):
        person = directory.person(person_id)
        at_home = homes.get(str(person_id)) == unit
        if person is not None and not (person.present and at_home and person_id not in ordered):
            found.add(person.id)
    return sorted(found)


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), MOST_AT_ONCE):
        yield ids[first : first + MOST_AT_ONCE]


def home(directory: Directory, person_id: str) -> str | None:
    """The unit in whose round this person is an employee today; None for one who does not work here."""
    person = directory.person(person_id)
    if person is None or not person.employed:
        return None
    line = (person.unit_id, *directory.ancestors(person.unit_id)) if directory.unit(person.unit_id) else ()
    return next((unit for unit in line if person_id in directory.reports(unit)), None)


_RUNS: Final = (Instance.person_id.is_not(None), Instance.process.in_((TALK, READING)), Instance.state.not_in(ENDED))


def _running() -> Any:
    columns = (Instance.id, Instance.process, Instance.unit_id, Instance.person_id, Instance.cycle_id, Instance.state,
               Instance.version_id)  # fmt: skip
    return select(*columns).where(*_RUNS)


def _in_units() -> Any:
    """The units that have something open: a course, a talk, a measure to follow up."""
    return select(Instance.unit_id).where(Instance.state.not_in(ENDED)).distinct()


def _mapped(db: Session) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in db.execute(select(UnitMapping.from_unit, UnitMapping.to_unit)):
        found[row.from_unit].add(row.to_unit)
    return found


# One talk or reading.


@dataclass(frozen=True)
class _Known:
    """What is known of talks besides their own rows. `waits`: the messages of talks that each instance waits for."""

    orders: Mapping[UUID, TalkOrder]
    transfers: Collection[UUID]
    mapped: Mapping[str, set[str]]
    waits: Mapping[UUID, set[str]]
    drawn: Collection[UUID]  # versions whose diagram says what becomes of a talk that is postponed

    @classmethod
    def read(cls, db: Session, instances: Sequence[UUID]) -> _Known:
        """Of these."""
        waits: dict[UUID, set[str]] = defaultdict(set)
        of_these = Subscription.instance_id.in_(instances)
        subscribed = select(Subscription.instance_id, Subscription.name)
        for row in db.execute(subscribed.where(of_these, Subscription.name.in_(MESSAGES))):
            waits[row.instance_id].add(row.name)
        orders = select(TalkOrder).where(TalkOrder.instance_id.in_(instances))
        transfers = select(PlanTransfer.instance_id).where(PlanTransfer.instance_id.in_(instances))
        versions = db.execute(select(ProcessVersion.id, ProcessVersion.source).where(ProcessVersion.process == TALK))
        return cls(
            orders={order.instance_id: order for order in db.scalars(orders)},
            transfers=set(db.scalars(transfers)),
            mapped=_mapped(db),
            waits=waits,
            drawn={row.id for row in versions if f'name="{talks.POSTPONE}"'.encode() in row.source},
        )

    def rests(self, row: Any) -> bool:
        """Whether the talk rests just now."""
        order = self.orders.get(row.id)
        return talks.RESUME in self.waits.get(row.id, ()) or (
            order is not None and order.resting and row.state == SUSPENDED and row.version_id not in self.drawn
        )

    def may(self, row: Any, message: str) -> bool:
        """Whether the message would mean something to the talk just now: one that was held does not rest any more."""
        return message in self.waits.get(row.id, ()) or row.version_id not in self.drawn


def of_instance(db: Session, row: Instance, now: datetime) -> Step | None:
    """What is to be done with one talk or reading that runs."""
    directory = organisation.directory(db, now)
    now_in = home(directory, row.person_id or "")
    homes = {row.person_id: now_in} if row.person_id and now_in else {}
    return _of_instance(row, directory, homes, _Known.read(db, [row.id]))


def talks_before(db: Session, subject: Subject) -> int:
    """How many talks the person has had in this cycle, ended ones too."""
    mine = (Instance.person_id == subject.person, Instance.cycle_id == subject.cycle)
    return db.scalar(select(func.count()).select_from(Instance).where(Instance.process == TALK, *mine)) or 0


def _of_instance(row: Any, directory: Directory, homes: Mapping[str, str], known: _Known) -> Step | None:
    person = directory.person(row.person_id)
    if person is None:
        return None
    if not person.employed:
        return _step(row, LEFT)
    now_in = homes.get(person.id)
    if now_in is not None and row.unit_id is not None and now_in != row.unit_id:
        return _elsewhere(row, directory, now_in, known)
    return _of_talk(row, person, directory.today, known) if row.process == TALK else None


def _elsewhere(row: Any, directory: Directory, now_in: str, known: _Known) -> Step | None:
    """Its person is in another unit than the talk or reading."""
    old = directory.unit(row.unit_id)
    if old is not None and old.closed:  # HR says where it went: until then it stays, and its tasks find their people
        return _step(row, FOLLOWED, now_in) if now_in in known.mapped.get(old.id, ()) else None
    asked = row.id in known.transfers and row.state == SUSPENDED
    return _step(row, MOVED, now_in) if row.process == TALK and not asked else None


def _of_talk(row: Any, person: PersonFacts, today: date, known: _Known) -> Step | None:
    order, rests = known.orders.get(row.id), known.rests(row)
    if order is not None and order.declined_from is not None and today > order.declined_from:
        return _step(row, DECLINED)
    wanted_to = rests_today(person, order, today, rests=rests)
    until = order.rests_until if order is not None and order.by_hand else person.absent_until
    if rests and wanted_to and order is not None and order.rests_until != until:
        return _step(row, AWAY, on=until)  # the leave has become longer or shorter
    if rests and not wanted_to:
        return _step(row, BACK)
    return _step(row, AWAY, on=until) if wanted_to and not rests and known.may(row, talks.POSTPONE) else None


def _step(row: Any, kind: str, unit: str | None = None, on: date | None = None) -> Step:
    return Step(kind, row.id, row.person_id, unit or row.unit_id, row.cycle_id, on, row.process)


def rests_today(person: PersonFacts, order: TalkOrder | None, today: date, *, rests: bool) -> bool:
    """Whether the talk is to rest: what somebody said by hand, else a long absence in the organisation file.

    One that rests already does so until the person is back.
    """
    if order is not None and order.by_hand is False:
        return False
    if order is not None and order.by_hand and (order.rests_until is None or order.rests_until >= today):
        return True
    if not person.absent or rests:
        return person.absent
    return person.absent_until is None or person.absent_until - today >= LONG_ABSENCE


# Those who have come to a unit whose round is open.


def _joined(db: Session, directory: Directory) -> Iterator[Step]:
    rounds = open_rounds(db)
    if not rounds:
        return
    cycles = sorted({cycle for _unit, cycle in rounds if cycle})
    has: set[tuple[str | None, str | None, str | None]] = set()
    begun = select(Talk.person_id, Talk.unit_id, Talk.cycle_id, Talk.status)
    for row in db.execute(begun.where(Talk.cycle_id.in_(cycles), Talk.extraordinary.is_(False))):
        if row.status != talks.CANCELLED:
            has.add((row.person_id, row.unit_id, row.cycle_id))
        if row.status not in talks.ENDED:  # a talk that runs in another unit is moved first
            has.add((row.person_id, None, row.cycle_id))
    unknown = select(Instance.person_id, Instance.cycle_id).where(  # of a diagram that keeps no register
        Instance.process == TALK, Instance.cycle_id.in_(cycles), Instance.id.not_in(select(Talk.instance_id))
    )
    has |= {(row.person_id, None, row.cycle_id) for row in db.execute(unknown)}
    asked = select(Request.person_id, Request.cycle_id).where(
        Request.kind == "start", Request.process == TALK, Request.state != "done", Request.cycle_id.in_(cycles)
    )
    has |= {(row.person_id, None, row.cycle_id) for row in db.execute(asked)}
    for unit, cycle in sorted(rounds, key=str):
        for person in directory.reports(unit):
            if (person, unit, cycle) not in has and (person, None, cycle) not in has:
                yield Step(JOINED, None, person, unit, cycle, process=TALK)


def open_rounds(db: Session) -> dict[tuple[str, str | None], UUID]:
    """The units, in their cycles, whose round of talks is open, with the course that it is part of."""
    found = db.execute(
        select(Instance.id, Instance.unit_id, Instance.cycle_id)
        .join(Task, and_(Task.instance_id == Instance.id, Task.state == OPEN, Task.phase == TALKS))
        .where(Instance.process == UNIT, Instance.person_id.is_(None), Instance.state.not_in(ENDED))
        .distinct()
    )
    return {(row.unit_id, row.cycle_id): row.id for row in found if row.unit_id is not None}


# Units.


def _of_units(db: Session, directory: Directory, at_work: Collection[str]) -> Iterator[Step]:
    vacant = {row.unit_id: row.cause for row in db.scalars(select(Vacancy))}
    closed = set(db.scalars(select(ClosedUnit.unit_id)))
    mapped = _mapped(db)
    for unit_id in sorted(at_work | vacant.keys() | closed):
        unit = directory.unit(unit_id)
        if unit is None:
            continue
        open_work = unit_id in at_work
        cause = vacancy(directory, unit_id) if open_work and not unit.closed else None
        if cause is not None and vacant.get(unit_id) != cause:
            yield Step(VACANT, unit_id=unit_id)
        elif cause is None and unit_id in vacant:
            yield Step(FILLED, unit_id=unit_id)
        waits = unit.closed and open_work and unit_id not in mapped
        if waits and unit_id not in closed:
            yield Step(CLOSED, unit_id=unit_id)
        elif not waits and unit_id in closed:
            yield Step(SETTLED, unit_id=unit_id)


def vacancy(directory: Directory, unit_id: str) -> str | None:
    """Why the unit's manager is not there: none, left, absent. None: they are, or have named who steps in."""
    manager = directory.person(directory.units[unit_id].manager_id)
    if manager is None:
        return "none"
    if not manager.employed:
        return "left"
    return "absent" if manager.absent and not manager.substitutes else None


# In words.


_SAID: Final[Mapping[str, Callable[[int], str]]] = {
    LEFT: lambda n: ngettext(
        "Én medarbeider slutter. Samtaler og lesinger som er i gang, avlyses.",
        "%(num)s medarbeidere slutter. Samtaler og lesinger som er i gang, avlyses.",
        n,
    ),
    MOVED: lambda n: ngettext(
        "Én samtale avsluttes, fordi medarbeideren bytter enhet. Er samtalerunden i gang i den nye, blir det en "
        "ny der.",
        "%(num)s samtaler avsluttes, fordi medarbeiderne bytter enhet. Er samtalerunden i gang i den nye, blir det en "
        "ny der.",
        n,
    ),
    FOLLOWED: lambda n: ngettext(
        "Samtaler og lesinger for én medarbeider går over til enheten som har tatt over.",
        "Samtaler og lesinger for %(num)s medarbeidere går over til enhetene som har tatt over.",
        n,
    ),
    AWAY: lambda n: ngettext(
        "Én samtale utsettes, fordi medarbeideren er borte.",
        "%(num)s samtaler utsettes, fordi medarbeiderne er borte.",
        n,
    ),
    BACK: lambda n: ngettext(
        "Én samtale tas opp igjen, fordi medarbeideren er tilbake.",
        "%(num)s samtaler tas opp igjen, fordi medarbeiderne er tilbake.",
        n,
    ),
    DECLINED: lambda n: ngettext(
        "Én samtale lukkes, fordi medarbeideren har takket nei.",
        "%(num)s samtaler lukkes, fordi medarbeiderne har takket nei.",
        n,
    ),
    JOINED: lambda n: ngettext(
        "Én medarbeider får en samtale, fordi samtalerunden er i gang i enheten.",
        "%(num)s medarbeidere får en samtale, fordi samtalerunden er i gang i enheten.",
        n,
    ),
    VACANT: lambda n: ngettext(
        "Én enhet er uten leder. Oppgavene går til stedfortreder, overordnet leder eller HR.",
        "%(num)s enheter er uten leder. Oppgavene går til stedfortreder, overordnet leder eller HR.",
        n,
    ),
    CLOSED: lambda n: ngettext(
        "Én enhet stenges mens arbeidet er i gang. HR må si hvor det skal gå videre.",
        "%(num)s enheter stenges mens arbeidet er i gang. HR må si hvor det skal gå videre.",
        n,
    ),
}


def in_words(steps: Sequence[Step]) -> list[str]:
    """What the steps come to, one sentence for each kind with its number."""
    each = {(step.kind, step.person_id or step.unit_id) for step in steps}  # a person may have a talk and readings
    counts = Counter(kind for kind, _whom in each)
    return [say(counts[kind]) for kind, say in _SAID.items() if counts[kind]]
