"""For those who run komp-flow: the database, its trail, and what this installation runs on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from komp_flow import audit as trail
from komp_flow import engine, schema
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.stored import alone, connected, opened
from komp_flow.db import Database, driver
from komp_flow.i18n import _, _l
from komp_flow.settings import Settings

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
            wrong = [*schema.check(found), *_broken(found)]
    for line in wrong:
        click.echo(line, err=True)
    click.echo(_("Databasen er hel.") if not wrong else _("Databasen har feil."))
    sys.exit(1 if wrong else 0)


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_settings
def database_backup(settings: Settings, file: Path) -> None:
    """A consistent copy of the embedded database, also while serving.

    Example: komp-flow database backup copy.sqlite
    """
    with opened(settings) as found, patience(_("Kopierer databasen")):
        schema.backup(found, file)
    click.echo(file)


@database.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def database_restore(settings: Settings, file: Path) -> None:
    """Put a copy back in place of the embedded database. Example: komp-flow database restore copy.sqlite"""
    with connected(settings) as found, alone(found), patience(_("Legger databasen tilbake")):
        schema.restore(found, file)
    click.echo(_("Databasen er lagt tilbake fra %(file)s.", file=file))


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
        with found.reading() as db:
            db.connection()  # only then does it know which version it talks to
        version = driver().sqlite_version if found.is_sqlite else _dotted(found.engine.dialect.server_version_info)
        kind = "SQLite" if found.is_sqlite else "PostgreSQL"
        rows = {
            "python": platform.python_version(),
            "database": f"{kind} {version}, {found.url.render_as_string(hide_password=True)}",
            "migrations": _("mangler, kjør: komp-flow database upgrade") if behind else "ok",
            "home": settings.home,
            "queue": settings.queue,
            "mail": _("satt") if settings.mail else _("ikke satt: varsler beholdes og vises"),
            "clock": settings.clock or _("maskinens"),
            "timezone": settings.timezone,
        }
    for name, value in rows.items():
        click.echo(f"{name:<11} {value}")
    sys.exit(1 if behind else 0)


def _dotted(version: tuple[int | str, ...] | None) -> str:
    return ".".join(str(part) for part in version or ())
