import json

import pytest

from forms.filling import REQUIRED, SAMPLES, choice, document, form, hidden_when, listed, number, text
from komp_flow import forms
from komp_flow.errors import Invalid


def rules(given: object) -> list[tuple[str, str]]:
    data = given if isinstance(given, bytes) else json.dumps(given).encode()
    return [(each.element, each.rule) for each in forms.problems(data)]


def test_the_sample_of_everything_holds():
    data = (SAMPLES / "everything.json").read_bytes()
    assert forms.problems(data) == []
    made = forms.parse(data)
    assert made.title == "Kartlegg kritiske kompetanseområder"
    assert made.guidance == "critical-areas"
    assert made.covers == ("P2.S3", "P2.F2")
    assert made.names == {"cycle", "context", "slutt", "start", "enige", "row"}
    assert made.outside == frozenset()


def test_a_form_is_read_once_for_each_text():
    data = json.dumps(document(text("a"))).encode()
    assert forms.parse(data) is forms.parse(bytes(bytearray(data)))


def test_names_that_neither_the_form_nor_the_host_has_come_from_the_instance():
    made = form(text("a", **hidden_when("outcome = cycle.name and a = context.b")))
    assert made.outside == {"outcome"}


@pytest.mark.parametrize(
    "kind", ["taglist", "expression", "html", "iframe", "image", "button", "spacer", "documentPreview"]
)
def test_what_form_js_has_and_we_do_not_is_refused_with_what_to_use_instead(kind):
    (problem,) = forms.problems(json.dumps(document({"type": kind, "id": "X", "key": "x"})).encode())
    assert (problem.element, problem.severity, problem.rule) == ("X", "error", "component")
    assert kind in problem.message
    assert problem.fix


def test_every_problem_is_told_at_once():
    wrong = document(
        text("unit"),
        text("a"),
        text("a"),
        text("med mellomrom"),
        {"type": "textfield", "id": "NoKey"},
        {"type": "wizard", "id": "W"},
        text("b", **hidden_when("a = (")),
        text("c", conditional={"hide": "a = 1"}),
        choice("d"),
        choice("e", "x", "x"),
        text("f", validate={"pattern": "(?=x)"}),
        number("g", validate={"min": 5, "max": 1}),
        text("h", properties={"check": "=row.x = 1"}),
        {"type": "table", "id": "T", "columns": [{"key": "k", "label": "K"}]},
        text("i", label="Hei {{navn}}"),
        text("j", validate={"maxLength": "mange"}),
        listed("k", register="areas"),
        listed("l", text("x"), register="planets"),
        text("m", validate={"custom": True}),
        schemaVersion=20,
        type="other",
    )
    assert rules(wrong) == [
        ("", "not-a-form"),
        ("", "schema-version"),
        ("unit", "reserved-key"),
        ("a-3", "duplicate-key"),
        ("med mellomrom", "bad-key"),
        ("NoKey", "missing-key"),
        ("W", "component"),
        ("b", "feel"),
        ("c", "not-an-expression"),
        ("d", "no-options"),
        ("e", "option"),
        ("f", "pattern"),
        ("g", "range"),
        ("h", "feel-name"),
        ("T", "no-source"),
        ("i", "template"),
        ("j", "wrong-type"),
        ("dynamiclist", "empty-list"),
        ("dynamiclist", "register"),
        ("dynamiclist-18", "register"),
        ("m", "validate"),
    ]


def test_a_bad_expression_is_located():
    (problem,) = forms.problems(json.dumps(document(text("a", **hidden_when("b = (")))).encode())
    assert "tegn 6" in problem.message


@pytest.mark.parametrize(
    "key", ["typename", "__x", "cycle", "unit", "person", "measure", "deadline", "escalation", "row"]
)
def test_reserved_names_are_no_keys(key):
    assert [rule for _element, rule in rules(document(text(key)))] == ["reserved-key"]


def test_a_row_may_use_the_names_of_the_host_as_keys():
    assert rules(document(listed("plans", text("measure")))) == []


def test_the_same_key_may_stand_in_a_list_and_beside_it():
    assert rules(document(text("name"), listed("areas", text("name")))) == []


def test_a_list_in_a_list_runs_and_one_deeper_is_refused():
    inner = listed("c", text("x"))
    assert rules(document(listed("a", listed("b", text("x"))))) == []
    assert ("dynamiclist-3", "too-deep") in rules(document(listed("a", listed("b", inner))))


def test_components_have_bounds_on_number_and_depth():
    deep: dict[str, object] = text("x")
    for _level in range(12):
        deep = {"type": "group", "components": [deep]}
    assert [rule for _e, rule in rules(document(deep))] == ["too-deep"]
    assert "too-many" in [rule for _e, rule in rules(document(*(text(f"k{n}") for n in range(201))))]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "linje 1"),
        (b'{\n"type": }', "linje 2, tegn 9"),
        (b"\xff\xfe", "UTF-8"),
        (b"[1]", "ikke et skjema"),
        (b"[" * 100_000, "nivåer"),
        (b'{"a": NaN}', "tall"),
        (b'{"a": 1, "a": 2}', "to ganger"),
        (b'{"a": ' + b"9" * 5000 + b"}", "tall"),
        (b" " * 300_000, "256 kB"),
    ],
)
def test_what_is_not_json_is_one_clear_problem(data, said):
    (problem,) = forms.problems(data)
    assert said in problem.message
    assert problem.fix


def test_parse_raises_all_errors_by_element():
    with pytest.raises(Invalid) as caught:
        forms.parse(document(text("unit"), {"type": "html", "id": "H"}))
    assert [each.field for each in caught.value.fields] == ["unit", "H"]


def test_an_older_schema_version_is_a_warning_and_runs():
    old = document(text("a"), schemaVersion=16)
    assert [each.severity for each in forms.problems(old)] == ["warning"]
    assert forms.parse(old).keys == ("a",)


def test_required_is_only_a_bool():
    assert rules(document(text("a", validate={"required": "yes"}))) == [("a", "wrong-type")]
    assert rules(document(text("a", **REQUIRED))) == []


def test_no_component_has_the_id_of_another_or_of_the_form():
    twice = document({**text("a"), "id": "X"}, {**text("b"), "id": "X"}, {**text("c"), "id": "trial"})
    assert rules(twice) == [("X", "duplicate-id"), ("trial", "duplicate-id")]
