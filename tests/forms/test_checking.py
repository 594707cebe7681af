import time
from decimal import Decimal
from uuid import uuid4

import pytest

from forms.filling import (
    CONTEXT,
    REQUIRED,
    SAMPLES,
    SEEN,
    check,
    choice,
    document,
    errors,
    form,
    hidden_when,
    listed,
    number,
    text,
)
from komp_flow import forms
from komp_flow.errors import Invalid
from komp_flow.forms import limits

FILES = [
    forms.Attached("00000000-0000-4000-8000-00000000000a", "plan.pdf", "pdf", 10),
    forms.Attached("00000000-0000-4000-8000-00000000000b", "bilde.png", "png", 20),
    forms.Attached("00000000-0000-4000-8000-00000000000c", "notat.txt", "txt", 30),
]


def one(component: dict[str, object], value: object) -> object:
    """The clean answer to a form of one field, or its message."""
    made = form(component)
    found = errors(made, {"a": value})
    return found["a"] if found else check(made, {"a": value})["a"]


def test_every_error_of_the_form_is_told_at_once_in_its_order():
    made = form(
        text("navn", **REQUIRED),
        number("nivå", validate={"min": 1, "max": 4}),
        choice("enig", "ja", "nei", **REQUIRED),
        listed("områder", text("tittel", **REQUIRED)),
    )
    found = errors(made, {"nivå": 7, "områder": [{"tittel": "a"}, {}], "ukjent": 1})
    assert found == {
        "navn": "Fyll ut dette feltet.",
        "nivå": "Skriv et tall mellom 1 og 4.",
        "enig": "Velg ett av alternativene.",
        "områder-1-tittel": "Fyll ut dette feltet.",
        "ukjent": "Dette feltet finnes ikke i skjemaet. Ta det bort.",
    }
    assert list(found) == ["navn", "nivå", "enig", "områder-1-tittel", "ukjent"]


def test_an_empty_answer_is_kept_as_nothing():
    made = form(
        text("a"),
        number("b"),
        choice("c", "x"),
        choice("d", "x", kind="checklist"),
        {"type": "checkbox", "key": "e"},
        {"type": "datetime", "key": "f"},
        listed("g", text("x")),
        {"type": "group", "path": "h", "components": [text("x")]},
    )
    nothing = {"a": None, "b": None, "c": None, "d": [], "e": False, "f": None, "g": [], "h": {"x": None}}
    assert check(made, {}) == nothing
    assert check(made, {"a": " ", "b": None, "c": "", "d": None, "e": None, "f": "", "g": None, "h": None}) == nothing


@pytest.mark.parametrize(
    ("rules", "value", "answer"),
    [
        ({}, " hei\r\n", "hei"),
        ({}, 3, "Svaret skal være tekst."),
        ({}, "a\nb", "Skriv på én linje."),
        ({}, "a\0b", "Teksten har tegn som ikke kan lagres. Skriv den på nytt, uten å lime inn."),
        ({}, "\ud800", "Teksten har tegn som ikke kan lagres. Skriv den på nytt, uten å lime inn."),
        ({}, "x" * 501, "Skriv høyst 500 tegn. Du har skrevet 501."),
        ({"minLength": 3}, "ab", "Skriv minst 3 tegn."),
        ({"maxLength": 2}, "abc", "Skriv høyst 2 tegn. Du har skrevet 3."),
        ({"maxLength": "=1+1"}, "abc", "Skriv høyst 2 tegn. Du har skrevet 3."),
        ({"pattern": "^[0-9]{3}$"}, "12", "Svaret er ikke skrevet slik det trengs her. Se hva feltet ber om."),
        ({"pattern": "^[0-9]{3}$", "patternErrorMessage": "Tre sifre."}, "12", "Tre sifre."),
        ({"pattern": "[0-9]{3}"}, "nr 123", "nr 123"),
        ({"validationType": "email"}, "ola@komp.no", "ola@komp.no"),
        (
            {"validationType": "email"},
            "blåbær.ø@kommune.oslo.no",
            "Skriv en e-postadresse, for eksempel navn@virksomhet.no.",
        ),
        ({"validationType": "email"}, "ola@komp", "Skriv en e-postadresse, for eksempel navn@virksomhet.no."),
        ({"validationType": "phone"}, "+47 22 33 44 55", "+47 22 33 44 55"),
        ({"validationType": "phone"}, "22334455", "22334455"),
        (
            {"validationType": "phone"},
            "ring meg",
            "Skriv et telefonnummer, for eksempel 22 33 44 55 eller +47 22 33 44 55.",
        ),
    ],
)
def test_text(rules, value, answer):
    assert one(text("a", validate=rules), value) == answer


