"""Nothing of the work process is dropped: every item of process.md section 1 is met somewhere in the product."""

from __future__ import annotations

from pathlib import Path

import pytest

from komp_flow import feel, guidance, operations, shipped
from komp_flow.cli.checking import known
from komp_flow.engine import SourceFile, check
from komp_flow.forms.components import Input, Rows, everything
from komp_flow.organisation import roles
from komp_flow.registers import NAMES, REGISTERS, ranking
from processes.shipped_files import (
    BPMN,
    FORMS,
    GUIDANCE,
    PROCESSES,
    ZEEBE,
    diagram,
    form,
    form_of,
    properties,
    text,
    user_tasks,
)

# How many items of each kind process.md section 1 has, phase by phase; H is the one main purpose.
ITEMS = {
    "P1": {"F": 5, "Q": 3, "S": 4, "R": 2},
    "P2": {"F": 3, "Q": 3, "S": 5, "R": 2},
    "P3": {"F": 2, "Q": 3, "S": 3, "R": 2},
    "P4": {"F": 2, "Q": 3, "S": 4, "R": 3},
}
ALL = frozenset(
    {f"{phase}.H" for phase in ITEMS}
    | {
        f"{phase}.{kind}{n}"
        for phase, kinds in ITEMS.items()
        for kind, most in kinds.items()
        for n in range(1, most + 1)
    }
    | {f"O{n}" for n in range(1, 8)}
)
PHASES = ["preparation", "discussion", "talks", "implementation"]
# Facts that expressions may read of the host's names (process.md sections 2 and 3).
FACTS = {
    "cycle": {"id", "name", "quality_check", "reading_wanted", "consultation", "plan_elsewhere", "smallest_group"},
    "unit": {"id", "name", "employees", "level"},
    "person": {"id"},
    "measure": {"id"},
    "deadline": set(NAMES),
    "escalation": set(NAMES),
}
# Names that are there without a form or mapping: the host's, and what a timer's branch sees.
GIVEN = frozenset(FACTS) | {"occurrence"}


def covered_by_diagrams() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in PROCESSES:
        for element in diagram(path).iter():
            if isinstance(element.tag, str) and "covers" in properties(element):
                found[f"{path.name}#{element.get('id')}"] = set(properties(element)["covers"].split())
    return found


def covered() -> dict[str, set[str]]:
    """What says that it covers which ids."""
    found = covered_by_diagrams()
    found |= {path.name: set(form(path).covers) for path in FORMS}
    found |= {path.name: set(text(path).covers) for path in GUIDANCE}
    return found


def test_every_item_of_the_work_process_is_met_by_a_diagram_a_form_or_a_guidance_text():
    met = set().union(*covered().values())

    assert ALL - met == set()


def test_nothing_claims_to_meet_an_item_that_does_not_exist():
    strangers = {where: sorted(ids - ALL) for where, ids in covered().items() if ids - ALL}

    assert strangers == {}


def test_every_item_that_the_cycle_and_the_units_meet_is_met_in_their_diagrams():
    only_in_talks = {"P1.F4", "P3.F2", "P3.Q1", "P3.Q2", "P3.Q3", "P3.S2", "P3.S3"}

    assert ALL - set().union(*covered_by_diagrams().values()) <= only_in_talks


@pytest.mark.parametrize("path", GUIDANCE, ids=lambda path: path.stem)
def test_a_guidance_text_has_a_title_says_what_it_covers_and_is_short(path: Path):
    found = text(path)

    assert found.title
    assert found.covers
    assert 50 < len(path.read_text(encoding="utf-8").split()) < 350


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_every_task_of_a_person_has_its_form_its_role_and_its_guidance(path: Path):
    known = {each.stem for each in FORMS}
    for task in user_tasks(diagram(path)):
        name = task.get("id")
        assert form_of(task) in known, name
        assert guidance.text(properties(task)["guidance"]) is not None, name
        groups = task.findall(f"{BPMN}extensionElements/{ZEEBE}assignmentDefinition")
        named = {role.strip() for each in groups for role in each.get("candidateGroups", "").split(",")}
        assert named <= set(roles.ALL), name
        assert groups, name
        assert task.findtext(f"{BPMN}documentation"), name


def test_every_form_is_used_by_a_diagram_and_names_guidance_that_exists():
    used = {form_of(task) for path in PROCESSES for task in user_tasks(diagram(path))}

    assert {path.stem for path in FORMS} == used
    for path in FORMS:
        found = form(path)
        assert found.id == path.stem
        assert guidance.text(found.guidance) is not None, path.name


