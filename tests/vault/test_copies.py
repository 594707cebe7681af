"""The key store's upkeep: another lock, copies that do not bring back what is erased, and a store that is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from komp_flow import vault
from komp_flow.db import Database
from komp_flow.errors import Invalid
from komp_flow.vault import LostKeys, Vault, WrongKey, copies

OLD, NEW, FOREIGN = (os.urandom(32) for _ in range(3))
HERE = "draft/1"


def keys_of(database: Database) -> Vault:
    found: Vault = database.info["vault"]
    return found


def with_wrappings(database: Database, *wrappings: bytes) -> Vault:
    """The same store, opened by a process that was given these wrapping keys."""
    keys_of(database).close()
    database.info["vault"] = Vault(keys_of(database).database.url, wrappings)
    return keys_of(database)


def sealed(database: Database, person: str = "1001", value: str = "hemmelig") -> bytes:
    with database.transaction() as db:
        return vault.seal(db, person, value, HERE)


def opened(database: Database, what: bytes, person: str = "1001") -> object:
    with database.reading() as db:
        return vault.opened(db, person, what, HERE)


def problems(database: Database) -> list[str]:
    with database.reading() as db:
        return copies.problems(db, keys_of(database))


@pytest.mark.databases
def test_rotating_locks_every_key_anew_and_the_old_lock_is_not_needed_any_more(database: Database) -> None:
    with_wrappings(database, OLD)
    with database.transaction() as db:
        people = [str(person) for person in range(copies.BATCH + 3)]
        texts = {person: vault.seal(db, person, "hemmelig", HERE) for person in people}
    keys = with_wrappings(database, NEW, OLD)
    assert copies.rotate(keys) == len(texts)
    assert copies.rotate(keys) == 0
    with_wrappings(database, NEW)
    with database.reading() as db:
        assert {vault.opened(db, person, what, HERE) for person, what in texts.items()} == {"hemmelig"}
    assert problems(database) == []
    with_wrappings(database, OLD)
    with pytest.raises(WrongKey):
        opened(database, texts["1"], "1")


@pytest.mark.databases
def test_the_wrong_lock_is_told_in_words_and_nothing_is_changed(database: Database) -> None:
    with_wrappings(database, OLD)
    what = sealed(database)
    keys = with_wrappings(database, FOREIGN)
    with pytest.raises(WrongKey, match="KOMP_FLOW_KEY_ENCRYPTION_KEY"):
        opened(database, what)
    with pytest.raises(WrongKey):
        sealed(database)  # no second key for the same person, locked by another
    with pytest.raises(WrongKey):
        copies.rotate(keys)
    assert len(problems(database)) == 1
    assert keys.count() == 1
    with_wrappings(database, FOREIGN, OLD)
    assert opened(database, what) == "hemmelig"


@pytest.mark.databases
def test_a_key_that_was_tampered_with_or_swapped_is_found(database: Database) -> None:
    mine, other = sealed(database, "1001"), sealed(database, "1002")
    keys = keys_of(database)
    with keys.writing() as store:
        prefix = "" if database.is_sqlite else "komp_flow_keys."
        rows = store.execute(text(f"SELECT id, wrapped FROM {prefix}person_key ORDER BY person_id")).all()
        swap = text(f"UPDATE {prefix}person_key SET wrapped = :wrapped WHERE id = :id")
        store.execute(swap, [{"id": rows[0].id, "wrapped": rows[1].wrapped}])
    assert len(problems(database)) == 1
    with pytest.raises(WrongKey):
        opened(database, mine, "1001")
    assert opened(database, other, "1002") == "hemmelig"


@pytest.mark.databases
def test_a_row_of_keys_given_to_another_person_opens_nothing(database: Database) -> None:
    mine = sealed(database, "1001")
    with keys_of(database).writing() as store:
        prefix = "" if database.is_sqlite else "komp_flow_keys."
        store.execute(text(f"UPDATE {prefix}person_key SET person_id = '1002'"))
    with pytest.raises(WrongKey):
        opened(database, mine, "1001")
    with pytest.raises(WrongKey):
        opened(database, mine, "1002")


@pytest.mark.databases
def test_a_copy_is_put_back_where_the_store_was_lost(database: Database, tmp_path: Path) -> None:
    what = sealed(database)
    copy = tmp_path / "a copy? 100% #1.keys"
    assert copies.copy(keys_of(database), copy)
    assert copy.stat().st_mode & 0o077 == 0
    lose(database)
    with pytest.raises(LostKeys):
        opened(database, what)
    with pytest.raises(LostKeys):
        sealed(database)
    assert len(problems(database)) == 1
    assert copies.restore(keys_of(database), copy) == 1
    assert copies.restore(keys_of(database), copy) == 0
    assert opened(database, what) == "hemmelig"
    assert problems(database) == []


@pytest.mark.databases
def test_a_lost_store_is_never_made_anew_in_silence(database: Database) -> None:
    what = sealed(database)
    lose(database)
    for _again in range(2):
        with pytest.raises(LostKeys):
            sealed(database, "1002")
    assert keys_of(database).count() == 0
    with database.transaction() as db:
        copies.abandon(db)
    with pytest.raises(vault.Erased):
        opened(database, what)
    assert opened(database, sealed(database, "1002"), "1002") == "hemmelig"


@pytest.mark.databases
def test_another_store_in_its_place_is_refused(database: Database) -> None:
    what = sealed(database)
    lose(database)
    with keys_of(database).writing():
        pass  # a store of another name stands there now
    with pytest.raises(LostKeys):
        opened(database, what)
    with pytest.raises(LostKeys):
        sealed(database)


@pytest.mark.databases
def test_what_has_been_erased_does_not_come_back_with_a_copy(database: Database, tmp_path: Path) -> None:
    mine, other = sealed(database, "1001"), sealed(database, "1002")
    copies.copy(keys_of(database), tmp_path / "copy.keys")
    with database.transaction() as db:
        vault.erase(db, "1001", "an-erasure")
    assert copies.restore(keys_of(database), tmp_path / "copy.keys") == 0
    with pytest.raises(vault.Erased):
        opened(database, mine, "1001")
    assert opened(database, other, "1002") == "hemmelig"
    assert copies.erasures(keys_of(database)) == {"an-erasure": "1001"}


def test_a_copy_taken_after_an_erasure_erases_where_it_is_put_back(database: Database, tmp_path: Path) -> None:
    mine = sealed(database)
    copies.copy(keys_of(database), tmp_path / "before.keys")
    with database.transaction() as db:
        vault.erase(db, "1001", "an-erasure")
    copies.copy(keys_of(database), tmp_path / "after.keys")
    lose(database)
    copies.restore(keys_of(database), tmp_path / "before.keys")
    copies.restore(keys_of(database), tmp_path / "after.keys")
    with pytest.raises(vault.Erased):
        opened(database, mine)
    assert copies.erasures(keys_of(database)) == {"an-erasure": "1001"}


def test_what_is_no_copy_of_keys_is_refused(database: Database, tmp_path: Path) -> None:
    sealed(database)
    (tmp_path / "text").write_text("hello" * 1000)
    (tmp_path / "empty").touch()
    for wrong in ("text", "empty", "gone", "test.sqlite"):
        with pytest.raises(Invalid, match="Ingenting er endret"):
            copies.restore(keys_of(database), tmp_path / wrong)
    with pytest.raises(Invalid):
        copies.copy(keys_of(database), tmp_path / "text")
    assert (tmp_path / "text").read_text() == "hello" * 1000
    assert keys_of(database).count() == 1


def test_a_copy_locked_by_another_key_is_refused_whole(database: Database, tmp_path: Path) -> None:
    with_wrappings(database, OLD)
    sealed(database)
    copies.copy(keys_of(database), tmp_path / "copy.keys")
    keys = with_wrappings(database, FOREIGN)
    with pytest.raises(WrongKey):
        copies.restore(keys, tmp_path / "copy.keys")


def lose(database: Database) -> None:
    """The store is not there any more, and a new process begins."""
    keys = keys_of(database)
    if keys.file is not None:
        keys.close()
        for path in keys.file.parent.glob(keys.file.name + "*"):
            path.unlink()
    else:
        with keys.database.transaction() as store:
            store.execute(text("DROP SCHEMA komp_flow_keys CASCADE"))
    with_wrappings(database, *keys.wrappings)
