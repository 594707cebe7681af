"""What time it is: the machine's clock, or in tests and the demo a file that holds an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from komp_flow.errors import Invalid

Clock = Callable[[], datetime]


def clock(setting: str | None) -> Clock:
    """Make the clock that `KOMP_FLOW_CLOCK` names; it answers aware UTC instants. `file:PATH` is read at every call."""
    if not setting:
        return lambda: datetime.now(UTC)
    if not setting.startswith("file:"):
        raise Invalid(f"KOMP_FLOW_CLOCK={setting!r} is not known; write file:PATH of a file with an RFC 3339 instant.")
    path = Path(setting.removeprefix("file:"))

    def from_file() -> datetime:
        try:
            instant = datetime.fromisoformat(path.read_text().strip())
        except (OSError, ValueError) as error:
            raise Invalid(
                f"The clock file {path} must hold an RFC 3339 instant, as in 2027-01-04T08:00:00Z."
            ) from error
        if instant.tzinfo is None:
            raise Invalid(f"The instant in the clock file {path} needs an offset, as in 2027-01-04T08:00:00Z.")
        return instant.astimezone(UTC)

    from_file()
    return from_file
