"""CSV for a Norwegian spreadsheet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from komp_flow.registers.csv_files import columns, csv_file, safe


def test_a_file_has_a_mark_semicolons_and_a_line_of_headings() -> None:
    rows = [{"name": "Kurs; del 1", "cost": Decimal("12.50"), "due": date(2027, 5, 1), "done": True, "ids": ["a", "b"]}]
    headings = {"name": "Navn", "cost": "Kostnad", "due": "Åpen", "done": "Ferdig", "ids": "Kilder", "none": "Tomt"}
    assert csv_file(headings, rows, point=",") == (
        b"\xef\xbb\xbf" + 'Navn;Kostnad;Åpen;Ferdig;Kilder;Tomt\r\n"Kurs; del 1";12,50;2027-05-01;1;a, b;\r\n'.encode()
    )


@pytest.mark.parametrize("text", ["=1+1", "+47 22 00 00 00", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert safe(text) == "'" + text
    assert csv_file({"a": text}, [{"a": text}, {"a": [text]}]).decode().count("'") == 3


def test_numbers_below_zero_stay_numbers_and_plain_text_stays_as_it_is() -> None:
    assert csv_file({"a": "A"}, [{"a": -3}, {"a": "Ågot – ærlig"}]).decode("utf-8-sig") == "A\r\n-3\r\nÅgot – ærlig\r\n"


def test_columns_are_those_given_first_and_then_what_else_the_rows_have() -> None:
    assert columns([{"id": 1, "z": 2}, {"b": 3, "value": 1}], ["id", "name"], frozenset({"value"})) == [
        "id", "name", "b", "z",
    ]  # fmt: skip
