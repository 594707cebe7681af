"""Files beside the answers of a task: who may put one there, who may have it, and when it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, files, forms
from komp_flow.engine.tables import FORM_VERSION, OPEN, TASK
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from komp_flow.files import SENT, Home, StoredFile
from komp_flow.forms.attachments import KINDS, Attached, listed
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import sealing
from komp_flow.registers.models import StrategyDocument
from komp_flow.work import policy, rows
from komp_flow.work.doing.holding import Held, held
from komp_flow.work.policy import Permission
from komp_flow.work.texts import written

UNIT: Final = "unit"
EVERYONE: Final = "everyone"
PLACE: Final = "/files/"


@dataclass(frozen=True)
class FileLine:
    """A file as a page and the API show it; `task` is the one that it belongs to."""

    id: str
    name: str
    kind: str
    media: str
    size: int
    pieces: int
    task: UUID
    sent: bool
    created_at: datetime
    sha256: str | None = None


def attach(  # noqa: PLR0917
    db: Session, task_id: UUID, actor: Actor, name: str, content: IO[bytes], now: datetime, *, field: str | None = None
) -> FileLine:
    """Put a file beside the task's answers: `field` is the path of the filepicker that it goes in, where that is known.

    NotFound, NotAllowed, Conflict as for a draft; TooLarge; Invalid: no such field, or no file that we take.
    """
    mine = held(db, task_id, actor, now)
    if mine.row.state == OPEN or not mine.sees:
        mine.require_to_do()
    state = db.connection().execute(select(TASK.c.state).where(TASK.c.id == task_id).with_for_update()).scalar_one()
    if state != OPEN:
        raise engine.TaskDone(task_id, state, mine.row.closed_by, mine.row.closed_at)
    form = mine.form
    part = forms.field(form, field) if form and field is not None else None
    if form is None or not forms.takes(form) or (field is not None and part is None):
        raise Invalid(
            _("Skjemaet har ikke noe felt for filer her. Ingenting er lagret."), [FieldError(field or "", "")]
        )
    row = files.put(db, content, name, _home(mine), actor.person_id, now)
    if part is not None and row.kind not in part.kinds:
        said = _("«%(name)s» passer ikke her. Velg %(kinds)s.", name=row.name or name, kinds=listed(part.kinds))
        files.remove(db, [row])
        raise Invalid(said, [FieldError(field or "", said)])
    return line(db, row)


def _home(mine: Held) -> Home:
    row = mine.row
    return Home(row.id, row.instance_id, row.element, rows.subject(row), _desk(mine))


def _desk(mine: Held) -> str:
    return written.desk(mine.who, mine.about, mine.form)


def line(db: Session, row: StoredFile) -> FileLine:
    """The row as those who may have the file see it."""
    return FileLine(
        id=str(row.id),
        name=files.name_of(db, row),
        kind=row.kind,
        media=KINDS[row.kind][1],
        size=row.size,
        pieces=row.pieces,
        task=row.task_id,
        sent=row.state == SENT,
        created_at=row.created_at,
        sha256=row.sha256,
    )


def file(db: Session, actor: Actor, file_id: UUID, now: datetime) -> FileLine:
    """A file, for one who may have it. NotFound for everybody else: that it exists is theirs to know."""
    row = files.file(db, file_id)
    if not _may_have(db, row, actor, now):
        raise NotFound(_("Fila finnes ikke. Den kan være fjernet."))
    if row.person_id is not None and row.state == SENT:
        sealing.note(db, row.person_id, row.task_id, row.by)
    return line(db, row)


def detach(db: Session, actor: Actor, file_id: UUID, now: datetime) -> None:
    """Take a file away that was not sent. Conflict: it was; NotFound, NotAllowed as for a draft."""
    row = files.file(db, file_id)
    mine = held(db, row.task_id, actor, now)
    if not _may_have(db, row, actor, now):
        raise NotFound(_("Fila finnes ikke. Den kan være fjernet."))
    if row.state == SENT:
        raise Conflict(_("Fila er sendt inn med oppgaven og kan ikke tas bort. Ingenting er endret."))
    if row.by != actor.person_id:
        mine.require_to_do()
    files.remove(db, [row])


def _may_have(db: Session, row: StoredFile, actor: Actor, now: datetime) -> bool:
    who = policy.holdings(db, actor, now)
    if row.person_id is None and row.state == SENT and _is_document(db, row):
        return policy.can(who, Permission.SEE_REGISTERS, actor=actor)
    try:
        mine = held(db, row.task_id, actor, now)
    except (NotFound, NotAllowed):
        return False
    if row.state != SENT:
        return _on_their_desk(row, mine)
    if _reads_sent(db, row.task_id, mine):
        return True
    if row.person_id is not None:
        return False
    return _for_others(row, mine) or _shown_elsewhere(db, row, actor, now)


def _on_their_desk(row: StoredFile, mine: Held) -> bool:
    """Whether a file that was not sent is in the draft that they go on with, or was put there by themself."""
    if row.by is not None and row.by == mine.person_id:
        return mine.about is None or mine.sees
    return mine.is_mine and mine.taken_by is None and row.owner == _desk(mine)


def _reads_sent(db: Session, task_id: UUID, mine: Held) -> bool:
    """Whether they may read what was sent from the task: the same as for its text (decision 51)."""
    found = written.submission(db, task_id)
    return found is not None and mine.sees and policy.reads_text(mine.who, found)


def _is_document(db: Session, row: StoredFile) -> bool:
    """Whether it is a document of the strategy, as its own task has written it in the register."""
    extra = select(StrategyDocument.extra).where(
        StrategyDocument.instance_id == row.instance_id,
        StrategyDocument.element == row.element,
        StrategyDocument.withdrawn_at.is_(None),
    )
    return any(str(row.id) in ids_in(found) for found in db.scalars(extra))


def _for_others(row: StoredFile, mine: Held) -> bool:
    """What the form says of who else may have it: everyone, or those who may see the unit's discussion."""
    if row.readers == EVERYONE:
        return mine.person_id is not None
    if row.readers != UNIT or row.unit_id is None:
        return False
    person = mine.directory.person(mine.person_id)
    in_unit = person is not None and person.employed and person.unit_id == row.unit_id
    return in_unit or policy.can(mine.who, Permission.SEE_TASK, Subject(unit=row.unit_id), mine.actor)


