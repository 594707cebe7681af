"""Who is there and what they may: the organisation's files, accounts, roles, tokens."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from typing import IO, Final

import click
from sqlalchemy.orm import Session

from komp_flow import clock, organisation, work
from komp_flow.auth import accounts, tokens
from komp_flow.cli.edge import clean, patience, with_settings
from komp_flow.cli.stored import opened
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.organisation.csv_files import MAX_BYTES
from komp_flow.settings import Settings

CLI: Final = Actor(person_id="", language="nb", scopes=None, via="cli")
LONGEST_LINE: Final = 4_096  # bytes of standard input that are read for a password


@click.command("import-organisation")
@click.option("--units", "units_file", required=True, type=click.File("rb"), metavar="CSV")
@click.option("--people", "people_file", required=True, type=click.File("rb"), metavar="CSV")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@with_settings
def import_organisation(settings: Settings, units_file: IO[bytes], people_file: IO[bytes], dry_run: bool) -> None:
    """Read units and people from two CSV files: all of it, or nothing.

    Example: komp-flow import-organisation --units units.csv --people people.csv --dry-run
    """
    units, people = units_file.read(MAX_BYTES + 1), people_file.read(MAX_BYTES + 1)
    now = clock.clock(settings.clock)()
    with opened(settings) as database, patience(_("Leser inn organisasjonen")), database.transaction() as db:
        found = work.importing.import_organisation(db, CLI, units, people, now, dry_run=dry_run)
    report = found.report
    names = {"units": units_file.name, "people": people_file.name}
    for row in report.errors:
        place = f"{names.get(row.file, row.file)}:{row.line}"
        click.echo(clean(": ".join(part for part in (place, row.field, row.reason) if part)), err=True)
    for line in (*report.summary(), *found.consequences):
        click.echo(clean(line), err=bool(report.errors))
    if report.errors:
        click.echo(_("Ingenting er endret. Rett radene over og prøv igjen."), err=True)
        sys.exit(1)


@click.group()
def account() -> None:
    """Accounts: who may sign in. Example: komp-flow account create 1001"""


@account.command("create")
@click.argument("person")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@with_settings
def account_create(settings: Settings, person: str, password_stdin: bool) -> None:
    """Let a person sign in. Example: komp-flow account create 1001"""
    _with_password(settings, person, password_stdin, accounts.create)
    click.echo(_("%(person)s kan logge inn med e-postadressen sin.", person=person), err=True)


@account.command("reset")
@click.argument("person")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@with_settings
def account_reset(settings: Settings, person: str, password_stdin: bool) -> None:
    """Give a new password; sessions end. Example: komp-flow account reset 1001"""
    _with_password(settings, person, password_stdin, accounts.reset)
    click.echo(_("%(person)s har fått nytt passord og er logget ut overalt.", person=person), err=True)


def _with_password(
    settings: Settings, person: str, from_stdin: bool, change: Callable[[Session, str, str, datetime], object]
) -> None:
    password = _typed() if from_stdin else secrets.token_urlsafe(15)
    now = clock.clock(settings.clock)()
    with opened(settings) as database, database.transaction() as db:
        change(db, person, password, now)
    if not from_stdin:
        click.echo(_("Passordet er %(password)s. Det vises bare nå.", password=password))


def _typed() -> str:
    try:
        line: bytes = sys.stdin.buffer.readline(LONGEST_LINE)
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Invalid(_("Passordet er ikke tekst i UTF-8. Ingenting er endret. Skriv det på nytt.")) from error


@account.command("lock")
@click.argument("person")
@with_settings
def account_lock(settings: Settings, person: str) -> None:
    """Stop a person from signing in; sessions end. Example: komp-flow account lock 1001"""
    now = clock.clock(settings.clock)()
    with opened(settings) as database, database.transaction() as db:
        accounts.lock(db, person, now)
    click.echo(_("Kontoen til %(person)s er låst. «account reset» åpner den igjen.", person=person), err=True)


@click.group()
def role() -> None:
    """Roles that go beyond the organisation file. Example: komp-flow role grant 1001 process_owner"""


@role.command("grant")
@click.argument("person")
@click.argument("name")
@with_settings
def role_grant(settings: Settings, person: str, name: str) -> None:
    """Give a role. Example: komp-flow role grant 1001 process_owner"""
    now = clock.clock(settings.clock)()
    with opened(settings) as database, database.transaction() as db:
        organisation.grant(db, person, name, now)
    click.echo(_("%(person)s har rollen %(role)s.", person=person, role=name), err=True)


@role.command("revoke")
@click.argument("person")
@click.argument("name")
@with_settings
def role_revoke(settings: Settings, person: str, name: str) -> None:
    """Take a role back. Example: komp-flow role revoke 1001 process_owner"""
    now = clock.clock(settings.clock)()
    with opened(settings) as database, database.transaction() as db:
        organisation.revoke(db, person, name, now)
    click.echo(_("%(person)s er fratatt rollen %(role)s.", person=person, role=name), err=True)


@click.group()
def token() -> None:
    """Bearer tokens for the API. Example: komp-flow token create --person 1001 --scope tasks"""


@token.command("create")
@click.option("--person", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="tasks, instances, processes, registers or admin; may be repeated or comma-separated.",
)
@click.option("--days", default=730, show_default=True, type=click.IntRange(1, 3650))
@click.option("--name", default="cli", show_default=True)
@with_settings
def token_create(settings: Settings, person: str, scopes: tuple[str, ...], days: int, name: str) -> None:
    """Make a token; it is shown once. Example: komp-flow token create --person 1001 --scope tasks"""
    wanted = frozenset(part.strip() for scope in scopes for part in scope.split(",") if part.strip())
    now = clock.clock(settings.clock)()
    with opened(settings) as database, database.transaction() as db:
        secret = tokens.create(db, person, wanted, now, days=days, name=name)
    click.echo(secret)


@click.command()
@click.option("--person", required=True)
@click.option("--reason", required=True, help="Why, in a few words that say nothing about the person.")
@with_settings
def erase(settings: Settings, person: str, reason: str) -> None:
    """Erase all that is written about a person, at once and for good; of one who has left, name and account too.

    Example: komp-flow erase --person 1001 --reason "asked for by the employee"
    """
    now = clock.clock(settings.clock)()
    with opened(settings) as database, patience(_("Sletter")), database.transaction() as db:
        work.erase(db, CLI, person, reason, now)
    click.echo(_("Det som er skrevet om %(person)s, er slettet.", person=person), err=True)
