"""Which days the organisation works: weekends, Norwegian public holidays, the July pause, its own closing days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.feel import Moment
from komp_flow.organisation.models import ClosingDay, OrganisationState
from komp_flow.organisation.snapshots import OSLO, stamp

JULY = 7
SATURDAY = 5
KEPT = 16


@cache
def public_holidays(year: int) -> frozenset[date]:
    """Norway's public holidays of one year, the movable ones too."""
    return frozenset(holidays.country_holidays("NO", years=year))


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The organisation's year, for any year. The pause is 1–31 July: those days are not counted (process.md §3)."""

    closing_days: frozenset[date] = frozenset()
    july_pause: bool = True

    def is_working_day(self, day: date) -> bool:
        """True if work is expected that day."""
        if day.weekday() >= SATURDAY or (self.july_pause and day.month == JULY):
            return False
        return day not in self.closing_days and day not in public_holidays(day.year)

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next one that is worked. A year without any answers the day itself."""
        for ahead in range(366):
            if self.is_working_day(day + timedelta(ahead)):
                return day + timedelta(ahead)
        return day

    def moment(self, now: datetime, zone: ZoneInfo = OSLO) -> Moment:
        """All that an expression may know about time."""
        return Moment(now=now, zone=zone, is_working_day=self.is_working_day)


_kept: dict[str, WorkingCalendar] = {}


def working_calendar(db: Session, _now: datetime | None = None) -> WorkingCalendar:
    """The organisation's calendar as this transaction sees it. One small query when nothing has changed."""
    known = stamp(db)
    # A stamp is drawn anew for each change, so it names this calendar in whichever database it stands.
    calendar = _kept.get(known)
    if calendar is None:
        calendar = _read(db)
        if known:
            if len(_kept) >= KEPT:
                _kept.clear()
            _kept[known] = calendar
    return calendar


def _read(db: Session) -> WorkingCalendar:
    pause = db.scalar(select(OrganisationState.july_pause).where(OrganisationState.id == 1))
    return WorkingCalendar(frozenset(db.scalars(select(ClosingDay.day))), pause is not False)


def moment(db: Session, now: datetime, zone: ZoneInfo | None = None) -> Moment:
    """This moment as expressions know it, in the organisation's zone and by its calendar."""
    return working_calendar(db).moment(now, zone or db.info.get("zone", OSLO))
