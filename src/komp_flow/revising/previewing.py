"""A form that is being drawn: as it will look to the one who gets it, and where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, forms
from komp_flow.diagrams.naming import Name, names_at
from komp_flow.engine.checks.reading import Unreadable, read
from komp_flow.engine.memory.bpmn import BPMN, extensions
from komp_flow.errors import Conflict, Invalid
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import drawings
from komp_flow.revising.examples import examples
from komp_flow.revising.models import OPEN, Drawing
from komp_flow.revising.surroundings import known, surroundings, words
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.work import policy
from komp_flow.work.policy import Permission
from komp_flow.work.running.world import WORLD

MOST_USES: Final = 200
MOST_PLACES: Final = 5  # that names are looked for at


@dataclass(frozen=True)
class Use:
    """A task that has the form; `drawn`: in a draft, not in what is published."""

    process: str
    task: str
    drawn: bool


def preview(  # noqa: PLR0917
    db: Session, actor: Actor, drawing_id: UUID, text: str, filled: Mapping[str, list[str]], now: datetime
) -> tuple[forms.FormView | None, list[forms.FormProblem]]:
    """The form with these answers, posted as a page posts them, and examples of what it reads from before.

    Or what is in the way of showing it. Nothing is kept. Raises Conflict where the drawing is no form.
    """
    policy.require(db, actor, Permission.DRAW, now)
    if drawings.opened(db, drawing_id).kind != FORM:
        raise Conflict(_("Bare skjemaer kan forhåndsvises."))
    data = _bytes(text)
    found = [problem for problem in forms.problems(data) if problem.severity == "error"]
    if found:
        return None, found
    form = forms.parse(data)
    context, names = examples(form, now)
    seen: dict[str, Any] = {"context": context, "names": names, "moment": WORLD.moment(db, now)}
    if not filled:
        return forms.view(form, forms.start(forms.fields(form, {}, **seen)), **seen), []
    received = forms.receive(form, filled, **seen)
    if received.again is not None:
        return received.again, []
    if received.asked.save:
        return forms.view(form, received.answers, **seen, notice=_("Her ville utkastet blitt lagret.")), []
    try:
        forms.check(form, received.answers, **seen)
    except Invalid as error:
        return forms.view(form, received.answers, error.fields, **seen), []
    return forms.view(form, received.answers, **seen, notice=_("Alt er fylt ut slik skjemaet ber om.")), []


def uses(db: Session, actor: Actor, form: str, now: datetime) -> list[Use]:
    """The tasks that have this form: in what is published, then in what is only drawn."""
    policy.require(db, actor, Permission.DRAW, now)
    found = [
        Use(version.name or version.process, task, drawn=False)
        for version in engine.newest_versions(db)
        if form in version.forms
        for _id, task in _tasks(version.source, form)
    ]
    query = select(Drawing).where(Drawing.state == OPEN, Drawing.kind == DIAGRAM).order_by(Drawing.name, Drawing.id)
    for row in db.scalars(query):
        if form in row.text:
            found += [Use(row.name, task, drawn=True) for _id, task in _tasks(_bytes(row.text), form)]
    return found[:MOST_USES]


def names_before(db: Session, actor: Actor, form: str, now: datetime) -> list[Name]:
    """The names that the published processes have at the tasks with this form, for its expressions to read."""
    policy.require(db, actor, Permission.DRAW, now)
    around = surroundings(db)
    places = [
        (version.source, element)
        for version in engine.newest_versions(db)
        if form in version.forms
        for element, _task in _tasks(version.source, form)
    ]
    found: dict[str, Name] = {}
    for source, element in places[:MOST_PLACES]:
        for name in names_at(source, element, known(db, around), words(around)):
            found.setdefault(name.name, name)
    return list(found.values())


def _tasks(data: bytes, form: str) -> list[tuple[str, str]]:
    """The ids and names of the user tasks that have the form."""
    try:
        root = read(data)
    except Unreadable:
        return []
    return [
        (task.get("id") or "", task.get("name") or task.get("id") or "")
        for task in root.iter(BPMN + "userTask")
        if any(one.get("formId") == form for one in extensions(task, "formDefinition"))
    ]


def _bytes(text: str) -> bytes:
    """A drawing's text as the bytes that it is read from."""
    return text.encode("utf-8", "surrogatepass")
