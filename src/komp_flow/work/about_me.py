"""Everything that komp-flow holds about one person, for that person: what the export of it is made of.

Never in it: notes that the manager has not shared, what is written about others, and who else is meant where a role
says enough. docs/rest.md describes the sections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import and_, column, or_, select, table
from sqlalchemy.orm import Session

from komp_flow import files, organisation
from komp_flow.audit import Event
from komp_flow.db import Instant
from komp_flow.engine import Instance, Task
from komp_flow.engine.tables import COMPLETED, OPEN, SUBMISSION, TASK
from komp_flow.errors import NotFound, TooLarge
from komp_flow.files import StoredFile
from komp_flow.i18n import _
from komp_flow.notifications.models import Mail, Notification
from komp_flow.organisation import Actor, Directory, Holdings
from komp_flow.organisation.models import Person, PersonRole, Position, Substitution, TalkHolder, Unit
from komp_flow.registers import Cycle
from komp_flow.registers.models import DiscussionInput, Measure
from komp_flow.registers.talks import Talk
from komp_flow.vault.models import Erasure
from komp_flow.work import policy, rows, words
from komp_flow.work.models import TaskDraft
from komp_flow.work.policy import Permission
from komp_flow.work.talks import own_plan, plans
from komp_flow.work.texts import aside, remarks, written
from komp_flow.work.texts.readings import readings
from komp_flow.work.watching import results

VERSION: Final = 1
MOST: Final = 5_000  # rows of one section; `incomplete` names those that had more
LARGEST: Final = 32 * 1024 * 1024  # bytes
# What signs in as a person, and what is drawn, lies above us; only the rows are known here.
_ACCOUNT: Final = table(
    "account", column("person_id"), *(column(name, Instant) for name in ("created_at", "changed_at", "locked_at"))
)
_TOKEN: Final = table(
    "token",
    *(column(name) for name in ("person_id", "name", "scopes")),
    *(column(name, Instant) for name in ("created_at", "expires_at", "revoked_at")),
)
_DRAWING: Final = table(
    "drawing",
    *(column(name) for name in ("kind", "name", "state", "made_by", "saved_by")),
    *(column(name, Instant) for name in ("made_at", "saved_at")),
)

Row = dict[str, Any]


def as_json(found: Row) -> bytes:
    """The export as a file: UTF-8, times in UTC, and bounded. TooLarge: it is larger than can be sent."""
    text = orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
    if len(text) > LARGEST:
        raise TooLarge(_("Det er for mye til én fil. Ingenting er hentet. Be HR om hjelp."))
    return text


class _Gathering:
    """One person's rows, section by section, each bounded."""

    def __init__(self, db: Session, directory: Directory, who: Holdings, actor: Actor, now: datetime) -> None:
        self.db, self.directory, self.who, self.actor, self.now = db, directory, who, actor, now
        self.me = who.person_id
        self.incomplete: list[str] = []

    def rows(self, section: str, query: Any) -> list[Row]:
        """The query's columns under their names."""
        found = self.db.connection().execute(query.limit(MOST + 1)).mappings().all()
        if len(found) > MOST:
            self.incomplete.append(section)
        return [dict(row) for row in found[:MOST]]

    def unit(self, unit_id: str | None) -> str | None:
        """A unit's name."""
        return rows.unit_name(self.directory, unit_id)

    def person(self, person_id: str | None) -> str | None:
        """A person's name."""
        return rows.person_name(self.directory, person_id)

    def whose(self, by: str | None) -> str:
        """Who did something, as far as I need to know: me, another, or komp-flow itself."""
        return "system" if by is None else "me" if by == self.me else "other"


def about_me(db: Session, actor: Actor, now: datetime) -> Row:
    """All about the one who asks, as plain values with dates and times. NotFound: they are not (or no longer) known."""
    who = policy.require(db, actor, Permission.WORK, now)
    directory = organisation.directory(db, now)
    if not actor.person_id or db.get(Person, actor.person_id) is None:
        raise NotFound(_("Personen finnes ikke."))
    gathered = _Gathering(db, directory, who, actor, now)
    sections = {name: find(gathered) for name, find in SECTIONS.items()}
    return {
        "format": "komp-flow/about-me",
        "version": VERSION,
        "made_at": now,
        **sections,
        "incomplete": sorted(set(gathered.incomplete)),
    }