def test_a_textarea_has_a_bound_where_the_form_says_nothing():
    area = {"type": "textarea", "key": "a"}
    assert one(area, "x\n" * 10_000) == ("x\n" * 10_000).strip()
    assert one(area, "x" * 20_001) == "Skriv høyst 20000 tegn. Du har skrevet 20001."


def test_a_pattern_that_would_explode_elsewhere_is_quick():
    assert one(text("a", validate={"pattern": "^(a+)+$"}), "a" * 499 + "b").startswith("Svaret")


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ({}, 3, 3),
        ({}, 3.0, 3),
        ({}, 0.1, Decimal("0.1")),
        ({}, "3", "Skriv et tall."),
        ({}, True, "Skriv et tall."),
        ({}, 10**15 + 1, "Skriv et tall."),
        ({}, [1], "Skriv et tall."),
        ({"decimalDigits": 0}, 1.5, "Skriv et helt tall."),
        ({"decimalDigits": 2}, Decimal("1.255"), "Skriv høyst 2 desimaler."),
        ({"increment": 0.5}, 1.5, Decimal("1.5")),
        ({"increment": 0.5}, 1.7, "Skriv et tall som kan deles på 0,5."),
        ({"serializeToString": True}, "12.50", "12.5"),
        ({"serializeToString": True}, 12, "12"),
        ({"validate": {"min": 0}}, -1, "Skriv et tall som er 0 eller mer."),
        ({"validate": {"max": 10000}}, 10001, "Skriv et tall som er 10\u00a0000 eller mindre."),
        ({"validate": {"min": "=2*2", "max": "=10"}}, 3, "Skriv et tall mellom 4 og 10."),
    ],
)
def test_numbers(field, value, answer):
    found = one(number("a", **field), value)
    assert found == answer
    assert type(found) is type(answer)


def test_numbers_that_are_none_are_refused():
    for value in (float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), 10**5000):
        assert "a" in errors(form(number("a")), {"a": value})


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ({}, "2027-02-28", "2027-02-28"),
        ({}, "2027-02-29", "Skriv en dato, for eksempel 31.12.2027."),
        ({}, "20270228", "Skriv en dato, for eksempel 31.12.2027."),
        ({}, "0001-01-01", "Skriv en dato, for eksempel 31.12.2027."),
        ({}, 20270228, "Skriv en dato, for eksempel 31.12.2027."),
        ({"disallowPassedDates": True}, "2027-01-04", "2027-01-04"),
        ({"disallowPassedDates": True}, "2027-01-03", "Velg en dato som ikke har vært."),
        ({"subtype": "time"}, "13:30", "13:30"),
        ({"subtype": "time"}, "13:30:59", "13:30"),
        ({"subtype": "time"}, "25:00", "Skriv et klokkeslett, for eksempel 13:30."),
        ({"subtype": "time", "timeInterval": 15}, "13:31", "Velg et klokkeslett som går opp i 15 minutter."),
        ({"subtype": "time", "timeSerializingFormat": "utc_offset"}, "13:30", "13:30+01:00"),
        ({"subtype": "time", "timeSerializingFormat": "utc_normalized"}, "12:30Z", "12:30Z"),
        ({"subtype": "datetime"}, "2027-07-01T10:00", "2027-07-01T10:00+02:00"),
        ({"subtype": "datetime"}, "2027-07-01T08:00:00Z", "2027-07-01T10:00+02:00"),
        ({"subtype": "datetime"}, "2027-03-28T02:30", "2027-03-28T03:30+02:00"),
        ({"subtype": "datetime", "timeSerializingFormat": "utc_normalized"}, "2027-07-01T10:00", "2027-07-01T08:00Z"),
        ({"subtype": "datetime", "timeSerializingFormat": "no_timezone"}, "2027-07-01T10:00", "2027-07-01T10:00"),
        ({"subtype": "datetime"}, "2027-07-01", "Skriv en dato og et klokkeslett."),
        ({"subtype": "datetime"}, "9999-12-31T23:59-12:00", "Skriv en dato og et klokkeslett."),
    ],
)
def test_dates_and_times(field, value, answer):
    assert one({"type": "datetime", "key": "a", **field}, value) == answer


