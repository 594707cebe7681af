"""Publishing: diagrams and forms together, each version once, bound to the forms and processes it will run with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import and_, func, insert, select
from sqlalchemy.orm import Session

from komp_flow import audit, forms
from komp_flow.engine.many import starts
from komp_flow.engine.memory import program
from komp_flow.engine.problems import SourceFile
from komp_flow.engine.stored import locks, shelf, step
from komp_flow.engine.stored.changes import Version
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import FORM_VERSION, PROCESS_VERSION, FormVersion, ProcessVersion
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _

STREAM: Final = step.PUBLISHING


def publish(
    db: Session, files: Sequence[SourceFile], *, why: str, by: str | None, now: datetime, world: World
) -> list[Version]:
    """Publish what `engine.check` has found no error in; answers a version for each file, new or the one that is there.

    A form that changes makes a new version of every newest process version that uses it too, so that the change runs.
    Running instances keep theirs. Raises Invalid: two files of one process, a form or process that is nowhere.
    """
    locks.hold(db, [STREAM])
    desk = _Desk(db, why, by, now)
    diagrams = [file for file in files if not _is_form(file)]
    answers = {id(file): desk.add_form(file) for file in files if _is_form(file)}
    for file in diagrams:
        desk.add_diagram(file)
    desk.add_users()
    for file in diagrams:
        answers[id(file)] = desk.settle(desk.process_of[file.name, id(file)])
    desk.settle_rest()
    desk.write()
    for sheet in desk.made:
        starts.replace(db, world, sheet.version.id, sheet.program, now)
    entries = [
        audit.Entry("published", element=v.key, by=by, detail={"kind": v.kind, "number": v.number})
        for v in desk.new_forms + [sheet.version for sheet in desk.made]
    ]
    audit.record(db, STREAM, entries, now)
    return [answers[id(file)] for file in files]


def newest(db: Session, process: str) -> ProcessVersion:
    """The version that a new instance gets. NotFound: the process was never published."""
    found = db.scalars(
        select(ProcessVersion).where(ProcessVersion.process == process).order_by(ProcessVersion.number.desc()).limit(1)
    ).first()
    if found is None:
        raise NotFound(_("Prosessen «%(process)s» er ikke publisert. Publiser den først.", process=process))
    return found


def version(db: Session, process: str, number: int) -> ProcessVersion:
    """One version by its number. NotFound: there is none."""
    wanted = select(ProcessVersion).where(ProcessVersion.process == process, ProcessVersion.number == number)
    found = db.scalars(wanted).first()
    if found is None:
        raise NotFound(_("Versjon %(number)s av «%(process)s» finnes ikke.", number=number, process=process))
    return found


def newest_versions(db: Session) -> Sequence[ProcessVersion]:
    """The newest version of every process, by the process's id."""
    return db.scalars(_newest(ProcessVersion, ProcessVersion.process, ProcessVersion.number)).all()


def newest_forms(db: Session) -> Sequence[FormVersion]:
    """The newest version of every form, by the form's id."""
    return db.scalars(_newest(FormVersion, FormVersion.form, FormVersion.number)).all()


def _newest(model: Any, key: Any, number: Any) -> Any:
    last = select(key.label("key"), func.max(number).label("number")).group_by(key).subquery()
    return select(model).join(last, and_(key == last.c.key, number == last.c.number)).order_by(key)


@dataclass
class _Sheet:
    """One process that is being published: its source, what it uses, what is there already."""

    source: bytes
    program: program.Program
    newest: ProcessVersion | None
    derived: bool = False  # not handed in: made since a form, or a called process so made, has changed
    version: Version = field(init=False)
    row: dict[str, Any] | None = None


