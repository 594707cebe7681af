"""Every kind of mistake in an organisation file is told with file, line, column and reason; all at once."""

from __future__ import annotations

import pytest

from komp_flow.organisation import csv_files, entries
from organisation.files import PEOPLE, UNITS, with_cell, without_line


def mistakes(units: str | bytes = UNITS, people: str | bytes = PEOPLE) -> list[tuple[str, int, str]]:
    data = [text.encode() if isinstance(text, str) else text for text in (units, people)]
    return [(error.file, error.line, error.field) for error in entries.read(*data).errors]


def test_the_sound_pair_has_none():
    assert mistakes() == []


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (3, "unit_id", "b"),  # twice; told on both
        (3, "unit_id", "x" * 65),
        (3, "parent_id", "nowhere"),
        (3, "parent_id", "a"),
        (3, "name", ""),
        (3, "name", "x" * 201),
        (3, "name", "A\x07B"),
        (3, "name", "A\u202eB"),
        (3, "name", "Avdelingen til 01010750160"),
        (3, "org_number", "123456789"),
        (3, "org_number", "12345678"),
        (3, "org_number", "1234567890"),
        (3, "org_number", "12345678A"),
        (3, "manager_id", "nobody"),
        (3, "deputy_id", "nobody"),
    ],
)
def test_a_mistake_in_the_units_file_is_told_where_it_is(line: int, column: str, value: str):
    people = PEOPLE.replace(";a;", ";top;")
    assert ("units", line, column) in mistakes(with_cell(UNITS, line, column, value), people)


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (6, "employee_id", ""),
        (6, "employee_id", "01010750160"),
        (6, "name", ""),
        (6, "name", "010107 50160"),
        (6, "email", ""),
        (6, "email", "ola"),
        (6, "email", "ola@fjord"),
        (6, "email", "ola bø@fjord.example"),
        (6, "email", "a@fjord.example, b@fjord.example"),
        (6, "email", "KARI.NES@fjord.example"),
        (2, "email", "Ola@Fjord.Example"),
        (6, "email", "x" * 250 + "@fjord.example"),
        (6, "unit_id", ""),
        (6, "unit_id", "nowhere"),
        (6, "manager_id", "nobody"),
        (6, "manager_id", "e4"),
        (6, "position", "x" * 201),
        (6, "position", "41010750189"),
        (6, "percent", "101"),
        (6, "percent", "-1"),
        (6, "percent", "100,1"),
        (6, "percent", "halv"),
        (6, "percent", "NaN"),
        (6, "percent", "1e2"),
        (6, "percent", "٥٠"),
        (6, "start", "01.02.2027"),
        (6, "start", "2027-02-30"),
        (6, "start", "20270201"),
        (6, "start", "0001-01-01"),
        (2, "end", "2019-12-31"),
        (6, "end", "i morgen"),
        (3, "absence_to", "2026-12-31"),
        (3, "absence_from", ""),
        (3, "absence_from", "2027-13-01"),
        (6, "language", "no"),
        (6, "roles", "sjef"),
        (6, "roles", "manager"),
        (6, "roles", "hr, sjef"),
        (5, "name", "Per Andersen"),
        (5, "email", "per.as@fjord.example"),
        (5, "language", "nb"),
    ],
)
def test_a_mistake_in_the_people_file_is_told_where_it_is(line: int, column: str, value: str):
    assert ("people", line, column) in mistakes(people=with_cell(PEOPLE, line, column, value))


def test_two_with_one_address_and_two_of_one_unit_are_told_on_both_lines():
    assert mistakes(people=with_cell(PEOPLE, 6, "email", "KARI.NES@fjord.example")) == [
        ("people", 2, "email"),
        ("people", 6, "email"),
    ]
    assert mistakes(UNITS + "b;top;Igjen;;;\n") == [("units", 4, "unit_id"), ("units", 5, "unit_id")]


def test_a_ring_of_units_is_told_on_each_of_its_members_and_on_no_other():
    units = UNITS + "c;d;C;;;\nd;e;D;;;\ne;c;E;;;\nf;e;F;;;\n"
    assert mistakes(units) == [("units", line, "parent_id") for line in (5, 6, 7)]


def test_a_ring_of_managers_is_told_on_each_of_its_members():
    ring = with_cell(with_cell(PEOPLE, 3, "manager_id", "e4"), 6, "manager_id", "e3")
    assert mistakes(people=ring) == [("people", line, "manager_id") for line in (3, 4, 6)]


def test_every_mistake_is_told_at_once_in_the_order_of_the_files():
    units = with_cell(with_cell(UNITS, 2, "org_number", "1"), 4, "parent_id", "x")
    people = with_cell(with_cell(with_cell(PEOPLE, 2, "percent", "200"), 2, "email", ""), 6, "start", "x")
    assert mistakes(units, people) == [
        ("units", 2, "org_number"), ("units", 4, "parent_id"),
        ("people", 2, "email"), ("people", 2, "percent"), ("people", 6, "start"),
    ]  # fmt: skip


