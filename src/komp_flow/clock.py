"""What time it is: the machine's clock, or in tests and the demo a file that holds an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from komp_flow.errors import Invalid
from komp_flow.i18n import _

Clock = Callable[[], datetime]


def clock(setting: str | None) -> Clock:
    """Make the clock that `KOMP_FLOW_CLOCK` names; it answers aware UTC instants. `file:PATH` is read at every call."""
    if not setting:
        return lambda: datetime.now(UTC)
    if not setting.startswith("file:"):
        raise Invalid(_("KOMP_FLOW_CLOCK=%(value)s er ingen klokke. Skriv file: og stien til en fil.", value=setting))
    path = Path(setting.removeprefix("file:"))

    def from_file() -> datetime:
        try:
            instant = datetime.fromisoformat(path.read_text().strip())
        except (OSError, ValueError) as error:
            raise Invalid(
                _(
                    "KOMP_FLOW_CLOCK: filen %(path)s må kunne leses og holde et tidspunkt, som 2027-01-04T08:00:00Z.",
                    path=path,
                )
            ) from error
        if instant.tzinfo is None:
            raise Invalid(_("KOMP_FLOW_CLOCK: tidspunktet i %(path)s mangler tidssone. Skriv Z til slutt.", path=path))
        return instant.astimezone(UTC)

    from_file()
    return from_file