class _Desk:
    """The work of one publish. Everything is decided before anything but forms is written."""

    def __init__(self, db: Session, why: str, by: str | None, now: datetime) -> None:
        self.db, self.why, self.by, self.now = db, why, by, now
        self.newest = {found.process: found for found in newest_versions(db)}
        self.forms = {found.form: found for found in newest_forms(db)}
        self.form_ids = {form: found.id for form, found in self.forms.items()}
        self.new_forms: list[Version] = []
        self.sheets: dict[str, _Sheet] = {}
        self.process_of: dict[tuple[str, int], str] = {}
        self.settling: set[str] = set()

    @property
    def made(self) -> list[_Sheet]:
        """The sheets that became new versions."""
        return [sheet for sheet in self.sheets.values() if sheet.row is not None]

    def add_form(self, file: SourceFile) -> Version:
        """A new version of the form, unless nothing but white space has changed."""
        form = forms.parse(file.data)
        text = file.data.decode("utf-8-sig")
        digest = _digest(json.dumps(json.loads(text), sort_keys=True).encode())
        if any(made.key == form.id for made in self.new_forms):
            raise Invalid(
                _("Ingenting er publisert: to filer har skjemaet «%(form)s».", form=form.id),
                [FieldError(file.name, _("Ta bort den ene."))],
            )
        last = self.forms.get(form.id)
        if last is not None and last.sha256 == digest:
            return Version(last.id, "form", form.id, last.number, form.title, new=False)
        made = Version(uuid4(), "form", form.id, last.number + 1 if last else 1, form.title)
        row = {"id": made.id, "form": form.id, "number": made.number, "document": text, "sha256": digest}
        self.db.connection().execute(insert(FORM_VERSION), [{**row, **self._signed()}])
        self.form_ids[form.id] = made.id
        self.new_forms.append(made)
        return made

    def add_diagram(self, file: SourceFile) -> None:
        """Put the file's process on the desk."""
        made = program.compile(file.data, "new")
        if made.process_id in self.sheets:
            raise Invalid(
                _("Ingenting er publisert: to filer har prosessen «%(process)s».", process=made.process_id),
                [FieldError(file.name, _("Ta bort den ene."))],
            )
        self.process_of[file.name, id(file)] = made.process_id
        self.sheets[made.process_id] = _Sheet(file.data, made, self.newest.get(made.process_id))

    def add_users(self) -> None:
        """The newest versions that use a changed form, and those that call such a one, get a new version too."""
        changed = {made.key for made in self.new_forms}
        again: set[str] = set()
        while found := [
            last
            for process, last in self.newest.items()
            if process not in self.sheets
            and (changed & set(last.forms) or any(self._calls_newest(last, called) for called in again))
        ]:
            for last in found:
                again.add(last.process)
                compiled = program.compile(last.source, "again", process_id=last.process)
                self.sheets[last.process] = _Sheet(last.source, compiled, last, derived=True)

    def _calls_newest(self, caller: ProcessVersion, called: str) -> bool:
        return caller.calls.get(called) == self.newest[called].id.hex

    def settle(self, process: str) -> Version:
        """Decide the version of a process, those it calls first."""
        sheet = self.sheets[process]
        if hasattr(sheet, "version"):
            return sheet.version
        if process in self.settling:
            raise Invalid(_("Ingenting er publisert: prosessen «%(process)s» kaller seg selv.", process=process))
        self.settling.add(process)
        calls = {called: self._called(process, called).hex for called in sorted(sheet.program.calls)}
        bound = {form: self._form(process, form).hex for form in sorted(sheet.program.forms)}
        last, digest = sheet.newest, _digest(sheet.source)
        if sheet.derived and last is not None:
            calls = {called: hexed if called in self.sheets else last.calls[called] for called, hexed in calls.items()}
        if last is not None and (last.sha256, last.forms, last.calls) == (digest, bound, calls):
            sheet.version = Version(last.id, "process", process, last.number, last.name, new=False)
            return sheet.version
        number = last.number + 1 if last else 1
        sheet.version = Version(uuid4(), "process", process, number, sheet.program.name)
        sheet.row = {
            "id": sheet.version.id,
            "process": process,
            "number": number,
            "name": sheet.program.name,
            "source": sheet.source,
            "sha256": digest,
            "forms": bound,
            "calls": calls,
            **self._signed(),
        }
        return sheet.version

    def settle_rest(self) -> None:
        """Those that were not handed in."""
        for process in list(self.sheets):
            self.settle(process)

    def write(self) -> None:
        """Insert the new process versions, and compile each once as it will run: what fails, fails now."""
        rows = [sheet.row for sheet in self.made if sheet.row is not None]
        if rows:
            self.db.connection().execute(insert(PROCESS_VERSION), rows)
        for sheet in self.made:
            sheet.program = shelf.runnable(self.db, sheet.version.id).program

    def _signed(self) -> dict[str, Any]:
        return {"published_at": self.now, "published_by": self.by, "why": self.why}

    def _called(self, process: str, called: str) -> UUID:
        if called in self.sheets:
            return self.settle(called).id
        if called not in self.newest:
            raise _missing(process, called, _("prosessen"))
        return self.newest[called].id

    def _form(self, process: str, form: str) -> UUID:
        if form not in self.form_ids:
            raise _missing(process, form, _("skjemaet"))
        return self.form_ids[form]


def _missing(process: str, what: str, kind: str) -> Invalid:
    return Invalid(
        _(
            "Ingenting er publisert: «%(process)s» bruker %(kind)s «%(what)s», som ikke finnes. Publiser dem sammen.",
            process=process,
            kind=kind,
            what=what,
        )
    )


def _is_form(file: SourceFile) -> bool:
    return file.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
