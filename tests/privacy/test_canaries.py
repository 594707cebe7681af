"""What is written in a talk is found nowhere but with the two, and after the erasure nowhere at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from komp_flow import backups, vault, work
from komp_flow.organisation import Actor
from privacy.canaries import heard, in_files, in_tables
from privacy.conftest import EVERYONE, House
from privacy.crawling import what_one_hears, what_one_hears_by_acting

STRANGERS = [person for person in EVERYONE if person not in {"nils", "kari"}]


def test_there_is_a_canary_in_every_field_of_the_talk(talk: House) -> None:
    """Guards the other tests: they would hold if nothing was written at all."""
    assert set(talk.sung) == {"C1", "C2", "C3", "C4", "C5", "C7"}
    assert {
        "KanarifuglC2lookback",
        "KanarifuglC20goal",
        "KanarifuglC40support",
        "KanarifuglC4careerwish",
    } <= talk.canaries
    assert {"KanarifuglC1place", "KanarifuglC3feedback", "KanarifuglC5comment", "KanarifuglC70comment"} <= talk.canaries
    assert len(talk.canaries) >= 18


def test_the_two_read_what_they_have_written_to_each_other(talk: House) -> None:
    """Guards the crawl: it must find what is there to be found."""
    for reader in ("nils", "kari"):
        found = set().union(*what_one_hears(talk, reader).values())
        assert talk.sung["C4"] <= found
        assert talk.sung["C2"] <= found
        assert talk.sung["C3"] <= found


@pytest.mark.databases
def test_nothing_that_is_written_lies_in_the_open_in_any_table_file_or_log(
    log: Any, talk: House, tmp_path: Path
) -> None:
    assert in_tables(talk.database) == {}
    if talk.database.is_sqlite:
        backups.backup(talk.database, tmp_path / "copy.sqlite")
    files = in_files(tmp_path)
    assert files == {}
    said = log()
    assert "INSERT INTO draft" in said  # the log does hold what SQLAlchemy sends to the database
    assert not {canary for canary in talk.canaries if canary in said}


def test_nobody_else_gets_a_word_of_it_by_looking(talk: House) -> None:
    assert {stranger: found for stranger in STRANGERS if (found := what_one_hears(talk, stranger))} == {}


def test_nobody_else_gets_a_word_of_it_by_acting(talk: House) -> None:
    strangers = ("dag", "ola", "adm", "hanne")
    assert {stranger: found for stranger in strangers if (found := what_one_hears_by_acting(talk, stranger))} == {}


def test_a_draft_that_is_not_sent_is_its_authors_alone(talk: House) -> None:
    assert not talk.sung["C7"] & set().union(*what_one_hears(talk, "kari").values())
    assert talk.sung["C7"] <= set().union(*what_one_hears(talk, "nils").values())


def test_variables_messages_and_the_trail_hold_no_words(talk: House) -> None:
    from privacy.canaries import heard

    instance = talk.instances["talk-nils"]
    with talk.database.reading() as db:
        sheet = work.instance(db, Actor("", via="system"), instance, talk.now)
    assert heard(repr(sheet)) == set()
    assert "talk_at" in sheet.variables  # what an expression reads, and is no text, is there


@pytest.mark.databases
def test_after_the_erasure_nobody_gets_a_word_not_even_the_two(talk: House, tmp_path: Path) -> None:
    copy = tmp_path / "before.sqlite"
    if talk.database.is_sqlite:
        backups.backup(talk.database, copy)
    erased = talk.api("hanne", "POST", "/people/nils/erase", {"reason": "bedt om det"})
    assert erased.status_code == 200, erased.text
    for reader in ("nils", "kari", "hanne"):
        assert what_one_hears(talk, reader) == {}
    assert in_tables(talk.database) == {}
    if talk.database.is_sqlite:
        assert _opens_in(copy, talk) == 0


def _opens_in(copy: Path, house: House) -> int:
    """How much of what is sealed in an older copy of the database still opens, with all the keys that there are."""
    from contextlib import closing

    from sqlalchemy import LargeBinary, select

    from komp_flow.db import Base, Database

    opens = sealed = 0
    with closing(Database(f"sqlite:///{copy}", info=dict(house.database.info))) as older, older.reading() as db:
        for table in Base.metadata.tables.values():
            for column in table.columns:
                if not isinstance(column.type, LargeBinary):
                    continue
                for value in db.scalars(select(column).where(column.is_not(None))):
                    if bytes(value[:1]) == b"\x01" and len(value) >= 45:
                        sealed += 1
                        opens += house.database.info["vault"].key(bytes(value[1:17])) is not None
    assert sealed >= 6
    assert vault.Erased
    return opens


def test_the_plan_and_all_about_me_are_for_the_two_and_the_one(talk: House) -> None:
    """The pages' own addresses besides the crawl, with what each of the two finds there."""
    instance = talk.instances["talk-nils"]
    said = "KanarifuglKommentar"
    talk.browser("nils").post(f"/plan/talks/{instance}/comment", data={"comment": said})
    for stranger in STRANGERS:
        client = talk.browser(stranger)
        assert client.get("/plan/nils").status_code == 404
        assert client.post(f"/plan/talks/{instance}/comment", data={"comment": "x"}).status_code == 404
        for address in ("/plan", "/plan/export.json"):
            assert heard(client.get(address).data) == set()
        assert heard(talk.api(stranger, "GET", "/me/export").data) == set()
    kari, nils = talk.browser("kari"), talk.browser("nils")
    assert said in heard(kari.get("/plan/nils").data)
    assert heard(kari.get("/plan/export.json").data) == set()
    assert talk.sung["C4"] | talk.sung["C2"] | {said} <= heard(nils.get("/plan/export.json").data)
    assert nils.get("/plan/export.pdf").data.startswith(b"%PDF")
    assert in_tables(talk.database) == {}
