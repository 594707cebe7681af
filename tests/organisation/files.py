"""Organisation files for tests: a sound pair, and ways to change one cell of it."""

from __future__ import annotations

UNITS = """\
unit_id;parent_id;name;org_number;manager_id;deputy_id
top;;Direktoratet;123456785;e1;e2
a;top;Avdeling Å;;e2;
b;top;Seksjon Øst;;;e4
"""
PEOPLE = """\
employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles
e1;Kari Nes;kari.nes@fjord.example;top;;Direktør;100;2020-01-01;;;;nb;top_management
e2;Åse Øye;ase@fjord.example;a;;Avdelingsdirektør;100;;;2027-01-01;2027-03-03;nn;
e3;Per Ås;per@fjord.example;a;e2;Rådgiver;60;;;;;en;hr, union_rep
e3;Per Ås;per@fjord.example;b;;Prosjektleder;40;;2027-06-30;;;en;hr
e4;Ola Bø;ola@fjord.example;b;;Rådgiver;50,5;;;;;;
"""


def with_cell(text: str, line: int, column: str, value: str) -> str:
    """The same file with one cell changed; `line` as the file has it, the header being line 1."""
    rows = [row.split(";") for row in text.splitlines()]
    rows[line - 1][rows[0].index(column)] = value
    return "\n".join(";".join(row) for row in rows) + "\n"


def without_line(text: str, line: int) -> str:
    rows = text.splitlines()
    del rows[line - 1]
    return "\n".join(rows) + "\n"
