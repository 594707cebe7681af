"""Ids that rise with time, and versions that are made once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from komp_flow.engine.ids import fresh
from komp_flow.engine.stored.shelf import Kept

NOWHERE = cast("Session", SimpleNamespace())


def test_an_id_comes_after_those_before_it_and_is_like_no_other() -> None:
    drawn = [fresh() for _id in range(5_000)]
    assert [id_.int >> 64 for id_ in drawn] == sorted(id_.int >> 64 for id_ in drawn)
    assert len(set(drawn)) == len(drawn)
    assert {(id_.version, id_.variant) for id_ in drawn} == {(7, uuid4().variant)}


def test_what_is_kept_is_made_once_and_the_first_made_goes_first() -> None:
    made: list[UUID] = []
    kept: Kept[Any] = Kept(size=2)

    def make(_db: Session, id_: UUID) -> str:
        made.append(id_)
        return f"made {id_.hex}"

    first, second, third = (fresh() for _id in range(3))
    for id_ in (first, second, first, second, third, second, third):
        assert kept.get(NOWHERE, id_.hex, make) == f"made {id_.hex}"
    assert made == [first, second, third]
    kept.get(NOWHERE, first.hex, make)
    assert made == [first, second, third, first]
