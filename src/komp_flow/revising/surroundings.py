"""What lies around a drawing: forms and processes, published or drawn, with the names that people know them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, guidance, operations, work
from komp_flow.diagrams.words.around import FormWords, Offset, Words
from komp_flow.engine import Known, SourceFile
from komp_flow.registers.calendar import FROM_DECISION, FROM_START, LADDER
from komp_flow.revising.models import OPEN, Drawing
from komp_flow.revising.texts import DIAGRAM, FORM


@dataclass(frozen=True)
class Surroundings:
    """`forms` are documents by id; `drawn` those of them that are not published as they are here."""

    forms: Mapping[str, str]
    drawn: frozenset[str]
    processes: Mapping[str, str]


def surroundings(db: Session) -> Surroundings:
    """The newest of everything: what is published, and over it the forms that were saved last in the studio."""
    forms = {found.form: found.document for found in engine.newest_forms(db)}
    processes = {found.process: found.name or found.process for found in engine.newest_versions(db)}
    drawn = set()
    for row in db.scalars(select(Drawing).where(Drawing.state == OPEN).order_by(Drawing.saved_at)):
        if row.kind == FORM and row.key and forms.get(row.key) != row.text:
            forms[row.key] = row.text
            drawn.add(row.key)
        elif row.kind == DIAGRAM and row.key:
            processes.setdefault(row.key, row.name)
    return Surroundings(forms, frozenset(drawn), processes)


def words(around: Surroundings) -> Words:
    """The names of everything, as sentences about a diagram use them."""
    return Words(
        forms={form: FormWords.of(document) for form, document in around.forms.items()},
        operations={spec.type: spec.sentence for spec in operations.registry().values()},
        processes=around.processes,
        guidance=guidance.titles(),
        offsets={name: Offset(days) for name, days in FROM_START.items()}
        | {name: Offset(days, of_decision=True) for name, days in FROM_DECISION.items()},
        ladder=LADDER,
    )


def known(db: Session, around: Surroundings) -> Known:
    """What check may know: what is published, and the forms that are only drawn."""
    published, named = work.known(db), words(around).forms
    drawn = {form: frozenset(named[form].fields) for form in around.drawn}
    return replace(published, forms=published.forms | around.drawn, form_keys={**published.form_keys, **drawn})


def drawn_files(around: Surroundings, used: frozenset[str]) -> list[SourceFile]:
    """The forms among these that are only drawn, as files to be checked beside a diagram."""
    return [SourceFile(f"{form}.json", around.forms[form].encode()) for form in sorted(used & around.drawn)]
