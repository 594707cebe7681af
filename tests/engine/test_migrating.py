"""One stored instance goes on by another version: what is kept, what follows the new diagram, what is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.drawing import (
    SIGNAL,
    boundary,
    call,
    catch,
    doc,
    end,
    event_sub,
    flows,
    gw,
    message,
    mi,
    properties,
    ref,
    service,
    start,
    sub,
    timer,
    user,
)
from engine.harness import at
from engine.storing import Store, assigned, fill, form, job, schedule
from komp_flow import audit, engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.errors import Conflict

pytestmark = pytest.mark.databases

LINE = doc(start(), job("a", name="Først"), job("b"), end(), flows("s>a>b>e"))


def whole(store: Store, instance: UUID) -> dict[str, Any]:
    """All that undo puts back."""
    with store.database.reading() as db:
        read = db.connection().execute
        row = read(select(tables.INSTANCE).where(tables.INSTANCE.c.id == instance)).one()._asdict()
        row.pop("row_version")
        tasks = read(select(tables.TASK).where(tables.TASK.c.instance_id == instance, tables.TASK.c.state == "open"))
        found: dict[str, Any] = {"instance": row, "task": sorted(map(str, tasks))}
        for table in (tables.TIMER, tables.SUBSCRIPTION, tables.INCIDENT_TABLE):
            rows = read(select(table).where(table.c.instance_id == instance)).all()
            found[table.name] = sorted(str(row) for row in rows if not getattr(row, "closed_at", None))
        roles = read(
            select(tables.TASK_ROLE.c.task_id, tables.TASK_ROLE.c.role)
            .join(tables.TASK, tables.TASK.c.id == tables.TASK_ROLE.c.task_id)
            .where(tables.TASK.c.instance_id == instance, tables.TASK.c.state == "open")
        )
        found["roles"] = sorted(map(str, roles))
    return found


def moved(
    database: Database, old: bytes, new: bytes, *more: bytes, before: Callable[[Store], object] = lambda s: None,
    renamed: dict[str, str] | None = None, sent: dict[str, str] | None = None, days: float = 0, **given: Any,
) -> tuple[Store, engine.InstanceMoved]:  # fmt: skip
    """Started by the old version, moved to the new one, back, and there again."""
    store = Store(database, old, *more)
    id_ = store.start(variables=given).instance_id
    before(store)
    store.publish(new, *more)
    store.now = max(store.now, at(days))
    was = whole(store, id_)
    first = store.migrate(id_, renamed, sent)
    assert whole(store, id_)["instance"]["version_id"] != was["instance"]["version_id"]
    store.undo(first)
    assert whole(store, id_) == was
    again = store.migrate(id_, renamed, sent)
    assert again.counts == first.counts
    with database.reading() as db:
        assert audit.verify(db) == []
    return store, again


def counts(found: engine.InstanceMoved) -> dict[str, int]:
    return {name: count for name, count in found.counts.items() if count}


def test_a_task_under_another_id_and_name_goes_on_with_all_it_has(database: Database) -> None:
    new = doc(start(), job("x", name="Begynn"), job("b"), end(), flows("s>x>b>e"))
    store = Store(database, LINE)
    changes = store.start()
    (task,) = changes.opened
    with database.transaction() as db:
        db.execute(update(tables.TASK).values(claimed_by="ann", delegated_to="bob", delegation_reason="ferie"))
    store.publish(new)
    found = store.migrate(changes.instance_id, {"a": "x"})
    row = store.task("x")
    assert (row.id, row.name, row.claimed_by, row.delegated_to) == (task, "Begynn", "ann", "bob")
    assert counts(found) == {"tasks_kept": 1, "tasks_renamed": 1}
    assert (found.from_version, found.to_version) == (1, 2)
    store.complete("x")
    assert store.open() == ["b"]
    store.complete("b")
    assert store.states() == ["completed"]


def test_the_trail_tells_who_moved_it_and_why(database: Database) -> None:
    store, found = moved(database, LINE, doc(start(), job("x"), job("b"), end(), flows("s>x>b>e")), renamed={"a": "x"})
    with store.database.reading() as db:
        told = [event for event in audit.trail(db, engine.stream(found.instance_id)) if event.what.startswith("moved")]
    assert [(e.what, e.by, e.detail["from"], e.detail["to"], e.detail["reason"]) for e in told] == [
        ("moved", "owner", 1, 2, "ny utgave"), ("moved-back", "owner", 2, 1, "feil"),
        ("moved", "owner", 1, 2, "ny utgave"),
    ]  # fmt: skip
    assert told[0].detail["renamed"] == {"a": "x"}


def test_a_task_drawn_before_the_token_is_not_asked_for_and_that_is_told(database: Database) -> None:
    new = doc(start(), job("n", name="Ny"), job("a"), job("b"), end(), flows("s>n>a>b>e"))
    store, found = moved(database, LINE, new)
    assert found.passed == (("n", "Ny"),)
    assert store.open() == ["a"]
    store.complete("a")
    store.complete("b")
    assert store.states() == ["completed"]


def test_a_task_drawn_after_the_token_is_asked_for(database: Database) -> None:
    new = doc(start(), job("a"), job("n", name="Ny"), job("b"), end(), flows("s>a>n>b>e"))
    store, found = moved(database, LINE, new)
    assert found.passed == ()
    store.complete("a")
    assert store.open() == ["n"]


def test_an_open_task_that_is_gone_is_refused_with_its_id_and_sent_where_one_says(database: Database) -> None:
    new = doc(start(), job("b", name="Neste"), end(), flows("s>b>e"))
    store = Store(database, LINE)
    id_ = store.start().instance_id
    store.publish(new)
    was = whole(store, id_)
    with pytest.raises(engine.CannotMove) as refused:
        store.migrate(id_)
    assert [element for element, _text in refused.value.problems] == ["a"]
    assert whole(store, id_) == was
    with pytest.raises(engine.CannotMove):
        store.migrate(id_, sent={"a": "nowhere"})
    with pytest.raises(engine.CannotMove):  # nothing would be left
        store.migrate(id_, sent={"a": engine.GONE})
    found = store.migrate(id_, sent={"a": "b"})
    assert counts(found) == {"tasks_opened": 1, "tasks_gone": 1}
    assert [(task.what, task.element or task.was_element) for task in found.tasks] == [("opened", "b"), ("gone", "a")]
    assert store.open() == ["b"]
    store.undo(found)
    assert (store.open(), whole(store, id_)) == (["a"], was)
    store.complete("a")
    assert store.open() == ["b"]


def test_a_task_may_be_sent_to_a_step_of_another_kind_under_its_own_id(database: Database) -> None:
    new = doc(start(), service("a", "note"), job("b"), end(), flows("s>a>b>e"))
    store = Store(database, LINE)
    store.world.operations["note"] = lambda _db, _call: {}
    id_ = store.start().instance_id
    store.publish(new)
    with pytest.raises(engine.CannotMove):
        store.migrate(id_)
    store.migrate(id_, sent={"a": "a"})
    assert (store.open(), [call.element for call in store.world.calls]) == (["b"], ["a"])


def test_moving_to_its_own_version_or_another_process_is_refused(database: Database) -> None:
    store = Store(database, LINE)
    id_ = store.start().instance_id
    with pytest.raises(Conflict):
        store.migrate(id_)
    (other,) = store.publish(doc(start(), job("a"), end(), flows("s>a>e"), pid="q"))
    with pytest.raises(Conflict):
        store.act(engine.migrate_instance, id_, other.id, engine.Plan(), by="owner")
    store.complete("a")
    store.complete("b")
    store.publish(doc(start(), job("a"), end(), flows("s>a>e")))
    with pytest.raises(engine.NotRunning):
        store.migrate(id_)


# who, when, which form


def test_who_and_when_follow_the_new_diagram_and_what_is_said_alike_is_kept(database: Database) -> None:
    def line(roles: str, due: str, *, reminders: str = "", phase: str = "1") -> bytes:
        ext = schedule(due, "P1D") + properties(phase=phase, **({"reminders": reminders} if reminders else {}))
        return doc(start(), job("a", roles=roles, ext=ext), end(), flows("s>a>e"))

    store, found = moved(database, line("manager", "P7D"), line("hr, superior", "P9D", reminders="P2D"), days=3)
    row = store.task("a")
    assert (row.due_at, row.follow_up_at, row.reminders) == (at(9), at(1), "P2D")
    assert sorted(role.role for role in store.rows(tables.TaskRole, task_id=row.id)) == ["hr", "superior"]
    assert counts(found) == {"tasks_kept": 1, "dates_moved": 1, "roles_changed": 1, "reminders_changed": 1}
    assert (found.tasks[0].was_due_at, found.tasks[0].due_at) == (at(7), at(9))


def test_a_date_in_the_same_words_is_not_computed_again(database: Database) -> None:
    def line(name: str) -> bytes:
        ext = schedule("=date and time(deadline.discussion, time(&quot;12:00:00&quot;))")
        return doc(start(), job("a", ext=ext, name=name), end(), flows("s>a>e"))

    def later(store: Store) -> None:
        store.world.deadline["discussion"] = None

    store, found = moved(database, line("Gammelt"), line("Nytt"), before=later)
    assert store.task("a").due_at is not None
    assert counts(found) == {"tasks_kept": 1, "tasks_renamed": 1}


@pytest.mark.parametrize("ext", [schedule("tull"), schedule("=17")])
def test_what_cannot_be_computed_is_why_it_cannot_move(database: Database, ext: str) -> None:
    store = Store(database, doc(start(), job("a"), end(), flows("s>a>e")))
    id_ = store.start().instance_id
    store.publish(doc(start(), job("x", ext=ext), end(), flows("s>x>e")))
    was = whole(store, id_)
    with pytest.raises(engine.CannotMove) as refused:
        store.migrate(id_, {"a": "x"})
    assert refused.value.problems[0][0] == "a"
    assert whole(store, id_) == was


def test_a_new_form_version_is_the_tasks_and_its_drafts_are_looked_at(database: Database) -> None:
    line = doc(start(), job("a", ext=fill("f")), end(), flows("s>a>e"))
    store = Store(database, line, form("f", "x", "y"))
    id_ = store.start().instance_id
    was = store.task("a").form_version_id
    store.publish(doc(start(), job("a", ext=fill("f"), name="Ny"), end(), flows("s>a>e")), form("f", "x"))
    store.world.loses = [("y",)]
    found = store.migrate(id_)
    now = store.task("a").form_version_id
    assert now != was
    assert (counts(found), found.tasks[0].lost) == (
        {"tasks_kept": 1, "tasks_renamed": 1, "forms_changed": 1, "drafts_losing": 1}, (("y",),),
    )  # fmt: skip
    store.undo(found)
    task = store.task("a")
    assert (task.form_version_id, store.world.refits) == (was, [(task.id, was, now), (task.id, now, was)])


# waits


def guarded(*, more: bool, text: str = "P5D") -> bytes:
    events = [boundary("b", "a", timer(text), False), job("late"), end("e2")] if more else []
    return doc(start(), job("a"), *events, end(), flows("s>a>e", *(["b>late>e2"] if more else [])))


def test_a_boundary_timer_drawn_on_an_open_task_counts_from_the_move(database: Database) -> None:
    store, found = moved(database, guarded(more=False), guarded(more=True), days=3)
    assert store.timers() == [("b", f"{at(8):%Y-%m-%dT%H:%M}")]
    assert counts(found) == {"tasks_kept": 1, "timers_new": 1}
    store.tick(at(9))
    assert store.open() == ["a", "late"]
    store.complete("a")
    store.complete("late")
    assert store.states() == ["completed"]


def test_a_boundary_timer_that_gives_an_instant_is_due_then(database: Database) -> None:
    def line(more: bool) -> bytes:
        events = [boundary("b", "a", timer("2027-01-05T12:00:00Z", "timeDate"), False), job("late"), end("e2")]
        return doc(start(), job("a"), *(events if more else []), end(), flows("s>a>e", *(["b>late>e2"] * more)))

    store, _found = moved(database, line(False), line(True), days=3)
    assert store.timers() == [("b", "2027-01-05T12:00")]
    store.tick(at(3))
    assert store.open() == ["a", "late"]


def test_a_timer_in_other_words_counts_from_when_it_was_reached_and_an_equal_one_is_kept(database: Database) -> None:
    store, found = moved(database, guarded(more=True), guarded(more=True, text="P9D"), days=3)
    assert store.timers() == [("b", f"{at(9):%Y-%m-%dT%H:%M}")]
    assert counts(found) == {"tasks_kept": 1, "timers_moved": 1}
    new = doc(
        start(), job("a", name="Ny"), boundary("x", "a", timer("P5D"), False), job("late"), end("e2"), end(),
        flows("s>a>e", "x>late>e2"),
    )  # fmt: skip
    store.publish(guarded(more=True))
    id_ = store.start().instance_id
    store.now = at(4)
    store.publish(new)
    due = [row.due_at for row in store.rows(tables.Timer, instance_id=id_)]
    renamed = store.migrate(id_, {"b": "x"})
    (row,) = store.rows(tables.Timer, instance_id=id_)
    assert (row.element, [row.due_at], counts(renamed)["timers_kept"]) == ("x", due, 1)
    store.tick(at(9))
    assert store.open(id_) == ["a", "late"]


def test_a_boundary_timer_that_is_gone_is_forgotten_and_one_that_has_fired_stays_so(database: Database) -> None:
    store, found = moved(database, guarded(more=True), guarded(more=False))
    assert (store.timers(), counts(found)) == ([], {"tasks_kept": 1, "timers_gone": 1})
    store = Store(database, guarded(more=True))
    id_ = store.start().instance_id
    store.tick(at(6))
    store.publish(guarded(more=True, text="P2D"))
    assert counts(store.migrate(id_)) == {"tasks_kept": 2}
    assert store.rows(tables.Timer, instance_id=id_) == []


def test_a_repeated_timer_goes_on_counting(database: Database) -> None:
    def line(text: str) -> bytes:
        return doc(
            start(), job("a"), boundary("b", "a", timer(text, "timeCycle"), False), job("late"), end("e2"), end(),
            flows("s>a>e", "b>late>e2"),
        )  # fmt: skip

    store, _found = moved(database, line("R4/P2D"), line("R4/P3D"), before=lambda s: s.tick(at(2)), days=2)
    assert store.timers() == [("b", f"{at(6):%Y-%m-%dT%H:%M}")]
    store.tick(at(6))
    assert store.open() == ["a", "late", "late"]


def test_a_boundary_event_that_moves_to_another_activity_waits_there(database: Database) -> None:
    def line(on: str) -> bytes:
        return doc(
            start(), job("a"), job("c"), gw("parallel", "f"), gw("parallel", "j"),
            boundary("b", on, timer("P5D"), False), job("late"), end("e2"), end(),
            flows("s>f", "f>a>j", "f>c>j", "j>e", "b>late>e2"),
        )  # fmt: skip

    store, found = moved(database, line("a"), line("c"), days=1)
    assert counts(found) == {"tasks_kept": 2, "timers_new": 1, "timers_gone": 1}
    assert store.timers() == [("b", f"{at(6):%Y-%m-%dT%H:%M}")]
    store.complete("c")
    assert store.timers() == []


def test_awaited_messages_keep_their_key_unless_the_diagram_says_another(database: Database) -> None:
    def line(name: str, key: str, id_: str = "c") -> bytes:
        return doc(
            start(), catch(id_, ref("message", "m")), job("a"), end(), flows(f"s>{id_}>a>e"),
            top=message("m", name, key),
        )  # fmt: skip

    store, found = moved(database, line("svar", "=k"), line("svar", "=k", "x"), renamed={"c": "x"}, k="17")
    (wait,) = store.rows(tables.Subscription)
    assert (wait.element, wait.name, wait.key, counts(found)) == ("x", "svar", "17", {"waits_kept": 1})
    store.publish(line("beskjed", '="nr " + k', "x"))
    found = store.migrate(found.instance_id)
    (wait,) = store.rows(tables.Subscription)
    assert (wait.name, wait.key) == ("beskjed", "nr 17")
    store.message("beskjed", "nr 17")
    store.tick()
    assert store.open() == ["a"]


def test_a_kept_message_reaches_one_that_waits_for_it_since_the_move_and_undo_waits_for_the_old(
    database: Database,
) -> None:
    def line(name: str) -> bytes:
        return doc(
            start(), catch("c", ref("message", "m")), job("a"), end(), flows("s>c>a>e"), top=message("m", name)
        )  # fmt: skip

    store = Store(database, line("gammelt"))
    id_ = store.start().instance_id
    store.publish(line("nytt"))
    found = store.migrate(id_)
    store.message("gammelt")
    store.tick()
    assert store.open() == []
    store.undo(found)
    store.tick()
    assert store.open() == ["a"]


def test_an_event_gateway_keeps_what_it_waits_for_and_gains_the_new(database: Database) -> None:
    def race(new: bool) -> bytes:
        more, paths = ([catch("k", timer("P5D"))], ["g>k>q"]) if new else ([], [])
        ids = ("c2", "d") if new else ("c", "d")
        return doc(
            start(), gw("eventBased", "g"), catch(ids[0], timer("P3D")), catch(ids[1], ref("signal", "g1")), *more,
            job("u"), job("q"), end(), flows("s>g", f"g>{ids[0]}>u>e", "g>d>q>e", *paths),
            top=SIGNAL.replace('"g"', '"g1"'),
        )  # fmt: skip

    store, found = moved(database, race(False), race(True), renamed={"c": "c2"}, days=1)
    assert store.timers() == [("c2", f"{at(3):%Y-%m-%dT%H:%M}"), ("k", f"{at(6):%Y-%m-%dT%H:%M}")]
    assert counts(found) == {"timers_kept": 1, "timers_new": 1, "waits_kept": 1}
    store.tick(at(4))
    assert store.open() == ["u"]


# scopes


@pytest.mark.parametrize("sequential", [False, True])
def test_items_that_are_half_done_go_on(database: Database, sequential: bool) -> None:
    def line(new: bool) -> bytes:
        name = "hver2" if new else "hver"
        loop = mi("=l", "i2" if new else "i", "o", "=svar", seq=sequential)
        return doc(
            start(), job(name, loop), job("b", ext=fill("f")), end(), flows(f"s>{name}>b>e"),
        )  # fmt: skip

    def half(store: Store) -> None:
        store.complete_task(store.rows(tables.Task, state="open")[0].id, svar="én")

    store, found = moved(
        database, line(False), line(True), form("f", "o"), before=half, renamed={"hver": "hver2"}, l=[1, 2, 3]
    )
    assert found.count("kept") == (1 if sequential else 2)
    for answer in ("to", "tre"):
        store.complete("hver2", svar=answer)
    assert store.open() == ["b"]


def test_items_go_at_once_from_now_on_or_say_why_they_cannot_go_one_by_one(database: Database) -> None:
    def line(sequential: bool) -> bytes:
        return doc(start(), job("hver", mi("=l", "i", seq=sequential)), end(), flows("s>hver>e"))

    store, found = moved(database, line(True), line(False), l=[1, 2, 3])
    assert counts(found) == {"tasks_kept": 1, "tasks_opened": 2}
    for _each in range(3):
        store.complete("hver")
    assert store.states() == ["completed"]
    store.publish(line(False))
    id_ = store.start(variables={"l": [1, 2]}).instance_id
    store.publish(line(True))
    with pytest.raises(engine.CannotMove):
        store.migrate(id_)
    store.complete("hver", id_)
    store.migrate(id_)
    store.complete("hver", id_)
    assert store.states() == ["completed", "completed"]


def test_a_sub_process_under_another_id_keeps_what_is_open_in_it(database: Database) -> None:
    def nested(id_: str, inner: str, more: bool) -> bytes:
        new = [job("n")] if more else []
        path = f"s1>{inner}>n>e1" if more else f"s1>{inner}>e1"
        inside = sub(id_, start("s1"), job(inner), *new, end("e1"), flows(path))
        return doc(start(), inside, boundary("b", id_, timer("P5D")), job("z"), end(), flows(f"s>{id_}>z>e", "b>z"))

    store, found = moved(
        database, nested("sp", "a", False), nested("sp2", "a2", True), renamed={"sp": "sp2", "a": "a2"}, days=2
    )
    assert (store.open(), store.timers()) == (["a2"], [("b", f"{at(5):%Y-%m-%dT%H:%M}")])
    assert counts(found) == {"tasks_kept": 1, "tasks_renamed": 1, "timers_kept": 1}
    store.complete("a2")
    store.complete("n")
    assert store.open() == ["z"]


def test_a_called_process_goes_on_by_its_own_version_and_the_next_call_takes_the_new(database: Database) -> None:
    def parent(name: str) -> bytes:
        return doc(start(), call("k", "q"), call("k2", "q"), job("z", name=name), end(), flows("s>k>k2>z>e"))

    def child(task: str) -> bytes:
        return doc(start(), job(task), end(), flows(f"s>{task}>e"), pid="q")

    store = Store(database, parent("Gammel"), child("gammel"))
    id_ = store.start().instance_id
    store.publish(parent("Ny"), child("ny"))
    found = store.migrate(id_)
    assert (store.open(), counts(found)) == (["gammel"], {"tasks_kept": 1})
    store.complete("gammel")
    assert store.open() == ["ny"]
    store.complete("ny")
    assert store.task("z").name == "Ny"


def test_an_event_sub_process_that_is_new_listens_and_one_on_its_way_goes_on(database: Database) -> None:
    def line(*handlers: str) -> bytes:
        drawn = [
            event_sub(id_, timer("P2D"), job(f"h{id_}"), end(f"x{id_}"), flows(f"{id_}_s>h{id_}>x{id_}"),
                      interrupts=False)
            for id_ in handlers
        ]  # fmt: skip
        return doc(start(), job("a"), end(), *drawn, flows("s>a>e"))

    store, found = moved(
        database, line("en"), line("en", "to"), before=lambda store: store.tick(at(2)), days=3
    )  # fmt: skip
    assert counts(found) == {"tasks_kept": 2, "timers_new": 1}
    assert store.timers() == [("to_s", f"{at(5):%Y-%m-%dT%H:%M}")]
    store.tick(at(6))
    assert store.open() == ["a", "hen", "hto"]
    for element in ("hen", "hto", "a"):
        store.complete(element)
    assert store.states() == ["completed"]


# gateways


def forked(*ways: str, before_join: str = "") -> bytes:
    tasks = [job(way) for way in ways] + ([job(before_join)] if before_join else [])
    paths = [f"f>{way}>{before_join}>j" if before_join and way == ways[0] else f"f>{way}>j" for way in ways]
    return doc(
        start(), gw("parallel", "f"), *tasks, gw("parallel", "j"), job("z"), end(), flows("s>f", *paths, "j>z>e")
    )


def test_a_half_filled_join_goes_on(database: Database) -> None:
    store, found = moved(database, forked("a", "m"), forked("a", "m2"), before=lambda s: s.complete("a"),
                         renamed={"m": "m2"})  # fmt: skip
    assert counts(found) == {"tasks_kept": 1, "tasks_renamed": 1}
    store.complete("m2")
    assert store.open() == ["z"]


def test_what_is_drawn_between_a_passed_branch_and_its_join_is_not_asked_for(database: Database) -> None:
    store, found = moved(
        database, forked("a", "m"), forked("a", "m", before_join="n"), before=lambda s: s.complete("a")
    )
    assert found.passed == (("n", ""),)
    store.complete("m")
    assert store.open() == ["z"]


def test_a_branch_drawn_beside_those_on_their_way_is_not_waited_for(database: Database) -> None:
    store, found = moved(database, forked("a", "m"), forked("a", "m", "ny"))
    assert found.passed == (("ny", ""),)
    store.complete("a")
    store.complete("m")
    assert store.open() == ["z"]
    store.complete("z")
    assert store.states() == ["completed"]


def test_a_fork_drawn_around_an_open_task_is_gone_through(database: Database) -> None:
    old = doc(start(), job("a"), job("z"), end(), flows("s>a>z>e"))
    store, found = moved(database, old, forked("a", "m"))
    assert found.passed == (("m", ""),)
    store.complete("a")
    assert store.open() == ["z"]


def test_a_branch_that_is_gone_can_be_taken_away(database: Database) -> None:
    store, found = moved(database, forked("a", "m", "x"), forked("a", "x"), sent={"m": engine.GONE})
    assert counts(found) == {"tasks_kept": 2, "tasks_gone": 1}
    store.complete("a")
    store.complete("x")
    assert store.open() == ["z"]
    store.complete("z")
    assert store.states() == ["completed"]


def test_a_passed_branch_that_is_gone_is_not_waited_for_and_starts_nothing_twice(database: Database) -> None:
    line = doc(start(), job("a"), job("z"), gw("parallel", "j"), end(), flows("s>a>j>z>e"))
    store, _found = moved(database, forked("a", "m"), line, before=lambda s: s.complete("m"))
    store.complete("a")
    assert store.open() == ["z"]
    store.complete("z")
    assert store.states() == ["completed"]


def test_a_choice_ahead_is_made_by_what_was_sent_before(database: Database) -> None:
    def line(new: bool) -> bytes:
        gate = [gw("exclusive", "g", default="g_b"), job("ja")] if new else []
        paths = ["a>c>g", "g>b>e", 'g>ja:=enig = "ja"', "ja>e"] if new else ["a>c>b>e"]
        return doc(start(), job("a", ext=fill("f")), job("c"), job("b"), *gate, end(), flows("s>a", *paths))

    store, found = moved(
        database, line(False), line(True), form("f", "enig"), before=lambda s: s.complete("a", enig="ja")
    )
    assert (found.filled, found.missing, store.open()) == (("enig",), (), ["c"])
    store.complete("c")
    assert store.open() == ["ja"]


def test_names_are_filled_as_the_new_diagram_maps_them_and_what_nothing_tells_is_listed(database: Database) -> None:
    def line(new: bool) -> bytes:
        outs = [("=x * 2", "dobbelt")] if new else []
        gate = [gw("exclusive", "g", default="g_b"), job("stor")] if new else []
        more = ["g>b>e", "g>stor:=dobbelt > 10 and ukjent = null", "stor>e"] if new else ["g>e"]
        paths = ["c>g", *more] if new else ["c>b>e"]
        return doc(
            start(), user("a", outs=outs, ext=assigned() + fill("f")), job("c"), job("b"), *gate, end(),
            flows("s>a>c", *paths),
        )  # fmt: skip

    store, found = moved(database, line(False), line(True), form("f", "x"), before=lambda s: s.complete("a", x=6))
    assert (found.filled, found.missing) == (("dobbelt",), ("ukjent",))
    store.complete("c")
    assert store.open() == ["stor"]


def test_names_that_a_step_ahead_will_write_are_not_missing(database: Database) -> None:
    new = doc(
        start(), job("a"), job("b", ext=fill("f")), gw("exclusive", "g", default="g_e"), job("c"), end(),
        flows("s>a>b>g", "g>e", 'g>c:=svar = "ja"', "c>e"),
    )  # fmt: skip
    _store, found = moved(database, LINE, new, form("f", "svar"))
    assert (found.filled, found.missing) == ((), ())


# states


def test_a_suspended_instance_stays_so_and_its_timers_are_held(database: Database) -> None:
    store = Store(database, guarded(more=False))
    id_ = store.start().instance_id
    store.act(engine.suspend, id_, "ferie", by="ann")
    store.publish(guarded(more=True))
    found = store.migrate(id_)
    assert found.state == store.instance(id_).state == "suspended"
    assert [row.held for row in store.rows(tables.Timer)] == [True]
    store.tick(at(9))
    assert store.open() == ["a"]
    store.act(engine.resume, id_, "", by="ann")
    store.tick(at(9))
    assert store.open() == ["a", "late"]


def test_undo_keeps_a_pause_and_a_claim_that_came_after(database: Database) -> None:
    store = Store(database, guarded(more=True))
    id_ = store.start().instance_id
    store.publish(guarded(more=True, text="P9D"))
    found = store.migrate(id_)
    store.act(engine.suspend, id_, "ferie", by="ann")
    with database.transaction() as db:
        db.execute(update(tables.TASK).values(claimed_by="bob"))
    store.undo(found)
    assert (store.instance(id_).state, store.task("a").claimed_by) == ("suspended", "bob")
    (row,) = store.rows(tables.Timer)
    assert (row.held, row.due_at) == (True, at(5))


def test_undo_is_refused_once_the_instance_has_gone_on_or_ended(database: Database) -> None:
    store, found = moved(database, LINE, doc(start(), job("a", name="Ny"), job("b"), end(), flows("s>a>b>e")))
    store.complete("a")
    was = whole(store, found.instance_id)
    with pytest.raises(engine.NotUndoable, match="siden"):
        store.undo(found)
    assert whole(store, found.instance_id) == was
    store.complete("b")
    with pytest.raises(engine.NotUndoable, match="avsluttet"):
        store.undo(found)


def test_incidents_stay_open_under_their_elements_new_id(database: Database) -> None:
    def line(id_: str) -> bytes:
        return doc(start(), service(id_, "broken"), job("b"), end(), flows(f"s>{id_}>b>e"))

    def broken(_db: object, _call: object) -> dict[str, object]:
        raise ConnectionError("nede")

    store = Store(database, line("o"))
    store.world.operations["broken"] = broken
    id_ = store.start().instance_id
    store.publish(line("o2"))
    (was,) = store.rows(tables.Incident)
    found = store.migrate(id_, {"o": "o2"})
    (now,) = store.rows(tables.Incident)
    assert (now.id, now.opened_at, now.element, now.closed_at, found.state) == (
        was.id, was.opened_at, "o2", None, "incident",
    )  # fmt: skip
    store.world.operations["broken"] = lambda _db, _call: {}
    store.act(engine.retry, id_, by="ann")
    assert (store.open(), store.instance(id_).state) == (["b"], "active")


def test_a_token_that_would_stop_where_it_is_sent_cannot_move(database: Database) -> None:
    new = doc(start(), service("o", "broken"), job("b"), end(), flows("s>o>b>e"))
    store = Store(database, LINE)

    def broken(_db: object, _call: object) -> dict[str, object]:
        raise ConnectionError("nede")

    store.world.operations["broken"] = broken
    id_ = store.start().instance_id
    store.publish(new)
    was = whole(store, id_)
    with pytest.raises(engine.CannotMove, match="nede"):
        store.migrate(id_, sent={"a": "o"})
    assert whole(store, id_) == was


def test_an_escalated_instance_stays_so_where_only_its_phase_has_another_name(database: Database) -> None:
    def line(phase: str) -> bytes:
        return doc(start(), job("a", ext=properties(phase=phase)), end(), flows("s>a>e"))

    store = Store(database, line("1"))
    id_ = store.start().instance_id
    with database.transaction() as db:
        engine.raise_escalation(db, id_)
    store.publish(line("2"))
    found = store.migrate(id_)
    assert (store.instance(id_).phase, store.instance(id_).escalation) == ("2", 1)
    assert counts(found) == {"tasks_kept": 1, "phases_changed": 1}


def test_start_keys_are_kept(database: Database) -> None:
    def line(name: str) -> bytes:
        return doc(
            start(inner=ref("message", "m")), job("a", name=name), end(), flows("s>a>e"),
            top=message("m", "begynn", "=k"),
        )  # fmt: skip

    store = Store(database, line("Gammel"))
    store.message("begynn", "17", {"k": "17"})
    store.tick()
    (row,) = store.rows(tables.Instance)
    store.publish(line("Ny"))
    store.migrate(row.id)
    assert store.instance(row.id).start_key == row.start_key is not None
    store.message("begynn", "17", {"k": "17"})
    store.tick()
    assert len(store.rows(tables.Instance)) == 1


def test_steps_that_were_taken_are_found_under_their_new_ids(database: Database) -> None:
    def line(first: str) -> bytes:
        return doc(start(), job(first), job("b"), call("k", "q"), end(), flows(f"s>{first}>k>b>e"))

    child = doc(start(), job("a"), end(), flows("s>a>e"), pid="q")

    def done(store: Store) -> None:
        store.complete("a")
        store.complete("a")

    store, found = moved(database, line("a"), line("x"), child, before=done, renamed={"a": "x"})
    closed = sorted(row.element for row in store.rows(tables.Task, state="completed"))
    assert closed == ["a", "x"]  # the called process has its own `a`
    assert store.world.renames == [{"a": "x"}, {"x": "a"}, {"a": "x"}]
    assert store.open(found.instance_id) == ["b"]
