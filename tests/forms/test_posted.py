import re
from decimal import Decimal

import pytest

from forms.filling import (
    REQUIRED,
    SAMPLES,
    SEEN,
    check,
    choice,
    draw,
    errors,
    form,
    hidden_when,
    listed,
    number,
    post,
    text,
)
from forms.test_checking import FILLED
from komp_flow import forms
from komp_flow.errors import Invalid
from komp_flow.forms import values

HEX = re.compile("[0-9a-f]{32}")


def test_what_is_drawn_and_sent_back_is_what_was_answered():
    made = forms.parse((SAMPLES / "everything.json").read_bytes())
    answers = check(made, FILLED)
    assert check(made, forms.decode(made, post(draw(made, answers)))) == answers


def test_an_untouched_page_sends_back_its_defaults():
    made = form(
        text("a", defaultValue="x"),
        choice("b", "x", "y", defaultValue="y"),
        choice("c", "x", "y", kind="checklist", defaultValue=["y"]),
        {"type": "checkbox", "key": "d", "defaultValue": True},
        number("e", defaultValue=1.5),
    )
    assert check(made, forms.decode(made, post(draw(made, {})))) == check(made, {})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1 000,5", Decimal("1000.5")),
        ("1\u00a0000,5", Decimal("1000.5")),
        ("1.000,5", Decimal("1000.5")),
        ("1.000", 1000),
        ("1.5", Decimal("1.5")),
        ("0.125", Decimal("0.125")),
        ("−3", -3),
        ("12", 12),
        ("12,50", Decimal("12.5")),
        ("tolv", "tolv"),
        ("1,2,3", "1,2,3"),
        ("1e5", "1e5"),
        ("NaN", "NaN"),
        ("٣", "٣"),
        ("", None),
        ("9" * 40, "9" * 40),
    ],
)
def test_numbers_are_read_as_norwegians_write_them(typed, kept):
    assert forms.decode(form(number("a")), {"a": typed}) == {"a": kept}


def test_what_cannot_be_read_comes_back_as_it_was_typed():
    made = form(number("a"), {"type": "datetime", "key": "b"})
    answers = forms.decode(made, {"a": "tolv", "b": "i morgen"})
    assert errors(made, answers).keys() == {"a", "b"}
    page = draw(made, answers)
    assert [each.get("value") for each in page.xpath("//input[@class='ds-input']")] == ["tolv", "i morgen"]


def test_a_date_typed_by_hand_is_read():
    made = form({"type": "datetime", "key": "a"})
    assert forms.decode(made, {"a": "31.1.2027"}) == {"a": "2027-01-31"}


def test_text_loses_only_what_nobody_can_see():
    assert forms.decode(form(text("a")), {"a": "æ\r\nø\x0b\x00å\ud800"}) == {"a": "æ\nøå"}


def test_boxes_that_were_shown_and_not_ticked_are_empty_and_others_are_unknown():
    made = form(choice("a", "x", kind="checklist"), {"type": "checkbox", "key": "b"}, choice("c", "x"))
    assert forms.decode(made, {}) == {}
    assert forms.decode(made, {"_shown": ["a", "b", "c"]}) == {"a": [], "b": False, "c": None}
    assert forms.decode(made, {"a": ["x"], "b": "true", "c": "x"}) == {"a": ["x"], "b": True, "c": "x"}


def test_rows_are_read_in_the_order_of_their_numbers_and_keep_their_ids():
    made = form(listed("rader", text("navn"), listed("under", text("x"))))
    one, two = "1" * 32, "2" * 32
    sent = {
        "rader-10-row-id": one, "rader-10-navn": "ti",
        "rader-2-row-id": two, "rader-2-navn": "to", "rader-2-under-0-x": "dypt",
    }  # fmt: skip
    rows = forms.decode(made, sent)["rader"]
    assert [(row["row-id"], row["navn"]) for row in rows] == [(two, "to"), (one, "ti")]
    assert rows[0]["under"][0]["x"] == "dypt"


def test_a_name_that_the_form_does_not_have_is_refused_by_name():
    made = form(text("a"), listed("rader", text("b")))
    answers = forms.decode(
        made, {"a": "1", "role": "hr", "rader-0-c": "x", "rader-0-b-c": "x", "csrf_token": "t", "_x": "y"}
    )
    assert errors(made, answers).keys() == {"role", "rader-0-c", "rader-0-b-c"}


def test_rows_are_added_and_taken_away_by_buttons_without_scripts():
    made = form(listed("rader", text("navn", **REQUIRED)), text("annet"))
    sent = post(draw(made, {}), press="_add=rader", **{"rader-0-navn": "Første", "annet": "Beholdt"})
    received = forms.receive(made, sent, **SEEN)
    assert received.again is not None
    assert [row.get("navn") for row in received.answers["rader"]] == ["Første", None]
    page = draw(made, received.answers)
    sent = post(page, press="_remove=rader-0", **{"rader-1-navn": "Andre"})
    received = forms.receive(made, sent, **SEEN)
    assert [row["navn"] for row in received.answers["rader"]] == ["Andre"]
    assert received.answers["annet"] == "Beholdt"


