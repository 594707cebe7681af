"""`context`: what a form shows from before. Register rows, earlier answers, units, how the talks stand."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import forms, operations, registers
from komp_flow.i18n import _
from komp_flow.organisation import Directory, Holdings, Subject
from komp_flow.work import policy, rows
from komp_flow.work.doing import attaching
from komp_flow.work.texts import written

EVALUATION: Final = "A9"
_NAMES: Final = re.compile(r"\bcontext\.([A-Za-z_]+)")
_ANSWERS: Final = re.compile(r"\bcontext\.answers\.(\w+)")
_ASKED_BY: Final = re.compile(r"\bcontext\.asked_by\.(\w+)")


def context(  # noqa: PLR0917
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
    if "reconciliation" in wanted:  # what a plan is tied to is part of it
        theirs = subject.person if policy.is_close(who, subject) else None
        found["reconciliation"] = registers.reconciling.reconciliation(db, theirs, subject.cycle)
    return attaching.told(db, found, subject.person)


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
    counted = registers.talks.counts(db, subject.cycle, [subject.unit] if subject.unit else None)
    said = {
        registers.talks.STARTED: _("Ikke avtalt ennå"),
        registers.talks.INVITED: _("Avtalt"),
        registers.talks.HELD: _("Holdt, planen er ikke bekreftet"),
        registers.talks.CLOSED: _("Ferdig"),
        registers.talks.DECLINED: _("Takket nei"),
        registers.talks.POSTPONED: _("Utsatt"),
        registers.talks.CANCELLED: _("Falt bort"),
    }
    return [{"status": said[status], "number": number} for status, number in counted.items()]
