"""Durations: ISO 8601 text to months, days and exact seconds, and what an instant becomes after one."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from komp_flow.feel.errors import FeelError
from komp_flow.i18n import _

LONGEST_MONTHS = 12 * 1000
LONGEST_SECONDS = 366 * 86400 * 1000

_ISO = re.compile(
    r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})W)?(?:(\d{1,12})D)?"
    r"(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:[.,](\d{0,9}))?S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, eq=False)
class CalendarDuration:
    """Months and days on the calendar, then exact seconds. Every duration of FEEL is one of these.

    `P1D` is a calendar day (the local hour stays the same over a change to summer time), `PT24H` is 86 400 seconds.
    As values they are equal, as in the DMN specification; they differ only when they are added to a time.
    """

    months: int = 0
    days: int = 0
    seconds: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if not isinstance(self.seconds, Decimal):
            object.__setattr__(self, "seconds", Decimal(self.seconds))
        if abs(self.months) > LONGEST_MONTHS or abs(self.total_seconds) > LONGEST_SECONDS:
            raise FeelError(_("Varigheten er for lang. Bruk en som er kortere enn tusen år."))

    @property
    def total_seconds(self) -> Decimal:
        """Days and seconds together, months left out; a day counts as 86 400 seconds."""
        return self.days * 86400 + self.seconds

    @property
    def exact(self) -> timedelta:
        """The seconds alone, cut to whole microseconds."""
        return timedelta(microseconds=int(self.seconds * 1_000_000))

    @property
    def of_months(self) -> bool:
        """A years and months duration of the DMN specification (a zero one is of both kinds)."""
        return self.total_seconds == 0

    @property
    def of_days(self) -> bool:
        """A days and time duration of the DMN specification."""
        return self.months == 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CalendarDuration):
            return NotImplemented
        return self.months == other.months and self.total_seconds == other.total_seconds

    def __hash__(self) -> int:
        return hash((self.months, self.total_seconds))

    def __neg__(self) -> CalendarDuration:
        return CalendarDuration(-self.months, -self.days, -self.seconds)

    def __add__(self, other: CalendarDuration) -> CalendarDuration:
        return CalendarDuration(self.months + other.months, self.days + other.days, self.seconds + other.seconds)

    def after(self, instant: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        """The instant (UTC) this long after `instant` (aware), `times` over, counted from `instant` each time.

        Months and days are counted on the calendar of `zone`: a day that the month lacks becomes its last day, a local
        time that does not exist moves forward by the gap, one that exists twice is the first. Then come the exact
        seconds. Raises FeelError when the calendar ends (years 1 to 9999).
        """
        try:
            moved = instant.astimezone(UTC)
            if self.months or self.days:
                local = instant.astimezone(zone)
                naive = add_months(local.replace(tzinfo=None), self.months * times) + timedelta(days=self.days * times)
                # A day of zero length keeps the second of two equal hours: nothing was counted on the calendar.
                fold = local.fold if naive == local.replace(tzinfo=None) else 0
                moved = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            return moved + self.exact * times
        except (OverflowError, ValueError) as error:
            raise FeelError(_("Tidspunktet ligger utenfor kalenderen. Bruk en kortere varighet.")) from error

    def __str__(self) -> str:
        """ISO 8601, normalised as FEEL's `string` says: P14M is P1Y2M, PT36H is P1DT12H; the sign stands in front."""
        negative = self.months < 0 or (self.months == 0 and self.total_seconds < 0)
        sign = -1 if negative else 1
        years, months = _split(sign * self.months, 12)
        days, rest = _split(sign * self.total_seconds, 86400)
        hours, rest = _split(rest, 3600)
        minutes, seconds = _split(rest, 60)
        date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
        parts = ((str(hours), "H"), (str(minutes), "M"), (_plain(seconds), "S"))
        time = "".join(f"{n}{unit}" for n, unit in parts if n != "0")
        if not date and not time:
            return "PT0S"
        return ("-" if negative else "") + "P" + date + ("T" + time if time else "")


def _split(amount: int | Decimal, size: int) -> tuple[int, Decimal]:
    """How many whole `size` are in `amount`, cut towards zero, and what remains, with the sign of `amount`."""
    whole = int(amount / size) if isinstance(amount, int) else int(amount // size)
    return whole, Decimal(amount) - whole * size


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def YearsMonths(months: int) -> CalendarDuration:  # noqa: N802  (reads as the kind of value that it makes)
    """A years and months duration."""
    return CalendarDuration(months)


def add_months(day: datetime, months: int) -> datetime:
    """The same day of the month, or the month's last day where it is shorter. Raises ValueError past year 9999."""
    if not months:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(year)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def duration(text: str) -> CalendarDuration:
    """An ISO 8601 duration such as `P1M2DT3H`, `P2W`, `-PT0.5S`. Raises FeelError, also past a thousand years."""
    found = _ISO.fullmatch(text) if len(text) <= 100 else None
    if found is None or not any(found.groups()[1:]):
        raise FeelError(_("«%(text)s» er ikke en varighet. Skriv den som P1M, P14D eller PT2H.", text=text[:50]))
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:8])
    fraction = Decimal(f"0.{found[9] or 0}")
    length = CalendarDuration(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds + fraction)
    return -length if found[1] else length
