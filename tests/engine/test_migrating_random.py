"""Random diagrams whose instances are moved on their way: to themselves under new ids, and to changed ones."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.random_diagrams import Builder
from engine.random_drawing import draw
from engine.random_moving import Journey, RelabelledWalk, Variant, own_ids, relabelled
from engine.random_runs import FAMILIES, keep, picking, random_settings, walked
from engine.storing import Store
from engine.token_game import Tied
from komp_flow import audit
from komp_flow.db import Database
from komp_flow.engine import proposed_renames
from komp_flow.engine.memory import program

FEW = {"sqlite": 10, "postgresql": 3}
SOUND = ["loops", "inclusive", "items", "time", "events", "data"]  # in which every token comes to an end


@pytest.mark.databases
def test_moved_to_itself_under_new_ids_it_goes_the_same_way(database: Database, database_kind: str) -> None:
    store = Store(database)

    @random_settings(FEW[database_kind])
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        pick = picking(data)
        family = FAMILIES[pick(["all", "events", "items", "data", "time", "loops"])]
        walked(pick, family, lambda graph: RelabelledWalk(graph, store=store), f"relabelled-{database_kind}")

    agree()
    with database.reading() as db:
        assert audit.verify(db) == []


@pytest.mark.databases
def test_moved_to_a_changed_diagram_it_comes_to_its_end(database: Database, database_kind: str) -> None:
    store = Store(database)

    @random_settings(FEW[database_kind] * 2)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        pick = picking(data)
        graph = Builder(pick, FAMILIES[pick(SOUND)]).build(pick([2, 3, 4]))
        try:
            journey = Journey(graph, store=store)
            for _move in range(pick([0, 1, 2, 3, 5, 8])):
                if journey.game.done or not (possible := journey.possible()):
                    break
                journey.move(pick(possible))
        except Tied:
            assume(False)
        if journey.game.done:
            return
        variant = Variant(graph, pick)
        variant.change()
        if not variant.is_other:
            return
        try:
            moved = journey.to_variant(variant, pick)
            assert journey.finish(), f"it waits for ever: {journey.view}"
            if moved is not None:
                assert {element for element, _name in moved.passed}.isdisjoint(journey.opened)
        except Exception as error:
            keep(f"variant-{database_kind}", variant.graph, error)
            raise

    agree()
    with database.reading() as db:
        assert audit.verify(db) == []


def test_ids_that_are_all_new_are_proposed() -> None:
    @random_settings(20)
    @given(st.data())
    def found(data: st.DataObject) -> None:
        graph = Builder(picking(data), FAMILIES["all"]).build(3)
        document = draw(graph)[0]
        people = [node.id for node in graph.walk() if node.kind == "userTask" and node.id in own_ids(graph)]
        assume(people)
        names = {id_: f"{id_}_v" for id_ in people[:1]}
        old = program.compile(document, "a", extra_names=frozenset())
        new = program.compile(relabelled(document, names), "b")
        assert proposed_renames(old, new) == names

    found()
