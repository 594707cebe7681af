"""What is written without waiting for it: the order stays, errors come, and nothing that was taken back is sent."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.test_prepared import ADD, AT, ONE, a_version, in_one_transaction
from komp_flow.db import Database
from komp_flow.db.pen import Pen
from komp_flow.db.prepared import Prepared, settle
from komp_flow.engine.tables import DELIVERY, PROCESS_VERSION
from komp_flow.errors import Conflict

pytestmark = pytest.mark.databases
COUNT = Prepared(select(func.count()).select_from(PROCESS_VERSION))
RENAME = Prepared(update(PROCESS_VERSION).where(PROCESS_VERSION.c.id == bindparam("of")).values(name=bindparam("to")))
WRONG = {"message_id": 404, "created_at": AT, "next_try_at": AT}  # there is no such message


def failing() -> None:
    raise LookupError


def how_many(database: Database) -> int:
    with database.reading() as db:
        return int(COUNT.scalar(db) or 0)


def test_what_was_written_is_there_after_the_commit(database: Database) -> None:
    with database.transaction() as db:
        ADD.write(db, [a_version(1), a_version(2)])
        ADD.write(db, [])
    assert how_many(database) == 2


def test_whoever_reads_next_sees_it_whichever_way_they_read(db: Session) -> None:
    ADD.write(db, [a_version(1)])
    assert COUNT.scalar(db) == 1
    ADD.write(db, [a_version(2)])
    assert db.execute(select(func.count()).select_from(PROCESS_VERSION)).scalar_one() == 2
    ADD.write(db, [a_version(3)])
    assert db.connection().execute(text("SELECT count(*) FROM process_version")).scalar_one() == 3


def test_what_is_written_comes_in_order(db: Session) -> None:
    row = a_version()
    ADD.write(db, [row])
    RENAME.write(db, [{"of": row["id"], "to": "Først"}])
    RENAME.write(db, [{"of": row["id"], "to": "Sist"}])
    assert ONE.first(db, {"id": row["id"]}).name == "Sist"


def test_an_error_comes_at_the_latest_with_the_commit_and_nothing_is_kept(database: Database) -> None:
    row = a_version()
    with pytest.raises(IntegrityError):
        in_one_transaction(database, lambda db: [ADD.write(db, rows) for rows in ([a_version(2)], [row, row])])
    assert how_many(database) == 0
    in_one_transaction(database, lambda db: ADD.write(db, [row]))  # the connection is as good as before
    assert how_many(database) == 1


def test_an_error_comes_with_what_is_read_next(db: Session) -> None:
    with pytest.raises(IntegrityError):
        (Prepared(insert(DELIVERY)).write(db, [WRONG, WRONG]), ADD.write(db, [a_version(1)]), COUNT.scalar(db))
    db.rollback()
    assert COUNT.scalar(db) == 0


def test_an_error_comes_when_it_is_asked_for(db: Session) -> None:
    row = a_version()
    with pytest.raises(IntegrityError):
        (ADD.write(db, [row, row]), settle(db))


def test_what_an_exception_takes_back_was_never_there(database: Database) -> None:
    with pytest.raises(LookupError):
        in_one_transaction(database, lambda db: (ADD.write(db, [a_version(1)]), failing()))
    assert how_many(database) == 0


def test_a_savepoint_takes_back_what_came_after_it_and_nothing_else(database: Database) -> None:
    row = a_version(1)
    with database.transaction() as db:
        ADD.write(db, [row])
        with pytest.raises(LookupError), db.begin_nested():
            (ADD.write(db, [a_version(2)]), failing())
        with pytest.raises(IntegrityError), db.begin_nested():
            ADD.write(db, [row])
        with db.begin_nested():
            ADD.write(db, [a_version(3)])
    assert how_many(database) == 2


@pytest.mark.parametrize("then", [lambda _db: None, lambda db: db.execute(text("SELECT 1"))])
def test_a_row_that_is_not_there_is_a_conflict_and_nothing_is_kept(database: Database, then: Any) -> None:
    nobody = [{"of": uuid4(), "to": "Ingen"}]
    with pytest.raises(Conflict):
        in_one_transaction(
            database,
            lambda db: (ADD.write(db, [a_version(1)]), Pen(db).write(RENAME, nobody, exactly=True), then(db)),
        )
    assert how_many(database) == 0


def test_a_promise_is_kept_with_what_is_read_next_or_when_it_is_asked_for(db: Session) -> None:
    row = a_version()
    ADD.write(db, [row])
    first, none = ONE.promise(db, {"id": row["id"]}), ONE.promise(db, {"id": uuid4()})
    RENAME.write(db, [{"of": row["id"], "to": "Etterpå"}])
    assert COUNT.scalar(db) == 1
    assert (first().name, first().name, none()) == (row["name"], row["name"], None)
    assert ONE.promise(db, {"id": row["id"]})().name == "Etterpå"


def test_many_rows_are_promised_too(db: Session) -> None:
    named = Prepared(select(PROCESS_VERSION.c.number).where(PROCESS_VERSION.c.number > bindparam("over")))
    ADD.run_each(db, [a_version(1), a_version(2), a_version(3)])
    found, none = named.promise_all(db, {"over": 1}), named.promise_all(db, {"over": 9})
    assert COUNT.scalar(db) == 3
    assert (sorted(row.number for row in found()), none()) == ([2, 3], [])


@pytest.mark.databases("postgresql")
def test_what_is_planned_once_is_so_for_itself_alone(database: Database) -> None:
    """Also together with others in one round trip, and where one of them fails."""
    once = Prepared(select(PROCESS_VERSION.c.name).where(PROCESS_VERSION.c.number == bindparam("n")), planned_once=True)
    row = a_version(1)
    with database.transaction() as db:
        ADD.run(db, row)
    with pytest.raises(IntegrityError):
        in_one_transaction(database, lambda db: (once.promise(db, {"n": 1}), ADD.run(db, row)))
    with database.transaction() as db:
        promised = [once.promise(db, {"n": 1}), ONE.promise(db, {"id": row["id"]}), once.promise(db, {"n": 2})]
        assert once.first(db, {"n": 1}).name == row["name"]
        assert [each() and each().name for each in promised] == [row["name"], row["name"], None]
        assert db.scalar(text("SHOW plan_cache_mode")) == "auto"
        plans = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :like")
        assert db.execute(plans, {"like": "%version.number = $1%"}).all() == [(4, 0)]
        assert db.execute(plans, {"like": "%version.id = $1%"}).all() == [(0, 1)]


def test_what_the_server_has_parsed_outlives_a_rollback_and_an_error(database: Database) -> None:
    row = a_version()

    def failing_write(db: Session) -> None:
        assert ONE.first(db, {"id": uuid4()}) is None
        assert db.execute(select(PROCESS_VERSION.c.name)).all() == []
        ADD.run_each(db, [row, row])

    for _time in range(8):  # psycopg prepares by itself what it has sent five times
        with pytest.raises(IntegrityError):
            in_one_transaction(database, failing_write)
    assert how_many(database) == 0


@pytest.mark.databases("postgresql")
def test_a_step_is_one_round_trip_beside_the_commit(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from komp_flow.db.post import Post

    seen: list[int] = []
    exchanged = Post._exchanged

    def noting(post: Post, letters: Any) -> Any:
        seen.append(len(letters))
        return exchanged(post, letters)

    monkeypatch.setattr(Post, "_exchanged", noting)
    with database.transaction() as db:
        promised = COUNT.promise(db)
        assert ONE.first(db, {"id": uuid4()}) is None
        assert promised()[0] == 0
        for number in (1, 2, 3):
            ADD.write(db, [a_version(number)])
    assert seen == [2, 3]
