"""The command line: the same use cases as the pages and the API, each in one transaction."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import IO, Any, TypeVar

import click
import structlog
import waitress

from komp_flow import audit, clock, demo, engine, organisation, schema, shipped, work, worker
from komp_flow.app import create_app, open_database
from komp_flow.auth import accounts, tokens
from komp_flow.db import Database
from komp_flow.engine.problems import SourceFile
from komp_flow.errors import Invalid, KompFlowError
from komp_flow.i18n import _, speaking
from komp_flow.organisation.actors import Actor
from komp_flow.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
CLI = Actor(person_id="", language="nb", scopes=None, via="cli")
UNREADABLE = 2


def said(function: F) -> F:
    """One line on stderr that says what to do, and exit 1, for whatever the product knows can go wrong."""

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except KompFlowError as error:
            click.echo(error.message, err=True)
            for field in getattr(error, "fields", ()):
                click.echo(f"  {field.field}: {field.message}", err=True)
            sys.exit(1)

    return called  # type: ignore[return-value]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="komp-flow")
@click.pass_context
@said
def main(context: click.Context) -> None:
    """komp-flow runs an organisation's yearly cycle of strategic competence development."""
    settings = Settings.from_env(os.environ)
    context.obj = settings
    context.with_resource(speaking(settings.locale))
    logging.basicConfig(format="%(message)s", stream=sys.stderr, level=logging.INFO)
    for loud in ("waitress.queue", "spiff"):
        logging.getLogger(loud).setLevel(logging.WARNING if loud != "spiff" else logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The settings' database, with today's tables."""
    database = open_database(settings)
    try:
        schema.upgrade(database)
        yield database
    finally:
        database.close()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--demo",
    "with_demo",
    is_flag=True,
    help="Load a fictional directorate if the database is empty, and let anyone sign in as anyone.",
)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
@said
def serve(settings: Settings, host: str, port: int, with_demo: bool, threads: int) -> None:
    """Serve the pages and the API; in the embedded case the background tick too.

    Example: komp-flow serve --demo --port 8000
    """
    settings = replace(settings, demo=settings.demo or with_demo)
    with opened(settings) as database, _alone(settings, database):
        ticking = clock.clock(settings.clock)
        _prepare(database, settings, ticking)
        app = create_app(settings, database)
        background = worker.start(database, ticking, app.extensions["bell"]) if settings.queue == "local" else None
        _greet(database, settings, host, port)
        _stop_on_signals()
        try:
            waitress.serve(
                app, host=host, port=port, threads=threads, ident="komp-flow", clear_untrusted_proxy_headers=True
            )
        except OSError as error:
            raise Invalid(
                _(
                    "Kan ikke åpne %(host)s:%(port)s (%(why)s). Velg en annen port med --port.",
                    host=host,
                    port=port,
                    why=error.strerror,
                )
            ) from error
        finally:
            if background:
                background.stop()


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)


@contextmanager
def _alone(settings: Settings, database: Database) -> Iterator[None]:
    """The embedded database has one serving process: a lock file says so, and is let go when the process ends."""
    if not database.is_sqlite:
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Invalid(
                _(
                    "En annen komp-flow bruker allerede %(home)s. "
                    "Stopp den, eller sett KOMP_FLOW_HOME til en annen mappe.",
                    home=settings.home,
                )
            ) from error
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _prepare(database: Database, settings: Settings, ticking: clock.Clock) -> None:
    """On an empty database: the shipped diagrams and forms, and the demo where it is wanted."""
    with database.transaction() as db:
        if not work.processes(db):
            work.publish_shipped(db, shipped.folder(), ticking())
    if settings.demo:
        with database.reading() as db:
            empty = not organisation.queries.has_people(db)
        if empty:
            click.echo(_("Laster demovirksomheten …"), err=True)
            demo.load(database, settings.zone, ticking())


def _greet(database: Database, settings: Settings, host: str, port: int) -> None:
    click.echo(f"\n  komp-flow: http://{host}:{port}\n")
    if not settings.demo:
        return
    click.echo("  " + _("Demovirksomheten er fiktiv. Logg inn som:"))
    with database.reading() as db:
        for persona in demo.personas(db):
            click.echo(f"    {persona.name:<28} {persona.what}")
    click.echo("")


@main.command("worker")
@click.option("--once", is_flag=True, help="Run all that is due until nothing is, and stop.")
@click.pass_obj
@said
def run_worker(settings: Settings, once: bool) -> None:
    """Do background work: timers, messages, escalations.

    Example: komp-flow worker --once
    """
    ticking = clock.clock(settings.clock)
    with opened(settings) as database:
        if once:
            done = worker.run_until_nothing_is_due(database, ticking)
            click.echo(_("%(done)s rader er utført.", done=done))
            return
        background = worker.start(database, ticking)
        try:
            signal.sigwait({signal.SIGTERM, signal.SIGINT})
        finally:
            background.stop()


def _read(paths: Sequence[str]) -> list[SourceFile]:
    files = []
    for path in paths:
        try:
            files.append(SourceFile(path, Path(path).read_bytes()))
        except OSError as error:
            click.echo(_("Kan ikke lese %(path)s: %(why)s.", path=path, why=error.strerror), err=True)
            sys.exit(UNREADABLE)
    return files


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def check(_settings: Settings, files: tuple[str, ...], form: str) -> None:
    """Check diagrams and forms; list every problem of every file.

    Exit status 0 without errors, 1 with errors, 2 when a file could not be read.

    Example: komp-flow check processes/unit.bpmn forms/*.json
    """
    problems = engine.check(_read(files), work.known_in(shipped.folder()))
    if form == "json":
        rows = [{k: getattr(p, k) for k in ("file", "element", "severity", "rule", "message", "fix")} for p in problems]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        _list(problems)
    sys.exit(1 if any(p.severity == "error" for p in problems) else 0)


def _list(problems: Sequence[engine.Problem]) -> None:
    for p in problems:
        where = f"{p.file}#{p.element}" if p.element else p.file
        click.echo(
            f"{where}: {_('feil') if p.severity == 'error' else _('advarsel')} [{p.rule}] {p.message} {p.fix}".rstrip()
        )
    errors = sum(p.severity == "error" for p in problems)
    click.echo(_("%(errors)s feil, %(warnings)s advarsler.", errors=errors, warnings=len(problems) - errors), err=True)


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--why", required=True, help="What has changed, and for what reason.")
@click.pass_obj
@said
def publish(settings: Settings, files: tuple[str, ...], why: str) -> None:
    """Publish new versions of diagrams and forms, after the same check.

    Example: komp-flow publish processes/unit.bpmn --why "Fristen for drøftingen er flyttet"
    """
    sources = [SourceFile(Path(f.name).name, f.data) for f in _read(files)]
    ticking = clock.clock(settings.clock)
    with opened(settings) as database, database.transaction() as db:
        published = work.publish(db, CLI, sources, why, ticking())
        if published.problems:
            _list(published.problems)
        if not published.versions and any(p.severity == "error" for p in published.problems):
            sys.exit(1)
        for version in published.versions:
            click.echo(
                _("%(process)s versjon %(number)s er publisert.", process=version.process, number=version.number)
            )


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
@said
def export(settings: Settings, folder: Path) -> None:
    """Write the published diagrams and forms back as files.

    Example: komp-flow export backup/2027
    """
    with opened(settings) as database, database.reading() as db:
        for name, data in work.published_files(db):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            click.echo(str(path))


@main.command("import-organisation")
@click.option("--units", "units_file", required=True, type=click.File("rb"))
@click.option("--people", "people_file", required=True, type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.pass_obj
@said
def import_organisation(settings: Settings, units_file: IO[bytes], people_file: IO[bytes], dry_run: bool) -> None:
    """Read units and people from two CSV files: all of it, or nothing.

    Example: komp-flow import-organisation --units units.csv --people people.csv --dry-run
    """
    ticking = clock.clock(settings.clock)
    with opened(settings) as database, database.transaction() as db:
        report = organisation.import_files(db, units_file.read(), people_file.read(), ticking(), dry_run=dry_run)
    for row in report.errors:
        click.echo(f"{row.file}:{row.line}: {row.field}: {row.reason}", err=True)
    for line in report.summary():
        click.echo(line)
    if report.errors:
        click.echo(_("Ingenting er endret. Rett radene over og prøv igjen."), err=True)
        sys.exit(1)


@main.group()
def database() -> None:
    """The database: upgrade, check, backup, restore."""


@database.command("upgrade")
@click.pass_obj
@said
def database_upgrade(settings: Settings) -> None:
    """Bring the tables to this version. Example: komp-flow database upgrade"""
    with opened(settings):
        click.echo(_("Databasen er oppdatert."))


@database.command("check")
@click.pass_obj
@said
def database_check(settings: Settings) -> None:
    """Is the database whole, and its trail unbroken? Example: komp-flow database check"""
    with opened(settings) as opened_database, opened_database.reading() as db:
        broken = schema.check(opened_database) + [str(b) for b in audit.verify(db)]
    for line in broken:
        click.echo(line, err=True)
    click.echo(_("Databasen er hel.") if not broken else _("Databasen har feil."))
    sys.exit(1 if broken else 0)


@database.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
@said
def database_backup(settings: Settings, file: Path) -> None:
    """A consistent copy of the embedded database, also while serving. Example: komp-flow database backup copy.sqlite"""
    with opened(settings) as opened_database:
        schema.backup(opened_database, file)
    click.echo(str(file))


@database.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
@said
def database_restore(settings: Settings, file: Path) -> None:
    """Put a copy back in place of the embedded database. Example: komp-flow database restore copy.sqlite"""
    target = open_database(settings)
    with _alone(settings, target):
        schema.restore(target, file)
    target.close()
    click.echo(_("Databasen er lagt tilbake fra %(file)s.", file=file))


@main.group()
def account() -> None:
    """Accounts: who may sign in."""


@account.command("create")
@click.argument("person")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.pass_obj
@said
def account_create(settings: Settings, person: str, password_stdin: bool) -> None:
    """Let a person sign in. Example: komp-flow account create 1001"""
    _password(settings, person, password_stdin, accounts.create)


@account.command("reset")
@click.argument("person")
@click.option("--password-stdin", is_flag=True)
@click.pass_obj
@said
def account_reset(settings: Settings, person: str, password_stdin: bool) -> None:
    """Give a new password; sessions end. Example: komp-flow account reset 1001"""
    _password(settings, person, password_stdin, accounts.reset)


def _password(settings: Settings, person: str, from_stdin: bool, change: Callable[..., object]) -> None:
    password = sys.stdin.readline().rstrip("\n") if from_stdin else secrets.token_urlsafe(15)
    with opened(settings) as database, database.transaction() as db:
        change(db, person, password, clock.clock(settings.clock)())
    if not from_stdin:
        click.echo(_("Passordet er %(password)s. Det vises bare nå.", password=password))


@account.command("lock")
@click.argument("person")
@click.pass_obj
@said
def account_lock(settings: Settings, person: str) -> None:
    """Stop a person from signing in; sessions end. Example: komp-flow account lock 1001"""
    with opened(settings) as database, database.transaction() as db:
        accounts.lock(db, person, clock.clock(settings.clock)())


@main.group()
def role() -> None:
    """Roles that go beyond the organisation file."""


@role.command("grant")
@click.argument("person")
@click.argument("name")
@click.pass_obj
@said
def role_grant(settings: Settings, person: str, name: str) -> None:
    """Give a role. Example: komp-flow role grant 1001 process_owner"""
    with opened(settings) as database, database.transaction() as db:
        organisation.grant(db, person, name, clock.clock(settings.clock)())


@role.command("revoke")
@click.argument("person")
@click.argument("name")
@click.pass_obj
@said
def role_revoke(settings: Settings, person: str, name: str) -> None:
    """Take a role back. Example: komp-flow role revoke 1001 process_owner"""
    with opened(settings) as database, database.transaction() as db:
        organisation.revoke(db, person, name, clock.clock(settings.clock)())


@main.group()
def token() -> None:
    """Bearer tokens for the API."""


@token.command("create")
@click.option("--person", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="tasks, instances, processes, registers or admin; may be repeated or comma-separated.",
)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650))
@click.option("--name", default="cli", show_default=True)
@click.pass_obj
@said
def token_create(settings: Settings, person: str, scopes: tuple[str, ...], days: int, name: str) -> None:
    """Make a token; it is shown once. Example: komp-flow token create --person 1001 --scope tasks"""
    wanted = frozenset(part.strip() for scope in scopes for part in scope.split(",") if part.strip())
    with opened(settings) as database, database.transaction() as db:
        click.echo(tokens.create(db, person, wanted, clock.clock(settings.clock)(), days=days, name=name))


@main.group("audit")
def audit_group() -> None:
    """The trail."""


@audit_group.command("verify")
@click.pass_obj
@said
def audit_verify(settings: Settings) -> None:
    """Is every event there, in order and as it was written? Example: komp-flow audit verify"""
    with opened(settings) as database, database.reading() as db:
        broken = audit.verify(db)
    for line in broken:
        click.echo(str(line), err=True)
    click.echo(_("Sporet er helt.") if not broken else _("Sporet er brutt."))
    sys.exit(1 if broken else 0)


@main.command()
@click.pass_obj
@said
def doctor(settings: Settings) -> None:
    """Say what this installation runs on. Example: komp-flow doctor"""
    with opened(settings) as database:
        version = database.engine.dialect.server_version_info
        click.echo(f"python    {sys.version.split()[0]}")
        click.echo(f"database  {database.url.render_as_string(hide_password=True)} {version or sqlite3.sqlite_version}")
        click.echo(f"home      {settings.home}")
        click.echo(f"queue     {settings.queue}")
        click.echo(f"mail      {'set' if settings.mail else 'kept and shown, not sent'}")
        click.echo(f"clock     {settings.clock or 'the machine'}")
        click.echo(f"migrations {'behind' if schema.behind(database) else 'ok'}")
