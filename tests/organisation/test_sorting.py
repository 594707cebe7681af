"""Names sort as in Norwegian."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.organisation.models import Unit
from komp_flow.organisation.sorting import sort_key

IN_ORDER = [
    "Andersen", "Čech", "Eva", "Müller", "Nygård", "O'Hara", "Seksjon 2", "Seksjon 10", "Zorro", "Ærlig", "Ödegård",
    "Øst", "Aas", "Åsen",
]  # fmt: skip


def test_norwegian_letters_come_last_and_accents_do_not_count():
    assert sorted(set(IN_ORDER), key=sort_key) == IN_ORDER


@pytest.mark.databases
def test_both_databases_sort_by_the_key(db: Session):
    for name in reversed(IN_ORDER):
        db.add(Unit(id=name, name=name, sort_key=sort_key(name)))
    db.flush()
    assert db.scalars(select(Unit.name).order_by(Unit.sort_key)).all() == IN_ORDER


def test_the_key_is_short_and_ascii_whatever_the_name():
    assert len(sort_key("Å" * 900)) <= 200
    assert sort_key("ÆØÅ ßœþ İ 中文").isascii()
    assert sort_key("Ola") == sort_key("OLA") == sort_key(" ola ")