@pytest.mark.parametrize(
    ("component", "value", "answer"),
    [
        (choice("a", "x", "y"), "y", "y"),
        (choice("a", "x", "y"), "z", "Velg ett av alternativene."),
        (choice("a", "x", "y"), ["x"], "Velg ett av alternativene."),
        (choice("a", 1, 2, kind="select"), 2, 2),
        (choice("a", 1, 2, kind="select"), "2", 2),
        (choice("a", True, False), "false", False),
        (choice("a", "x", "y", kind="checklist"), ["y", "x", "y"], ["x", "y"]),
        (choice("a", "x", "y", kind="checklist"), ["z"], "Velg blant alternativene i lista."),
        (choice("a", "x", "y", kind="checklist"), "x", "Svaret skal være en liste med valg."),
        (choice("a", "x", kind="checklist", **REQUIRED), [], "Velg minst ett alternativ."),
        (choice("a", kind="select", valuesExpression="=context.goals"), "g2", "g2"),
        (choice("a", kind="select", valuesExpression="=context.goals"), "g3", "Velg ett av alternativene."),
        (choice("a", kind="select", valuesExpression="=[1, 2, 3]"), "2", 2),
        (choice("a", kind="select", valuesKey="goals"), "g1", "g1"),
        ({"type": "checkbox", "key": "a"}, True, True),
        ({"type": "checkbox", "key": "a"}, "ja", "Svaret skal være ja eller nei (true eller false)."),
        ({"type": "checkbox", "key": "a", **REQUIRED}, False, "Kryss av her for å gå videre."),
    ],
)
def test_choices(component, value, answer):
    assert one(component, value) == answer


def test_false_may_be_a_required_choice():
    assert check(form(choice("a", True, False, **REQUIRED)), {"a": False}) == {"a": False}


def test_what_is_hidden_is_neither_checked_nor_kept():
    made = form(choice("enig", "ja", "nei"), text("hvorfor", **REQUIRED, **hidden_when('enig = "ja"')))
    assert check(made, {"enig": "ja", "hvorfor": 3}) == {"enig": "ja"}
    assert errors(made, {"enig": "nei"}) == {"hvorfor": "Fyll ut dette feltet."}


def test_a_condition_that_is_null_hides_nothing():
    made = form(number("a"), text("b", **hidden_when("a > 3")))
    assert check(made, {"b": "x"}) == {"a": None, "b": "x"}


def test_an_answer_that_is_hidden_is_no_answer_for_what_depends_on_it():
    made = form(
        text("c", **hidden_when('not(b = "x")')),
        text("b", **hidden_when('not(a = "x")')),
        text("a"),
    )
    assert check(made, {"a": "x", "b": "x", "c": "kept"}) == {"a": "x", "b": "x", "c": "kept"}
    assert check(made, {"a": "", "b": "x", "c": "gone"}) == {"a": None}


