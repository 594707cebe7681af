"""What was typed in one version of a form, in another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from komp_flow import forms

ROW = "row-id"


def form(*components: dict[str, Any]) -> forms.Form:
    document = {"type": "default", "id": "f", "schemaVersion": 19, "components": list(components)}
    return forms.parse(json.dumps(document))


def part(key: str, kind: str = "textfield", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "id": key, "label": key.title(), **more}


def rows(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": "dynamiclist", "key": "l", "path": "l", "id": "l", "label": "Liste", "components": list(inside)}


WHOLE = form(
    part("a"), part("b", "textarea"), rows(part("x"), part("y")),
    {"type": "group", "id": "g", "path": "g", "label": "Gruppe", "components": [part("z")]},
)  # fmt: skip
TYPED = {
    "a": "A", "b": "to linjer", "g": {"z": "Z"},
    "l": [{ROW: "1", "x": "X", "y": "Y"}, {ROW: "2", "x": "X2", "y": ""}],
}  # fmt: skip


def test_what_fits_and_the_rest_are_all_that_was_typed() -> None:
    smaller = form(part("a"), rows(part("x")))
    fits, rest = forms.fitting(smaller, TYPED)
    assert fits == {"a": "A", "l": [{ROW: "1", "x": "X"}, {ROW: "2", "x": "X2"}]}
    assert rest == {"b": "to linjer", "g": {"z": "Z"}, "l": [{ROW: "1", "y": "Y"}]}
    assert forms.labels(WHOLE, rest) == ["B", "Z", "Y"]
    back = forms.joined(fits, rest)
    assert back | {"l": [{k: v for k, v in row.items() if v} for row in back["l"]]} == {
        **TYPED, "l": [{ROW: "1", "x": "X", "y": "Y"}, {ROW: "2", "x": "X2"}],
    }  # fmt: skip


def test_all_fits_the_same_form() -> None:
    assert forms.fitting(WHOLE, TYPED) == (TYPED, {})


@pytest.mark.parametrize(
    ("component", "value"),
    [
        (part("a", "checkbox"), "tekst"),
        (part("a"), True),
        (part("a"), [{ROW: "1", "x": "X"}]),
        (part("a", "select", values=[{"label": "Ja", "value": "ja"}]), "nei"),
        (part("a", "checklist", values=[{"label": "Ja", "value": "ja"}]), ["ja", "nei"]),
    ],
)
def test_an_answer_of_another_kind_or_one_that_is_not_offered_does_not_fit(
    component: dict[str, Any], value: object
) -> None:
    assert forms.fitting(form(component), {"a": value}) == ({}, {"a": value})


@pytest.mark.parametrize("value", [None, "", "  ", False, [], {"x": None}, [{ROW: "1", "x": ""}]])
def test_nobody_misses_what_is_empty(value: object) -> None:
    assert forms.fitting(form(part("b")), {"a": value}) == ({}, {})


def test_what_was_typed_since_stands_before_what_is_put_back() -> None:
    assert forms.joined({"a": "ny", "b": ""}, {"a": "gammel", "b": "tilbake"}) == {"a": "ny", "b": "tilbake"}
