"""Ids of what the engine makes: each after those before it, so that what is new lies together on few pages."""

from __future__ import annotations

import os
import time
from typing import Final
from uuid import UUID

_VARIANT: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def fresh() -> UUID:
    """A new id, of version 7 (RFC 9562): the millisecond, 4096ths of it, and 62 bits by chance.

    A row with an id by chance goes on a page of its own in its table, and in each index on it.
    """
    stamp = (time.time_ns() << 12) // 1_000_000
    chance = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=(stamp >> 12) << 80 | 7 << 76 | (stamp & 0xFFF) << 64 | 2 << 62 | chance)


def fresh_many(count: int) -> list[str]:
    """New ids in hex, each after the one before."""
    first, drawn = (time.time_ns() << 12) // 1_000_000, os.urandom(8 * count).hex()
    return [
        f"{(stamp := f'{first + number:015x}')[:12]}7{stamp[12:]}{_VARIANT[drawn[at]]}{drawn[at + 1 : at + 16]}"
        for number, at in enumerate(range(0, 16 * count, 16))
    ]
