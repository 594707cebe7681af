"""What a file is called: as its owner named it, without folders and without what cannot be seen."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

LONGEST: Final = 200  # characters, the ending included
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control signs, and those that turn text round
FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # what some systems cannot have in a name


def clean(given: str) -> str:
    """The name in NFC, cut to 200 characters before its ending; «fil» where nothing is left of it."""
    last = PureWindowsPath(PurePosixPath(given).name).name  # some browsers send the whole path
    text = unicodedata.normalize("NFC", last)
    seen = "".join(" " if sign.isspace() else sign for sign in text if unicodedata.category(sign) not in UNSEEN)
    bare = " ".join(seen.translate(FORBIDDEN).split()).rstrip(". ")
    stem, dot, tail = bare.rpartition(".")
    if not dot:
        return (bare or "fil")[:LONGEST]
    room = max(1, LONGEST - len(tail) - 1)
    return f"{stem[:room].strip('. ') or 'fil'}.{tail}"[:LONGEST]


def ending(name: str) -> str:
    """The last ending of a name, small, with its dot; empty where there is none."""
    _stem, dot, tail = name.rpartition(".")
    return f".{tail.lower()}" if dot else ""
