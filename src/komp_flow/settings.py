"""What an installation may set, read once at the edge and passed in: nothing else reads the environment."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from komp_flow.errors import Invalid
from komp_flow.i18n import LANGUAGES, _

PREFIX = "KOMP_FLOW_"
MOST_MONTHS = 120
YES, NO = ("1", "true", "yes"), ("", "0", "false", "no")


@dataclass(frozen=True)
class Settings:
    """One installation's settings. The README's table lists each with its environment variable."""

    home: Path
    database: str
    secret_key: str = field(repr=False)
    queue: str = "local"
    mail: str | None = None
    locale: str = "nb"
    timezone: str = "Europe/Oslo"
    clock: str | None = None
    demo: bool = False
    files: str = "database"
    keys: str | None = None
    key_encryption_key: str | None = field(default=None, repr=False)
    erase_texts_months: int = 24
    erase_left_months: int = 6

    @property
    def files_home(self) -> Path | None:
        """The directory where the bytes of files lie; None: they lie in the database."""
        return None if self.files == "database" else (self.home / self.files).absolute()

    @property
    def key_store(self) -> str:
        """The address of the key store: never in the main database's file."""
        beside = f"sqlite:///{self.home / 'keys.sqlite'}"
        return self.keys or (beside if self.database.startswith("sqlite") else self.database)

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read `KOMP_FLOW_…`. Raises Invalid with a sentence that says which variable to mend."""
        home = Path(environ.get(PREFIX + "HOME") or "var").absolute()
        zone = environ.get(PREFIX + "TIMEZONE") or "Europe/Oslo"
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Invalid(
                _("KOMP_FLOW_TIMEZONE=%(value)s er ingen tidssone. Skriv for eksempel Europe/Oslo.", value=zone)
            ) from error
        queue = environ.get(PREFIX + "QUEUE") or "local"
        if queue != "local":
            raise Invalid(
                _("KOMP_FLOW_QUEUE=%(value)s er ikke bygget ennå. Skriv local, også på PostgreSQL.", value=queue)
            )
        return cls(
            home=home,
            database=environ.get(PREFIX + "DATABASE") or f"sqlite:///{home / 'komp-flow.sqlite'}",
            secret_key=environ.get(PREFIX + "SECRET_KEY") or kept(home, "secret-key", secrets.token_urlsafe(48)),
            queue=queue,
            mail=environ.get(PREFIX + "MAIL") or None,
            locale=spoken(environ),
            timezone=zone,
            clock=environ.get(PREFIX + "CLOCK") or None,
            demo=_yes(environ, "DEMO"),
            files=environ.get(PREFIX + "FILES") or "database",
            keys=environ.get(PREFIX + "KEYS") or None,
            key_encryption_key=environ.get(PREFIX + "KEY_ENCRYPTION_KEY") or None,
            erase_texts_months=_months(environ, "ERASE_TEXTS_MONTHS", cls.erase_texts_months),
            erase_left_months=_months(environ, "ERASE_LEFT_MONTHS", cls.erase_left_months),
        )


def spoken(environ: Mapping[str, str]) -> str:
    """The language of `KOMP_FLOW_LOCALE`. Raises Invalid if it is none of ours."""
    locale = environ.get(PREFIX + "LOCALE") or LANGUAGES[0]
    if locale not in LANGUAGES:
        raise Invalid(
            _("KOMP_FLOW_LOCALE=%(value)s finnes ikke. Skriv %(known)s.", value=locale, known=_listed(LANGUAGES))
        )
    return locale


def _yes(environ: Mapping[str, str], name: str) -> bool:
    said = (environ.get(PREFIX + name) or "").lower()
    if said not in YES + NO:
        raise Invalid(_("%(name)s=%(value)s er ikke ja eller nei. Skriv 1 eller 0.", name=PREFIX + name, value=said))
    return said in YES


def _months(environ: Mapping[str, str], name: str, default: int) -> int:
    said = environ.get(PREFIX + name) or str(default)
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= MOST_MONTHS):
        raise Invalid(
            _(
                "%(name)s=%(value)s er ikke et antall måneder. Skriv et helt tall fra 1 til %(most)s.",
                name=PREFIX + name,
                value=said,
                most=MOST_MONTHS,
            )
        )
    return int(said)


def _listed(known: Sequence[str]) -> str:
    return _("%(first)s eller %(last)s", first=", ".join(known[:-1]), last=known[-1])


def kept(home: Path, name: str, new: str) -> str:
    """A secret made once and kept beside the database, readable by its owner only: `new`, where there is none."""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(new)
        try:
            path.hardlink_to(temporary)  # the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