def _shown_elsewhere(db: Session, row: StoredFile, actor: Actor, now: datetime) -> bool:
    """Whether a task that they read shows the answers that the file stands in (`context.answers.<element>`)."""
    query = (
        select(TASK.c.id, FORM_VERSION.c.document)
        .join(FORM_VERSION, FORM_VERSION.c.id == TASK.c.form_version_id)
        .where(TASK.c.instance_id == row.instance_id)
        .order_by(TASK.c.created_at.desc())
        .limit(200)
    )
    reads = f"context.answers.{row.element}."
    for task_id, document in db.connection().execute(query):
        if reads in document and held(db, task_id, actor, now).reads:
            return True
    return False


def attached(db: Session, task_id: UUID, actor: Actor, now: datetime) -> dict[str, Attached]:
    """The files of a task, and of the same step before, that they may have: those that its answers may name, by id."""
    return of_desk(db, held(db, task_id, actor, now))


def of_desk(db: Session, mine: Held) -> dict[str, Attached]:
    """As `attached`, for one whose hold of the task is known."""
    return {
        str(row.id): Attached(str(row.id), files.name_of(db, row), row.kind, row.size, f"{PLACE}{row.id}")
        for row in _theirs(db, mine)
    }


def beside(db: Session, task_id: UUID, actor: Actor, now: datetime) -> list[FileLine]:
    """As `attached`, as lines, the oldest first. NotFound where they may not know of the task."""
    mine = held(db, task_id, actor, now)
    if not mine.sees:
        raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
    return [line(db, row) for row in _theirs(db, mine)]


def _theirs(db: Session, mine: Held) -> list[StoredFile]:
    if mine.form is None or not forms.takes(mine.form):
        return []
    found = files.of_step(db, mine.row.id, mine.row.instance_id, mine.row.element)
    sent_from = {row.task_id for row in found if row.state == SENT}
    readable = {task_id for task_id in sent_from if _reads_sent(db, task_id, mine)}
    return [row for row in found if (row.task_id in readable if row.state == SENT else _on_their_desk(row, mine))]


def drafted(
    db: Session, mine: Held, values: Mapping[str, object], now: datetime, *, also: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Their draft was kept: its files stay as long as it does, and so do those of what was set aside of it."""
    if mine.form is not None and forms.takes(mine.form):
        named = {*forms.named(mine.form, values), *ids_in(list(also))}
        files.drafted(db, mine.row.id, _desk(mine), _ids(named), now)


def sent(db: Session, task_id: UUID, form: forms.Form | None, values: Mapping[str, object], now: datetime) -> None:
    """A submission was kept: its files stay, for those who read it and those whom the form names."""
    if form is not None and forms.takes(form):
        named = forms.named(form, values)
        files.sent(db, task_id, {UUID(each): part.readers for each, part in named.items()}, now)


def _ids(named: Iterable[str]) -> list[UUID]:
    return [UUID(each) for each in named if _is_id(each)]


def ids_in(value: object) -> set[str]:
    """Every text in a value that may be a file's id, in the lists where answers have them."""
    if isinstance(value, Mapping):
        return set().union(*map(ids_in, value.values()))
    if isinstance(value, list):
        texts = {each for each in value if isinstance(each, str) and len(each) == 36}
        return texts.union(*(ids_in(each) for each in value if isinstance(each, Mapping | list)))
    return set()


def told(db: Session, found: dict[str, Any], person: str | None) -> dict[str, Any]:
    """`context` with name, type, size and link in place of each list of files' ids; a document's link is its file's.

    Only files that were sent, and of private ones only this person's.
    """
    ids = [UUID(each) for each in ids_in(found) if _is_id(each)]
    known = {
        str(file_id): _described(db, row)
        for file_id, row in files.known(db, ids).items()
        if row.state == SENT and row.person_id in (None, person)
    }
    return {name: _replaced(value, known) for name, value in found.items()} if known else found


def describe(db: Session, rows: Iterable[dict[str, object]]) -> None:
    """As `told`, for the rows of a register, in place: those that have files."""
    having = [row for row in rows if isinstance(row.get("file"), list)]
    for row, described in zip(having, told(db, {"rows": having}, None)["rows"], strict=True):
        row.update(described)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _described(db: Session, row: StoredFile) -> dict[str, object]:
    name, link = files.name_of(db, row), f"{PLACE}{row.id}"
    return {
        "id": str(row.id), "value": str(row.id), "name": name, "label": name, "type": row.kind,
        "media": KINDS[row.kind][1], "size": row.size, "link": link,
    }  # fmt: skip


def _replaced(value: Any, known: Mapping[str, dict[str, object]]) -> Any:
    if isinstance(value, Mapping):
        made = {name: _replaced(inner, known) for name, inner in value.items()}
        if "link" in made and not made["link"] and isinstance(made.get("file"), list) and made["file"]:
            first = made["file"][0]
            made["link"] = first["link"] if isinstance(first, Mapping) else made["link"]
        return made
    if isinstance(value, list):
        return [known[each] if isinstance(each, str) and each in known else _replaced(each, known) for each in value]
    return value
