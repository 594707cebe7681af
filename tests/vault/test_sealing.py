"""What is sealed opens for the same person and place, with the key there; never otherwise."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from komp_flow import vault
from komp_flow.db import Database
from komp_flow.vault import Vault

TEXT = "Jeg trives, men vil lære mer om anskaffelser 🌱"
HERE = "draft/1"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _vault(database: Database) -> Vault:
    found: Vault = database.info["vault"]
    return found


@pytest.mark.databases
def test_what_is_sealed_opens_again_in_another_session(database: Database) -> None:
    with database.transaction() as db:
        sealed = vault.seal(db, "1001", {"wish": TEXT}, HERE)
    assert TEXT.encode() not in sealed
    with database.reading() as db:
        assert vault.opened(db, "1001", sealed, HERE) == {"wish": TEXT}


@given(value=JSON, person=st.text(max_size=64), context=st.text(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_of_json_comes_back_as_it_was(db: Session, value: Any, person: str, context: str) -> None:
    person, context = person.encode(errors="replace").decode(), context.encode(errors="replace").decode()
    assert vault.opened(db, person, vault.seal(db, person, value, context), context) == value


def test_the_same_text_is_never_sealed_the_same_way_twice(db: Session) -> None:
    assert vault.seal(db, "1001", TEXT, HERE) != vault.seal(db, "1001", TEXT, HERE)


def test_the_length_does_not_tell_yes_from_no(db: Session) -> None:
    assert len(vault.seal(db, "1001", "ja", HERE)) == len(vault.seal(db, "1001", "nei, ikke i det hele tatt", HERE))


@pytest.mark.parametrize(("person", "context"), [("1002", HERE), ("1001", "draft/2"), ("1001", "submission/1")])
def test_a_row_that_is_moved_to_another_does_not_open_there(db: Session, person: str, context: str) -> None:
    sealed = vault.seal(db, "1001", TEXT, HERE)
    vault.seal(db, "1002", TEXT, HERE)
    with pytest.raises(vault.Damaged):
        vault.opened(db, person, sealed, context)


@given(place=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_byte_that_is_changed_is_noticed_wherever_it_is(db: Session, place: int, flip: int) -> None:
    sealed = bytearray(vault.seal(db, "1001", TEXT, HERE))
    sealed[place % len(sealed)] ^= flip
    with pytest.raises((vault.Damaged, vault.Erased)):
        vault.opened(db, "1001", bytes(sealed), HERE)


@pytest.mark.parametrize("cut", [0, 1, 17, 30, 45, -1])
def test_a_piece_of_it_does_not_open(db: Session, cut: int) -> None:
    sealed = vault.seal(db, "1001", TEXT, HERE)
    with pytest.raises(vault.Damaged):
        vault.opened(db, "1001", sealed[:cut], HERE)


def test_a_file_of_25_megabytes_is_sealed_and_opened(db: Session) -> None:
    content = bytes(range(256)) * (25 * 4096)
    sealed = vault.seal_bytes(db, "1001", content, "file/1")
    assert len(sealed) < len(content) + 100
    assert vault.open_bytes(db, "1001", sealed, "file/1") == content


@pytest.mark.databases
def test_what_is_erased_opens_for_nobody_and_says_so(database: Database) -> None:
    with database.transaction() as db:
        mine, other = vault.seal(db, "1001", TEXT, HERE), vault.seal(db, "1002", TEXT, HERE)
    with database.transaction() as db:
        assert vault.erase(db, "1001") == 1
        assert vault.erase(db, "1001") == 0
    with database.transaction() as db:
        with pytest.raises(vault.Erased):
            vault.opened(db, "1001", mine, HERE)
        assert vault.opened_or(db, "1001", mine, HERE, "slettet") == "slettet"
        assert vault.opened_or(db, "1001", None, HERE, "tomt") == "tomt"
        assert vault.opened(db, "1002", other, HERE) == TEXT
        later = vault.seal(db, "1001", "nytt", HERE)
        assert vault.opened(db, "1001", later, HERE) == "nytt"
        with pytest.raises(vault.Erased):
            vault.opened(db, "1001", mine, HERE)


@pytest.mark.databases
def test_an_erased_key_stays_erased_when_the_transaction_is_rolled_back(database: Database) -> None:
    with database.transaction() as db:
        sealed = vault.seal(db, "1001", TEXT, HERE)
    with database.transaction() as db:
        vault.erase(db, "1001")
        db.rollback()
    with database.reading() as db, pytest.raises(vault.Erased):
        vault.opened(db, "1001", sealed, HERE)


@pytest.mark.databases
def test_a_key_is_kept_at_once_and_seals_again_after_a_transaction_that_failed(database: Database) -> None:
    with database.transaction() as db:
        sealed = vault.seal(db, "1001", TEXT, HERE)
        db.rollback()
    with database.transaction() as db:
        assert vault.opened(db, "1001", sealed, HERE) == TEXT
        vault.seal(db, "1001", TEXT, HERE)
    assert _vault(database).count() == 1


@pytest.mark.databases
def test_many_who_seal_for_the_same_person_at_once_all_open_again(database: Database) -> None:
    sealed: list[bytes] = []
    start = threading.Barrier(6)

    def seal() -> None:
        start.wait(timeout=30)
        with database.transaction() as db:
            sealed.append(vault.seal(db, "1001", TEXT, HERE))

    threads = [threading.Thread(target=seal) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(sealed) == 6
    with database.reading() as db:
        assert [vault.opened(db, "1001", one, HERE) for one in sealed] == [TEXT] * 6


def test_neither_the_text_nor_its_key_lies_in_the_databases_files(database: Database) -> None:
    with database.transaction() as db:
        vault.seal(db, "1001", TEXT, HERE)
        _id, key = next(iter(db.info["vault_sealing"].values()))
    folder = _vault(database).file
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    for path in folder.parent.iterdir():
        content = path.read_bytes() if path.is_file() else b""
        assert TEXT.encode() not in content
        assert key not in content


def test_an_erased_key_lies_nowhere_in_the_store_not_even_wrapped(database: Database) -> None:
    keys = _vault(database)
    with database.transaction() as db:
        vault.seal(db, "1001", TEXT, HERE)
    with keys.reading() as store:
        assert store is not None
        wrapped = store.execute(text("SELECT wrapped FROM person_key")).scalar_one()
    with database.transaction() as db:
        vault.erase(db, "1001")
    assert keys.file is not None
    files = list(keys.file.parent.glob(keys.file.name + "*"))
    assert files
    assert not any(wrapped in path.read_bytes() for path in files)
