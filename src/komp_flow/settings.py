"""What an installation may set, read once at the edge and passed in: nothing else reads the environment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from komp_flow.errors import Invalid

PREFIX = "KOMP_FLOW_"


@dataclass(frozen=True)
class Settings:
    """One installation's settings. The README's table lists each with its environment variable."""

    home: Path
    database: str
    secret_key: str
    queue: str = "local"
    mail: str | None = None
    locale: str = "nb"
    timezone: str = "Europe/Oslo"
    clock: str | None = None
    demo: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read `KOMP_FLOW_…`. Raises Invalid with a sentence that says which variable to mend."""
        home = Path(environ.get(PREFIX + "HOME") or "var").resolve()
        zone = environ.get(PREFIX + "TIMEZONE") or "Europe/Oslo"
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Invalid(f"KOMP_FLOW_TIMEZONE={zone!r} is not a time zone; write for example Europe/Oslo.") from error
        queue = environ.get(PREFIX + "QUEUE") or "local"
        if queue != "local":
            raise Invalid(f"KOMP_FLOW_QUEUE={queue!r} is not built yet; write local, also on PostgreSQL.")
        locale = environ.get(PREFIX + "LOCALE") or "nb"
        if locale not in {"nb", "nn", "en"}:
            raise Invalid(f"KOMP_FLOW_LOCALE={locale!r} is not known; write nb, nn or en.")
        return cls(
            home=home,
            database=environ.get(PREFIX + "DATABASE") or f"sqlite:///{home / 'komp-flow.sqlite'}",
            secret_key=environ.get(PREFIX + "SECRET_KEY") or _kept_secret(home),
            queue=queue,
            mail=environ.get(PREFIX + "MAIL") or None,
            locale=locale,
            timezone=zone,
            clock=environ.get(PREFIX + "CLOCK") or None,
            demo=environ.get(PREFIX + "DEMO") in {"1", "true", "yes"},
        )


def _kept_secret(home: Path) -> str:
    """A secret made once and kept beside the embedded database, readable by its owner only."""
    path = home / "secret-key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(temporary)  # the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
