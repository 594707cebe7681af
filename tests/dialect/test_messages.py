"""«Messages, signals, errors» between instances: keys, keeping, starting, once each."""

from __future__ import annotations

import pytest

from dialect.house import House
from dialect.pen import (
    boundary,
    each,
    el,
    end,
    flows,
    mapped,
    process,
    properties,
    ref,
    root,
    service,
    start,
    user,
)


def receiver(id_: str = "r", key: str = "nr") -> bytes:
    return process(
        start(),
        user("u"),
        el("receiveTask", "w", messageRef="message_m"),
        user("v", ins={"x": "hva"}),
        end(),
        flows("s>u>w>v>e"),
        roots=root("message", "m", key),
        id_=id_,
    )


def sender(ext: str = "", *, key: str = "nr", tag: str = "end") -> bytes:
    """Sends `m`, with its own inputs as the payload."""
    inputs = mapped(ins={"nr": "til", "hva": '"hilsen"'})
    if tag == "end":
        node = end("t", ref("message", "m"), ext='<zeebe:taskDefinition type="send-message"/>' + inputs + ext)
        return process(start(), node, flows("s>t"), roots=root("message", "m", key), id_="sender")
    if tag == "throw":
        node = el(
            "intermediateThrowEvent",
            "t",
            ref("message", "m"),
            '<zeebe:taskDefinition type="send-message"/>' + inputs + ext,
        )
    else:
        node = el(
            "sendTask", "t", "", '<zeebe:taskDefinition type="send-message"/>' + inputs + ext, messageRef="message_m"
        )
    return process(start(), node, end(), flows("s>t>e"), roots=root("message", "m", key), id_="sender")


@pytest.mark.parametrize("tag", ["end", "throw", "sendTask"])
def test_a_message_goes_to_all_that_wait_with_its_key(house: House, tag: str) -> None:
    house.publish(receiver(), sender(tag=tag))
    cases = [house.start("r", nr=nr) for nr in (5, "5", 6)]
    for case in cases:
        case.do("u")
    assert house.start("sender", til=5).state == "completed"
    assert [case.open for case in cases] == [["v"], ["v"], []]
    assert cases[0].variables["hva"] == "hilsen"


def test_the_receiver_s_key_is_taken_when_it_begins_to_wait(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            el("receiveTask", "w", messageRef="message_m"),
            service("o", "notify", outs={"nr": '"etter"'}),
            user("v"),
            el("parallelGateway", "j"),
            end(),
            flows("s>f>w>j", "f>v>o>j>e"),
            roots=root("message", "m", "nr"),
        )
    )
    case = house.start(nr="før")
    case.do("v")
    assert case.variables["nr"] == "etter"
    house.message("m", "etter")
    assert case.state == "active"
    house.message("m", "før")
    assert case.state == "completed"


def test_a_message_that_nobody_waits_for_is_kept_thirty_days_and_given_once_to_each(house: House) -> None:
    house.publish(receiver())
    house.message("m", 5, hva="kept")
    first, second = house.start("r", nr=5), house.start("r", nr=5)
    house.tick(days=29)
    first.do("u")
    assert first.open == ["v"]
    second.do("u")
    assert second.open == ["v"]
    house.tick(days=2)
    late = house.start("r", nr=5)
    late.do("u")
    assert late.open == []


def test_a_kept_message_is_not_given_twice_to_one_who_waits_again(house: House) -> None:
    house.publish(
        process(
            start(),
            el("receiveTask", "w", messageRef="message_m"),
            el("receiveTask", "x", messageRef="message_m"),
            end(),
            flows("s>w>x>e"),
            roots=root("message", "m", "nr"),
        )
    )
    house.message("m", 5)
    case = house.start(nr=5)
    assert case.trail() == ["s", "w"]
    house.message("m", 5)
    case.ended("s", "w", "x", "e")


def test_a_property_says_how_long_it_is_kept(house: House) -> None:
    house.publish(receiver(), sender(properties(keep="P2D"), tag="throw"))
    house.start("sender", til=5)
    case, late = house.start("r", nr=5), house.start("r", nr=5)
    house.tick(days=1)
    case.do("u")
    assert case.open == ["v"]
    house.tick(days=2)
    late.do("u")
    assert late.open == []


def test_kept_though_somebody_waits(house: House) -> None:
    house.publish(receiver(), sender(properties(keep="P60D"), tag="throw"))
    waiting, later = house.start("r", nr=5), house.start("r", nr=5)
    waiting.do("u")
    house.start("sender", til=5)
    assert waiting.open == ["v"]
    house.tick(days=45)
    later.do("u")
    assert later.open == ["v"]


def test_a_message_start_with_a_key_has_one_active_instance(house: House) -> None:
    house.publish(
        process(
            start("s", ref("message", "go")),
            user("u", ins={"x": "hva"}),
            end(),
            flows("s>u>e"),
            roots=root("message", "go", "nr"),
        )
    )
    house.message("go", 5, nr=5, hva="a")
    house.message("go", "5", nr=5, hva="b")
    house.message("go", 6, nr=6, hva="c")
    cases = house.cases()
    assert sorted(case.variables["hva"] for case in cases) == ["a", "c"]
    (first,) = [case for case in cases if case.variables["hva"] == "a"]
    first.do("u")
    first.ended("s", "u", "e")
    house.message("go", 5, nr=5, hva="d")
    assert "d" in [case.variables["hva"] for case in house.cases()]


