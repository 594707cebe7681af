"""The shipped diagrams are walked at random, and everything that comes was announced in their words."""

from __future__ import annotations

import random
import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from diagrams import hearing
from diagrams.surroundings import PROCESSES, shipped, shipped_words
from diagrams.watching import Watch
from engine import harness
from engine.harness import OSLO, T0, Run
from komp_flow import feel
from komp_flow.diagrams.words import sections
from komp_flow.diagrams.words.paths import paths
from komp_flow.engine.checks.diagram import Diagram
from komp_flow.engine.errors import NotOpen
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import BPMN, local
from komp_flow.engine.memory.host import OperationCall
from komp_flow.engine.stored import schedule
from komp_flow.errors import ProcessFault
from komp_flow.registers import calendar

AROUND = shipped_words()
START = date(2027, 1, 4)
DEADLINES = {name: START + timedelta(days=days) for name, days in
             {**calendar.FROM_START, **{n: d + 150 for n, d in calendar.FROM_DECISION.items()}}.items()}  # fmt: skip
DATES = {str(AROUND.dates[name]): day for name, day in DEADLINES.items()}
ANSWERS: dict[str, list[object]] = {
    "review": ["accept", "return"], "return_to": ["conclusion", "measures", "areas", "discussion"],
    "outcome": ["decided", "return", "continue"], "send_reading": [True, False], "plan_relevant": ["yes", "no"],
    "agreement": ["agree", "disagree"], "begin_now": [True, False], "talk_at": ["2027-03-01T10:00:00+01:00"],
    "reports": [[{"status": "done"}], [{"status": "under_way"}]],
}  # fmt: skip


class World(harness.World):
    """The shipped diagrams' surroundings, settings and all, drawn by lot."""

    def __init__(self, document: bytes, lot: random.Random) -> None:
        super().__init__(document)
        self.lot = lot
        settings = {name: lot.choice([True, False]) for name in ("quality_check", "consultation", "plan_elsewhere")}
        ladders = {name: [datetime.combine(day + timedelta(days=7 * n), time(8), OSLO) for n in (1, 2, 3)]
                   for name, day in DEADLINES.items()}  # fmt: skip
        self.names = {
            "cycle": {"id": "c", **settings}, "unit": {"id": "u", "employees": lot.choice([0, 3])},
            "person": {"id": "p"}, "measure": {"id": "m"}, "deadline": DEADLINES, "escalation": ladders,
        }  # fmt: skip

    def operation(self, type_: str, call: OperationCall) -> dict[str, object]:
        few = self.lot.choice([0, 2])
        return {"talks_left": few, "measures_touched": few, "units_started": 2, "talk_id": "t", "talks_started": 2,
                "measures_started": 1}  # fmt: skip


def named(name: str) -> bytes:
    """The diagram with names that tell every element apart."""
    root = bpmn.read(shipped(name))
    for node in root.iter(BPMN + "*"):
        if local(node) in bpmn.NODES:
            node.set("name", f"N {node.get('id')}")
    return bpmn.etree.tostring(root)


def moved(run: Run, lot: random.Random) -> bool:
    """One thing happens: a task is done, a message comes, time goes on. False when nothing more can."""
    moves: list[Any] = [("task", task) for task in run.view.tasks]
    moves += [("wait", wait) for wait in run.view.subscriptions]
    moves += [("timer", min(timer.due)) for timer in run.view.timers if timer.due]
    if not moves or run.done:
        return False
    people = [move for move in moves if move[0] == "task"]
    what, found = lot.choice(people if people and lot.random() < 0.7 else moves)
    answers = {name: lot.choice(values) for name, values in ANSWERS.items()}
    try:
        if what == "task":
            run.complete(found.element, **answers)
        elif what == "wait":
            brought = {"talk_at": answers["talk_at"], "postponed_until": "2027-05-03"}
            run.deliver(found.name, found.key, brought, found.element)
        else:
            run.tick(max(found, run.world.now))
    except (NotOpen, ProcessFault):
        return False
    return True


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
def test_everything_that_comes_was_announced(name: str, watch: Watch) -> None:
    document = named(name)
    diagram = Diagram(bpmn.read(document))
    nodes = {node.id: node for node in diagram.processes[0].all_nodes()}
    told = {node for scope in diagram.processes[0].walk() for node in paths(scope).order}
    heard = hearing.Listener({f"N {id_}": id_ for id_ in nodes}, {id_: node.tag for id_, node in nodes.items()}).listen(
        sections(document, AROUND)
    )
    seen: set[str] = set()
    for seed in range(25):
        lot = random.Random(f"{name}{seed}")
        watch.on(passed={id_ for id_, node in nodes.items() if node not in told})
        run = Run(document, data={"kind": lot.choice(["preparation", "strategy"])}, world=World(document, lot))
        for _move in range(60):
            for task in run.view.tasks:
                is_given(run, task, heard)
                seen.add(task.element)
            if not moved(run, lot):
                break
        assert watch.came <= heard.follows, watch.came - heard.follows
    assert seen >= {id_ for id_, node in nodes.items() if node.tag == "userTask"}


def is_given(run: Run, task: Any, heard: hearing.Heard) -> None:
    """The role is the one that was said, and the date too where the words say it without conditions."""
    drawn = run.world.programs[task.program].user_tasks[task.element]
    moment = feel.Moment(run.world.now, OSLO)
    names = {**run.world.names, **run.data}
    assigned = schedule.assign(drawn, names, moment, run.world.now)
    who, when = heard.tasks[task.element]
    roles = [str(AROUND.roles[role]) for role in assigned.roles]
    assert who == " eller ".join(roles)
    plain = when.split(", til vanlig")[0]
    if plain in DATES or re.fullmatch(r"\w+ virkedag(er)? etter at oppgaven kom", plain):
        assert assigned.due_at is not None
        today = run.world.now.astimezone(OSLO).date()
        assert hearing.due(plain, today, DATES) == assigned.due_at.astimezone(OSLO).date()
    else:
        assert (not when) == (drawn.due_date is None)


def test_the_walk_begins_when_the_cycle_does() -> None:
    assert T0.astimezone(OSLO).date() == START
