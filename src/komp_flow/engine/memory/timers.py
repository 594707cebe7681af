"""What a timer's value means: the UTC instants at which it fires. `dialect.md`, Time.

Days and months are calendar days in the organisation's zone; a local time that does not exist moves forward, one that
exists twice is the first. Bounds: five years ahead, at least a minute between, 100 times.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from komp_flow import feel
from komp_flow.engine.errors import Fault
from komp_flow.feel import CalendarDuration
from komp_flow.i18n import _

MORNING = time(8)
TIMES = 100
AHEAD = timedelta(days=5 * 366)
LEAST = timedelta(minutes=1)


@lru_cache(500)
def period(text: str) -> CalendarDuration:
    """An ISO 8601 duration ahead in time. Fault: anything else, nothing at all, or more than five years."""
    try:
        made = feel.duration(text.strip())
    except feel.FeelError as error:
        raise Fault(str(error)) from error
    return _ahead(made)


def instants(
    value: object, since: datetime, now: datetime, zone: ZoneInfo, *, known: bool = False
) -> list[datetime] | None:
    """When a timer that was reached at `since` fires, in order; None while the time is not known.

    `value` is what the definition gave: text as in the diagram, or a FEEL value, or a list of them. A cycle without an
    end begins with the first time after `now`, or, where its times were `known` since it was reached, after `since`.
    Fault: what is no time, or passes a bound counted from `now`.
    """
    found = _instants(value, since, now, zone, since if known else max(since, now))
    if not found:
        return None
    found.sort()
    if len(found) > TIMES:
        raise Fault(_("En tidsfrist kan gå av høyst %(times)s ganger.", times=TIMES))
    if found[-1] > max(now, since) + AHEAD:
        raise _too_far(found[-1].isoformat())
    return found


def _instants(value: object, since: datetime, now: datetime, zone: ZoneInfo, first: datetime) -> list[datetime]:
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        if len(value) > TIMES:
            raise Fault(_("En tidsfrist kan gå av høyst %(times)s ganger.", times=TIMES))
        return [instant for item in value for instant in _instants(item, since, now, zone, first)]
    if isinstance(value, datetime):
        return [_aware(value, zone).astimezone(UTC)]
    if isinstance(value, date):
        return [_aware(datetime.combine(value, MORNING), zone).astimezone(UTC)]
    if isinstance(value, str):
        return _from_text(value.strip(), since, now, zone, first)
    if isinstance(value, CalendarDuration):
        return [_ahead(value).after(since, zone)]
    raise Fault(_("En tidsfrist må være et tidspunkt, en dato, en varighet eller en liste av dem."))


def _from_text(text: str, since: datetime, now: datetime, zone: ZoneInfo, first: datetime) -> list[datetime]:
    if text.startswith("R"):
        return _cycle(text, since, now, zone, first)
    if text.startswith("P"):
        return [period(text).after(since, zone)]
    return [_moment(text, zone)]


def _cycle(text: str, since: datetime, now: datetime, zone: ZoneInfo, least: datetime) -> list[datetime]:
    """`Rn/P…`, `R/P…`: the first after one period. `Rn/start/P…`: the first at the start."""
    head, *rest = text[1:].split("/")
    if not re.fullmatch(r"\d{0,4}", head) or len(rest) not in (1, 2):
        raise Fault(_("«%(text)s» er ikke en gjentatt tidsfrist, som R3/P7D.", text=text))
    if head and not 0 < int(head) <= TIMES:
        raise Fault(_("En tidsfrist kan gå av høyst %(times)s ganger.", times=TIMES))
    every = period(rest[-1])
    if not every.months and not every.days and every.exact < LEAST:
        raise Fault(_("Det må gå minst ett minutt mellom hver gang: «%(text)s».", text=text))
    start, first = (since, 1) if len(rest) == 1 else (_moment(rest[0], zone), 0)
    if start > now + AHEAD:
        raise _too_far(text)
    if head:
        return [every.after(start, zone, first + i) for i in range(int(head))]
    return [instant for instant in _endless(every, start, first, least, zone) if instant <= max(now, since) + AHEAD]


def _endless(every: CalendarDuration, start: datetime, first: int, least: datetime, zone: ZoneInfo) -> list[datetime]:
    """100 times from `least` on, within five years. A start long ago: what has passed does not count."""
    day = timedelta(days=every.months * 31 + every.days) + every.exact
    first = max(first, int((least - start) / day)) if least > start else first
    found: list[datetime] = []
    while len(found) < TIMES:
        instant = every.after(start, zone, first)
        if instant > least + AHEAD:
            break
        if instant >= least:
            found.append(instant)
        first += 1
    return found


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        if len(text) <= len("2027-01-04"):
            return _aware(datetime.combine(date.fromisoformat(text), MORNING), zone).astimezone(UTC)
        return _aware(datetime.fromisoformat(text), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Fault(_("«%(text)s» er verken et tidspunkt, en dato eller en varighet.", text=text[:80])) from error


def _aware(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time in the zone; fold 0 is the first of two, and moves one that does not exist forward."""
    return local if local.tzinfo is not None else local.replace(tzinfo=zone, fold=0)


def _ahead(length: CalendarDuration) -> CalendarDuration:
    days = length.months * 28 + length.days
    if days < 0 or length.seconds < 0 or not (days or length.seconds):
        raise Fault(_("En tidsfrist kan ikke være null eller negativ: «%(text)s».", text=length))
    if timedelta(days=days) + length.exact > AHEAD:
        raise _too_far(str(length))
    return length


def _too_far(text: str) -> Fault:
    return Fault(_("En tidsfrist kan være høyst fem år fram i tid: «%(text)s».", text=text))