def test_conditions_that_contradict_each_other_show_the_field():
    made = form(text("a", **hidden_when('b = "x"')), text("b", **hidden_when('a = "x"')), text("c"))
    assert check(made, {"a": "x", "b": "x", "c": "y"}) == {"a": "x", "b": "x", "c": "y"}


def test_a_long_chain_of_conditions_comes_to_its_end():
    made = form(text("k0"), *(text(f"k{n}", **hidden_when(f"k{n - 1} = null")) for n in range(1, 60)))
    assert check(made, {f"k{n}": "x" for n in range(1, 60)}) == {"k0": None}
    assert len(check(made, {f"k{n}": "x" for n in range(60)})) == 60


def test_conditions_have_a_bound_on_what_they_cost():
    chain = [text(f"k{n}", **hidden_when(f"row.k{n - 1} = null")) for n in range(1, 190)]
    made = form(listed("rader", text("k0"), *chain))
    begun = time.perf_counter()
    assert check(made, {"rader": [{"k5": "x"}] * 60})["rader"]
    assert time.perf_counter() - begun < 15


def test_a_hidden_group_hides_all_that_is_in_it():
    made = form(
        text("a"),
        {
            "type": "group",
            "components": [
                text("b", **REQUIRED),
                {"type": "group", "path": "g", "components": [text("c", **REQUIRED)]},
                listed("d", text("e", **REQUIRED)),
            ],
            **hidden_when("a = null"),
        },
    )
    assert check(made, {"d": [{}], "b": "x"}) == {"a": None}
    assert list(errors(made, {"a": "x", "d": [{}]})) == ["b", "g-c", "d-0-e"]


def test_conditions_and_checks_in_a_row_read_the_row():
    wanted = number("ønsket", properties={"check": "=row.ønsket >= row.nivå", "check-message": "For lavt."})
    made = form(
        number("høyest"),
        listed("rader", number("nivå"), wanted, text("hvorfor", **REQUIRED, **hidden_when("ønsket < høyest"))),
    )
    rows = [{"nivå": 2, "ønsket": 1}, {"nivå": 2, "ønsket": 4, "hvorfor": ""}, {"nivå": 1, "ønsket": 1, "hvorfor": 3}]
    assert errors(made, {"høyest": 4, "rader": rows}) == {
        "rader-0-ønsket": "For lavt.",
        "rader-1-hvorfor": "Fyll ut dette feltet.",
    }


def test_this_and_parent_are_as_in_form_js():
    inner = listed("under", text("b", **REQUIRED, **hidden_when("this.a = parent.a and i[2] = 1")), text("a"))
    made = form(listed("rader", text("a"), inner))
    assert check(made, {"rader": [{"a": "x", "under": [{"a": "x"}]}]})["rader"][0]["under"][0].keys() == {"row-id", "a"}
    assert errors(made, {"rader": [{"a": "x", "under": [{"a": "y"}]}]}) == {
        "rader-0-under-0-b": "Fyll ut dette feltet."
    }


def test_a_check_that_reads_something_unanswered_says_nothing():
    made = form(
        {"type": "datetime", "key": "start"},
        {"type": "datetime", "key": "slutt", "properties": {"check": "=slutt > start and slutt > today()"}},
    )
    assert errors(made, {"slutt": "2027-02-01"}) == {}
    assert errors(made, {"start": "2027-03-01", "slutt": "2027-02-01"}) == {
        "slutt": "Svaret stemmer ikke med de andre svarene. Se over dem."
    }
    assert errors(made, {"start": "2026-03-01", "slutt": "2026-12-01"}).keys() == {"slutt"}


