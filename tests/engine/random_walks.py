"""Walks a random diagram by the engine and by the token game at once, and says where they differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine import harness
from engine.graphs import Graph
from engine.other_process import Elsewhere
from engine.random_diagrams import CALENDAR, Pick
from engine.random_drawing import ANSWER, draw
from engine.token_game import Game
from komp_flow.engine.errors import BpmnError, NotOpen
from komp_flow.engine.memory import actions
from komp_flow.engine.memory.host import OperationCall
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.view import View

Move = tuple[Any, ...]
WHOLE = re.compile(r"Decimal\('(-?\d+)'\)")  # a whole number comes back as one: to FEEL it is the same
STEPS = 40  # random moves; then it is led to its end
PATIENCE = 300  # moves on the way to the end
CROWD = 25  # waits at once, after which it is led to its end


class Different(AssertionError):
    """The engine did something else than it should."""


class World(harness.World):
    """Operations answer as the diagram's plan says, unless they are broken."""

    def __init__(self, graph: Graph, documents: Sequence[bytes], broken: set[str]) -> None:
        self.plan = {node.id: node for node in graph.walk()}
        self.broken_ones = broken
        super().__init__(*documents)

    def operation(self, type_: str, call: OperationCall) -> dict[str, object]:
        node = self.plan[call.element]
        if node.id in self.broken_ones:
            raise ConnectionError("the other system is down")
        if node.fails not in ("", "?"):
            raise BpmnError(node.fails)
        return {ANSWER: node.value} if node.asks else {}


@dataclass
class Seen:
    """What can be compared: tasks, waits and incidents by element, what was thrown and completed, the variables."""

    tasks: list[tuple[str, int | None]]
    messages: list[tuple[str, str]]
    signals: list[str]
    timers: list[tuple[str, int]]
    stuck: list[str]
    thrown: list[tuple[str, str, str]]
    completed: dict[str, int]
    variables: dict[str, object]
    done: bool


def of_game(game: Game) -> Seen:
    return Seen(
        sorted(game.tasks(), key=str), sorted(game.messages()), sorted(game.signals()), sorted(game.timers()),
        sorted(game.stuck()), game.thrown, dict(sorted(Counter(game.trace).items())),
        dict(game.root.variables), game.done,
    )  # fmt: skip