def _person(of: _Gathering) -> Row:
    row = of.db.get_one(Person, of.me)
    return {
        "id": row.id, "name": row.name, "email": row.email, "language": row.language, "title": row.title,
        "unit": row.unit_id, "unit_name": of.unit(row.unit_id), "absence_from": row.absence_from,
        "absence_to": row.absence_to, "left_at": row.left_at,
    }  # fmt: skip


def _positions(of: _Gathering) -> list[Row]:
    found = of.rows("positions", select(
        Position.unit_id.label("unit"), Position.manager_id.label("manager"), Position.title, Position.percent,
        Position.start, Position.end, Position.main,
    ).where(Position.person_id == of.me).order_by(Position.number))  # fmt: skip
    return [each | {"unit_name": of.unit(each["unit"]), "manager_name": of.person(each["manager"])} for each in found]


def _roles(of: _Gathering) -> list[Row]:
    given = of.rows("roles", select(PersonRole.role, PersonRole.source).where(PersonRole.person_id == of.me)
                    .order_by(PersonRole.role, PersonRole.source))  # fmt: skip
    led = of.db.execute(
        select(Unit.id, Unit.name, Unit.manager_id)
        .where(or_(Unit.manager_id == of.me, Unit.deputy_id == of.me))
        .order_by(Unit.sort_key, Unit.id)
    )
    return [
        *({**each, "unit": None, "unit_name": None} for each in given),
        *(
            {"role": "manager" if manager == of.me else "deputy", "source": "unit", "unit": unit, "unit_name": name}
            for unit, name, manager in led
        ),
    ]


def _substitutes(of: _Gathering) -> list[Row]:
    query = select(Substitution.person_id, Substitution.substitute_id, Substitution.start, Substitution.end)
    mine = or_(Substitution.person_id == of.me, Substitution.substitute_id == of.me)
    return [
        {
            "for_me": each["person_id"] == of.me,
            "name": of.person(each["substitute_id"] if each["person_id"] == of.me else each["person_id"]),
            "start": each["start"],
            "end": each["end"],
        }
        for each in of.rows("substitutes", query.where(mine).order_by(Substitution.start, Substitution.id))
    ]


def _talks_with(of: _Gathering) -> Row | None:
    """The one who has my talks in place of my manager. Why, is kept for those who decided it."""
    row = of.db.get(TalkHolder, of.me)
    return {"name": of.person(row.manager_id), "since": row.at} if row is not None else None


def _account(of: _Gathering) -> Row | None:
    query = select(_ACCOUNT.c.created_at, _ACCOUNT.c.changed_at, _ACCOUNT.c.locked_at)
    return next(iter(of.rows("account", query.where(_ACCOUNT.c.person_id == of.me))), None)


def _tokens(of: _Gathering) -> list[Row]:
    listed = (_TOKEN.c[name] for name in ("name", "scopes", "created_at", "expires_at", "revoked_at"))
    query = select(*listed).where(_TOKEN.c.person_id == of.me)
    return of.rows("tokens", query.order_by(_TOKEN.c.created_at))


def _tasks(of: _Gathering, section: str, *wanted: Any) -> list[Row]:
    """Tasks as they are called; whom they are about is said only of what is about me."""
    found = of.rows(section, select(
        Task.id, Task.name, Task.element, Task.process, Task.cycle_id.label("cycle"), Task.unit_id.label("unit"),
        Task.person_id, Task.created_at, Task.due_at, Task.closed_at,
    ).where(*wanted).order_by(Task.created_at, Task.id))  # fmt: skip
    return [
        {
            **each,
            "name": each["name"] or each["element"],
            "unit_name": of.unit(each["unit"]),
            "about_me": about == of.me,
        }
        for each in found
        for about in [each.pop("person_id")]
    ]


def _tasks_done(of: _Gathering) -> list[Row]:
    return _tasks(of, "tasks_done", Task.closed_by == of.me, Task.state == COMPLETED)


def _tasks_open(of: _Gathering) -> list[Row]:
    mine = or_(Task.person_id == of.me, Task.claimed_by == of.me, Task.delegated_to == of.me, Task.assignee == of.me)
    return _tasks(of, "tasks_open", Task.state == OPEN, mine)


def _talks(of: _Gathering) -> list[Row]:
    return of.rows("talks", select(
        Talk.instance_id.label("id"), Talk.unit_id.label("unit"), Talk.cycle_id.label("cycle"), Talk.status,
        Talk.talk_at, Talk.started_at, Talk.invited_at, Talk.held_on, Talk.closed_at, Talk.postponed_until,
        Talk.confirmation, Talk.extraordinary,
    ).where(Talk.person_id == of.me).order_by(Talk.started_at, Talk.id))  # fmt: skip


