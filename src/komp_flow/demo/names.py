"""Names of people who do not exist, put together from common Norwegian ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

GIVEN = """
Anne Kari Ingrid Solveig Marit Liv Åse Berit Hilde Randi Turid Wenche Bjørg Gunn Ragnhild Sigrid Astrid Eli Grete
Nina Tone Silje Camilla Ida Emilie Nora Sara Maren Frida Ragna Ylva Aisha Fatima Leila Máret Elle Zofia Oksana
Ola Per Lars Kjell Arne Svein Odd Knut Bjørn Øyvind Øystein Håkon Sindre Eirik Vegard Trond Geir Stian Jonas Mats
Henrik Magnus Tobias Filip Åsmund Ståle Sverre Torstein Ánte Ahmed Omar Piotr Minh Mikkel Áilu Ravi Jørgen Sæmund
"""
FAMILY = """
Hansen Johansen Olsen Larsen Andersen Nilsen Kristiansen Berg Haugen Bakken Solberg Strand Moen Lien Hagen Dahl
Lunde Aas Åsen Øien Ødegård Ellingsen Sæther Nygård Fossum Myhre Vik Tangen Brekke Eide Rønning Hovland Sunde
Skoglund Fjeld Nordby Holm Kvam Tveit Bråten Åmodt Ruud Grønli Sørlie Hætta Sara Utsi Khan Ali Nguyen Kowalska
Øverland Selvik Nes Bøe Hegge Lid Rø Steinsvik Kleppe Aune Opdal
"""

_ASCII = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "á": "a", "é": "e", "ü": "u", " ": ".", "-": "."})


def people(seed: int, domain: str) -> Iterator[tuple[str, str]]:
    """Name and e-mail address without end; no address twice, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (names, not secrets)
    given, family = GIVEN.split(), FAMILY.split()
    taken: dict[str, int] = {}
    while True:
        name = f"{chance.choice(given)} {chance.choice(family)}"
        local = name.casefold().translate(_ASCII)
        taken[local] = taken.get(local, 0) + 1
        number = taken[local] if taken[local] > 1 else ""
        yield name, f"{local}{number}@{domain}"