def test_a_message_start_without_a_key_starts_one_for_each(house: House) -> None:
    house.publish(
        process(start("s", ref("message", "go")), user("u"), end(), flows("s>u>e"), roots=root("message", "go"))
    )
    for _ in range(3):
        house.message("go")
    assert len(house.cases()) == 3


def test_the_newest_version_is_started_by_a_message(house: House) -> None:
    for name in ("a", "b"):
        house.publish(
            process(
                start("s", ref("message", "go")), user(name), end(), flows(f"s>{name}>e"), roots=root("message", "go")
            )
        )
    house.message("go")
    assert [case.open for case in house.cases()] == [["b"]]


def test_a_repeated_message_id_is_answered_and_not_applied_again(house: House) -> None:
    house.publish(
        process(start("s", ref("message", "go")), user("u"), end(), flows("s>u>e"), roots=root("message", "go"))
    )
    first = house.message("go", message_id="m-1")
    again = house.message("go", message_id="m-1")
    assert (again["id"], again["repeated"], len(house.cases())) == (first["id"], True, 1)


def test_a_message_is_delivered_after_the_sender_s_step(house: House) -> None:
    """Also to the sender itself, which begins to wait right after it has sent."""
    throw = el(
        "intermediateThrowEvent",
        "t",
        ref("message", "m"),
        '<zeebe:taskDefinition type="send-message"/>' + mapped(ins={"nr": "nr"}),
    )
    house.publish(
        process(
            start(),
            throw,
            el("receiveTask", "w", messageRef="message_m"),
            end(),
            flows("s>t>w>e"),
            roots=root("message", "m", "nr"),
        )
    )
    house.start(nr=1).ended("s", "t", "w", "e")


def test_a_sender_without_inputs_has_an_empty_payload(house: House) -> None:
    node = el("intermediateThrowEvent", "t", ref("message", "m"), '<zeebe:taskDefinition type="send-message"/>')
    house.publish(
        process(start(), node, end(), flows("s>t>e"), roots=root("message", "m", '"fast"'), id_="sender"),
        receiver(key='"fast"'),
    )
    case = house.start("r", hva="mitt")
    case.do("u")
    house.start("sender").ended("s", "t", "e")
    assert case.open == ["v"]
    assert case.variables.get("hva") == "mitt"


def test_a_message_to_each_item(house: House) -> None:
    house.publish(
        process(
            start(),
            el("receiveTask", "w", each("[1, 2, 3]", "t"), messageRef="message_m"),
            end(),
            flows("s>w>e"),
            roots=root("message", "m", "t"),
        )
    )
    case = house.start()
    for nr in (2, 1):
        house.message("m", nr)
        assert case.state == "active"
    house.message("m", "3")
    assert case.state == "completed"


def test_a_repeated_message_beside_a_task_comes_every_time(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", ref("message", "m"), interrupting=False),
            user("n", ins={"x": "hva"}),
            end(),
            end("e2"),
            flows("s>u>e", "b>n>e2"),
            roots=root("message", "m", "nr"),
        )
    )
    case = house.start(nr=1)
    for n in range(3):
        house.message("m", 1, hva=n)
    assert case.open == ["n", "n", "n", "u"]


SIGNAL = root("signal", "w")


@pytest.mark.parametrize("tag", ["end", "throw"])
def test_a_signal_reaches_all_that_wait_and_every_signal_start_and_is_not_kept(house: House, tag: str) -> None:
    shout = (
        process(start(), end("e", ref("signal", "w")), flows("s>e"), id_="shout", roots=SIGNAL)
        if tag == "end"
        else process(
            start(),
            el("intermediateThrowEvent", "t", ref("signal", "w")),
            end(),
            flows("s>t>e"),
            id_="shout",
            roots=SIGNAL,
        )
    )
    waits = process(
        start(), user("u"), el("intermediateCatchEvent", "c", ref("signal", "w")), end(), flows("s>u>c>e"), roots=SIGNAL
    )
    begun = process(start("s", ref("signal", "w")), user("u"), end(), flows("s>u>e"), roots=SIGNAL, id_="begun")
    house.publish(shout, waits, begun)
    cases = [house.start() for _ in range(3)]
    for case in cases[:2]:
        case.do("u")
    house.start("shout")
    assert [case.state for case in cases] == ["completed", "completed", "active"]
    assert len(house.cases("begun")) == 1
    cases[2].do("u")
    assert cases[2].state == "active"
    house.start("shout")
    assert cases[2].state == "completed"


def test_an_instance_hears_its_own_signal_once(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("u"),
            boundary("b", "u", ref("signal", "w"), interrupting=False),
            user("n"),
            user("go"),
            el("intermediateThrowEvent", "t", ref("signal", "w")),
            end("e1"),
            end("e2"),
            end("e3"),
            flows("s>f>u>e1", "f>go>t>e2", "b>n>e3"),
            roots=SIGNAL,
        )
    )
    case = house.start()
    case.do("go")
    house.tick()
    assert case.open == ["n", "u"]


def test_an_unmatched_message_changes_nothing(house: House) -> None:
    house.publish(receiver())
    case = house.start("r", nr=5)
    case.do("u")
    told = house.message("annet", 5)
    assert told["repeated"] is False
    house.message("m", None)
    house.message("m", 55)
    assert (case.state, case.open) == ("active", [])


def test_a_key_that_is_null_when_the_wait_begins(house: House) -> None:
    house.publish(receiver())
    case = house.start("r")
    case.do("u")
    assert case.state in ("active", "incident")