def _written(of: _Gathering) -> list[Row]:
    """What was written in tasks about me, of what I may read: mine, and what others meant for me."""
    found = written.about(of.db, of.who, of.me, MOST + 1)
    if len(found) > MOST:
        of.incomplete.append("written")
    return [
        {
            "task": row.id,
            "name": row.name or row.element,
            "element": row.element,
            "cycle": row.cycle_id,
            "form": row.form,
            "form_version": row.form_version_id,
            "by": of.whose(row.by),
            "at": row.at,
            "notes": bool(row.own),
            "shared_at": row.shared_at,
            "erased": row.sealed is None and row.form is not None,
            "answers": written.opened(of.db, row) if row.sealed is not None else None,
        }
        for row in found[:MOST]
    ]


def _drafts(of: _Gathering) -> list[Row]:
    """What I have typed and not sent, where it is about me or about nobody."""
    mine = or_(
        TaskDraft.owner.in_([of.me, aside.owner_of(of.me)]),
        and_(TaskDraft.owner.in_([written.COMMON, aside.owner_of(written.COMMON)]), TaskDraft.edited_by == of.me),
    )
    about = or_(Task.person_id == of.me, Task.person_id.is_(None))
    query = (
        select(TaskDraft, Task.name, Task.element, Task.person_id)
        .join(Task, Task.id == TaskDraft.task_id)
        .where(mine, about)
        .order_by(TaskDraft.edited_at)
    )
    return [
        {
            "task": row.task_id,
            "name": name or element,
            "at": row.edited_at,
            "answers": dict(written.draft_values(of.db, row, person)),
        }
        for row, name, element, person in of.db.execute(query.limit(MOST))
    ]


def _of_register(name: str) -> Callable[[_Gathering], list[Row]]:
    def found(of: _Gathering) -> list[Row]:
        reader = results.reads(of.directory, of.who, of.actor)
        listed = own_plan.own_rows(of.db, of.directory, reader, name, of.me)
        left = ("person", "person_name", "value", "label", "by")
        return [{key: value for key, value in each.items() if key not in left} for each in listed]

    return found


def _comments(of: _Gathering) -> list[Row]:
    found = remarks.of_person(of.db, of.me, own=True)
    return [{"talk": each.instance, "at": each.at, "text": each.text} for each in found]


def _readings(of: _Gathering) -> list[Row]:
    """What I was given to read, and when I confirmed it."""
    query = select(
        Task.id, Task.name, Task.cycle_id.label("cycle"), Task.state.label("status"), Task.created_at.label("given_at"),
        Task.due_at.label("due"), Task.closed_at,
    ).where(Task.person_id == of.me, Task.process == plans.READING).order_by(Task.created_at, Task.id)  # fmt: skip
    return [
        {**each, "status": status, "confirmed_at": closed if status == "read" else None}
        for each in of.rows("readings", query)
        for status, closed in [(plans.STATES.get(each["status"], "lapsed"), each.pop("closed_at"))]
    ]


def _input(of: _Gathering) -> list[Row]:
    query = select(
        DiscussionInput.id, DiscussionInput.cycle_id.label("cycle"), DiscussionInput.unit_id.label("unit"),
        DiscussionInput.text, DiscussionInput.created_at,
    ).where(DiscussionInput.person_id == of.me, DiscussionInput.withdrawn_at.is_(None))  # fmt: skip
    return of.rows("input", query.order_by(DiscussionInput.created_at))


def _measures(of: _Gathering) -> list[Row]:
    """The measures that name me as responsible."""
    query = select(
        Measure.id, Measure.name, Measure.cycle_id.label("cycle"), Measure.unit_id.label("unit"), Measure.stage,
        Measure.outcome, Measure.due,
    ).where(Measure.owner_id == of.me, Measure.withdrawn_at.is_(None))  # fmt: skip
    return of.rows("measures", query.order_by(Measure.created_at, Measure.id))


