"""What we lean on in SpiffWorkflow: the private names, what our specifications replace, and what it still runs wrongly.

When an upgrade makes one of these fail, read what changed before anything else.
"""

from __future__ import annotations

import inspect
import logging
import random
from importlib.metadata import version
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.drawing import boundary, catch, doc, end, flows, gw, ref, start, sub, throw, user
from engine.harness import Run, World
from engine.random_diagrams import Builder
from engine.random_drawing import draw
from komp_flow.engine.memory import actions
from komp_flow.engine.memory.instance import Scope
from komp_flow.engine.memory.specs.base import Lean


def test_the_pinned_version() -> None:
    assert version("spiffworkflow") == "3.2.0"


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (TaskSpec, "_predict", ["self", "my_task", "seen", "looked_ahead", "mask"]),
        (TaskSpec, "_update", ["self", "my_task"]),
        (TaskSpec, "_update_hook", ["self", "my_task"]),
        (TaskSpec, "_on_ready", ["self", "my_task"]),
        (TaskSpec, "_run", ["self", "my_task"]),
        (TaskSpec, "_on_complete", ["self", "my_task"]),
        (TaskParser, "_add_multiinstance_task", ["self", "loop_characteristics"]),
        (TaskParser, "_add_boundary_event", ["self", "children"]),
        (TaskParser, "_copy_task_attrs", ["self", "original", "loop_characteristics"]),
        (TaskParser, "parse_extensions", ["self", "node"]),
        (TaskParser, "get_position", ["self", "node"]),
        (TaskParser, "_get_lane", ["self"]),
        (TaskParser, "create_task", ["self"]),
        (ProcessParser, "create_spec", ["self"]),
        (ProcessParser, "add_tasks", ["self"]),
        (BpmnParser, "create_parser", ["self", "node", "filename", "lane"]),
    ],
)
def test_the_names_we_override_or_call(owner: type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters


def test_every_specification_of_a_compiled_diagram_is_ours() -> None:
    for seed in range(20):
        kinds = ["user", "xor", "or", "and", "sub", "misub", "race", "handled", "chased"]
        world = World(*draw(Builder(random.Random(seed).choice, kinds).build(3)))
        for spec in world.programs["p@1"].specs.values():
            assert all(isinstance(task, Lean) for task in spec.task_specs.values())


def test_running_changes_nothing_on_a_specification() -> None:
    """Instances and threads share it."""
    kinds = [
        "user",
        "seq",
        "xor",
        "or",
        "loop",
        "sub",
        "and",
        "mi",
        "misub",
        "throwing",
        "guarded",
        "chased",
        "handled",
    ]
    for seed in range(30):
        run = Run(draw(Builder(random.Random(seed).choice, kinds).build(3))[0])
        program = run.world.programs["p@1"]
        before = snapshot(program)
        chance = random.Random(seed)
        for _step in range(20):
            if not run.open():
                break
            name = chance.choice(run.open())
            run.complete(name, **{f"{name}_x": chance.choice([0, 1])})
        assert snapshot(program) == before


def snapshot(program: Any) -> list[str]:
    return [
        f"{name} {sorted((key, str(value)) for key, value in vars(task).items() if 'event' not in key)}"
        f"{[getattr(task, name).n_subscribers() for name in vars(task) if name.endswith('_event')]}"
        for spec in program.specs.values()
        for name, task in sorted(spec.task_specs.items())
    ]


def test_python_is_never_evaluated() -> None:
    """What stock evaluates Python with is a workflow's script engine: an instance of ours is no workflow."""
    assert PythonScriptEngine().environment.evaluate("1 + 1", {}) == 2, "the stock one is eval"
    assert not issubclass(Scope, Workflow)
    world = World(doc(start(), end(), flows("s>e")))
    instance = actions.start(world.programs["p@1"], world)
    assert not hasattr(instance, "script_engine")


# What stock does wrong, and our specifications do right. Each has its right answer in another test here.


def stock_parser(document: bytes) -> BpmnParser:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(document))
    return parser


