"""Random diagrams of the whole dialect, walked by the engine and by an independent token game to their end.

After every move both are at the same place, the same elements were completed, and a new process that loads the state
sees the same. `make random` runs many more, with another seed each time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checking import OPERATIONS
from engine.graphs import Graph
from engine.harness import Run
from engine.other_process import Elsewhere
from engine.random_diagrams import Builder
from engine.random_drawing import draw
from engine.random_runs import FAMILIES, picking, random_settings, walked
from engine.random_walks import Walk
from engine.token_game import Tied
from komp_flow.engine import Known, OperationSpec, SourceFile
from komp_flow.engine.checks import whole
from komp_flow.engine.checks.around import Around
from komp_flow.engine.memory import codec, scopes
from komp_flow.engine.memory.instance import Scope
from komp_flow.engine.memory.specs.gateways import Joining
from komp_flow.engine.memory.tree import CANCELLED, is_live

MANY_TIMES = ("userTask", "serviceTask", "receiveTask", "subProcess", "callActivity")
ASK = OperationSpec("ask", outputs=frozenset({"svar"}), errors=frozenset({"A", "B"}))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as process:
        yield process


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_agrees_with_the_token_game_and_a_new_process(family: str, elsewhere: Elsewhere) -> None:
    @random_settings(30)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        walk = walked(picking(data), FAMILIES[family], lambda graph: Walk(graph, elsewhere), family)
        assert walk.game.done or family == "tokens", "only where tokens are in excess some wait for ever"

    agree()


def test_check_finds_nothing_wrong_with_them() -> None:
    @random_settings(25)
    @given(st.data())
    def refused(data: st.DataObject) -> None:
        files = [SourceFile(f"{n}.bpmn", document) for n, document in enumerate(draw(Builder(picking(data)).build(4)))]
        around = Around(Known(operations={"ask": ASK, "send-message": OPERATIONS["send-message"]}))
        for file in files:
            around.add(whole.outline(file))
        found = [problem for file in files for problem in whole.check_file(file, around)]
        assert [problem for problem in found if problem.severity == "error"] == []

    refused()


def test_every_kind_of_element_is_drawn() -> None:
    def kinds(graph: Graph) -> set[tuple[str, str]]:
        return {(node.kind, node.event.kind if node.event else "") for node in graph.walk()}

    seen = set().union(*(kinds(Builder(random.Random(seed).choice).build(5)) for seed in range(300)))
    outside = {"timer", "message", "signal"}
    caught = {*outside, "error", "escalation"}
    assert seen >= {("boundaryEvent", kind) for kind in caught} | {("handler", kind) for kind in caught}
    assert seen >= {("intermediateCatchEvent", kind) for kind in outside} | {("receiveTask", "message")}
    assert seen >= {("intermediateThrowEvent", kind) for kind in ("", "message", "signal", "escalation")}
    assert seen >= {("endEvent", kind) for kind in ("", "message", "signal", "escalation", "error")}
    builders = (Builder(random.Random(seed).choice).build(5) for seed in range(300))
    loops = {(node.kind, node.loop) for graph in builders for node in graph.walk() if node.loop}
    assert loops == {(kind, loop) for kind in MANY_TIMES for loop in ("par", "seq")}
    assert {kind for kind, _event in seen} >= {
        "startEvent", "userTask", "serviceTask", "task", "manualTask", "subProcess", "callActivity", "terminate",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "linkThrow", "linkCatch",
    }  # fmt: skip


def differs(kinds: list[str], elsewhere: Elsewhere | None = None) -> bool:
    """Whether one of some diagrams shows that something is wrong."""
    for seed in range(200):
        pick = random.Random(seed).choice
        try:
            Walk(Builder(pick, kinds).build(3 + seed % 3), elsewhere).go(pick)
        except Tied:
            continue
        except Exception:  # noqa: BLE001 - however it shows
            return True
    return False


def forgetful_join(task: Any, waiting: dict[str, list[Any]]) -> bool:
    """Forgets which flow a token came by, as stock SpiffWorkflow's does."""
    for token in [token for tokens in waiting.values() for token in tokens if token is not task]:
        token._state = CANCELLED
    return True


def hasty_close(scope: Any, last: Any) -> None:
    """Takes a listener that has heard for one that still listens."""
    if not any(is_live(task) and not task.task_spec.is_listener for task in scope.tasks):
        scope.close(last)


def test_planted_mistakes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as planted:
        planted.setattr(Joining, "merge_tokens", staticmethod(forgetful_join))
        assert differs(FAMILIES["tokens"])
    with monkeypatch.context() as planted:
        planted.setattr(Scope, "close_if_done", hasty_close)
        assert differs(FAMILIES["events"])


def test_a_state_that_is_not_kept_whole_is_found(monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere) -> None:
    dump = codec.dump

    def half(instance: Any) -> bytes:
        kept = dict(instance.data)
        for name in list(kept)[1:]:
            del instance.data[name]
        blob = dump(instance)
        instance.data.update(kept)
        return blob

    def restarted(instance: Any) -> bytes:
        for scope in instance.scopes():
            for task in scope.tasks:
                task.triggered = False
        return dump(instance)

    for mistake in (half, restarted):
        monkeypatch.setattr(codec, "dump", mistake)
        assert differs(FAMILIES["data"], elsewhere)


def test_keeping_only_names_that_are_read_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task is answered with more than anybody reads."""

    def answered(seed: int) -> list[list[str]]:
        pick = random.Random(seed).choice
        documents = draw(Builder(pick, FAMILIES["items"][:6]).build(3))
        run = Run(documents[0], more=tuple(documents[1:]))
        seen = [run.open()]
        while run.open() and len(seen) < 60:
            name = pick(run.open())
            run.complete(name, **{f"{name}_x": pick([0, 1, 2]), f"{name}_tekst": "x" * 200, "felles": len(seen)})
            seen.append(run.open())
        return seen

    kept = [answered(seed) for seed in range(20)]
    monkeypatch.setattr(scopes, "read_of", lambda _scope, given: dict(given))
    assert [answered(seed) for seed in range(20)] == kept
