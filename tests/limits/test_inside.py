"""Bounds of diagrams, forms, instances and files, tried at them and one over them. docs/limits.md lists them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.checking import found, task
from engine.drawing import call, catch, doc, el, end, flows, mi, start, sub, timer, user
from engine.harness import Run, World, at
from forms.filling import SEEN, document, form, listed, number, text
from komp_flow import audit, feel, forms
from komp_flow.engine.checks import data, elements, reading
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import actions, bpmn, codec, timers
from komp_flow.engine.memory.loop import PASSES
from komp_flow.engine.memory.specs import multiinstance, tasks
from komp_flow.engine.memory.values import MAX_VALUE, require_keepable
from komp_flow.errors import Invalid, ProcessFault
from komp_flow.feel import texts
from komp_flow.files import names
from komp_flow.forms import attachments, limits
from komp_flow.organisation import csv_files, entries, models
from organisation.files import PEOPLE, UNITS, with_cell

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
MOMENT = feel.Moment(NOW, OSLO)


# ---- diagrams


def checked(drawn: bytes, *rules: str) -> bool:
    """Taken, unless one of these rules is broken."""
    return not [rule for rule, _element in found(drawn) if rule in rules]


def chain(count: int) -> bytes:
    """So many elements, the two events among them."""
    middle = [f"t{n}" for n in range(count - 2)]
    return doc(start(), *(el("task", one) for one in middle), end(), flows(">".join(["s", *middle, "e"])))


def boxes(depth: int) -> bytes:
    inner = task("u")
    for level in range(depth):
        first = "u" if not level else f"b{level - 1}"
        inner = sub(
            f"b{level}", start(f"s{level}"), inner, end(f"e{level}"), flows(f"s{level}>{first}>e{level}")
        )  # fmt: skip
    return doc(start(), inner, end(), flows(f"s>b{depth - 1}>e"))


def deep(levels: int) -> bytes:
    """XML of so many levels, inside an extension element that means nothing."""
    inside = levels - 4  # definitions, process, task, extensionElements
    return doc(start(), task("u", ext="<x>" * inside + "</x>" * inside), end(), flows("s>u>e"))


def padded(size: int) -> bytes:
    drawn = doc(start(), task("u"), end(), flows("s>u>e"))
    return drawn.replace(b"</bpmn:definitions>", b" " * (size - len(drawn)) + b"</bpmn:definitions>")


def items(count: int) -> bytes:
    loop = mi(f"=for n in 1..{count} return n", "i")
    return doc(start(), task("u", loop), end(), flows("s>u>e"))


# ---- instances


def opened(count: int) -> bool:
    run = Run(doc(start(), user("u", mi("=folk", "i")), end(), flows("s>u>e")), data={"folk": list(range(count))})
    return len(run.view.tasks) == count and not run.failed()


def called(levels: int) -> bool:
    """A process that calls one that calls … so often."""
    documents = [doc(start(), call("c", f"p{n + 1}"), end(), flows("s>c>e"), pid=f"p{n}") for n in range(levels)]
    last = doc(start(), user("u"), end(), flows("s>u>e"), pid=f"p{levels}")
    world = World(*documents, last)
    instance = actions.start(world.program("p0@1"), world)
    view = actions.view(instance)
    return [task.element for task in view.tasks] == ["u"] and not view.incidents


def rounds(text_: str) -> bool:
    with suppress(Fault):
        return bool(timers.instants(text_, NOW, NOW, OSLO))
    return False


def kept(size: int) -> bool:
    with suppress(Fault):
        require_keepable("x", "y" * (size - 2))
        return True
    return False


# ---- forms


def parsed(*components: Mapping[str, object]) -> bool:
    return not forms.problems(_json(document(*components)))


def _json(written: Mapping[str, object]) -> bytes:
    import json

    return json.dumps(written).encode()


def answered(components: tuple[Mapping[str, object], ...], values: Mapping[str, Any]) -> bool:
    with suppress(Invalid):
        forms.check(form(*components), values, **SEEN)
        return True
    return False


def groups(depth: int) -> Mapping[str, object]:
    inner: dict[str, object] = text("x")
    for _level in range(depth - 1):
        inner = {"type": "group", "components": [inner]}
    return inner


def choice(count: int) -> Mapping[str, object]:
    options = [{"label": f"v{n}", "value": f"v{n}"} for n in range(count)]
    return {"type": "select", "key": "s", "label": "S", "values": options}


AREA = ({"type": "textarea", "key": "a", "label": "A"},)
LINE = (text("a"),)
ROWS = (listed("r", text("a")),)
NUMBER = (number("a"),)


def attached(count: int) -> bool:
    files = [forms.Attached(f"00000000-0000-4000-8000-{n:012x}", f"{n}.pdf", "pdf", 10) for n in range(count)]
    made = form({"type": "filepicker", "key": "f", "multiple": True})
    with suppress(Invalid):
        forms.check(made, {"f": [file.id for file in files]}, **{**SEEN, "files": {file.id: file for file in files}})
        return True
    return False


# ---- files of the organisation


def celled(line: int, column: str, value: str, *, people: bool = False) -> bool:
    table = (
        (UNITS, with_cell(PEOPLE, line, column, value)) if people else (with_cell(UNITS, line, column, value), PEOPLE)
    )
    wrong = entries.read(*(part.encode() for part in table)).errors
    return (line, column) not in [(error.line, error.field) for error in wrong]


def addressed(length: int) -> str:
    """An address of so many letters, whose parts are no longer than they may be."""
    domain = ".".join(["x" * 60] * 3 + ["x" * (length - 2 - 3 * 61 - len(".example")), "example"])
    return f"a@{domain}"


EDGES: dict[str, tuple[int, Callable[[int], bool]]] = {
    "engine.memory.bpmn.MAX_BYTES": (bpmn.MAX_BYTES, lambda n: checked(padded(n), "file-too-large", "too-large")),
    "engine.checks.elements.MAX_ELEMENTS": (elements.MAX_ELEMENTS, lambda n: checked(chain(n), "too-many-elements")),
    "engine.checks.elements.MAX_NESTING": (elements.MAX_NESTING, lambda n: checked(boxes(n), "nested-too-deep")),
    "engine.checks.elements.MAX_ID": (
        elements.MAX_ID,
        lambda n: checked(doc(start(), task("u" * n), end(), flows(f"s>{'u' * n}>e")), "id-too-long"),
    ),
    "engine.checks.elements.MAX_NAME": (
        elements.MAX_NAME,
        lambda n: checked(doc(start(), task("u", name="N" * n), end(), flows("s>u>e")), "name-too-long"),
    ),
    "engine.checks.reading.MAX_DEPTH": (reading.MAX_DEPTH, lambda n: checked(deep(n), "too-deep")),
    "engine.checks.data.MAX_ITEMS": (data.MAX_ITEMS, lambda n: checked(items(n), "mi-too-many")),
    "engine.memory.specs.multiinstance.MAX_ITEMS": (multiinstance.MAX_ITEMS, opened),
    "engine.memory.specs.tasks.MAX_CALLS": (tasks.MAX_CALLS, called),
    "engine.memory.timers.TIMES": (timers.TIMES, lambda n: rounds(f"R{n}/PT1M")),
    "engine.memory.timers.AHEAD": (timers.AHEAD.days, lambda n: rounds(f"P{n}D")),
    "engine.memory.values.MAX_VALUE": (MAX_VALUE, kept),
    "forms.limits.COMPONENTS": (limits.COMPONENTS, lambda n: parsed(*(text(f"k{i}") for i in range(n)))),
    "forms.limits.DEPTH": (limits.DEPTH, lambda n: parsed(groups(n))),
    "forms.limits.OPTIONS": (limits.OPTIONS, lambda n: parsed(choice(n))),
    "forms.limits.WORDING": (limits.WORDING, lambda n: parsed(text("a", description="x" * n))),
    "forms.limits.PROSE": (limits.PROSE, lambda n: parsed({"type": "text", "text": "x" * n})),
    "forms.limits.PATTERN": (limits.PATTERN, lambda n: parsed(text("a", validate={"pattern": "x" * n}))),
    "forms.limits.LINE": (limits.LINE, lambda n: answered(LINE, {"a": "x" * n})),
    "forms.limits.TEXT": (limits.TEXT, lambda n: answered(AREA, {"a": "x" * n})),
    "forms.limits.ROWS": (limits.ROWS, lambda n: answered(ROWS, {"r": [{"a": "x"}] * n})),
    "forms.limits.DECIMALS": (limits.DECIMALS, lambda n: answered(NUMBER, {"a": Decimal(f"1.{'1' * n}")})),
    "forms.attachments.MOST": (attachments.MOST, attached),
    "feel.texts.LONGEST_PATTERN": (
        texts.LONGEST_PATTERN,
        lambda n: feel.evaluate("matches(a, p)", {"a": "x" * n, "p": "x" * n}, MOMENT) is True,
    ),
    "organisation.models.ID": (models.ID, lambda n: celled(6, "employee_id", "x" * n, people=True)),
    "organisation.models.NAME": (models.NAME, lambda n: celled(3, "name", "x" * n)),
    "organisation.models.EMAIL": (
        models.EMAIL, lambda n: celled(6, "email", addressed(n), people=True),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_at_the_bound_it_is_taken_and_over_it_refused(name: str) -> None:
    bound, taken = EDGES[name]
    assert taken(bound)
    assert not taken(bound + 1)


def test_timers_have_a_minute_between() -> None:
    assert rounds("R3/PT60S")
    assert not rounds("R3/PT59S")


def test_an_instance_that_has_grown_too_large_is_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(doc(start(), user("u"), user("v", ins=[("=a", "a")]), end(), flows("s>u>v>e")))
    monkeypatch.setattr(codec, "MAX_STATE", 20_000)
    with pytest.raises(ProcessFault, match="for stor"):
        run.complete("u", a="x" * 20_000)
    assert run.complete("u", a="x" * 8_000).open() == ["v"]


def test_timers_that_are_due_beyond_a_step_fire_at_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FIRINGS", 3)
    loop = mi("=[1, 2, 3, 4, 5]", "i")
    inner = sub("m", start("s1"), catch("t", timer("PT1H")), user("u"), end("e1"), flows("s1>t>u>e1"), pre=loop)
    run = Run(doc(start(), inner, end(), flows("s>m>e")))
    assert run.tick(at(1)) == 3
    assert run.tick(at(1)) == 2
    assert run.open() == ["u"] * 5


def test_a_step_goes_so_many_rounds_and_no_further() -> None:
    straight = [f"t{n}" for n in range(250)]
    assert len(straight) < PASSES
    run = Run(
        doc(start(), *(el("task", one) for one in straight), end(), flows(">".join(["s", *straight, "e"])))
    )  # fmt: skip
    assert run.done


def test_the_trail_holds_no_content(db: Any) -> None:
    with pytest.raises(ValueError, match="detail"):
        audit.record(db, "s", [audit.Entry("x", detail={"text": "x" * audit.DETAIL_LIMIT})], NOW)


def test_a_files_name_is_cut_and_keeps_its_ending() -> None:
    assert names.clean("x" * (names.LONGEST - 4) + ".pdf") == "x" * (names.LONGEST - 4) + ".pdf"
    cut = names.clean("x" * names.LONGEST + ".pdf")
    assert (len(cut), cut[-4:]) == (names.LONGEST, ".pdf")


def test_rows_and_lines_of_a_file_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = len(PEOPLE.splitlines()) - 1
    monkeypatch.setattr(csv_files, "MAX_ROWS", rows)
    assert entries.read(UNITS.encode(), PEOPLE.encode()).errors == []
    monkeypatch.setattr(csv_files, "MAX_ROWS", rows - 1)
    assert entries.read(UNITS.encode(), PEOPLE.encode()).errors
    monkeypatch.setattr(csv_files, "MAX_ROWS", rows)
    monkeypatch.setattr(csv_files, "MAX_LINES", PEOPLE.count("\n"))
    assert entries.read(UNITS.encode(), PEOPLE.encode()).errors == []
    assert entries.read(UNITS.encode(), (PEOPLE + "\n").encode()).errors
