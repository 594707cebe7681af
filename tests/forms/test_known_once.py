"""What is known of a form once and for all, and of characters, says the same as looking each time."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from forms.filling import ROOT, SAMPLES, SEEN, document, form, listed
from komp_flow import forms
from komp_flow.errors import Invalid
from komp_flow.forms import values
from komp_flow.forms.components import Form

TEXT: dict[str, Any] = {"type": "textfield", "key": "a", "label": "A", "id": "Field_a"}
FORMS = sorted([*SAMPLES.glob("*.json"), *(ROOT / "forms").glob("*.json")])


def test_what_cannot_be_stored_are_unicodes_controls_and_half_characters() -> None:
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        wanted = sign in "\n\t\r" or unicodedata.category(sign) not in {"Cc", "Cs"}
        assert values.storable(f"a{sign}b") is wanted, hex(code)


@pytest.mark.parametrize(
    ("more", "settled"),
    [
        ({}, True),
        ({"conditional": {"hide": "=b = 1"}}, False),
        ({"readonly": "=b = 1"}, False),
        ({"readonly": True}, False),
        ({"disabled": True}, True),
        ({"type": "select", "values": [{"label": "Ja", "value": "ja"}]}, True),
        ({"type": "select", "valuesKey": "b"}, False),
        ({"type": "select", "valuesExpression": "=b"}, False),
    ],
)
def test_a_form_is_settled_where_no_answer_changes_what_is_seen(more: dict[str, Any], settled: bool) -> None:
    assert form(TEXT | more).is_settled is settled
    assert form(listed("rows", TEXT | more)).is_settled is settled


def without_shortcuts(made: Form) -> Form:
    vars(made).update(is_settled=False, has_checks=True, fills_registers=True)
    return made


def checked(made: Form, given: dict[str, Any]) -> Any:
    try:
        clean = forms.check(made, given, **SEEN)
    except Invalid as error:
        return error.fields
    return clean, forms.registers(made, clean)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_shortcuts_change_no_answer(path: Path) -> None:
    source = path.read_bytes()
    for given in ({}, dict.fromkeys(forms.parse(source).keys, "x"), dict.fromkeys(forms.parse(source).keys)):
        assert checked(forms.parse(source), given) == checked(without_shortcuts(forms.parse(source)), given)


def test_marks_are_told_of_fields_at_the_top_and_in_groups_without_a_path() -> None:
    mine = {"properties": {"private": "true", "other": "false"}}
    inside = {"type": "group", "id": "g", "components": [TEXT | mine | {"key": "b", "id": "Field_b"}]}
    below = inside | {"id": "h", "path": "h", "components": [TEXT | mine | {"key": "c", "id": "Field_c"}]}
    made = forms.parse(document(TEXT | mine, inside, below, properties={"notes": "true"}))
    assert made.marks == {"private": {"a", "b"}}
    assert made.properties == {"notes": "true"}
