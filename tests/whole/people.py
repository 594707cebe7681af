"""An organisation of any size, from a seed: units in four levels, managers, deputies, and those who run the cycle."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST = (
    "Åse",
    "Ola",
    "Kari",
    "Nils",
    "Eva",
    "Hanne",
    "Per",
    "Ingrid",
    "Bjørn",
    "Ida",
    "Jon",
    "Marit",
    "Øyvind",
    "Siri",
)
LAST = ("Hansen", "Ødegård", "Berg", "Åsen", "Lie", "Moen", "Bakke", "Dahl", "Vik", "Haugen", "Solberg", "Eide", "Lund")
ROLES = ("hr", "process_owner", "top_management", "union_rep", "administrator")
UNITS = "unit_id;parent_id;name;org_number;manager_id;deputy_id"
PEOPLE = "employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles"


@dataclass(frozen=True)
class Organisation:
    """The two files, and who is who."""

    units: str
    people: str
    roles: dict[str, str]  # role → one person who has it
    employees: tuple[str, ...]


def organisation(count: int, seed: int = 1) -> Organisation:
    """`count` people; about one unit for each eight, the last of them without people of its own but its manager."""
    chance = random.Random(seed)
    number = max(4, count // 8)
    parents = [0] + [0 if n < 5 else chance.randrange(max(1, n // 5), max(2, n // 2)) for n in range(1, number)]
    people = [f"{1000 + n}" for n in range(count)]
    managers, rest = people[:number], people[number:]
    roles = dict(zip(ROLES, rest[: len(ROLES)], strict=True))
    unit_rows = [
        f"u{n};{'' if n == 0 else f'u{parents[n]}'};Enhet {n};;{managers[n]};"
        + (rest[len(ROLES) + n % 3] if n % 7 == 3 else "")
        for n in range(number)
    ]
    by_person = {person: role for role, person in roles.items()}
    rows = []
    for n, person in enumerate(people):
        unit = n if n < number else chance.randrange(number - 1)
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)} {n}"
        rows.append(
            f"{person};{name};p{person}@etaten.example;u{unit};;Rådgiver;100;;;;;nb;{by_person.get(person, '')}"
        )
    return Organisation("\n".join([UNITS, *unit_rows]), "\n".join([PEOPLE, *rows]), roles, tuple(people))
