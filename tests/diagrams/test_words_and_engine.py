"""What the words say is what the engine does: random diagrams are said, understood as a reader would, and then run.

After every move, each token that came to an element was announced there: after what it came from, by that answer, to
that role, with that date. And nothing is announced that is not drawn.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagrams import hearing
from diagrams.hearing import Heard
from diagrams.watching import Watch
from engine import harness, random_walks
from engine.graphs import Graph
from engine.harness import OSLO
from engine.random_diagrams import Builder
from engine.random_drawing import draw
from engine.random_runs import FAMILIES, picking, random_settings
from engine.random_walks import Walk
from engine.token_game import Game, Tied
from komp_flow import feel
from komp_flow.diagrams.words import Words, conditions, sections, story
from komp_flow.engine.stored import schedule

ROLES = {"manager": "lederen", "superior": "overordnet leder", "hr": "HR", "employee": "medarbeideren",
         "manager,hr": "lederen eller HR"}  # fmt: skip
DUES = ['=today() + duration("P3D")', "=add working days(today(), 5)", "=deadline.discussion", "2027-05-17",
        '=date("2027-04-01")', '=today() + duration("P20D")', ""]  # fmt: skip
DATES = {"datoen for kompetansedrøftingen": date(2027, 3, 1)}
PASSED = ("exclusiveGateway", "inclusiveGateway", "parallelGateway")


def dressed(document: bytes) -> bytes:
    """Everything gets a name of its own, and each task a role and perhaps a due date."""

    def named(found: re.Match[bytes]) -> bytes:
        return found[0] if found[1] == b"sequenceFlow" else found[0] + b' name="N ' + found[2] + b'"'

    text = re.sub(rb'<bpmn:(\w+) id="([a-zA-Z]+\d+)"', named, document)
    counter = iter(range(10_000))

    def given_to(_found: re.Match[bytes]) -> bytes:
        number = next(counter)
        due = DUES[number % len(DUES)].replace('"', "&quot;")
        schedule_ = f'<zeebe:taskSchedule dueDate="{due}"/>' if due else ""
        role = list(ROLES)[number % len(ROLES)]
        return f'<zeebe:assignmentDefinition candidateGroups="{role}"/>{schedule_}'.encode()

    return re.sub(rb'<zeebe:assignmentDefinition candidateGroups="manager"/>', given_to, text)


def heard(graph: Graph, documents: list[bytes]) -> Heard:
    """What a reader of all these diagrams understands."""
    kinds = {node.id: node.kind for node in graph.walk()}
    for node in graph.walk():
        if node.kind == "terminate":
            kinds[node.id] = "endEvent"
    listener = hearing.Listener({f"N {id_}": id_ for id_ in kinds}, kinds)
    for document in documents:
        listener.listen(sections(document, Words()))
    return listener.heard


def drawn(graph: Graph) -> Iterator[tuple[str, str]]:
    """What follows what by the plan, with gateways that only merge, and links, looked through."""
    for node in graph.nodes.values():
        if node.inside is not None:
            yield from drawn(node.inside)
        if is_passed(graph, node.id) or node.kind == "startEvent":
            continue
        for target, _condition in graph.out(node.id):
            end = target
            while is_passed(graph, end):
                end = graph.out(end)[0][0]
            yield node.id, end


def is_passed(graph: Graph, id_: str) -> bool:
    node = graph.nodes[id_]
    if node.kind in ("linkThrow", "linkCatch"):
        return True
    ways, sources = len(graph.out(id_)), len(graph.sources(id_))
    return node.kind in PASSED and ways == 1 and (node.kind == "exclusiveGateway" or sources < 2)


@dataclass
class Told(Walk):
    """A walk whose every token must have been announced."""

    watch: Watch = field(default_factory=Watch)

    def __post_init__(self) -> None:
        self.documents = [dressed(document) for document in draw(self.graph)]
        self.heard = heard(self.graph, self.documents)
        self.events = {node.id: node.event for node in self.graph.walk() if node.event}
        self.events |= {node.inside.start.id: node.event for node in self.graph.walk() if node.event and node.inside}
        self.game = Game(self.graph)
        self.world = random_walks.World(self.graph, self.documents, self.game.broken)
        self.begin()
        self.compare()

    def compare(self) -> None:
        super().compare()
        view = self.run.view
        for task in view.tasks:
            self.is_given(task.element, task.program)
        for timer in view.timers:
            self.is_timed(timer.element)

    def do_set_date(self, minute: int) -> None:
        others = self.world.names["deadline"]
        super().do_set_date(minute)
        self.world.names["deadline"] = others | self.world.names["deadline"]  # type: ignore[operator]

    def is_given(self, element: str, program: str) -> None:
        """Who has an open task, and when it is due, if it was made just now."""
        drawn_ = self.world.programs[program].user_tasks[element]
        moment = feel.Moment(self.world.now, OSLO)
        assigned = schedule.assign(drawn_, self.world.names, moment, self.world.now)
        who, when = self.heard.tasks[element]
        assert who == ROLES[",".join(assigned.roles)]
        if assigned.due_at is None:
            assert not when
        else:
            today = self.world.now.astimezone(OSLO).date()
            assert hearing.due(when.split(", til vanlig")[0], today, DATES) == assigned.due_at.astimezone(OSLO).date()

    def is_timed(self, element: str) -> None:
        """How long a timer waits."""
        said = self.heard.beside.get(element, ("", False))[0] or self.heard.waits[element]
        event = self.events[element]
        if event.name:
            assert "datoen for vedtaket" in said
            return
        length = re.search(
            r"(?:ikke (?:gjort|ferdig) |: |Kommer .*?\(|første gang )((?:(?!første gang).)*?) etter at", said
        )
        assert length, said
        assert hearing.minutes(length[1]) == event.minutes, said

    def complete(self, place: int, answer: int) -> None:
        element = self.game.tasks()[place][0]
        before = set(self.watch.came)
        self.watch.came.clear()
        super().complete(place, answer)
        self.is_chosen(element, answer)
        self.watch.came |= before

    def is_chosen(self, element: str, answer: int) -> None:
        """The way that a choice takes right after a task is the one that its words name for this answer."""
        for choice in {
            target for source, target in self.watch.came if source == element and target in self.heard.choices
        }:
            ways = {target for source, target in self.watch.came if source == choice}
            said = self.heard.choices[choice]
            if any(f"«{element} x»" not in condition for condition, _target in said if condition):
                continue
            meant = [target for condition, target in said if condition and condition.endswith(f"er {answer}")]
            meant = meant or [target for condition, target in said if condition is None]
            if self.world.plan[choice].kind == "exclusiveGateway":
                meant = meant[:1]
            assert ways == set(meant), (choice, answer, said)


def scopes(graph: Graph) -> Iterator[Graph]:
    yield graph
    for node in graph.nodes.values():
        if node.inside is not None:
            yield from scopes(node.inside)


def walked(pick: Any, kinds: list[str], watch: Watch, deep: int) -> Told | None:
    graph = Builder(pick, kinds).build(deep)
    watch.on({id_ for scope in scopes(graph) for id_ in scope.nodes if is_passed(scope, id_)})
    try:
        walk = Told(graph, watch=watch)
        walk.go(pick)
    except Tied:
        return None
    return walk


@pytest.mark.parametrize("family", FAMILIES)
def test_every_token_was_announced(family: str, watch: Watch) -> None:
    @random_settings(5)
    @given(st.data())
    def announced(data: st.DataObject) -> None:
        walk = walked(picking(data), FAMILIES[family], watch, 3)
        if walk is not None:
            assert watch.came <= walk.heard.follows

    announced()


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_said_to_follow_is_drawn_so_and_all_of_it_is_said(family: str) -> None:
    for seed in range(12):
        graph = Builder(random.Random(seed).choice, FAMILIES[family]).build(4)
        documents = [dressed(document) for document in draw(graph)]
        assert heard(graph, documents).follows == set(drawn(graph)), seed


def test_an_interrupted_host_is_said_to_go_away() -> None:
    seen = set()
    for seed in range(40):
        graph = Builder(random.Random(seed).choice, FAMILIES["events"]).build(4)
        said = heard(graph, [dressed(document) for document in draw(graph)]).beside
        plan = {node.id: node.interrupts for node in graph.walk() if node.kind == "boundaryEvent"}
        assert {id_: away for id_, (_text, away) in said.items()} == plan
        seen |= set(plan.values())
    assert seen == {True, False}


def test_words_that_are_wrong_are_found(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    def differs() -> bool:
        for seed in range(25):
            try:
                walk = walked(random.Random(seed).choice, FAMILIES["loops"], watch, 3)
            except (AssertionError, KeyError):
                return True
            if walk is not None and not watch.came <= walk.heard.follows:
                return True
        return False

    assert not differs()
    with monkeypatch.context() as planted:  # conditions are turned round
        planted.setattr(conditions, "_MIRRORED", {})
        planted.setattr(conditions, "_compare", lambda _op, one, other: f"{one} er {2 if other == '1' else 1}")
        assert differs()
    with monkeypatch.context() as planted:  # what follows is said of the wrong element
        planted.setattr(story.Story, "_lead", lambda *_given: "Deretter")
        assert differs()


def test_the_harness_has_the_calendar_that_the_dates_are_read_from() -> None:
    known = harness.World().names["deadline"]
    assert known["discussion"].date() == DATES["datoen for kompetansedrøftingen"]  # type: ignore[index]