def test_a_row_in_a_row_can_be_added():
    made = form(listed("rader", text("navn"), listed("under", text("x"))))
    page = draw(made, {"rader": [{"navn": "a", "under": []}]})
    received = forms.receive(made, post(page, press="_add=rader-0-under"), **SEEN)
    assert len(received.answers["rader"][0]["under"]) == 1


def test_no_more_rows_than_there_is_room_for_are_added():
    made = form(listed("rader", text("navn"), max_rows="1"))
    assert len(forms.decode(made, {"_add": "rader", "rader-0-navn": "x"})["rader"]) == 1


def test_a_fixed_list_neither_grows_nor_shrinks():
    made = form({**listed("rader", text("navn")), "allowAddRemove": False})
    sent = {"rader-0-navn": "", "_remove": "rader-0"}
    assert len(forms.decode(made, sent)["rader"]) == 1
    assert len(forms.decode(made, {"rader-0-navn": "", "_add": "rader"})["rader"]) == 1


def test_blank_rows_are_left_out_when_the_reader_is_done():
    made = form(listed("rader", text("navn", **REQUIRED), choice("slag", "x", "y", kind="select", defaultValue="x")))
    page = draw(made, {})
    assert forms.decode(made, post(page))["rader"] == []
    assert len(forms.decode(made, {**post(page), "_part": "1"})["rader"]) == 1
    assert errors(made, forms.decode(made, post(page, **{"rader-0-slag": "y"}))).keys() == {"rader-0-navn"}


def test_a_list_that_must_have_rows_is_shown_with_one_when_it_was_sent_blank():
    made = form(listed("rader", text("navn", **REQUIRED), min_rows="1"))
    answers = forms.decode(made, post(draw(made, {})))
    assert errors(made, answers) == {"rader": "Legg til minst én rad."}
    assert draw(made, answers, errors=[forms_error("rader")]).xpath("count(//input[@name='rader-0-navn'])") == 1


def test_answers_that_open_more_fields_bring_the_page_back_with_a_word_on_it():
    made = form(choice("enig", "ja", "nei"), text("hvorfor", **hidden_when('enig != "nei"')))
    page = draw(made, {})
    assert "hvorfor" not in post(page)
    received = forms.receive(made, post(page, enig="nei"), **SEEN)
    assert received.again is not None
    assert "flere felt" in received.again.notice
    assert received.again.summary == ()
    page = draw(made, received.answers)
    assert forms.receive(made, post(page, hvorfor=""), **SEEN).again is None


def test_a_draft_is_kept_whatever_it_opens():
    made = form(choice("enig", "ja", "nei"), text("hvorfor", **hidden_when('enig != "nei"')))
    received = forms.receive(made, {**post(draw(made, {}), enig="nei"), "_save": ["1"]}, **SEEN)
    assert received.asked.save
    assert received.again is None


def test_looking_again_keeps_the_errors_that_were_told_and_are_not_mended():
    made = form(text("a", **REQUIRED), text("b", **REQUIRED), text("c", **REQUIRED), choice("d", "x"))
    page = draw(made, {}, errors=[forms_error("a"), forms_error("b")])
    received = forms.receive(made, {**post(page, a="mended"), "_part": ["1"]}, **SEEN)
    assert [each.field for each in received.again.summary] == ["b"]


def forms_error(field: str):
    from komp_flow.errors import FieldError

    return FieldError(field, "Fyll ut dette feltet.")


def test_too_much_at_once_is_refused():
    made = form(text("a"))
    with pytest.raises(Invalid):
        forms.decode(made, {f"n{n}": "" for n in range(6000)})
    with pytest.raises(Invalid):
        forms.decode(made, {"a": "x" * 2_000_000})


def test_a_draft_keeps_what_was_typed_right_or_wrong():
    made = form(number("a", validate={"max": 3}), text("b", **REQUIRED), listed("rader", text("c"), min_rows="1"))
    kept = forms.draft(made, {"a": "tolv", "b": "", "rader": [{"c": "x"}]})
    assert kept["a"] == "tolv"
    assert HEX.fullmatch(kept["rader"][0]["row-id"])
    assert forms.draft(made, {"a": 2.5}) == {"a": Decimal("2.5")}


@pytest.mark.parametrize(
    "wrong", [{"x": 1}, {"a": {}}, {"a": ["x"]}, {"rader": "x"}, {"rader": [{"y": 1}]}, {"a": "x" * 30_000}]
)
def test_a_draft_refuses_what_is_not_of_the_form(wrong):
    with pytest.raises(Invalid):
        forms.draft(form(text("a"), listed("rader", text("c"))), wrong)


def test_written_numbers_and_shown_numbers_are_each_others_opposite():
    for given in (0, -3, 12, Decimal("1000.5"), Decimal("0.001"), 10**15):
        assert values.written_number(values.norwegian_number(given)) == given
        assert values.written_number(values.norwegian_number(given, grouped=True)) == given
