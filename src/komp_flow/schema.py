"""The database's tables, all of them together: how a database comes to have them, and is checked."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from sqlalchemy import Column, Connection, String, Table, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

import komp_flow
from komp_flow.db import Base, Database, unhurried
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.settings import Settings, kept
from komp_flow.vault import Vault, wrapping_key, wrapping_keys

# Each feature keeps its tables in a module of one of these names.
TABLE_MODULES = ("tables", "models", "accounts", "tokens", "audit")
UPGRADE_LOCK = 0x6B6F6D70  # any number of our own: PostgreSQL's advisory lock of an upgrade
# The oldest migration whose code may run on this database. Migrations only add, so it stands still until one does not.
FLOOR = Table("schema_floor", Base.metadata, Column("revision", String(4), primary_key=True))


def load_tables() -> None:
    """Import every module that defines tables, so that the metadata knows them."""
    for found in pkgutil.walk_packages(komp_flow.__path__, "komp_flow."):
        if found.name.rsplit(".", 1)[-1] in TABLE_MODULES:
            importlib.import_module(found.name)


def open_database(settings: Settings) -> Database:
    """The database that the settings name, with what every session of it knows. Raises Invalid; does not connect."""
    try:
        url = make_url(settings.database)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise Invalid(
            _("KOMP_FLOW_DATABASE er ikke en adresse vi kan bruke. Skriv postgresql://bruker@vert/base, eller la være.")
        )
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise Invalid(_("KOMP_FLOW_DATABASE må være en fil: i minnet ville ingenting blitt tatt vare på."))
    info = {
        "trail_key": settings.secret_key.encode(),
        "zone": settings.zone,
        "settings": settings,
        "vault": _vault(settings),
    }
    return Database(url, info=info)


def _vault(settings: Settings) -> Vault:
    """The key store that the settings name; does not connect."""
    try:
        url = make_url(settings.key_store)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in {"sqlite", "postgresql"} or not url.database:
        raise Invalid(
            _("KOMP_FLOW_KEYS er ikke en adresse vi kan bruke. Skriv postgresql://bruker@vert/base, eller la være.")
        )
    if url.get_backend_name() == "sqlite" and url.database == make_url(settings.database).database:
        raise Invalid(_("KOMP_FLOW_KEYS må være en annen fil enn databasen: nøklene skal ikke ligge i samme kopi."))
    written = settings.key_encryption_key or kept(settings.home, "key-encryption-key", wrapping_key())
    try:
        return Vault(url, wrapping_keys(written))
    except ValueError as error:
        raise Invalid(
            _(
                "KOMP_FLOW_KEY_ENCRYPTION_KEY er ingen nøkkel. Den er 32 byte i base64, som i "
                "«komp-flow keys new» skriver; flere skilles med komma."
            )
        ) from error


def upgrade(database: Database) -> None:
    """Bring the tables to this version, in one transaction, one process at a time; nothing happens when they are."""
    if not behind(database):
        return
    with database.engine.begin() as connection, unhurried(connection):
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        migrate(connection)


def migrate(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, in the caller's transaction."""
    from alembic import command  # noqa: PLC0415 (a fifth of a second, which a process with nothing to migrate saves)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revisions() -> list[str]:
    """Our migrations, in order: each file is named by its number, which says what comes after what."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return sorted(file.name[:4] for file in folder.glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(database: Database) -> str | None:
    """The last migration that the database has had; None: none."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def ahead(database: Database) -> bool:
    """True if a later version of the program has migrated the database. Who serves then may go on: see `behind`."""
    return current(database) not in {None, *revisions()}


def behind(database: Database) -> bool:
    """True if the database lacks a migration of this version.

    False on a database of a later version that ours may run on: an old node is restarted while others are upgraded.
    Raises Invalid on one that ours may not: it would not know its tables. (Who began before may go on: see `ahead`.)
    """
    known, found = revisions(), current(database)
    if found is None or found in known:
        return found != known[-1]
    if _floor(database) in known:
        return False
    raise Invalid(
        _(
            "Databasen er laget av en nyere versjon av komp-flow (%(revision)s). "
            "Oppgrader programmet, eller bruk en annen database.",
            revision=found,
        )
    )


def _floor(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return connection.execute(select(FLOOR)).scalar() if inspect(connection).has_table(FLOOR.name) else None


def check(database: Database) -> list[str]:
    """What the database itself finds wrong: nothing, if it is whole."""
    if not database.is_sqlite:
        return []
    with database.reading() as db:
        rows = [str(row[0]) for row in db.execute(text("PRAGMA integrity_check"))]
        orphans = [f"{row[0]} → {row[2]}" for row in db.execute(text("PRAGMA foreign_key_check"))]
    return [row for row in rows if row != "ok"] + orphans
