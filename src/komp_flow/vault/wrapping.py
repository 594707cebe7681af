"""Keys that wrap keys: how they are written in a setting, told apart, and used."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY: Final = 32  # bytes: AES-256
NONCE: Final = 12  # bytes: NIST SP 800-38D, 8.2.2, a nonce of random bits
MARK: Final = 8  # bytes that tell wrapping keys apart and say nothing of them


def wrapping_key() -> str:
    """A new one, as it is written in KOMP_FLOW_KEY_ENCRYPTION_KEY."""
    return base64.b64encode(secrets.token_bytes(KEY)).decode()


def wrapping_keys(written: str) -> tuple[bytes, ...]:
    """The keys of a setting, parted by commas: the first wraps, all unwrap. Raises ValueError if one is none."""
    keys = []
    for part in written.split(","):
        try:
            key = base64.b64decode(part.strip().replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
        if len(key) != KEY:
            raise ValueError(f"not {KEY} bytes")
        keys.append(key)
    return tuple(keys)


def mark(wrapping: bytes) -> bytes:
    """Which wrapping key it is, without saying anything of it."""
    return hmac.digest(wrapping, b"komp-flow wrapping key", "sha256")[:MARK]


def wrap(wrapping: bytes, key: bytes, bound_to: bytes) -> bytes:
    """The key as it may lie in a store. `bound_to`: what it is a key for; it opens for nothing else."""
    nonce = secrets.token_bytes(NONCE)
    return mark(wrapping) + nonce + AESGCM(wrapping).encrypt(nonce, key, bound_to)


def unwrap(wrappings: Sequence[bytes], wrapped: bytes, bound_to: bytes) -> bytes | None:
    """The key again; None if none of these wrapped it, or it has been changed or moved since."""
    by = next((wrapping for wrapping in wrappings if mark(wrapping) == wrapped[:MARK]), None)
    if by is None:
        return None
    try:
        return AESGCM(by).decrypt(wrapped[MARK : MARK + NONCE], wrapped[MARK + NONCE :], bound_to)
    except (InvalidTag, ValueError):
        return None