class Stock:
    """A diagram on stock SpiffWorkflow, its own engine loop."""

    def __init__(self, document: bytes, data: dict[str, Any] | None = None) -> None:
        logging.getLogger("spiff").setLevel(logging.CRITICAL)
        parser = stock_parser(document)
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self.workflow.task_tree.data.update(data or {})
        self.workflow.do_engine_steps()

    def ready(self) -> list[Task]:
        scopes = (self.workflow, *self.workflow.subprocesses.values())
        tasks = [task for scope in scopes if not scope.completed for task in scope.tasks.values()]
        return [task for task in tasks if task._state == TaskState.READY and task.task_spec.manual]

    def open(self) -> list[str]:
        return sorted(task.task_spec.bpmn_id for task in self.ready())

    def complete(self, name: str, **answers: object) -> Stock:
        task = next(task for task in self.ready() if task.task_spec.bpmn_id == name)
        task.data.update(answers)
        task.run()
        self.workflow.do_engine_steps()
        return self


def test_stock_join_fires_after_one_branch_in_the_second_round() -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw("parallel", "f"), user("a"), user("b"), gw("parallel", "j"), user("c"),
        gw("exclusive", "g", default="g_e"), end(), flows("s>m>f", "f>a>j", "f>b>j", "j>c>g", "g>e", "g>m:om"),
    )  # fmt: skip
    stock = Stock(x).complete("a").complete("b").complete("c", om=True).complete("b")
    assert stock.open() != ["a"]


def test_stock_cancels_an_open_task_when_two_tokens_pass_one_activity_into_a_split() -> None:
    x = doc(
        start(), gw("parallel", "f0"), user("a"), user("b"), user("c"), gw("parallel", "f"), user("x"), user("y"),
        user("z"), end(), flows("s>f0", "f0>a>c", "f0>b>c", "c>f", "f>x>z", "f>y>e", "z>e"),
    )  # fmt: skip
    stock = Stock(x).complete("a").complete("b").complete("c").complete("x")
    assert "z" in stock.open()
    assert stock.complete("c").open() != ["x", "y", "y", "z"]


def test_stock_loses_the_rest_of_the_path_after_a_link() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    x = doc(start(), user("u"), throw("t", link), catch("c", link), user("v"), end(), flows("s>u>t", "c>v>e"))
    assert Stock(x).complete("u").open() == []


def test_stock_lets_one_error_fire_the_boundary_of_another_sub_process() -> None:
    def part(n: int, definition: str) -> str:
        return sub(f"sp{n}", start(f"s{n}"), user(f"u{n}"), end(f"e{n}", definition), flows(f"s{n}>u{n}>e{n}"))

    error = '<bpmn:error id="er" name="Nei" errorCode="NO"/>'
    x = doc(
        start(), gw("parallel", "f"), part(1, ref("error", "er")), part(2, ""), boundary("b1", "sp1", ref("error",
        "er")),
        boundary("b2", "sp2", ref("error", "er")), user("h1"), user("h2"), user("n1"), end(),
        flows("s>f", "f>sp1>n1>e", "f>sp2>e", "b1>h1>e", "b2>h2>e"), top=error,
    )  # fmt: skip
    assert Stock(x).complete("u1").open() != ["h1", "u2"]


def test_stock_join_loses_one_of_two_lists_of_the_same_name() -> None:
    x = doc(
        start(), gw("parallel", "f"), sub("a", start("s1"), user("u"), end("e1"), flows("s1>u>e1")),
        sub("b", start("s2"), user("v"), end("e2"), flows("s2>v>e2")), gw("parallel", "j"), user("z"), end(),
        flows("s>f", "f>a>j", "f>b>j", "j>z>e"),
    )  # fmt: skip
    stock = Stock(x).complete("u", l=[1, 2, 3]).complete("v", l=[9])
    assert stock.ready()[0].data["l"] == [9]


def test_stock_parser_sorts_branches_by_their_height_in_the_picture_and_ours_by_the_file() -> None:
    shape = '<bpmndi:BPMNShape bpmnElement="{}"><dc:Bounds x="0" y="{}"/></bpmndi:BPMNShape>'
    picture = (
        '<x xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
        + shape.format("a", 200) + shape.format("b", 100) + "</x>"
    )  # fmt: skip
    x = doc(start(), gw("parallel", "f"), user("a"), user("b"), end(), flows("s>f", "f>a>e", "f>b>e"), top=picture)
    spec = stock_parser(x).get_spec("p").task_specs["f"]
    assert [output.name for output in spec.outputs] == ["b", "a"]
    assert [task.element for task in Run(x).view.tasks] == ["a", "b"]


def test_stock_specifications_have_what_ours_inherit() -> None:
    gateway = defaults.ExclusiveGateway(WorkflowSpec("x"), "g")
    assert gateway.cond_task_specs == []
