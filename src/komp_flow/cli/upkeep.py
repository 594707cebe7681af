"""For those who run komp-flow: the database, its trail, and what this installation runs on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from komp_flow import audit as trail
from komp_flow import backups, clock, engine, files, schema, work
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.keys import short_lived
from komp_flow.cli.stored import alone, connected, opened
from komp_flow.db import Database, driver
from komp_flow.errors import Invalid
from komp_flow.i18n import _, _l, ngettext
from komp_flow.settings import Settings
from komp_flow.vault import Vault, copies

REASONS: Final[Mapping[str, str]] = {
    "changed": _l("er endret etter at det ble skrevet"),
    "missing": _l("mangler det som sto rett foran"),
    "inserted": _l("er satt inn utenom programmet"),
    "cut": _l("er det siste, men det har stått mer"),
    "head": _l("har et segl som ikke stemmer"),
}


@click.group()
def database() -> None:
    """The database: upgrade, check, backup, restore. Example: komp-flow database backup copy.sqlite"""


@database.command("upgrade")
@with_settings
def database_upgrade(settings: Settings) -> None:
    """Bring the tables to this version. Example: komp-flow database upgrade"""
    with opened(settings):
        click.echo(_("Databasen er oppdatert."))


@database.command("check")
@with_settings
def database_check(settings: Settings) -> None:
    """Is the database whole, and its trail unbroken? Changes nothing.

    Example: komp-flow database check
    """
    with connected(settings) as found, patience(_("Går gjennom databasen")):
        if schema.behind(found):
            wrong = [_("Databasen mangler tabeller fra denne versjonen. Kjør: komp-flow database upgrade")]
        else:
            wrong = [*schema.check(found), *_broken(found), *_locked(found)]
    for line in wrong:
        click.echo(line, err=True)
    click.echo(_("Databasen er hel.") if not wrong else _("Databasen har feil."))
    sys.exit(1 if wrong else 0)


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_settings
def database_backup(settings: Settings, file: Path) -> None:
    """A consistent copy of the embedded database, also while serving; its keys apart, in FILE.keys.

    Example: komp-flow database backup copy.sqlite
    """
    keys = _keys_of(file)
    if keys.exists():
        raise Invalid(_("%(file)s finnes fra før. Velg et nytt filnavn.", file=keys))
    with opened(settings) as found, patience(_("Kopierer databasen")):
        backups.backup(found, file)
        has_keys = copies.copy(found.info["vault"], keys)
    click.echo(file)
    if has_keys:
        click.echo(short_lived(keys), err=True)
    if settings.files_home is not None:
        click.echo(
            _("Filene ligger i %(home)s og er ikke med i kopien. Kopier dem også.", home=settings.files_home), err=True
        )


@database.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def database_restore(settings: Settings, file: Path) -> None:
    """Put a copy back in place of the embedded database, and the keys of FILE.keys that are missing.

    What has been erased since the copy was taken is erased again.

    Example: komp-flow database restore copy.sqlite
    """
    keys, now = _keys_of(file), clock.clock(settings.clock)()
    with connected(settings) as found, alone(found), patience(_("Legger databasen tilbake")):
        copies.require_opens(found.info["vault"], keys)
        backups.restore(found, file)
        if keys.exists():
            copies.restore(found.info["vault"], keys)
        schema.upgrade(found)
        with found.transaction() as db:
            again = work.erase_again(db, now)
        found.checkpoint()
        locked = _locked(found)
    click.echo(_("Databasen er lagt tilbake fra %(file)s.", file=file))
    if again:
        click.echo(
            ngettext("%(num)s sletting etter kopien er gjort på nytt.", "%(num)s slettinger er gjort på nytt.", again)
        )
    for line in locked:
        click.echo(line, err=True)


@click.group()
def audit() -> None:
    """The trail of all that has happened. Example: komp-flow audit verify"""


@audit.command("verify")
@with_settings
def audit_verify(settings: Settings) -> None:
    """Is every event there, in order and as it was written? Example: komp-flow audit verify"""
    with opened(settings) as found, patience(_("Går gjennom sporet")):
        broken = _broken(found)
    for line in broken:
        click.echo(line, err=True)
    click.echo(_("Sporet er helt.") if not broken else _("Sporet er brutt."))
    sys.exit(1 if broken else 0)


def _keys_of(file: Path) -> Path:
    return file.with_name(file.name + ".keys")


def _locked(found: Database) -> list[str]:
    with found.reading() as db:
        return copies.problems(db, found.info["vault"])


def _broken(found: Database) -> list[str]:
    with found.reading() as db:
        return [
            f"{place.stream} {place.seq}: {REASONS[place.reason]}" for place in trail.verify(db, engine.streams(db))
        ]


@click.command()
@with_settings
def doctor(settings: Settings) -> None:
    """Say what this installation runs on, and what is wrong with it. Changes nothing.

    Example: komp-flow doctor
    """
    with connected(settings) as found:
        behind = schema.behind(found)
        locked = [] if behind else _locked(found)
        with found.reading() as db:
            db.connection()  # only then does it know which version it talks to
            lost = [] if behind else files.flaws(db)
        version = driver().sqlite_version if found.is_sqlite else _dotted(found.engine.dialect.server_version_info)
        kind = "SQLite" if found.is_sqlite else "PostgreSQL"
        rows = {
            "python": platform.python_version(),
            "database": f"{kind} {version}, {found.url.render_as_string(hide_password=True)}",
            "migrations": _("mangler, kjør: komp-flow database upgrade") if behind else "ok",
            "home": settings.home,
            "keys": _keys_told(settings, found, locked),
            "files": settings.files_home or _("i databasen"),
            "queue": settings.queue,
            "mail": _("satt") if settings.mail else _("ikke satt: varsler beholdes og vises"),
            "clock": settings.clock or _("maskinens"),
            "timezone": settings.timezone,
        }
    for name, value in rows.items():
        click.echo(f"{name:<11} {value}")
    for line in (*locked, *lost):
        click.echo(line, err=True)
    sys.exit(1 if behind or locked or lost else 0)


def _keys_told(settings: Settings, found: Database, wrong: list[str]) -> str:
    store: Vault = found.info["vault"]
    where = store.database.url.render_as_string(hide_password=True)
    state = _("feil, se under") if wrong else _("ok, %(count)s nøkler", count=store.count())
    if settings.key_encryption_key:
        return f"{state}, {where}"
    return _(
        "%(state)s, %(where)s; låsen ligger i KOMP_FLOW_HOME: sett KOMP_FLOW_KEY_ENCRYPTION_KEY",
        state=state,
        where=where,
    )


def _dotted(version: tuple[int | str, ...] | None) -> str:
    return ".".join(str(part) for part in version or ())
