"""Publishing: what becomes a new version, what it is bound to, what starts on its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine.drawing import call, doc, end, flows, message, ref, start, timer
from engine.harness import T0, at
from engine.storing import Store, fill, form, job
from komp_flow import audit, engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.errors import Invalid, NotFound


def one(name: str = "a", form_id: str | None = "f", process: str = "p") -> bytes:
    return doc(
        start(), job(name, ext=fill(form_id) if form_id else ""), end(), flows(f"s>{name}>e"), pid=process
    )  # fmt: skip


def numbers(store: Store, process: str = "p") -> list[int]:
    return sorted(row.number for row in store.rows(tables.ProcessVersion, process=process))


@pytest.mark.databases
def test_a_diagram_and_its_form_are_published_together(database: Database) -> None:
    store = Store(database)
    shown = store.publish(one(), form("f", "x", title="Fyll ut"))
    assert [(v.kind, v.key, v.number, v.name, v.new) for v in shown] == [
        ("process", "p", 1, "p", True),
        ("form", "f", 1, "Fyll ut", True),
    ]
    row = store.rows(tables.ProcessVersion)[0]
    assert (row.id, row.source, row.why, row.published_by, row.published_at) == (
        shown[0].id, one(), "prøve", "owner", T0,
    )  # fmt: skip
    assert (row.forms, row.calls) == ({"f": shown[1].id.hex}, {})
    with database.transaction() as db:
        assert engine.form(db, shown[1].id).id == "f"
        assert engine.newest(db, "p").id == shown[0].id
        assert engine.version(db, "p", 1).xml.startswith('<?xml version="1.0" encoding="UTF-8"?>')
        assert [v.process for v in engine.newest_versions(db)] == ["p"]
        assert [v.form for v in engine.newest_forms(db)] == ["f"]
        for missing in (lambda: engine.newest(db, "q"), lambda: engine.version(db, "p", 2)):
            with pytest.raises(NotFound):
                missing()
        assert audit.verify(db, ["publishing"]) == []


def test_the_same_content_is_no_new_version(database: Database) -> None:
    store = Store(database)
    first = store.publish(one(), form("f", "x"))
    again = store.publish(form("f", "x") + b"\n", one())
    assert again == [first[1], first[0]]
    assert [version.new for version in again] == [False, False]
    assert numbers(store) == [1]
    store.publish(one("b"))
    store.publish(one())
    assert numbers(store) == [1, 2, 3]


def test_a_form_alone_runs_in_new_instances_and_not_in_running_ones(database: Database) -> None:
    store = Store(database, one(), one("b", form_id=None, process="q"), form("f", "x"))
    old = store.start()
    shown = store.publish(form("f", "x", "y"))
    assert [(v.key, v.number) for v in shown] == [("f", 2)]
    assert (numbers(store), numbers(store, "q")) == ([1, 2], [1])
    new = store.start()
    used = {row.instance_id: row.form_version_id for row in store.rows(tables.Task)}
    assert used[new.instance_id] == shown[0].id != used[old.instance_id]


def test_a_form_alone_reaches_a_process_that_is_called(database: Database) -> None:
    outer = doc(start(), call("c", "p"), end(), flows("s>c>e"), pid="outer")
    store = Store(database, outer, one(), form("f", "x"))
    shown = store.publish(form("f", "x", "y"))
    assert (numbers(store), numbers(store, "outer")) == ([1, 2], [1, 2])
    store.start("outer")
    assert [row.form_version_id for row in store.rows(tables.Task)] == [shown[0].id]


def test_a_call_is_bound_to_the_version_that_was_newest_when_it_was_published(database: Database) -> None:
    outer = doc(start(), call("c", "p"), end(), flows("s>c>e"), pid="outer")
    store = Store(database, outer, one("a", None))
    store.publish(one("b", None))
    store.start("outer")
    assert (numbers(store, "outer"), store.open()) == ([1], ["a"])
    store.publish(outer)
    store.start("outer")
    assert (numbers(store, "outer"), store.open()) == ([1, 2], ["a", "b"])


def test_called_processes_may_come_in_any_order(database: Database) -> None:
    outer = doc(start(), call("c", "p"), end(), flows("s>c>e"), pid="outer")
    store = Store(database)
    assert [version.key for version in store.publish(outer, one("a", None))] == ["outer", "p"]
    store.start("outer")
    assert store.open() == ["a"]


def test_a_task_in_a_called_process_has_the_subject_and_completes(database: Database) -> None:
    outer = doc(start(), call("c", "p"), job("z"), end(), flows("s>c>z>e"), pid="outer")
    store = Store(database, outer, one(), form("f", "x"))
    store.start("outer")
    assert (store.task("a").unit_id, store.task("a").process) == ("u1", "outer")
    store.complete("a")
    assert store.open() == ["z"]


@pytest.mark.parametrize(
    "sources",
    [
        [one()],
        [doc(start(), call("c", "nowhere"), end(), flows("s>c>e"))],
        [doc(start(), call("c", "p"), end(), flows("s>c>e"))],
        [one("a", None), one("b", None)],
        [form("f", "x"), form("f", "y")],
    ],
)
def test_what_cannot_be_bound_is_refused_and_nothing_is_published(database: Database, sources: list[bytes]) -> None:
    store = Store(database)
    with pytest.raises(Invalid):
        store.publish(*sources)
    assert (store.rows(tables.ProcessVersion), store.rows(tables.FormVersion)) == ([], [])


def test_running_instances_keep_their_version(database: Database) -> None:
    store = Store(database, doc(start(), job("a"), job("b"), end(), flows("s>a>b>e")))
    old = store.start().instance_id
    store.publish(doc(start(), job("a"), job("c"), end(), flows("s>a>c>e")))
    new = store.start().instance_id
    for instance in (old, new):
        store.complete("a", instance)
    assert (store.open(old), store.open(new)) == (["b"], ["c"])


def starter(text: str, what: str, task: str = "a") -> bytes:
    return doc(start(inner=timer(text, what)), job(task), end(), flows(f"s>{task}>e"))


@pytest.mark.databases
def test_a_timer_start_makes_an_instance_on_its_date_once(database: Database) -> None:
    store = Store(database, starter("2027-01-06", "timeDate"))
    assert store.tick(at(days=1)) == []
    store.tick(datetime(2027, 1, 6, 7, tzinfo=UTC))
    store.tick(at(days=9))
    assert store.states() == ["active"]
    assert store.instance().started_by is None


def test_a_cycle_starts_again_and_again_and_what_was_missed_counts_as_one(database: Database) -> None:
    store = Store(database, starter("R/P7D", "timeCycle"))
    for day in (6, 7, 8, 14, 36):
        store.tick(at(days=day))
    assert len(store.rows(tables.Instance)) == 3


def test_an_unchanged_timer_start_is_not_fired_again_by_a_new_version(database: Database) -> None:
    store = Store(database, starter("2027-01-06", "timeDate"))
    store.tick(at(days=3))
    store.publish(starter("2027-01-06", "timeDate", task="b"))
    store.tick(at(days=4))
    assert len(store.rows(tables.Instance)) == 1
    store.publish(starter("PT1H", "timeDuration", task="b"))
    store.tick(store.later(hours=1))
    assert store.open() == ["a", "b"]


def test_a_timer_start_follows_the_calendar(database: Database) -> None:
    store = Store(database, starter("=deadline.decision", "timeDate"))
    assert store.tick(at(days=300)) == []
    store.world.deadline["decision"] = datetime(2028, 2, 1, 12, tzinfo=UTC)
    assert store.act(engine.reschedule) == 1
    assert store.tick(datetime(2028, 2, 1, 11, tzinfo=UTC)) == []
    store.tick(datetime(2028, 2, 1, 12, tzinfo=UTC))
    assert store.states() == ["active"]


def test_starts_of_an_old_version_are_gone(database: Database) -> None:
    by_message = doc(
        start(inner=ref("message", "m")), job("a"), end(), flows("s>a>e"), top=message("m", "ny")
    )  # fmt: skip
    store = Store(database, by_message)
    assert [(row.kind, row.name) for row in store.rows(tables.StartSubscription)] == [("message", "ny")]
    store.publish(one("a", None))
    assert store.rows(tables.StartSubscription) == []


@pytest.mark.databases
def test_two_who_publish_at_once_make_two_versions(database: Database) -> None:
    from engine.storing import together

    store = Store(database, one("a", None))
    answers = together(lambda name: store.publish(one(name, None))[0].number, ["b", "c"])
    assert sorted(answers) == [2, 3]
    with database.reading() as db:
        assert audit.verify(db) == []
        assert len(db.execute(select(tables.PROCESS_VERSION.c.id)).all()) == 3