def test_the_line_is_the_files_own_where_a_field_has_line_breaks():
    people = PEOPLE.replace("Direktør", '"Direktør\nog\nleder"').replace("50,5", "500")
    assert mistakes(people=people) == [("people", 8, "percent")]


@pytest.mark.parametrize(
    "number", ["01010750160", "010107 50160", "010107-50160", "01.01.07 50160", "41010750189", "01810750112"]
)
@pytest.mark.parametrize("column", ["employee_id", "name", "email", "unit_id", "position", "start", "percent", "roles"])
def test_a_national_identity_number_is_refused_in_any_column_and_never_repeated(number: str, column: str):
    units = with_cell(UNITS, 4, "deputy_id", "")
    found = entries.read(units.encode(), with_cell(PEOPLE, 6, column, f"x {number}").encode()).errors
    assert [(error.line, error.field) for error in found] == [(6, column)]
    assert "fødselsnummer" in found[0].reason
    assert not any(sign.isdigit() for sign in found[0].reason)


@pytest.mark.parametrize("number", ["12345678901", "99999999999", "0101075016", "010107501600"])
def test_other_numbers_are_no_identity_numbers(number: str):
    assert mistakes(UNITS.replace("e4", number), PEOPLE.replace("e4", number)) == []


def test_an_id_that_is_refused_is_not_told_again_where_it_is_named():
    units, people = (text.replace("e4", "01010750160") for text in (UNITS, PEOPLE))
    assert mistakes(units, people) == [("units", 4, "deputy_id"), ("people", 6, "employee_id")]


@pytest.mark.parametrize(
    ("units", "lines"),
    [
        (b"", [1]),
        (b"\n\n", [1]),
        (b"   \n", [1]),
        (b"unit_id;parent_id;name;org_number;manager_id;deputy_id\n", [1]),
        (b"unit_id\tparent_id\tname\torg_number\tmanager_id\tdeputy_id\na\t\tA\t\t\t\n", [1]),
        (b"a;b;c\n1;2;3\n", [1]),
        (UNITS.encode("utf-16"), [1]),
        (UNITS.encode("utf-16-le"), [1]),
        (UNITS.encode().replace(b"Avdeling", b"Avd\0eling"), [3]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", [3]),
        (UNITS.encode("utf-8-sig").replace("Å".encode(), b"\xc5"), [3]),
        (UNITS.encode("cp1252").replace(b"Avdeling", b"Avd\x81eling"), [3]),
        (UNITS.replace("Avdeling Å", '"Avdeling Å').encode(), [3]),
        (UNITS.replace("Avdeling Å", '"Avdeling" Å').encode(), [3]),
        (UNITS.replace("Avdeling Å", "Avdeling; Å").encode(), [3]),
        (UNITS.replace("b;top;Seksjon Øst;;;e4", "b;top;Seksjon Øst").encode(), [4]),
        (("unit_id;" + UNITS.replace("\n", "\nx;")).rstrip("x;").encode(), [1]),
        (UNITS.replace("deputy_id", "vara").encode(), [1, 1]),
        (UNITS.replace("deputy_id", "deputy_id;fødselsdato").replace("e4\n", "e4;x\n").encode(), [1, 2, 3]),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_told_on_the_line(units: bytes, lines: list[int]):
    found = mistakes(units)
    assert [line for file, line, _field in found if file == "units"] == lines
    assert [file for file, _line, _field in found if file == "people"] == []


def test_a_file_that_mixes_encodings_is_told_on_the_line():
    mixed = UNITS.encode().replace("Øst".encode(), "Øst".encode("cp1252"))
    assert mistakes(mixed) == [("units", 3, "")]
    twice = UNITS.encode().decode("cp1252").encode()
    assert mistakes(twice) == [("units", 3, ""), ("units", 4, "")]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    assert mistakes(b"x" * (csv_files.MAX_BYTES + 1)) == [("units", 1, "")]
    monkeypatch.setattr(csv_files, "MAX_ROWS", 2)
    assert mistakes(UNITS, "\n".join(PEOPLE.splitlines()[:3])) == [("units", 4, "")]


def test_a_field_without_end_is_refused():
    assert mistakes(UNITS.replace("Avdeling Å", '"' + "x" * 200_000)) == [("units", 3, "")]
    assert mistakes(UNITS.replace("Avdeling Å", "x" * 200_000)) == [("units", 3, "")]


def test_missing_columns_are_told_by_name():
    found = entries.read(UNITS.encode(), PEOPLE.replace("email", "epost").encode()).errors
    assert {(error.line, error.field) for error in found} >= {(1, "email"), (1, "epost")}


def test_without_a_line_that_others_name_all_of_them_are_told():
    assert mistakes(people=without_line(PEOPLE, 3)) == [
        ("units", 2, "deputy_id"), ("units", 3, "manager_id"), ("people", 3, "manager_id"),
    ]  # fmt: skip