def of_engine(view: View, out: Sequence[Any], happened: Sequence[Any]) -> Seen:
    minutes = {timer: int((timer.due[0] - harness.T0).total_seconds() // 60) for timer in view.timers if timer.due}
    return Seen(
        sorted(((task.element, task.inputs.get("loopCounter")) for task in view.tasks), key=str),
        sorted((wait.name, wait.key) for wait in view.subscriptions if wait.kind == "message"),
        sorted(wait.name for wait in view.subscriptions if wait.kind == "signal"),
        sorted((timer.element, minute) for timer, minute in minutes.items()),
        sorted(incident.element for incident in view.incidents),
        [(thrown.kind, thrown.name, thrown.key) for thrown in out],
        dict(sorted(Counter(h.element for h in happened if h.what == "completed").items())),
        dict(view.variables),
        view.completed,
    )


class Run(harness.Run):
    """Remembers what was seen before the state was dumped."""

    def _keep(self, instance: Instance) -> None:
        self.in_memory = replace(actions.view(instance), outbox=())
        super()._keep(instance)


@dataclass
class Walk:
    """One diagram, played by both. `moves` is the path so far."""

    graph: Graph
    elsewhere: Elsewhere | None = None
    moves: list[Move] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents = draw(self.graph)
        if self.elsewhere:
            self.elsewhere.know(self.documents)
        self.game = Game(self.graph)
        self.world = World(self.graph, self.documents, self.game.broken)
        self.begin()
        self.compare()

    # the engine in memory; the stored walk does these otherwise
    def begin(self) -> None:
        self.run = Run(self.documents[0], world=self.world)

    def seen(self) -> Seen:
        return of_engine(self.run.view, self.run.out, self.run.happened)

    def do_complete(self, element: str, place: int, answer: int) -> None:
        task = [task for task in self.run.view.tasks if task.element == element][place]
        self.run.step(lambda instance: actions.complete(instance, task.id, {f"{element}_x": answer}))

    def do_tell(self, name: str, key: str, brought: int) -> None:
        wait = next(s for s in self.run.view.subscriptions if (s.kind, s.name, s.key) == ("message", name, key))
        payload = self.payload(name, brought)
        self.run.step(lambda instance: actions.deliver(instance, wait.task_id, wait.element, payload))

    def do_call_out(self, name: str) -> None:
        waits = [s for s in self.run.view.subscriptions if (s.kind, s.name) == ("signal", name)]

        def deliver(instance: Any) -> None:
            for wait in waits:
                try:
                    actions.deliver(instance, wait.task_id, wait.element)
                except NotOpen:
                    continue

        self.run.step(deliver)

    def do_mend(self, element: str) -> None:
        stuck = [incident.task_id for incident in self.run.view.incidents if incident.element == element]

        def retry(instance: Any) -> None:
            for task in stuck:
                try:
                    actions.retry(instance, task)
                except NotOpen:
                    continue

        self.run.step(retry)

    def do_set_date(self, minute: int) -> None:
        self.world.names["deadline"] = {CALENDAR: harness.at(minutes=minute)}
        self.run.step(lambda instance: actions.reschedule(instance, frozenset({"deadline"})))

    def do_tick(self) -> None:
        self.run.tick(harness.at(minutes=self.game.now))

    # both
    def possible(self) -> list[Move]:
        """What can happen now, each once, what people do first."""
        tasks = self.game.tasks()
        found: list[Move] = [("complete", place, 0) for place in range(len(tasks))]
        found += [("complete", place, answer) for place, (element, _item) in enumerate(tasks)
                  if self.asks(element) for answer in (1, 2)]  # fmt: skip
        found += [("tell", name, key, brought) for name, key in dict.fromkeys(self.game.messages())
                  for brought in (0, 1)]  # fmt: skip
        found += [("call_out", name) for name in dict.fromkeys(self.game.signals())]
        found += [("mend", element) for element in dict.fromkeys(self.game.stuck())]
        if self.game.undated():
            found += [("set_date", self.game.now + 700), ("set_date", self.game.now + 7000)]
        if due := sorted({minute for _element, minute in self.game.timers()}):
            left = max(0, due[0] - self.game.now)
            found += [("tick", left), ("tick", left + 3001)]
        return found

    def asks(self, element: str) -> bool:
        return bool(self.world.plan[element].asks)

    def payload(self, message: str, brought: int) -> dict[str, object]:
        """A message brings something where its catcher writes it."""
        catchers = [node for node in self.world.plan.values() if node.event and node.event.name == message]
        return {ANSWER: brought} if any(node.asks for node in catchers) else {}

    def move(self, move: Move) -> None:
        """By both; Different when they are not at the same place after it."""
        self.moves.append(move)
        what, *rest = move
        if what == "complete":
            self.complete(*rest)
        else:
            getattr(self.game, what)(*rest)
            getattr(self, f"do_{what}")(*([] if what == "tick" else rest))
        self.compare()

    def complete(self, place: int, answer: int) -> None:
        tasks = self.game.tasks()
        element = tasks[place][0]
        among = sum(other == element for other, _item in tasks[:place])
        self.game.complete(place, answer)
        self.do_complete(element, among, answer)

    def compare(self) -> None:
        game, engine = of_game(self.game), self.seen()
        wrong = [
            f"{name}: should be {should}, is {is_}"
            for name, should in vars(game).items()
            if (is_ := getattr(engine, name)) != should
        ]
        wrong += self.more_wrong()
        if wrong:
            raise Different("\n".join([f"after {self.moves}", *wrong]))

    def more_wrong(self) -> list[str]:
        """Whether a new process that loads the state sees and dumps the same."""
        if not self.elsewhere:
            return []
        should, blob = WHOLE.sub(r"\1", repr(self.run.in_memory)), self.run.blob
        is_, again = self.elsewhere.read(blob)
        wrong = [] if is_ == should else [f"in a new process: should be {should}, is {is_}"]
        return wrong if again == blob else [*wrong, "a new process dumps another state"]

    def go(self, pick: Pick, steps: int = STEPS) -> None:
        """So many random moves, then to the end. A token that can go nowhere is no end, in the game neither."""
        while steps and not self.game.done and len(self.game.waiting()) < CROWD and (possible := self.possible()):
            self.move(pick(possible))
            steps -= 1
        for _move in range(PATIENCE):
            if self.game.done or not (ahead := self.ahead()):
                return
            self.move(ahead)
        raise Different(f"it never ends: {self.moves[-12:]}")

    def ahead(self) -> Move | None:
        """A move on the way to the end: one that takes a token on, and makes no more of them if that can be."""
        messages = dict.fromkeys(self.game.messages(repeated=False))
        signals = dict.fromkeys(self.game.signals(repeated=False))
        possible = self.possible()
        found = [move for move in possible if move[0] in ("complete", "mend")]
        found += [("tell", name, key, 0) for name, key in messages]
        found += [("call_out", name) for name in signals]
        found += [move for move in possible if move[0] in ("set_date", "tick")]
        return found[0] if found else None


__all__ = ["Different", "Move", "Seen", "Walk", "World"]
