"""docs/feel.md is true: its functions, their examples and the differences are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feel.answers import MOMENT, entries
from komp_flow import feel
from komp_flow.feel.functions import FUNCTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "feel.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([a-z ]+)\(([a-z, ]*)\)` \|.*\|(.*)\|$", PAGE, re.MULTILINE)
EXAMPLES = [found for _name, _parameters, cell in ROWS for found in re.findall(r"`(.+)` → `(.+)`", cell)]


def test_every_function_has_a_row_and_no_other() -> None:
    assert sorted(name for name, _parameters, _cell in ROWS) == sorted(FUNCTIONS)


def test_the_parameters_in_the_page_are_those_of_the_functions() -> None:
    for name, parameters, _cell in ROWS:
        known = {parameter.name for parameter in FUNCTIONS[name].parameters}
        assert set(filter(None, parameters.split(", "))) <= known, name


@pytest.mark.parametrize(("expression", "answer"), EXAMPLES)
def test_an_example_in_the_page_is_true(expression: str, answer: str) -> None:
    assert feel.evaluate(expression, {}, MOMENT) == feel.evaluate(answer, {}, MOMENT)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 40


@pytest.mark.parametrize("reason", sorted({entry["reason"] for entry in entries("differences.json")}))
def test_every_difference_stands_in_the_page_with_its_reason(reason: str) -> None:
    assert f"| {reason} |" in PAGE
