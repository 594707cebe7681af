"""What is written about a person, sealed with that person's key; whoever erases the key erases every copy of it.

The keys lie in a store of their own (`store`), each wrapped by a key that lies in neither database.
"""

from komp_flow.vault.sealing import (
    Damaged,
    Erased,
    erase,
    open_bytes,
    opened,
    opened_or,
    seal,
    seal_bytes,
)
from komp_flow.vault.store import LostKeys, Vault, WrongKey
from komp_flow.vault.wrapping import wrapping_key, wrapping_keys

__all__ = [
    "Damaged",
    "Erased",
    "LostKeys",
    "Vault",
    "WrongKey",
    "erase",
    "open_bytes",
    "opened",
    "opened_or",
    "seal",
    "seal_bytes",
    "wrapping_key",
    "wrapping_keys",
]
