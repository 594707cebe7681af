"""Prepared statements do what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from engine.storing import counted
from komp_flow.db import Database
from komp_flow.db.prepared import Prepared
from komp_flow.engine.tables import DELIVERY, FORM_VERSION, INCIDENT_TABLE, MESSAGE, PROCESS_VERSION, ProcessVersion

AT = datetime(2027, 1, 4, 8, 0, 0, 123456, tzinfo=UTC)
ADD = Prepared(insert(PROCESS_VERSION))
ONE = Prepared(select(PROCESS_VERSION).where(PROCESS_VERSION.c.id == bindparam("id")))


def a_version(number: int = 1) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "process": "p",
        "number": number,
        "name": "Prøve",
        "source": b"\0bytes\xff",
        "sha256": "0" * 64,
        "forms": {"f": "æøå"},
        "calls": {},
        "published_at": AT,
        "published_by": None,
        "why": "for å prøve",
    }


@pytest.mark.databases
def test_what_was_put_in_comes_out_again_with_its_type(db: Session) -> None:
    row = a_version()
    assert ADD.run(db, row) == 1
    found = ONE.first(db, {"id": row["id"]})
    assert found._asdict() == row
    assert found == tuple(db.connection().execute(select(PROCESS_VERSION)).one())


@pytest.mark.databases
def test_many_rows_go_in_at_once_and_come_out_in_order(db: Session) -> None:
    rows = [a_version(number) for number in (3, 1, 2)]
    ADD.run_each(db, rows)
    ADD.run_each(db, [])
    numbers = Prepared(select(PROCESS_VERSION.c.number).order_by(PROCESS_VERSION.c.number))
    assert [row.number for row in numbers.all(db)] == [1, 2, 3]
    assert numbers.scalar(db) == 1


@pytest.mark.databases
def test_what_is_not_there_is_none(db: Session) -> None:
    assert ONE.first(db, {"id": uuid4()}) is None
    assert ONE.scalar(db, {"id": uuid4()}) is None


@pytest.mark.databases
def test_a_change_answers_how_many_it_changed(db: Session) -> None:
    ADD.run_each(db, [a_version(number) for number in (1, 2)])
    rename = Prepared(update(PROCESS_VERSION).where(PROCESS_VERSION.c.process == "p").values(name=bindparam("to")))
    assert rename.run(db, {"to": "Ny"}) == 2


@pytest.mark.databases
def test_a_plain_default_of_a_column_is_written(db: Session) -> None:
    message = {"kind": "signal", "name": "s", "payload": b"", "created_at": AT, "kept": False}
    number = db.execute(insert(MESSAGE).returning(MESSAGE.c.id), message).scalar_one()
    Prepared(insert(DELIVERY)).run(db, {"message_id": number, "created_at": AT, "next_try_at": AT})
    assert db.scalar(select(DELIVERY.c.failures)) == 0


@pytest.mark.databases
def test_an_error_is_the_one_that_sqlalchemy_raises(database: Database) -> None:
    row = a_version()
    with pytest.raises(IntegrityError):
        in_one_transaction(database, lambda db: (ADD.run(db, row), ADD.run(db, row)))
    with database.reading() as db:
        assert ONE.first(db, {"id": row["id"]}) is None
    with pytest.raises((OperationalError, ProgrammingError)) as caught:
        in_one_transaction(database, lambda db: (drop(db, "incident"), Prepared(select(INCIDENT_TABLE)).all(db)))
    assert caught.value.hide_parameters


def in_one_transaction(database: Database, act: Callable[[Session], object]) -> None:
    with database.transaction() as db:
        act(db)


def drop(db: Session, table: str) -> None:
    db.connection().exec_driver_sql(f"DROP TABLE {table}")


@pytest.mark.databases
def test_a_savepoint_takes_only_what_came_after_it(db: Session) -> None:
    row = a_version()
    ADD.run(db, row)
    with pytest.raises(IntegrityError), db.begin_nested():
        ADD.run(db, row)
    assert ONE.first(db, {"id": row["id"]})


def test_what_the_session_has_not_yet_written_is_seen(db: Session) -> None:
    row = a_version()
    db.add(ProcessVersion(**row))
    assert ONE.first(db, {"id": row["id"]}).name == row["name"]


def test_who_listens_for_statements_hears_them(database: Database) -> None:
    with counted(database) as seen, database.reading() as db:
        ONE.first(db, {"id": uuid4()})
    assert [text.split()[0] for text in seen] == ["SELECT"]


@pytest.mark.databases
def test_values_that_stand_in_the_statement_stay_there(db: Session) -> None:
    ADD.run_each(db, [a_version(number) for number in (1, 2, 3)])
    listed = select(func.aggregate_strings(PROCESS_VERSION.c.sha256, "\n")).where(
        PROCESS_VERSION.c.number.in_([1, 3]), PROCESS_VERSION.c.process == bindparam("process")
    )
    assert Prepared(listed).scalar(db, {"process": "p"}) == "\n".join(["0" * 64] * 2)


def test_a_statement_whose_text_changes_cannot_be_prepared(db: Session) -> None:
    some = select(FORM_VERSION).where(FORM_VERSION.c.form.in_(bindparam("forms", expanding=True)))
    with pytest.raises(TypeError, match="cannot be prepared"):
        Prepared(some).all(db, {"forms": ["a"]})
