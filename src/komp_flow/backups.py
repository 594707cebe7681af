"""A copy of the whole database while it is worked in, and a copy put back: all of it or nothing.

The embedded database is copied by SQLite itself, one on a server by PostgreSQL's own `pg_dump` and put back by
`pg_restore` and `psql`, which must be on the PATH and as new as the server. The key store is copied apart
(`vault.copies`), and what only rings for the workers is not copied: the due rows are.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from komp_flow.db import Base, Database, driver
from komp_flow.errors import Busy, Invalid
from komp_flow.i18n import _
from komp_flow.schema import load_tables

DUMP: Final = b"PGDMP"  # the first bytes of a dump in PostgreSQL's custom format
VERSIONS: Final = "alembic_version"
LIBPQ: Final = {"host", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
_OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def backup(database: Database, target: Path) -> None:
    """Copy the database to `target`, consistent also while it is written to. Never over an existing file."""
    if target.exists():
        raise Invalid(_("%(file)s finnes fra før. Velg et nytt filnavn.", file=target))
    if not database.is_sqlite:
        _dump(database, target)
        return
    with closing(driver().connect(_file(database))) as reading:
        _copy(reading, target)


def restore(database: Database, source: Path) -> None:
    """Put the copy `source` in place of what the database holds, after a check that it is one.

    Nobody may be serving. Raises Invalid, and Busy where a server's database is in use; then nothing is changed.
    """
    if not database.is_sqlite:
        _put_back(database, source)
        return
    target = _file(database)
    sqlite = driver()
    # Nothing is written beside a copy that lies alone; one with a journal beside it is read with it.
    alone = not source.with_name(source.name + "-wal").exists()
    address = f"{source.resolve().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"
    try:
        with closing(sqlite.connect(address, uri=True)) as reading:
            sound = reading.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            ours = reading.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            if sound and ours:
                database.close()
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(reading, target)
                return
    except sqlite.DatabaseError as error:
        raise Invalid(_not_ours(source)) from error
    raise Invalid(_("%(file)s er skadet, eller er ikke en komp-flow-database. Ingenting er endret.", file=source))


def _not_ours(source: Path) -> str:
    return _("%(file)s er ikke en komp-flow-database. Ingenting er endret.", file=source)


def _file(database: Database) -> Path:
    return Path(str(database.url.database))


def _copy(reading: Any, target: Path) -> None:
    """The open database as the file `target`, all of it or nothing. Raises Invalid where it cannot be written."""
    sqlite = driver()
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite.connect(partial)) as writing:
            reading.backup(writing)
    except (sqlite.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        raise Invalid(_cannot_write(target, error)) from error
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    _settle(partial, target)


def _cannot_write(target: Path, why: object) -> str:
    return _("Kan ikke skrive %(file)s: %(why)s. Velg et annet sted og prøv igjen.", file=target, why=why)


def _settle(partial: Path, target: Path) -> None:
    """Give the finished file its name, so that a power cut leaves the old one or the new one."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, target)


def _dump(database: Database, target: Path) -> None:
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)
    except OSError as error:
        raise Invalid(_cannot_write(target, error.strerror)) from error
    tables = [word for name in _tables() for word in ("--table", f'"{name}"')]
    try:
        with _reached(database) as address:
            what = ["--format=custom", "--no-owner", "--no-privileges", *tables, f"--file={partial}"]
            _run([_tool("pg_dump"), *address, *what])
        _settle(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _put_back(database: Database, source: Path) -> None:
    """In one transaction: our tables go, and the dump's come."""
    with source.open("rb") as file:
        if file.read(len(DUMP)) != DUMP:
            raise Invalid(_not_ours(source))
    pg_restore, psql = _tool("pg_restore"), _tool("psql")
    listed = subprocess.run([pg_restore, "--list", str(source)], capture_output=True, text=True, check=False)  # noqa: S603
    if listed.returncode or not re.search(rf" TABLE \S+ {VERSIONS} ", listed.stdout):
        raise Invalid(_not_ours(source))
    _require_alone(database)
    away = ", ".join(f'"{name}"' for name in _tables())
    script = [pg_restore, "--no-owner", "--no-privileges", "--exit-on-error", "--file=-", str(source)]
    with _reached(database) as address:
        session = [*address, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
        first = f"--command=SET client_min_messages = warning; DROP TABLE IF EXISTS {away} CASCADE"
        _pipe(script, [psql, *session, "--single-transaction", first, "--file=-"])


def _pipe(first: list[str], second: list[str]) -> None:
    """The first program's output into the second, which is killed, and so commits nothing, when the first fails."""
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(first, stdout=subprocess.PIPE, stderr=said) as reading,  # noqa: S603 (fixed words)
        subprocess.Popen(second, stdin=subprocess.PIPE, stderr=said) as writing,  # noqa: S603
    ):
        with suppress(BrokenPipeError):  # the second has ended: its status says why
            shutil.copyfileobj(reading.stdout, writing.stdin)  # type: ignore[arg-type]
        reading.stdout.close()  # type: ignore[union-attr]
        failed = [first[0]] if reading.wait() else []
        if failed:
            writing.kill()
        with suppress(BrokenPipeError):
            writing.stdin.close()  # type: ignore[union-attr]
        failed = [second[0]] if writing.wait() > 0 else failed
        if failed:
            said.seek(0)
            raise Invalid(_went_wrong(failed[0], said.read()))


def _require_alone(database: Database) -> None:
    database.close()
    with database.engine.connect() as connection:
        others = connection.execute(_OTHERS).scalar_one()
    database.close()
    if others:
        raise Busy(
            _(
                "%(count)s andre bruker databasen nå. Ingenting er endret. Stopp «serve» og «worker» på alle maskiner, "
                "og prøv igjen.",
                count=others,
            )
        )


def _tables() -> Sequence[str]:
    load_tables()
    return [VERSIONS, *sorted(table.name for table in Base.metadata.tables.values())]


@contextmanager
def _reached(database: Database) -> Iterator[list[str]]:
    """What tells PostgreSQL's programs where the database is; the password in a file that only we may read."""
    given: Mapping[str, Any] = database.engine.dialect.create_connect_args(database.url)[1]
    where = {name: value for name, value in given.items() if name in LIBPQ}
    with tempfile.TemporaryDirectory() as folder:
        if password := given.get("password"):
            secret = Path(folder) / "password"
            secret.touch(mode=0o600)
            escaped = re.sub(r"([\\:])", r"\\\1", str(password))
            secret.write_text(f"*:*:*:*:{escaped}\n")
            where["passfile"] = str(secret)
        yield ["--no-password", f"--dbname={make_conninfo(**where)}"]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Invalid(
            _(
                "Programmet %(name)s finnes ikke på denne maskinen. Installer PostgreSQLs klientprogrammer "
                "(postgresql-client), i samme versjon som tjeneren eller nyere, og prøv igjen.",
                name=name,
            )
        )
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed words)
    if done.returncode:
        raise Invalid(_went_wrong(command[0], done.stderr))


def _went_wrong(program: str, said: str) -> str:
    told = " ".join([line for line in said.splitlines() if line.strip()][:2])[:400].rstrip(".")
    return _(
        "%(program)s gikk ikke: %(why)s. Ingenting er endret. Rett det og prøv igjen.",
        program=Path(program).name,
        why=told,
    )
