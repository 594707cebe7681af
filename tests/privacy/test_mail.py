"""Mail leaves the house: what is written in a talk is never in it, nor whom a talk is with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from komp_flow import notifications, work
from komp_flow.engine import SourceFile
from notifications.mail_server import Server, body
from privacy.canaries import BIRD, heard
from privacy.conftest import House
from privacy.test_any_diagram import FORM, LEAKY, SONG, send
from work import staff


@pytest.fixture
def server(house: House) -> Iterator[Server]:
    made = Server()
    made.start()
    settings = house.app.extensions["komp_flow"]
    house.database.info["settings"] = replace(settings, mail=made.url, url="https://komp.example.org")
    yield made
    made.stop()


def all_of(letter: EmailMessage) -> str:
    """Every word of it, headers and both parts, as a reader's program shows them."""
    headers = " ".join(f"{name}: {value}" for name, value in letter.items())
    return " ".join((headers, body(letter), body(letter, "html")))


def days_pass(house: House, days: int) -> None:
    """A tick each morning."""
    for _day in range(days):
        house.at(house.now + timedelta(days=1))


@pytest.mark.databases
def test_no_word_of_a_talk_and_no_name_is_mailed(server: Server, talk: House) -> None:
    """From a talk that has all its texts, and another that is late and reminded of, to everybody who is told."""
    talk.start("talk", "ola")
    days_pass(talk, 30)
    assert {"kari@example.org", "nils@example.org"} <= set(server.to)
    told = [(to, all_of(letter)) for to, letter in zip(server.to, server.letters, strict=True)]
    assert any("Følg opp planen" in said or "Avtal samtalen" in said for _to, said in told)  # it does remind of talks
    names = {person: name for person, name, _unit, _roles in staff.PEOPLE}
    for to, said in told:
        assert heard(said) == set()
        assert not [name for person, name in names.items() if name in said and not to.startswith(person)], to
        assert not [person for person in names if f"/{person}" in said], to


def test_whatever_a_diagram_about_a_person_tells_its_words_stay_in_the_house(server: Server, house: House) -> None:
    with house.database.transaction() as db:
        staff.publish(db, house.now, SourceFile("leaky.bpmn", LEAKY), FORM)
    instance = house.start("leaky", "nils")
    send(house, "u1", SONG)
    with house.database.transaction() as db:  # as the worst operation of one's own could do it
        notice = notifications.Notice(kind="notice", occasion="worst", instance_id=instance, text=f"{BIRD}worst")
        notifications.queue(db, ["kari", "dag"], notice, house.now)
    days_pass(house, 2)
    assert {"kari@example.org", "dag@example.org"} <= set(server.to)
    assert {
        to: here for to, letter in zip(server.to, server.letters, strict=True) if (here := heard(all_of(letter)))
    } == {}
    assert any("Du har fått en beskjed." in body(letter) for letter in server.letters)


def test_what_a_diagram_about_a_unit_tells_is_mailed(server: Server, house: House) -> None:
    """Guards the tests above: the words of a notice do get out where they may."""
    subject = {"process": "unit", "subject": {"unit": "it", "cycle": "2027"}}
    started = house.api("hanne", "POST", "/instances", subject)
    instance = UUID(started.json["id"])
    with house.database.transaction() as db:
        notice = notifications.Notice(kind="notice", occasion="fine", instance_id=instance, text=f"{BIRD}fine")
        notifications.queue(db, ["kari"], notice, house.now)
    days_pass(house, 2)
    assert f"{BIRD}fine" in set().union(*(heard(all_of(letter)) for letter in server.letters))


def test_who_stands_in_for_whom_is_told_in_the_house_only(server: Server, house: House) -> None:
    first, last = house.now.date(), house.now.date() + timedelta(days=3)
    with house.database.transaction() as db:
        work.substitute(db, staff.HANNE, "kari", "ola", first, last, house.now)
    days_pass(house, 2)
    assert sorted(server.to) == ["kari@example.org", "ola@example.org"]
    for letter in server.letters:
        assert "vikar" not in body(letter)
        assert "Nordmann" not in body(letter)
    with house.database.reading() as db:
        assert "Ola Nordmann er vikar for Kari Nordmann" in (notifications.about(db, "kari")[0].text or "")


def test_nothing_of_a_mail_is_logged_or_kept(server: Server, house: House, log: Any) -> None:
    """Neither the words nor the address; what the server says of one address is kept for the administrator alone."""
    with house.database.transaction() as db:
        notice = notifications.Notice(kind="notice", occasion="o", unit_id="it", text=f"{BIRD}text")
        notifications.queue(db, ["kari"], notice, house.now)
    server.at["RCPT"] = lambda to: f"550 {to} unknown"
    days_pass(house, 1)
    lines = [line for line in log().splitlines() if "mail" in line and "INSERT" not in line and "UPDATE" not in line]
    assert not [line for line in lines if BIRD in line or ("kari@example.org" in line and "SELECT" not in line)]