def test_check_finds_nothing_to_say_about_what_we_ship():
    files = [SourceFile(path.name, path.read_bytes()) for path in (*PROCESSES, *FORMS)]

    assert check(files, known(shipped.folder())) == []


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_text_that_may_be_written_has_an_end(path: Path):
    for part in everything(form(path).components):
        if isinstance(part, Input) and part.kind in {"textfield", "textarea"}:
            assert part.longest, part.element
        if isinstance(part, Input) and part.check is not None:
            assert part.check_message, part.element


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_no_component_has_the_id_of_its_form(path: Path):
    """form-js would not open it: the form is a component too."""
    found = form(path)

    assert found.id not in {part.element for part in everything(found.components)}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_columns_of_a_form_are_columns_of_the_register_it_writes_to(path: Path):
    beside = {"unit", "alternative", "equality", "file", "measures"}  # kept with the row, without a column of their own
    for part in everything(form(path).components):
        if isinstance(part, Rows) and part.register == ranking.NAME:
            assert {each.column for each in part.components if isinstance(each, Input)} == {"area", "rank"}
        elif isinstance(part, Rows) and part.register:
            columns = {each.column for each in part.components if isinstance(each, Input) and each.column}
            table = REGISTERS[part.register].table.__table__
            assert columns - beside <= set(table.columns.keys()), part.element


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_what_an_expression_of_a_diagram_reads_is_written_somewhere_in_it(path: Path):
    root = diagram(path)
    forms_here = {form_of(task) for task in user_tasks(root)}
    written = {key for each in FORMS if each.stem in forms_here for key in form(each).keys}
    written |= {each.get("target", "") for each in root.iter(f"{ZEEBE}output")}
    results = {name for each in operations.operations().values() for name in each.outputs}

    payload = {each.get("target", "") for each in root.iter(f"{ZEEBE}input")}
    beside = {"output": results, "subscription": payload}  # an operation's results; what a message carries

    for where, expression in expressions(root):
        assert feel.names(expression) <= written | GIVEN | beside.get(where, set()), expression


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_diagrams_read_only_facts_that_the_host_knows(path: Path):
    for _, expression in expressions(diagram(path)):
        words = expression.replace("(", " ").replace(")", " ").replace(",", " ").split()
        for name, dot, fact in (word.partition(".") for word in words):
            if dot and name in FACTS:
                assert fact in FACTS[name], expression


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_every_choice_has_a_way_out_when_nothing_matches(path: Path):
    for gateway in diagram(path).iter(f"{BPMN}exclusiveGateway"):
        ways = gateway.findall(f"{BPMN}outgoing")
        assert len(ways) == 1 or gateway.get("default") in {way.text for way in ways}, gateway.get("id")


def test_a_unit_goes_through_the_four_phases_each_with_one_escalation_that_does_not_interrupt():
    root = diagram(next(path for path in PROCESSES if path.stem == "unit"))
    phases = {part.get("id"): properties(part)["phase"] for part in root.iter(f"{BPMN}subProcess")}
    timers = [
        (event.get("attachedToRef"), event.get("cancelActivity"), each.findtext(f"{BPMN}timeDate"))
        for event in root.iter(f"{BPMN}boundaryEvent")
        for each in event.iter(f"{BPMN}timerEventDefinition")
    ]

    assert list(phases.values()) == PHASES
    assert timers == [(part, "false", f"=escalation.{phase}") for part, phase in phases.items()]


def test_the_items_are_as_many_as_in_the_table():
    assert len(ALL) == 4 + 12 + 12 + 16 + 9 + 7  # H F Q S R O


def test_the_guard_sees_an_item_that_nothing_meets_any_more():
    """A planted mistake: the texts and diagrams that meet P1.F4 are taken away."""
    left = {where: ids for where, ids in covered().items() if "P1.F4" not in ids}

    assert "P1.F4" in ALL - set().union(*left.values())


def test_the_guard_sees_a_name_that_nothing_writes():
    """A planted mistake: a gateway that reads what no form asks for."""
    root = diagram(next(path for path in PROCESSES if path.stem == "unit"))
    next(root.iter(f"{BPMN}conditionExpression")).text = "=mood = 1"

    assert "mood" in set().union(*(feel.names(expression) for _, expression in expressions(root)))


def expressions(root: object) -> list[tuple[str, str]]:
    """Every FEEL expression of a diagram, without its `=`, and where it stands."""
    found = []
    for element in root.iter():  # type: ignore[attr-defined]
        if not isinstance(element.tag, str):
            continue
        kind = element.tag.rpartition("}")[2]
        texts = [*element.attrib.values(), element.text or ""]
        found += [(kind, each[1:]) for each in texts if each.startswith("=")]
    return found
