"""«Forms» and «Who» through the API: conditional fields, checks, rows, what is computed; who has a task."""

from __future__ import annotations

import pytest

from dialect.house import House
from dialect.pen import el, end, field, flow, flows, form, process, properties, start, user

REQUIRED = {"validate": {"required": True}}


def filled(house: House, *components: object, reads: tuple[str, ...] = ()) -> None:
    house.publish(
        process(
            start(),
            user("u", form="f"),
            user("v", ins={f"x{n}": name for n, name in enumerate(reads)}),
            end(),
            flows("s>u>v>e"),
        ),
        form("f", *components),  # type: ignore[arg-type]
    )


def wrong(told: tuple[int, object]) -> list[str]:
    status, body = told
    assert status == 422, told
    return [e["field"] for e in body["errors"]]  # type: ignore[index]


def test_every_field_s_error_at_once_and_nothing_is_completed(house: House) -> None:
    filled(
        house,
        field("navn", **REQUIRED),
        field("antall", "number", validate={"min": 1, "max": 5}),
        field("valg", "select", values=[{"label": "A", "value": "a"}]),
        field("dag", "datetime", subtype="date", dateLabel="Dag"),
        field("flere", "checklist", values=[{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]),
        field("radio", "radio", values=[{"label": "J", "value": "j"}]),
        field("tekst", "textarea", validate={"maxLength": 5}),
        reads=("navn", "dag", "flere", "antall"),
    )
    case = house.start()
    told = case.try_("u", antall=9, valg="c", dag="2027-02-30", flere=["a", "x"], radio="n", tekst="for lang", ukjent=1)
    found = " ".join(wrong(told))
    for key in ("navn", "antall", "valg", "dag", "flere", "radio", "tekst", "ukjent"):
        assert key in found, (key, found)
    assert case.open == ["u"]
    case.do("u", navn="Åse", antall=3, valg="a", dag="2027-02-28", flere=["b"], radio="j", tekst="ok")
    assert (case.variables["navn"], case.variables["dag"], case.variables["flere"], case.variables["antall"]) == (
        "Åse",
        "2027-02-28",
        ["b"],
        3,
    )


def test_a_hidden_field_is_neither_required_nor_stored(house: House) -> None:
    filled(
        house,
        field("ja", "checkbox"),
        field("hvorfor", conditional={"hide": "=ja != true"}, **REQUIRED),
        reads=("ja", "hvorfor"),
    )
    case = house.start()
    assert "hvorfor" in " ".join(wrong(case.try_("u", ja=True)))
    case.do("u", ja=False, hvorfor="ikke vist")
    assert case.variables.get("hvorfor") is None
    other = house.start()
    other.do("u", ja=True, hvorfor="fordi")
    assert other.variables["hvorfor"] == "fordi"


def test_checks_across_fields_and_rows(house: House) -> None:
    rows = {
        "type": "dynamiclist",
        "id": "l",
        "path": "rader",
        "label": "Rader",
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 0,
        "components": [
            field("nå", "number"),
            field(
                "ønsket",
                "number",
                properties={"check": "=row.ønsket >= row.nå", "check-message": "Ikke lavere enn nå."},
            ),
        ],
    }
    filled(
        house,
        field("fra", "datetime", subtype="date", dateLabel="Fra"),
        field(
            "til",
            "datetime",
            subtype="date",
            dateLabel="Til",
            properties={"check": "=til >= fra", "check-message": "Slutten må komme etter starten."},
        ),
        rows,
        reads=("rader",),
    )
    case = house.start()
    status, told = case.try_(
        "u", fra="2027-02-02", til="2027-02-01", rader=[{"nå": 1, "ønsket": 2}, {"nå": 3, "ønsket": 2}]
    )
    messages = {e["message"] for e in told["errors"]}
    assert status == 422
    assert messages == {"Slutten må komme etter starten.", "Ikke lavere enn nå."}, told
    case.do("u", fra="2027-02-01", til="2027-02-01", rader=[{"nå": 1, "ønsket": 2}])
    (row,) = case.variables["rader"]
    assert (row["nå"], row["ønsket"]) == (1, 2)


def test_text_that_is_computed_and_options_from_a_variable(house: House) -> None:
    house.publish(
        process(start(), user("u", form="f"), end(), flows("s>u>e")),
        form(
            "f",
            {"type": "text", "id": "t", "text": '="Sum: " + string(a + b)'},
            field("valg", "select", valuesExpression="=for x in liste return {label: x, value: x}"),
        ),
    )
    case = house.start(a=0.1, b=0.2, liste=["rød", "grønn"])
    shown = house.ok("GET", f"/tasks/{case.task('u')['id']}")
    assert shown["form"]["id"] == "f"
    assert {name: shown["names"][name] for name in ("a", "b", "liste")} == {
        "a": 0.1,
        "b": 0.2,
        "liste": ["rød", "grønn"],
    }
    assert "valg" in " ".join(wrong(case.try_("u", valg="blå")))
    case.do("u", valg="grønn")
    case.ended("s", "u", "e")


def test_a_task_keeps_the_form_it_was_made_with(house: House) -> None:
    filled(house, field("a"), reads=("a",))
    case = house.start()
    filled(house, field("b"), reads=("b",))
    case.do("u", a="gammelt")
    assert case.variables["a"] == "gammelt"
    house.start().do("u", b="nytt")


def test_a_draft_is_kept_over_a_restart_and_the_first_to_save_wins(house: House) -> None:
    filled(house, field("a", **REQUIRED))
    case = house.start()
    task = case.task("u")["id"]
    house.ok("PUT", f"/tasks/{task}/draft", {"values": {"a": ""}}, headers={"If-Match": '"0"'})
    status, _told = house.call("PUT", f"/tasks/{task}/draft", {"values": {"a": "x"}}, headers={"If-Match": '"0"'})
    assert status == 412
    assert house.ok("GET", f"/tasks/{task}")["draft"]["values"] == {"a": ""}


def test_completing_twice_is_a_conflict_and_the_same_key_the_same_answer(house: House) -> None:
    filled(house, field("a"))
    case = house.start()
    task = case.task("u")["id"]
    key = {"Idempotency-Key": "k-1"}
    first = house.call("POST", f"/tasks/{task}/complete", {"values": {"a": "1"}}, headers=key)
    assert first[0] == 200
    assert house.call("POST", f"/tasks/{task}/complete", {"values": {"a": "1"}}, headers=key) == first
    assert house.call("POST", f"/tasks/{task}/complete", {"values": {"a": "2"}}, headers=key)[0] == 422
    assert house.call("POST", f"/tasks/{task}/complete", {"values": {"a": "1"}})[0] == 409


@pytest.mark.parametrize(
    ("groups", "assignee", "who"),
    [
        ("manager", None, {"20"}),
        ("superior", None, {"10"}),
        ("hr, union_rep", None, {"30", "31"}),
        ('=["hr", "process_owner"]', None, {"30", "7"}),
        (None, '="21"', {"21"}),
        (None, "=valgt", {"31"}),
        ("administrator", None, {"7"}),
    ],
)
def test_who_has_the_task(house: House, groups: str | None, assignee: str | None, who: set[str]) -> None:
    house.publish(process(start(), user("u", groups=groups, assignee=assignee), end(), flows("s>u>e")))
    case = house.start(valgt="31")
    has = {
        p
        for p in ("7", "10", "11", "20", "21", "30", "31")
        if house.ok("GET", "/tasks", by=p)["items"] and house.ok("GET", "/tasks", by=p)["items"][0]["why"]
    }
    assert has == who
    outsider = next(p for p in ("21", "11", "20") if p not in who)
    status, _told = house.call("POST", f"/tasks/{case.task('u')['id']}/complete", {"values": {}}, by=outsider)
    assert status in (403, 404)
    case.do("u", by=min(who))
    case.ended("s", "u", "e")
    assert [e["by"] for e in case.sheet["trail"] if e["element"] == "u" and e["what"] == "completed"] == [min(who)]


def test_a_task_is_not_shown_before_its_follow_up_date(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u", due="2027-02-01", follow="2027-01-20", ext=properties(reminders="P7D, P1D", guidance="x")),
            end(),
            flows("s>u>e"),
        )
    )
    house.start()
    assert house.ok("GET", "/tasks")["total"] == 0
    house.tick("2027-01-20T12:00:00+01:00")
    assert house.ok("GET", "/tasks")["total"] == 1