def test_a_check_on_an_empty_field_can_demand_it():
    made = form(
        choice("utfall", "som innstilt", "endret"),
        text("grunn", properties={"check": '=utfall = "som innstilt" or grunn != null', "check-message": "Begrunn."}),
    )
    assert errors(made, {"utfall": "endret"}) == {"grunn": "Begrunn."}
    assert errors(made, {"utfall": "som innstilt"}) == {}


def test_a_check_can_stand_on_a_list():
    made = form(listed("rader", text("a"), check="=count(rader) = 2", check_message="To rader."))
    assert errors(made, {"rader": [{"a": "x"}]}) == {"rader": "To rader."}


def test_rows_are_bounded_and_keep_their_ids():
    made = form(listed("rader", text("a"), min_rows="1", max_rows="2"))
    its_id = "0123456789abcdef0123456789abcdef"
    kept = check(made, {"rader": [{"row-id": its_id, "a": "x"}, {"a": "y"}]})["rader"]
    assert kept[0] == {"row-id": its_id, "a": "x"}
    assert len(kept[1]["row-id"]) == 32
    assert errors(made, {}) == {"rader": "Legg til minst én rad."}
    assert errors(made, {"rader": [{}] * 3}) == {"rader": "Ha høyst 2 rader."}
    assert errors(made, {"rader": [{"row-id": its_id}, {"row-id": its_id}]}).keys() == {"rader"}
    assert errors(made, {"rader": [{"row-id": "x"}]}).keys() == {"rader-0-row-id"}
    assert errors(made, {"rader": "x"}) == {"rader": "Her skal det være en liste med rader."}
    assert errors(made, {"rader": ["x"]}) == {"rader-0": "Her skal det være et objekt med svar."}
    assert errors(made, {"rader": [{"b": 1}]}).keys() == {"rader-0-b"}


def test_a_list_that_says_nothing_holds_a_hundred_rows():
    assert errors(form(listed("rader", text("a"))), {"rader": [{}] * 101}) == {"rader": "Ha høyst 100 rader."}


def decisions() -> forms.Form:
    rows = listed(
        "vedtak",
        text("name", readonly=True),
        choice("utfall", "vedtatt", "avvist", **REQUIRED),
        default="=context.measures",
    )
    return form({**rows, "allowAddRemove": False})


def test_rows_that_lie_fast_are_the_known_ones_and_locked_fields_keep_what_they_had():
    its_id = "0" * 31 + "1"
    answered = check(decisions(), {"vedtak": [{"row-id": its_id, "name": "forged", "utfall": "vedtatt"}]})
    assert answered == {"vedtak": [{"row-id": its_id, "name": "Kurs i klarspråk", "utfall": "vedtatt"}]}
    assert errors(decisions(), {"vedtak": [{"utfall": "vedtatt"}]}).keys() == {"vedtak"}
    assert errors(decisions(), {"vedtak": []}).keys() == {"vedtak"}
    assert errors(decisions(), {}) == {"vedtak-0-utfall": "Velg ett av alternativene."}


def test_rows_without_an_id_of_their_own_get_the_same_one_each_time():
    made = form(listed("rader", text("name"), default="=context.goals"))
    first, second = check(made, {}), check(made, {})
    assert first == second
    assert [row["name"] for row in first["rader"]] == ["Raskere saksbehandling", "Bedre brukerdialog"]


def test_locked_and_disabled_fields_take_nothing_from_the_client():
    made = form(
        text("a", readonly=True, defaultValue="fast"),
        text("b", disabled=True, defaultValue="vises"),
        text("c", readonly='=a = "fast"', defaultValue="også fast"),
        text("d", readonly=True, properties={"default": "=cycle.name"}),
    )
    sent = {"a": "x", "b": "x", "c": "x", "d": "x"}
    assert check(made, sent) == {"a": "fast", "c": "også fast", "d": "2027"}


