"""Sealing and opening: AES-256-GCM with the person's own key, bound to the person and to where it belongs.

    1 byte   version of this layout
    16       which key
    12       nonce
    …        ciphertext and tag; the additional data are the version, the person and the context

A value is JSON, filled up with spaces to whole blocks, so that its length does not tell «ja» from «nei».
"""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from komp_flow.errors import KompFlowError, NotFound
from komp_flow.i18n import _
from komp_flow.vault.store import KEY_ID, Vault
from komp_flow.vault.wrapping import NONCE

VERSION: Final = b"\x01"
BLOCK: Final = 64  # bytes
HEAD: Final = len(VERSION) + KEY_ID + NONCE
TAG: Final = 16  # bytes


class Erased(NotFound):
    """The key is gone: what was sealed with it cannot be read by anyone, ever."""

    def __init__(self) -> None:
        super().__init__(_("Det som sto her, er slettet og kan ikke leses igjen."))


class Damaged(KompFlowError):
    """What is stored is not what was sealed here for this person."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Det som er lagret her, er skadet eller hører ikke hjemme her, og vises derfor ikke. "
                "Si fra til administrator, som kan legge tilbake en kopi."
            )
        )


def seal(db: Session, person_id: str, value: Any, context: str) -> bytes:
    """Seal a value that JSON can hold. `context` says where it belongs (`draft/<task>`): it opens nowhere else.

    Makes the person's key where there is none, kept at once. Raises LostKeys, WrongKey.
    """
    plain = json.dumps(value, separators=(",", ":")).encode()
    return seal_bytes(db, person_id, plain.ljust(-(-len(plain) // BLOCK) * BLOCK), context)


def opened(db: Session, person_id: str, sealed: bytes, context: str) -> Any:
    """The value again. Raises Erased when the key is gone, Damaged when it is not what was sealed for them there."""
    return json.loads(open_bytes(db, person_id, sealed, context))


def opened_or(db: Session, person_id: str, sealed: bytes | None, context: str, default: Any) -> Any:
    """The value again, or `default` where there is none or its key is gone. Raises Damaged."""
    if sealed is None:
        return default
    try:
        return opened(db, person_id, sealed, context)
    except Erased:
        return default


def seal_bytes(db: Session, person_id: str, plain: bytes, context: str) -> bytes:
    """As `seal`, for the bytes of a file; all of them are in memory at once."""
    key_id, key = _current(db, person_id)
    nonce = secrets.token_bytes(NONCE)
    return VERSION + key_id + nonce + AESGCM(key).encrypt(nonce, plain, _bound_to(person_id, context))


def open_bytes(db: Session, person_id: str, sealed: bytes, context: str) -> bytes:
    """The bytes again. Raises Erased or Damaged, as `opened`."""
    sealed = bytes(sealed)
    if len(sealed) < HEAD + TAG or not sealed.startswith(VERSION):
        raise Damaged
    key_id, nonce = sealed[len(VERSION) : HEAD - NONCE], sealed[HEAD - NONCE : HEAD]
    whose, key = _key(db, key_id)
    if whose != person_id:
        raise Damaged
    try:
        return AESGCM(key).decrypt(nonce, sealed[HEAD:], _bound_to(person_id, context))
    except InvalidTag as error:
        raise Damaged from error


def erase(db: Session, person_id: str, erasure: str | None = None) -> int:
    """Take the person's keys away, at once and for good: not undone if the caller's transaction is. How many.

    `erasure` names this in the key store, where `copies.erasures` finds it again.
    """
    vault = _vault(db)
    vault.require_ours(db)
    _known(db).clear()
    _sealing(db).pop(person_id, None)
    return vault.erase(person_id, erasure or secrets.token_hex(16))


def _current(db: Session, person_id: str) -> tuple[bytes, bytes]:
    """The key that seals for the person now, made where there is none."""
    sealing = _sealing(db)
    if person_id not in sealing:
        vault = _vault(db)
        vault.claim(db)
        sealing[person_id] = vault.newest(person_id) or vault.add(person_id)
    return sealing[person_id]


def _key(db: Session, key_id: bytes) -> tuple[str, bytes]:
    known = _known(db)
    if key_id not in known:
        vault = _vault(db)
        found = vault.key(key_id)
        if found is None:
            vault.require_ours(db)
            raise Erased
        known[key_id] = found
    return known[key_id]


def _vault(db: Session) -> Vault:
    vault: Vault = db.info["vault"]
    return vault


def _known(db: Session) -> dict[bytes, tuple[str, bytes]]:
    """Keys that this session has opened with. They live as long as it does, not longer."""
    known: dict[bytes, tuple[str, bytes]] = db.info.setdefault("vault_known", {})
    return known


def _sealing(db: Session) -> dict[str, tuple[bytes, bytes]]:
    sealing: dict[str, tuple[bytes, bytes]] = db.info.setdefault("vault_sealing", {})
    return sealing


def _bound_to(person_id: str, context: str) -> bytes:
    return VERSION + json.dumps([person_id, context]).encode()