def test_conditions_with_null_take_the_default(house: House) -> None:
    house.publish(
        process(
            start(),
            el("exclusiveGateway", "x", default="x_d"),
            user("a"),
            user("b"),
            user("d"),
            end(),
            flows("s>x"),
            flow("x", "a", "tall > 5 and ja"),
            flow("x", "b", "not(ja) or tall < 0"),
            flow("x", "d"),
            flows("a>e", "b>e", "d>e"),
        )
    )
    assert house.start().open == ["d"]
    assert house.start(tall=6).open == ["d"]
    assert house.start(tall=6, ja=True).open == ["a"]
    assert house.start(ja=False).open == ["b"]
    assert house.start(tall=-1).open == ["b"]


def test_suspended_rests_and_cancelled_is_over(house: House) -> None:
    house.publish(process(start(), user("u"), end(), flows("s>u>e")))
    case = house.start()
    house.ok("POST", f"/instances/{case.id}/suspend", {"reason": "Ferie"})
    assert case.state == "suspended"
    assert house.call("POST", f"/tasks/{case.task('u')['id']}/complete", {"values": {}})[0] == 409
    house.ok("POST", f"/instances/{case.id}/resume", {"reason": "Tilbake"})
    house.ok("POST", f"/instances/{case.id}/cancel", {"reason": "Slutt"})
    assert (case.state, case.open, case.trail("cancelled")) == ("cancelled", [], ["u"])
    assert house.call("POST", f"/instances/{case.id}/retry")[0] == 409
