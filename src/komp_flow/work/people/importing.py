"""The organisation files, from a page or a program: looked at first, with what follows for what runs, then kept."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.organisation.csv_files import MAX_BYTES
from komp_flow.organisation.snapshots import stamp
from komp_flow.organisation.staffing.models import StagedImport
from komp_flow.work import policy
from komp_flow.work.people import staffing
from komp_flow.work.people.lines import Imported
from komp_flow.work.policy import Permission

LEVEL: Final = 6  # of zlib


def import_organisation(
    db: Session, actor: Actor, units: bytes, people: bytes, now: datetime, *, dry_run: bool = False
) -> Imported:
    """Make the organisation what the two files say, and tell in words what follows for running work, which the ticks
    afterwards do bit by bit. On a dry run it is done and undone, so that it tells what really would happen.

    Nothing is kept where the report has errors.
    """
    policy.require(db, actor, Permission.CHANGE_ORGANISATION, now)
    if not dry_run:
        return _imported(db, actor, units, people, now)
    point = db.begin_nested()
    try:
        found = _imported(db, actor, units, people, now)
    finally:
        point.rollback()
        db.expire_all()
    return replace(found, report=replace(found.report, dry_run=True, written=False))


def stage(db: Session, actor: Actor, units: bytes, people: bytes, now: datetime) -> Imported:
    """A dry run whose files are kept for a day, for `import_staged`. What has errors is not kept.

    Raises Invalid on a file that is not there.
    """
    _require_files(units, people)
    known = stamp(db)
    found = import_organisation(db, actor, units, people, now, dry_run=True)
    if found.report.errors or not found.report.changes:
        return found
    row = StagedImport(
        by=actor.person_id, at=now, stamp=known, units=zlib.compress(units, LEVEL), people=zlib.compress(people, LEVEL)
    )
    db.add(row)
    db.flush()
    return replace(found, staged=row.id)


def import_staged(db: Session, actor: Actor, staged: UUID, now: datetime) -> Imported:
    """Import what one has looked at. NotFound: it is gone. Conflict: the organisation is another than it was then."""
    policy.require(db, actor, Permission.CHANGE_ORGANISATION, now)
    row = db.get(StagedImport, staged)
    if row is None or row.by != actor.person_id:
        raise NotFound(_("Filene er ikke her lenger. Last dem opp på nytt."))
    if row.stamp != stamp(db):
        said = _("Organisasjonen er endret siden du så på filene. Ingenting er importert. Last dem opp og se på nytt.")
        raise Conflict(said)
    found = import_organisation(db, actor, zlib.decompress(row.units), zlib.decompress(row.people), now)
    db.delete(row)
    db.flush()
    return found


def _imported(db: Session, actor: Actor, units: bytes, people: bytes, now: datetime) -> Imported:
    report = organisation.import_files(db, units, people, now, by=actor.by)
    if report.errors or not report.changes:
        return Imported(report)
    return Imported(report, tuple(staffing.in_words(staffing.wanted(db, now))))


def _require_files(units: bytes, people: bytes) -> None:
    wrong = []
    for field, content in (("units", units), ("people", people)):
        if not content:
            wrong.append(FieldError(field, _("Velg en fil.")))
        elif len(content) > MAX_BYTES:
            wrong.append(FieldError(field, _("Filen er for stor. Den kan være høyst 50 MB.")))
    if wrong:
        raise Invalid(_("Ingenting er endret. Rett det som er merket."), wrong)
