"""What an installation may set, read once at the edge and passed in: nothing else reads the environment."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from komp_flow.errors import Invalid
from komp_flow.i18n import LANGUAGES, _

PREFIX = "KOMP_FLOW_"
MOST_MONTHS = 120
QUEUES = ("local", PROCRASTINATE := "procrastinate")
YES, NO = ("1", "true", "yes"), ("", "0", "false", "no")
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}")  # what a mail may be sent to or from
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Relay:
    """The mail server that takes our mail, and the address that it is from. `seconds`: patience with each answer."""

    host: str
    port: int
    sender: str
    tls: bool = False  # from the first byte
    starttls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    seconds: float = 10.0


@dataclass(frozen=True)
class Settings:
    """One installation's settings. The README's table lists each with its environment variable."""

    home: Path
    database: str
    secret_key: str = field(repr=False)
    queue: str = QUEUES[0]
    mail: str | None = field(default=None, repr=False)  # may hold a password
    mail_from: str | None = None
    url: str | None = None
    locale: str = "nb"
    timezone: str = "Europe/Oslo"
    clock: str | None = None
    demo: bool = False
    files: str = "database"
    keys: str | None = None
    key_encryption_key: str | None = field(default=None, repr=False)
    erase_texts_months: int = 24
    erase_left_months: int = 6
    second_eyes: bool = False

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
    def relay(self) -> Relay | None:
        """The mail server; None: nothing is sent. Raises Invalid if the address is none."""
        return None if self.mail is None else relay(self.mail, self.mail_from)

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
        queue = environ.get(PREFIX + "QUEUE") or QUEUES[0]
        database = environ.get(PREFIX + "DATABASE") or f"sqlite:///{home / 'komp-flow.sqlite'}"
        _require_queue(queue, database)
        mail, mail_from = environ.get(PREFIX + "MAIL") or None, environ.get(PREFIX + "MAIL_FROM") or None
        if mail is not None:
            relay(mail, mail_from)
        return cls(
            home=home,
            database=database,
            secret_key=environ.get(PREFIX + "SECRET_KEY") or kept(home, "secret-key", secrets.token_urlsafe(48)),
            queue=queue,
            mail=mail,
            mail_from=mail_from,
            url=_url(environ),
            locale=spoken(environ),
            timezone=zone,
            clock=environ.get(PREFIX + "CLOCK") or None,
            demo=_yes(environ, "DEMO"),
            files=environ.get(PREFIX + "FILES") or "database",
            keys=environ.get(PREFIX + "KEYS") or None,
            key_encryption_key=environ.get(PREFIX + "KEY_ENCRYPTION_KEY") or None,
            erase_texts_months=_months(environ, "ERASE_TEXTS_MONTHS", cls.erase_texts_months),
            erase_left_months=_months(environ, "ERASE_LEFT_MONTHS", cls.erase_left_months),
            second_eyes=_yes(environ, "SECOND_EYES"),
        )


def spoken(environ: Mapping[str, str]) -> str:
    """The language of `KOMP_FLOW_LOCALE`. Raises Invalid if it is none of ours."""
    locale = environ.get(PREFIX + "LOCALE") or LANGUAGES[0]
    if locale not in LANGUAGES:
        raise Invalid(
            _("KOMP_FLOW_LOCALE=%(value)s finnes ikke. Skriv %(known)s.", value=locale, known=_listed(LANGUAGES))
        )
    return locale


def relay(address: str, sender: str | None = None) -> Relay:
    """Read `smtp://user:password@host:port?starttls`, or `smtps://…`. Raises Invalid, which never tells the password.

    Without a sender, `komp-flow@` the server's own name.
    """
    try:
        parts = urlsplit(address)
        port, asked = parts.port, parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise _no_relay() from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"}:
        raise _no_relay()
    if asked.keys() - {"starttls"} or (asked and parts.scheme == "smtps"):
        raise _no_relay()
    host, tls, starttls = parts.hostname, parts.scheme == "smtps", "starttls" in asked
    if parts.password and not (tls or starttls or host in LOCAL):
        raise Invalid(
            _(
                "KOMP_FLOW_MAIL ville sendt passordet åpent over nettet. "
                "Skriv smtps:// foran, eller ?starttls til slutt."
            )
        )
    own = host if re.search(r"[a-z]", host) and ":" not in host else "localhost"
    named = sender or f"komp-flow@{own}"
    if not (named.isascii() and ADDRESS.fullmatch(named)):
        raise Invalid(
            _("KOMP_FLOW_MAIL_FROM=%(value)s er ingen e-postadresse. Skriv for eksempel komp-flow@virksomheten.no.",
              value=named)
        )  # fmt: skip
    usual = 465 if tls else 587 if starttls else 25
    return Relay(host, port or usual, named, tls, starttls, *_signing_in(parts))


def _signing_in(parts: SplitResult) -> tuple[str | None, str | None]:
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return user, password


def _no_relay() -> Invalid:
    return Invalid(
        _(
            "KOMP_FLOW_MAIL er ingen adresse vi kan bruke. Skriv smtp://vert:port, smtp://bruker:passord@vert?starttls "
            "eller smtps://bruker:passord@vert."
        )
    )


def _url(environ: Mapping[str, str]) -> str | None:
    said = (environ.get(PREFIX + "URL") or "").rstrip("/")
    if said and not re.fullmatch(r"https?://[^\s/?#\"<>]+(/[^\s?#\"<>]*)?", said):
        raise Invalid(
            _("KOMP_FLOW_URL=%(value)s er ingen adresse. Skriv for eksempel https://kompetanse.virksomheten.no.",
              value=said)
        )  # fmt: skip
    return said or None


def _require_queue(queue: str, database: str) -> None:
    if queue not in QUEUES:
        raise Invalid(_("KOMP_FLOW_QUEUE=%(value)s finnes ikke. Skriv %(known)s.", value=queue, known=_listed(QUEUES)))
    if queue == PROCRASTINATE and not database.startswith("postgres"):
        raise Invalid(
            _(
                "KOMP_FLOW_QUEUE=procrastinate går bare på PostgreSQL. "
                "Sett KOMP_FLOW_DATABASE til en PostgreSQL-base, eller skriv local."
            )
        )


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
