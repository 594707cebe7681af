"""Which element of a new version is the same under another id."""

from __future__ import annotations

import pytest

from engine.drawing import boundary, doc, end, flows, gw, start, sub, timer, user
from engine.storing import assigned, fill
from komp_flow.engine import proposed_renames
from komp_flow.engine.memory import program


def proposed(old: bytes, new: bytes) -> dict[str, str]:
    return proposed_renames(program.compile(old, "a"), program.compile(new, "b"))


def line(*tasks: str) -> bytes:
    path = ">".join(["s", *(task.split('"')[1] for task in tasks), "e"])
    return doc(start(), *tasks, end(), flows(path))


def test_a_task_with_the_same_name_or_form_or_place_is_the_same() -> None:
    old = line(user("a", name="Skriv planen"), user("b", name="Les"))
    assert proposed(old, line(user("x", name="Skriv planen"), user("b", name="Les"))) == {"a": "x"}
    filled = line(user("a", ext=assigned() + fill("f"), name="En"), user("b", ext=assigned(), name="To"))
    renamed = line(user("x", ext=assigned() + fill("f"), name="Noe annet"), user("b", ext=assigned(), name="To"))
    assert proposed(filled, renamed) == {"a": "x"}
    assert proposed(old, line(user("x", name="Helt ny tekst"), user("b", name="Les"))) == {"a": "x"}


def test_nothing_is_proposed_that_is_not_plain() -> None:
    old = line(user("a", name="Les"), user("b", name="Skriv"))
    assert proposed(old, line(user("b", name="Skriv"), user("c", name="Godkjenn"))) == {}
    both = line(user("x", name="Les"), user("y", name="Les"), user("b", name="Skriv"))
    assert proposed(old, both) == {}
    assert proposed(old, old) == {}


def test_an_id_that_is_another_kind_now_is_not_the_same() -> None:
    old = line(user("a", name="Les"), user("b", name="Skriv"))
    new = doc(
        start(), user("x", name="Les"), sub("a", start("s1"), user("i"), end("e1"), flows("s1>i>e1")),
        user("b", name="Skriv"), end(), flows("s>x>a>b>e"),
    )  # fmt: skip
    assert proposed(old, new) == {"a": "x"}


@pytest.mark.parametrize("inner", ["i", "j"])
def test_what_is_inside_follows_what_is_around(inner: str) -> None:
    def nested(id_: str, inside: str, event: str) -> bytes:
        return doc(
            start(), sub(id_, start(f"{id_}s"), user(inside, name="Inne"), end(f"{id_}e"),
                         flows(f"{id_}s>{inside}>{id_}e"), name="Møtet"),
            boundary(event, id_, timer("P5D")), user("z", name="Etter"), gw("exclusive", "m"), end(),
            flows(f"s>{id_}>m>z>e", f"{event}>m"),
        )  # fmt: skip

    assert proposed(nested("sp", "i", "b"), nested("ny", inner, "c")) == {
        "sp": "ny", "sps": "nys", "spe": "nye", "b": "c", **({"i": "j"} if inner == "j" else {}),
    }  # fmt: skip
