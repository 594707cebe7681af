"""Random diagrams, walked by the engine and by an independent token game: the same tasks are open after every step."""

from __future__ import annotations

import random

import pytest

from engine.drawing import doc, end, flows, gw, start, user
from engine.harness import Run, at
from engine.random_diagrams import Generator, Graph, draw
from engine.token_game import Game
from komp_flow.engine import actions, scopes
from komp_flow.engine.specs.gateways import Joining
from komp_flow.engine.tree import CANCELLED

FAMILIES = {
    "loops": ["user", "seq", "xor", "and", "loop", "sub"],
    "tokens": ["user", "seq", "multi", "xor", "ends", "and", "loop", "sub"],
    "inclusive": ["user", "seq", "xor", "or", "and", "loop", "sub"],
    "items": ["user", "seq", "xor", "sub", "mi", "misub", "and", "terminate", "error"],
    "time": ["user", "seq", "xor", "and", "interrupted", "chased", "wait", "race", "esub", "sub"],
    "all": [
        "user", "seq", "xor", "or", "and", "loop", "sub", "mi", "misub", "terminate", "error", "interrupted", "chased",
        "wait", "race", "esub",
    ],
}  # fmt: skip
SEEDS = 45
STEPS = 60


def walk(seed: int, kinds: list[str]) -> str | None:
    """None when both agree to the end; else where they differ."""
    generator = Generator(seed, kinds)
    graph: Graph = generator.build(2 + seed % 3)
    chance = random.Random(seed)
    game, run = Game(graph), Run(draw(graph))
    for step in range(STEPS):
        if (game.open(), game.done) != (run.open(), run.done) or run.failed():
            return f"step {step}: game {game.open()} {game.done}, engine {run.open()} {run.done} {run.failed()}"
        if game.done:
            return None
        if not game.open() or chance.random() < 0.15:
            minutes = chance.choice([300, 700, 1500, 3000]) if game.open() else 9000
            game.tick(minutes)
            run.tick(at(minutes=game.now))
            continue
        name = chance.choice(game.open())
        same = [task for task in run.view.tasks if task.element == name]
        index = chance.randrange(len(same))
        answers = {f"{name}_x": chance.choice([0, 1, 1, 2])} if name in generator.asked else {}
        game.complete(name, index, answers)
        run.step(lambda i, task=same[index].id, answers=answers: actions.complete(i, task, answers))
    return None


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_agrees_with_the_token_game(family: str) -> None:
    different = [(seed, said) for seed in range(SEEDS) if (said := walk(seed, FAMILIES[family]))]
    assert different == []


def test_a_planted_mistake_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A join that forgets which flow a token came by, as stock SpiffWorkflow's does, differs somewhere."""

    def forgetful(task: object, waiting: dict[str, list[object]]) -> bool:
        for tokens in waiting.values():
            for token in tokens:
                if token is not task:
                    token._state = CANCELLED  # type: ignore[attr-defined]
        return True

    monkeypatch.setattr(Joining, "merge_tokens", staticmethod(forgetful))
    assert any(walk(seed, FAMILIES["tokens"]) for seed in range(SEEDS))


def test_the_generator_draws_what_it_says() -> None:
    x = doc(start(), gw("parallel", "f"), user("a"), end(), flows("s>f", "f>a", "a>e"))
    assert Run(x).open() == ["a"]
    kinds = {node.kind for seed in range(40) for node in Generator(seed, FAMILIES["all"]).build(3).nodes.values()}
    assert kinds >= {"user", "exclusive", "inclusive", "parallel", "sub", "late", "catch", "eventBased", "caught"}


def answered(seed: int) -> list[list[str]]:
    """What is open after each step of a walk in which every task is answered with more than anybody reads."""
    generator = Generator(seed, FAMILIES["items"])
    run, chance = Run(draw(generator.build(2 + seed % 3))), random.Random(seed)
    seen = [run.open()]
    while run.open() and len(seen) < STEPS:
        name = chance.choice(run.open())
        run.complete(name, **{f"{name}_x": chance.choice([0, 1, 2]), f"{name}_tekst": "x" * 200, "felles": len(seen)})
        seen.append(run.open())
    return seen


def test_keeping_only_names_that_are_read_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [answered(seed) for seed in range(20)]
    monkeypatch.setattr(scopes, "read_of", lambda _scope, given: dict(given))
    assert [answered(seed) for seed in range(20)] == kept
