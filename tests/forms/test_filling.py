"""What a program is told of a form: the fields in view, what they take, and what is sent when nothing is changed."""

from __future__ import annotations

from forms.filling import REQUIRED, SEEN, choice, form, hidden_when, listed, text
from komp_flow import forms


def test_fields_open_and_close_with_the_answers() -> None:
    made = form(choice("enig", "ja", "nei", **REQUIRED), text("hvorfor", **REQUIRED, **hidden_when('enig != "nei"')))
    assert [each["key"] for each in forms.fields(made, {}, **SEEN)] == ["enig"]
    told = forms.fields(made, {"enig": "nei"}, **SEEN)
    assert [(each["key"], each["required"]) for each in told] == [("enig", True), ("hvorfor", True)]
    assert [option["value"] for option in told[0]["options"]] == ["ja", "nei"]
    assert forms.start(told) == {"enig": "nei", "hvorfor": None}


def test_a_list_that_its_expression_gives_no_rows_begins_with_a_blank_one() -> None:
    for rows, wanted in (("[]", [None]), ('[{tittel: "A"}, {tittel: "B"}]', ["A", "B"])):
        (told,) = forms.fields(form(listed("rader", text("tittel"), default=f"={rows}")), {}, **SEEN)
        assert [row["fields"][0]["value"] for row in told["rows"]] == wanted
        assert [row["tittel"] for row in forms.start([told])["rader"]] == wanted
