"""Moving running instances to a new version, and tokens to another element."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.drawing import boundary, catch, doc, end, event_sub, flows, gw, mi, start, sub, timer, user
from engine.harness import Run, at
from komp_flow.engine.errors import CannotMove
from komp_flow.engine.moving.migrate import Plan, migrate, move


def moved(r: Run, document: bytes, renamed: dict[str, str] | None = None) -> frozenset[str]:
    key = r.world.publish(document)
    names = r.step(lambda i: migrate(i, r.world.program(key), Plan(renamed or {}))).names
    assert isinstance(names, frozenset)
    return names


def process(new: bool = False) -> bytes:
    more = [user("ny"), gw("exclusive", "g", default="g_z"), user("w")] if new else []
    paths = ["j>g", "g>z>ny>e", "g>w:=hopp = true", "w>e"] if new else ["j>z>e"]
    return doc(
        start(), gw("parallel", "f"), user("a", name="A2" if new else "A"),
        boundary("b", "a", timer("P7D"), False), user("late"), end("e2"),
        user("m", mi("=l", "i", "o", "=ok")), gw("parallel", "j"), user("z"), *more, end(),
        flows("s>f", "f>a>j", "f>m>j", "b>late>e2", *paths),
    )  # fmt: skip


@pytest.mark.parametrize(
    "before",
    [lambda r: None, lambda r: r.complete("a"), lambda r: r.complete("m", {"i": 2}, ok="x"), lambda r: r.tick(at(8))],
)
def test_parallel_branches_timers_and_items_go_on(before: Callable[[Run], object]) -> None:
    r = Run(process(), data={"l": [1, 2, 3]})
    before(r)
    opened, due = r.open(), r.due()
    assert moved(r, process(new=True)) == {"hopp"}
    assert (r.open(), r.due()) == (opened, due)
    r.tick(at(8))
    seen = []
    while r.open():
        seen.append(r.open()[0])
        r.complete(seen[-1], ok="y")
    assert r.done
    assert seen[-2:] == ["z", "ny"]


def test_loops_and_sub_processes_take_the_new_way() -> None:
    def loop(new: bool) -> bytes:
        more, path = ([user("n")], "a>n>g") if new else ([], "a>g")
        return doc(
            start(), gw("exclusive", "m"), user("a"), *more, gw("exclusive", "g", default="g_e"), end(),
            flows("s>m>a", path, "g>e", "g>m:=om = true"),
        )  # fmt: skip

    r = Run(loop(False)).complete("a", om=True)
    moved(r, loop(True))
    assert r.complete("a").open() == ["n"]
    assert r.complete("n", om=False).done
    for items, count in (("", 1), (mi("=[1,2]", "i", "ut", "=i"), 2)):

        def nested(new: bool, items: str = items) -> bytes:
            more, path = ([user("n")], "s1>a>n>e1") if new else ([], "s1>a>e1")
            inside = sub("sp", start("s1"), user("a"), *more, end("e1"), flows(path), pre=items)
            return doc(start(), inside, user("z"), end(), flows("s>sp>z>e"))

        r = Run(nested(False))
        moved(r, nested(True))
        for name in ["a"] * count + ["n"] * count:
            r.complete(name)
        assert r.complete("z").done


def test_an_event_gateway_gains_an_event_that_counts_from_now() -> None:
    def race(new: bool) -> bytes:
        more, paths = ([catch("k", timer("P5D"))], ["g>k>q"]) if new else ([], [])
        return doc(
            start(), gw("eventBased", "g"), catch("c", timer("P1D")), catch("d", timer("P3D")), *more, user("a"),
            user("q"), end(), flows("s>g", "g>c>a>e", "g>d>q>e", *paths),
        )  # fmt: skip

    r = Run(race(False))
    r.world.now = at(0.5)
    moved(r, race(True))
    assert [element for element, _due in r.due()] == ["c", "d", "k"]
    assert r.due()[2][1] == ["2027-01-09T20:00"]
    r.tick(at(2))
    assert r.open() == ["a"]


def guarded(new: bool) -> bytes:
    more = [boundary("b", "a", timer("P1D"), False), user("late"), end("e2")] if new else []
    return doc(start(), user("a"), *more, end(), flows("s>a>e", *(["b>late>e2"] if new else [])))


def test_a_boundary_event_is_added_to_an_open_task() -> None:
    r = Run(guarded(False))
    r.world.now = at(3)
    moved(r, guarded(True))
    assert r.due() == [("b", ["2027-01-08T08:00"])]
    r.tick(at(5))
    assert r.open() == ["a", "late"]
    assert r.complete("a").complete("late").done


def test_a_boundary_event_is_removed_from_an_open_task() -> None:
    r = Run(guarded(True))
    moved(r, guarded(False))
    assert r.due() == []
    assert r.complete("a").done


def test_a_boundary_event_that_has_fired_is_not_set_again() -> None:
    r = Run(guarded(True))
    r.tick(at(2))
    moved(r, guarded(True))
    assert r.due() == []
    assert r.open() == ["a", "late"]


def test_a_boundary_event_is_added_to_an_open_sub_process() -> None:
    def nested(new: bool) -> bytes:
        more, paths = ([boundary("b", "sp", timer("P1D"))], ["b>late"]) if new else ([], [])
        inside = sub("sp", start("s1"), user("a"), end("e1"), flows("s1>a>e1"))
        return doc(start(), inside, *more, user("late"), end(), flows("s>sp>late>e", *paths))

    r = Run(nested(False))
    moved(r, nested(True))
    r.tick(at(2))
    assert r.open() == ["late"]
    assert r.scopes == 0
    assert r.complete("late").done


def test_renamed_elements_are_found_and_others_are_refused_unchanged() -> None:
    one = doc(start(), user("a"), boundary("b", "a", timer("P1D")), user("late"), end(), flows("s>a>e", "b>late>e"))
    two = doc(start(), user("x"), boundary("y", "x", timer("P1D")), user("late"), end(), flows("s>x>e", "y>late>e"))
    r = Run(one)
    before = r.blob
    with pytest.raises(CannotMove) as refused:
        moved(r, two)
    assert "a" in str(refused.value)
    assert r.blob == before
    moved(r, two, {"a": "x", "b": "y"})
    assert r.open() == ["x"]
    assert r.due() == [("y", ["2027-01-05T08:00"])]
    r.tick(at(2))
    assert r.open() == ["late"]


def test_another_kind_is_refused() -> None:
    r = Run(doc(start(), user("a"), end(), flows("s>a>e")))
    with pytest.raises(CannotMove):
        moved(r, doc(start(), sub("a", start("s1"), user("u"), flows("s1>u")), end(), flows("s>a>e")))


def test_event_sub_processes_go_along() -> None:
    def with_handler(new: bool) -> bytes:
        more = [user("n")] if new else []
        path = "es_s>h>n>he" if new else "es_s>h>he"
        handler = event_sub("es", timer("P1D"), user("h"), *more, end("he"), flows(path), interrupts=False)
        return doc(start(), user("u"), end(), handler, flows("s>u>e"))

    r = Run(with_handler(False))
    moved(r, with_handler(True))
    r.tick(at(2))
    assert r.open() == ["h", "u"]
    assert r.complete("h").open() == ["n", "u"]


def test_a_person_in_charge_moves_a_token() -> None:
    x = doc(
        start(), user("a"), boundary("b", "a", timer("P1D")), sub("sp", start("s1"), user("i"), end("e1"),
        flows("s1>i>e1")),
        user("z"), boundary("bz", "z", timer("P1D")), end(), flows("s>a>sp>z>e", "b>z", "bz>a"),
    )  # fmt: skip
    r = Run(x)
    r.step(lambda i: move(i, r.task("a").id, "z"))
    assert r.open() == ["z"]
    assert [element for element, _due in r.due()] == ["bz"]
    r.step(lambda i: move(i, r.task("z").id, "sp"))
    assert r.open() == ["i"]
    assert not r.view.timers
    sp = next(h.task_id for h in r.trail if h.element == "sp")
    for wrong in ("nix", "b", "i", "Start"):
        with pytest.raises(CannotMove):
            r.step(lambda i, wrong=wrong: move(i, sp, wrong))
    assert r.complete("i").open() == ["z"]
    assert r.complete("z").done