def test_a_default_stands_where_nothing_was_sent_and_gives_way_to_an_empty_answer():
    made = form(text("a", defaultValue="x"), {"type": "checkbox", "key": "b", "defaultValue": True})
    assert check(made, {}) == {"a": "x", "b": True}
    assert check(made, {"a": "", "b": False}) == {"a": None, "b": False}


def test_dates_in_expressions_are_dates():
    made = form(
        {"type": "datetime", "key": "a", "properties": {"default": "=today()", "check": "=date(a) >= today()"}},
        {"type": "datetime", "key": "b", "subtype": "datetime", "properties": {"check": "=b > now()"}},
    )
    assert check(made, {}) == {"a": "2027-01-04", "b": None}
    assert errors(made, {"a": "2026-01-01", "b": "2027-01-04T08:00"}).keys() == {"a", "b"}


def test_the_whole_submission_is_bounded():
    made = form(*({"type": "textarea", "key": f"t{n}"} for n in range(20)))
    with pytest.raises(Invalid, match="for store"):
        check(made, {f"t{n}": "x" * 20_000 for n in range(20)})
    deep: object = "x"
    for _level in range(50):
        deep = [deep]
    with pytest.raises(Invalid, match="nivåer"):
        check(made, {"t0": deep})
    with pytest.raises(Invalid, match="for store"):
        check(made, {"t0": [None] * (limits.NODES + 1)})
    with pytest.raises(Invalid, match="objekt"):
        check(made, [])  # type: ignore[arg-type]


def test_a_filepicker_keeps_ids_of_files_that_the_task_has():
    made = form({"type": "filepicker", "key": "fil", "accept": ".pdf,image/*", **REQUIRED})
    seen = {**SEEN, "files": {each.id: each for each in FILES}}
    plan, picture, note = (each.id for each in FILES)
    assert forms.check(made, {"fil": [plan]}, **seen) == {"fil": [plan]}
    assert forms.check(made, {"fil": picture.upper()}, **seen) == {"fil": [picture]}
    for wrong, said in (
        ([plan, picture], "høyst én fil"),
        ([str(uuid4())], "finnes ikke i denne oppgaven"),
        (["../../etc/passwd"], "finnes ikke i denne oppgaven"),
        ([note], "«notat.txt» passer ikke her. Velg PDF, PNG eller JPEG."),
        ([1], "liste med id-ene"),
        ([], "Legg ved en fil."),
        (None, "Legg ved en fil."),
    ):
        with pytest.raises(Invalid) as refused:
            forms.check(made, {"fil": wrong}, **seen)
        assert said in refused.value.fields[0].message


def test_a_filepicker_for_many_keeps_each_once_and_nothing_is_null():
    made = form(
        {"type": "filepicker", "key": "filer", "multiple": True},
        {"type": "textfield", "key": "lenke", "properties": {"check": "=lenke != null or filer != null"}},
    )
    seen = {**SEEN, "files": {each.id: each for each in FILES}}
    ids = [each.id for each in FILES]
    assert forms.check(made, {"filer": [*ids, ids[0]]}, **seen)["filer"] == ids
    assert forms.check(made, {"filer": [], "lenke": "x"}, **seen) == {"filer": None, "lenke": "x"}
    with pytest.raises(Invalid):
        forms.check(made, {"filer": [], "lenke": ""}, **seen)


def test_a_file_field_that_takes_nothing_we_take_is_a_mistake():
    found = forms.problems({**document({"type": "filepicker", "key": "fil", "accept": ".exe"})})
    assert [(each.rule, each.severity) for each in found] == [("accept", "warning"), ("accept", "error")]
    found = forms.problems({**document({"type": "filepicker", "key": "fil", "accept": ".pdf,.doc"})})
    assert [(each.rule, each.severity) for each in found] == [("accept", "warning")]


