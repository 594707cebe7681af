"""Our answers beside those of @bpmn-io/feelin, the reference implementation (made by golden/regenerate.mjs)."""

from __future__ import annotations

from typing import Any

import pytest

from feel.answers import answer, entries

GOLDEN = entries("golden.json")
DIFFERENCES = entries("differences.json")


def same(a: Any, b: Any) -> bool:
    """Equality that keeps true apart from 1."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(x, b[key]) for key, x in a.items())
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _title(entry: dict[str, Any]) -> str:
    return f"{entry['expression']} over {entry['context']}" if "context" in entry else entry["expression"]


def test_there_are_many_golden_expressions_and_none_twice() -> None:
    assert len(GOLDEN) >= 800
    assert len({_title(entry) for entry in GOLDEN + DIFFERENCES}) == len(GOLDEN) + len(DIFFERENCES)


@pytest.mark.parametrize("entry", GOLDEN, ids=_title)
def test_the_answer_is_the_reference_s(entry: dict[str, Any]) -> None:
    assert same(answer(entry), entry["expected"]), answer(entry)


@pytest.mark.parametrize("entry", DIFFERENCES, ids=_title)
def test_a_listed_difference_is_one_and_has_a_reason(entry: dict[str, Any]) -> None:
    assert same(answer(entry), entry["ours"]), answer(entry)
    assert not same(entry["ours"], entry["feelin"])
    assert entry["reason"]


def test_same_keeps_true_apart_from_one() -> None:
    assert not same(True, 1)
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})
