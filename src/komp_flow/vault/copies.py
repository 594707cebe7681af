"""The key store's upkeep: is it whole, a new wrapping key, a copy, and a copy put back without what is erased since."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.vault import wrapping
from komp_flow.vault.models import KeyStore
from komp_flow.vault.store import ERASED_KEY, ERASURE, PERSON_KEY, STORE, LostKeys, Vault, WrongKey

BATCH: Final = 500  # keys a transaction: nobody who needs a new key waits for long
_MARK: Final = func.substr(PERSON_KEY.c.wrapped, 1, wrapping.MARK)


def require_ready(db: Session, vault: Vault) -> None:
    """Raises LostKeys or WrongKey where what is sealed in this database could not be opened."""
    vault.require_ours(db)
    known = {wrapping.mark(key) for key in vault.wrappings}
    with vault.reading() as keys:
        used = keys.scalars(select(_MARK).distinct()).all() if keys else []
    if {bytes(mark) for mark in used} - known:
        raise WrongKey


def problems(db: Session, vault: Vault) -> list[str]:
    """What is wrong with the key store: nothing, if every key in it opens."""
    try:
        require_ready(db, vault)
    except (LostKeys, WrongKey) as error:
        return [error.message]
    with vault.reading() as keys:
        rows = keys.execute(select(PERSON_KEY)).all() if keys else []
    damaged = sum(1 for row in rows if not _opens(vault, row))
    if not damaged:
        return []
    return [_("%(count)s nøkler i nøkkellageret er skadet. Legg tilbake en kopi av det.", count=damaged)]


def rotate(vault: Vault) -> int:
    """Wrap every key anew with the first of the wrapping keys, and say how many. May be stopped and done again.

    Raises WrongKey at the first key that none of them opens.
    """
    done, first = 0, wrapping.mark(vault.wrappings[0])
    with vault.reading() as keys:
        old = keys.execute(select(PERSON_KEY).where(_MARK.not_in([first]))).all() if keys else []
    for start in range(0, len(old), BATCH):
        with vault.writing() as keys:
            for row in old[start : start + BATCH]:
                wrapped = vault.wrapped(row.id, row.person_id, vault.unwrapped(row.id, row.person_id, row.wrapped))
                same = (PERSON_KEY.c.id == row.id, PERSON_KEY.c.wrapped == row.wrapped)
                keys.execute(update(PERSON_KEY).where(*same).values(wrapped=wrapped))
                done += 1
    vault.database.checkpoint()
    return done


def copy(vault: Vault, target: Path) -> bool:
    """Write the key store, whatever it lies in, as the file `target`. False if there is none. Never over a file."""
    if target.exists():
        raise Invalid(_("%(file)s finnes fra før. Velg et nytt filnavn.", file=target))
    with vault.reading() as keys:
        if keys is None:
            return False
        content = {table: keys.execute(select(table)).all() for table in (STORE, PERSON_KEY, ERASED_KEY, ERASURE)}
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        partial.touch(mode=0o600)
        with closing(Vault(_address(partial), ())) as made, made.writing() as keys:
            keys.execute(delete(STORE))
            for table, rows in content.items():
                if rows:
                    keys.execute(insert(table), [row._asdict() for row in rows])
        for leftover in ("-wal", "-shm"):  # the last connection has written the journal into the file
            partial.with_name(partial.name + leftover).unlink(missing_ok=True)
        os.replace(partial, target)
    except (DatabaseError, OSError) as error:
        partial.unlink(missing_ok=True)
        raise Invalid(_("Kan ikke skrive %(file)s. Velg et annet sted og prøv igjen.", file=target)) from error
    return True


def require_opens(vault: Vault, source: Path) -> None:
    """Raises Invalid or WrongKey where the copy, if there is one, could not be put back."""
    if source.exists() and not all(_opens(vault, row) for row in _content(source)[PERSON_KEY]):
        raise WrongKey


def restore(vault: Vault, source: Path) -> int:
    """Put back the keys of a copy that are not here and have not been erased since, and say how many.

    What the store has is kept, and it takes the copy's name: it is the copy's main database that it belongs to now.
    Raises Invalid for what is no copy, WrongKey for one that our wrapping keys do not open.
    """
    require_opens(vault, source)
    content = _content(source)
    put_back = 0
    with vault.writing() as keys:
        erased = {bytes(found) for found in keys.scalars(select(ERASED_KEY.c.id))}
        here = {bytes(found) for found in keys.scalars(select(PERSON_KEY.c.id))}
        for row in content[PERSON_KEY]:
            if bytes(row.id) not in erased | here:
                keys.execute(insert(PERSON_KEY).values(id=row.id, person_id=row.person_id, wrapped=row.wrapped))
                put_back += 1
        gone = [bytes(row.id) for row in content[ERASED_KEY]]
        for key_id in gone:
            keys.execute(delete(PERSON_KEY).where(PERSON_KEY.c.id == key_id))
            if key_id not in erased:
                keys.execute(insert(ERASED_KEY).values(id=key_id))
        known = set(keys.scalars(select(ERASURE.c.id)))
        for row in content[ERASURE]:
            if row.id not in known:
                keys.execute(insert(ERASURE).values(row._asdict()))
        keys.execute(update(STORE).values(name=content[STORE][0].name))
    vault.database.checkpoint()
    return put_back


def erasures(vault: Vault) -> dict[str, str]:
    """Every erasure that the store has seen: its name and who it was."""
    with vault.reading() as keys:
        return {row.id: row.person_id for row in keys.execute(select(ERASURE))} if keys else {}


def abandon(db: Session) -> None:
    """Give up a lost store: what was sealed with it is as erased, and what is written from now on gets new keys."""
    db.execute(delete(KeyStore))


def _content(source: Path) -> dict[Any, Sequence[Row[Any]]]:
    try:
        if source.is_file():
            with closing(Vault(_address(source), ())) as copied, copied.reading() as keys:
                tables = (STORE, PERSON_KEY, ERASED_KEY, ERASURE)
                content = {table: keys.execute(select(table)).all() for table in tables} if keys else {}
                if content.get(STORE):
                    return content
    except DatabaseError as error:
        raise Invalid(_not_one(source)) from error
    raise Invalid(_not_one(source))


def _address(file: Path) -> URL:
    return URL.create("sqlite", database=str(file))


def _not_one(source: Path) -> str:
    return _("%(file)s er ingen kopi av et nøkkellager. Ingenting er endret.", file=source)


def _opens(vault: Vault, row: Row[Any]) -> bool:
    try:
        vault.unwrapped(row.id, row.person_id, row.wrapped)
    except WrongKey:
        return False
    return True