def test_the_field_that_a_file_is_for_is_found_by_its_path():
    made = form(
        {"type": "filepicker", "key": "fil"},
        {"type": "textfield", "key": "navn"},
        listed("rader", {"type": "filepicker", "key": "fil"}),
        {"type": "group", "path": "sted", "components": [{"type": "filepicker", "key": "fil", "multiple": True}]},
    )
    assert forms.field(made, "fil")
    assert forms.field(made, "rader-0-fil")
    assert forms.field(made, "sted-fil").many  # type: ignore[union-attr]
    for wrong in ("", "navn", "rader", "rader-fil", "fil-0", "sted", "annet", "rader-0-annet"):
        assert forms.field(made, wrong) is None


def test_the_rows_of_registers_have_columns_and_ids():
    made = form(
        listed(
            "områder",
            text("navn", properties={"column": "name"}),
            text("notat"),
            {"type": "group", "path": "g", "components": [number("nivå", properties={"column": "level"})]},
            listed("tiltak", text("t", properties={"column": "name"}), register="measures"),
            register="areas",
        )
    )
    answers = check(made, {"områder": [{"navn": "a", "notat": "b", "g": {"nivå": 2}, "tiltak": [{"t": "c"}]}]})
    row, inner = answers["områder"][0]["row-id"], answers["områder"][0]["tiltak"][0]["row-id"]
    assert forms.registers(made, answers) == [
        forms.RegisterRows("areas", "områder", [{"row-id": row, "name": "a", "level": 2}], frozenset({"name"})),
        forms.RegisterRows("measures", "områder-0-tiltak", [{"row-id": inner, "name": "c"}], frozenset({"name"})),
    ]


def test_the_sample_of_everything_can_be_filled_in():
    made = forms.parse((SAMPLES / "everything.json").read_bytes())
    answers = check(made, FILLED)
    assert check(made, answers) == answers
    assert forms.registers(made, answers)[0].rows[0]["name"] == "Klarspråk"
    assert set(errors(made, {**FILLED, "slutt": "2027-01-01"})) == {"slutt"}


FILLED = {
    "navn": "Kartlegging",
    "epost": "ola@komp.no",
    "telefon": "22 33 44 55",
    "orgnr": "974760673",
    "begrunnelse": "Fordi <b>vi</b> trenger det.\nVirkelig & sant.",
    "kostnad": Decimal("1000.5"),
    "antall": 12,
    "start": "2027-02-01",
    "slutt": "2027-03-01",
    "møte": "2027-02-01T10:15+01:00",
    "klokka": "08:30",
    "enige": "delvis",
    "uenighet": "Om tempoet.",
    "lest": ["visjon", "hovedmål"],
    "klar": True,
    "vedlegg": None,
    "periode": {"år": 2027, "halvår": 2},
    "områder": [
        {
            "row-id": "0123456789abcdef0123456789abcdef",
            "navn": "Klarspråk",
            "mål": "g1",
            "gjelder": "unit",
            "nivå": 1,
            "ønsket": 3,
            "gap": "Kurs",
            "kilder": [{"row-id": "0123456789abcdef0123456789abcdee", "tittel": "Rapport"}],
        },
        {"navn": "KI", "mål": None, "gjelder": "organisation", "nivå": 2, "ønsket": 2, "kilder": []},
    ],
}


def test_a_name_of_the_context_is_not_needed():
    assert check(form(choice("a", kind="select", valuesExpression="=context.nothing.here")), {}) == {"a": None}


def test_options_follow_other_answers():
    made = form(choice("a", "x", "y"), choice("b", kind="select", valuesExpression='=if a = "x" then [1] else [2]'))
    assert check(made, {"a": "x", "b": 1}) == {"a": "x", "b": 1}
    assert errors(made, {"a": "y", "b": 1}) == {"b": "Velg ett av alternativene."}
    assert CONTEXT["areas"]


def test_documents_are_not_changed_by_checking():
    given = document(text("a"))
    before = repr(given)
    check(forms.parse(given), {"a": "x"})
    assert repr(given) == before