def _files(of: _Gathering) -> list[Row]:
    """The files that I put somewhere, but not in what is about others; and those beside what I may read about me."""
    readable = select(SUBMISSION.c.task_id).join(TASK, TASK.c.id == SUBMISSION.c.task_id).where(
        TASK.c.person_id == of.me, policy.readable_texts(of.who)
    )  # fmt: skip
    mine = and_(StoredFile.by == of.me, or_(StoredFile.person_id.is_(None), StoredFile.person_id == of.me))
    shown = and_(StoredFile.person_id == of.me, StoredFile.state == "sent", StoredFile.task_id.in_(readable))
    found = of.db.scalars(select(StoredFile).where(or_(mine, shown)).order_by(StoredFile.created_at).limit(MOST))
    return [
        {
            "id": row.id,
            "name": files.name_of(of.db, row),
            "kind": row.kind,
            "size": row.size,
            "task": row.task_id,
            "by": of.whose(row.by),
            "at": row.created_at,
        }
        for row in found
    ]


def _who_has_read(of: _Gathering) -> list[Row]:
    found = readings(of.db, of.me, of.actor, of.now)
    return [
        {"reader": line.reader_name, "what": line.task_name, "cycle": line.cycle, "first_at": line.first_at}
        for line in found
    ]


def _notifications(of: _Gathering) -> list[Row]:
    query = select(
        Notification.kind, Notification.level, Notification.phase, Notification.text,
        Notification.cycle_id.label("cycle"), Notification.unit_id.label("unit"), Notification.created_at,
        Notification.sent_at,
    ).where(Notification.person_id == of.me)  # fmt: skip
    return of.rows("notifications", query.order_by(Notification.created_at, Notification.id))


def _mails(of: _Gathering) -> list[Row]:
    """What was sent to me or tried; their words were made when they were sent, and are kept nowhere."""
    query = select(Mail.on_date, Mail.state.label("status"), Mail.made_at.label("created_at"), Mail.sent_at)
    return of.rows("mails", query.where(Mail.person_id == of.me).order_by(Mail.made_at, Mail.id))


def _drawings(of: _Gathering) -> list[Row]:
    """The diagrams and forms that I have begun or saved. They are the organisation's: not their text."""
    row = _DRAWING.c
    mine = of.rows(
        "drawings",
        select(row.kind, row.name, row.state.label("status"), row.made_by, row.made_at, row.saved_by, row.saved_at)
        .where(or_(row.made_by == of.me, row.saved_by == of.me))
        .order_by(row.made_at),
    )
    return [
        {
            "name": each["name"],
            "kind": each["kind"],
            "status": each["status"],
            "created_at": each["made_at"] if each["made_by"] == of.me else None,
            "changed_at": each["saved_at"] if each["saved_by"] == of.me else None,
        }
        for each in mine
    ]


def _trail(of: _Gathering) -> list[Row]:
    """What has happened in what is about me, as its page tells me; `said` is empty for what is only drawn."""
    about = select(Instance.id).where(Instance.person_id == of.me)
    query = select(Event).where(Event.instance_id.in_(about)).order_by(Event.at, Event.stream, Event.seq)
    found = of.db.scalars(query.limit(MOST + 1)).all()
    if len(found) > MOST:
        of.incomplete.append("trail")
    return [
        {
            "at": each.at,
            "what": each.what,
            "element": each.element,
            "name": each.name,
            "by": of.whose(each.by),
            "said": words.sentence(each, of.directory, of.db.info["zone"]),
        }
        for each in found[:MOST]
    ]


def _erasures(of: _Gathering) -> list[Row]:
    return of.rows("erasures", select(Erasure.at, Erasure.cause).where(Erasure.person_id == of.me).order_by(Erasure.at))


def _cycles(of: _Gathering) -> list[Row]:
    """The names of the cycles that the other sections point at."""
    return of.rows("cycles", select(Cycle.id, Cycle.name, Cycle.starts_on, Cycle.ends_on).order_by(Cycle.starts_on))


SECTIONS: Final[Mapping[str, Callable[[_Gathering], Any]]] = {
    "person": _person,
    "positions": _positions,
    "roles": _roles,
    "substitutes": _substitutes,
    "talks_with": _talks_with,
    "account": _account,
    "tokens": _tokens,
    "goals": _of_register("goals"),
    "follow_ups": _of_register("effects"),
    "talks": _talks,
    "written": _written,
    "drafts": _drafts,
    "comments": _comments,
    "readings": _readings,
    "input": _input,
    "measures": _measures,
    "files": _files,
    "who_has_read": _who_has_read,
    "tasks_open": _tasks_open,
    "tasks_done": _tasks_done,
    "notifications": _notifications,
    "mails": _mails,
    "drawings": _drawings,
    "trail": _trail,
    "erasures": _erasures,
    "cycles": _cycles,
}
