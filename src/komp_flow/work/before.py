"""`context`: what a form shows from before. Register rows, earlier answers, units, how the talks stand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import forms, operations, registers
from komp_flow.engine.tables import CANCELLED, COMPLETED, INSTANCE
from komp_flow.i18n import _
from komp_flow.organisation import Directory, Holdings, Subject
from komp_flow.work import policy, rows, written

TALK: Final = "talk"
EVALUATION: Final = "A9"
_NAMES: Final = re.compile(r"\bcontext\.([A-Za-z_]+)")
_ANSWERS: Final = re.compile(r"\bcontext\.answers\.(\w+)")
_ASKED_BY: Final = re.compile(r"\bcontext\.asked_by\.(\w+)")


def context(
    db: Session, form: forms.Form, instance_id: UUID, subject: Subject, directory: Directory, who: Holdings
) -> dict[str, object]:
    """Everything that this form reads of `context`, and nothing it does not. Who may open the task may see it.

    What people wrote in a task about a person is there only for one whose holdings let them read it.
    """
    document = json.dumps(form.document, ensure_ascii=False, default=str)
    wanted = frozenset(_NAMES.findall(document))
    found: dict[str, object] = dict(
        registers.context(
            db,
            wanted,
            subject,
            lambda unit: rows.unit_name(directory, unit) or unit,
            words=policy.is_close(who, subject),
        )
    )
    if "answers" in wanted:
        found["answers"] = written.answers(db, instance_id, _ANSWERS.findall(document), who)
    if "asked_by" in wanted:  # what went with it: written where it was asked for, for those whom it is sent to
        asker = operations.asked_by(db, instance_id)
        found["asked_by"] = written.answers(db, asker, _ASKED_BY.findall(document), who) if asker else {}
    if subject.measure is not None and "measure" in wanted:
        found["measure"] = registers.measure_row(db, subject.measure)
    if subject.measure is not None and "reports" in wanted:
        found["reports"] = registers.reports(db, subject.measure)
    if subject.cycle is not None and subject.unit is None and subject.person is None:
        found |= registers.numbers(db, wanted, subject.cycle)
    if "previous" in wanted:
        found["previous"] = _previous(db, subject, who)
    if "units" in wanted:
        found["units"] = _units(directory)
    if "talks" in wanted:
        found["talks"] = _talks(db, subject)
    return found


def _previous(db: Session, subject: Subject, who: Holdings) -> dict[str, object] | None:
    """The cycle before this one: its settings, and what its evaluation learned and advises."""
    found = registers.previous(db, subject.cycle)
    if found is None:
        return None
    instance_id = registers.cycle(db, str(found["id"])).instance_id
    sent = written.answers(db, instance_id, [EVALUATION], who).get(EVALUATION) if instance_id else None
    said = sent if isinstance(sent, Mapping) else {}
    return {**found, **{name: said.get(name) for name in ("lessons", "advice")}}


def _units(directory: Directory) -> list[dict[str, object]]:
    """The open units in the order of the tree."""
    return [
        {"value": unit, "label": directory.units[unit].name, "id": unit, "name": directory.units[unit].name}
        for top in directory.tops()
        for unit in directory.subtree(top)
    ]


def _talks(db: Session, subject: Subject) -> list[dict[str, object]]:
    """How many talks of the unit stand where, in words: never whose."""
    query = (
        select(INSTANCE.c.state, func.count())
        .where(INSTANCE.c.process == TALK, INSTANCE.c.unit_id == subject.unit, INSTANCE.c.cycle_id == subject.cycle)
        .group_by(INSTANCE.c.state)
    )
    counted = {"done": 0, "dropped": 0, "open": 0}
    for state, number in db.connection().execute(query):
        counted["done" if state == COMPLETED else "dropped" if state == CANCELLED else "open"] += number
    said = {"done": _("Avsluttet"), "dropped": _("Bortfalt"), "open": _("Ikke avsluttet")}
    return [{"status": said[key], "number": number} for key, number in counted.items() if number]
