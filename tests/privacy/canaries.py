"""Text that is easy to find again, in every field that takes text; and every place it could have got to."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import zstandard
from sqlalchemy import LargeBinary, text

from komp_flow.db import Base, Database

BIRD: Final = "Kanarifugl"
FOUND: Final = re.compile(rb"kanarifugl\w*", re.IGNORECASE)
TEXT: Final = frozenset({"textfield", "textarea"})


def sing(document: Mapping[str, Any], answers: dict[str, Any], where: str) -> dict[str, Any]:
    """The answers with a canary of its own in every field of the form that takes text."""
    return _sing(document.get("components", ()), answers, f"{BIRD}{where}")


def _sing(components: Any, answers: dict[str, Any], song: str) -> dict[str, Any]:
    sung = dict(answers)
    for part in components:
        if part.get("type") in TEXT and part.get("key"):
            sung[part["key"]] = f"{song}{re.sub(r'[^A-Za-z0-9]', '', part['key'])}"
        elif part.get("type") == "group":
            sung = _sing(part.get("components", ()), sung, song)
        elif part.get("type") == "dynamiclist":
            rows = sung.get(part["path"]) or []
            sung[part["path"]] = [_sing(part.get("components", ()), row, f"{song}{i}") for i, row in enumerate(rows)]
    return sung


def songs(values: Any) -> set[str]:
    """Every canary in these values."""
    if isinstance(values, Mapping):
        return set().union(*(songs(value) for value in values.values())) if values else set()
    if isinstance(values, list):
        return set().union(*(songs(value) for value in values)) if values else set()
    return {values} if isinstance(values, str) and values.startswith(BIRD) else set()


def heard(content: bytes | str) -> set[str]:
    """The canaries that can be found in it, in the open or packed."""
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    found = {match.decode() for match in FOUND.findall(raw)}
    found |= {match.decode() for match in FOUND.findall(raw.replace(b"\0", b""))}  # UTF-16
    for unpack in UNPACKERS:
        try:
            inner = unpack(raw)
        except Exception:  # noqa: BLE001 (not packed that way)
            continue
        if inner and inner != raw:
            found |= heard(inner)
    return found


def _zip(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


UNPACKERS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda raw: zstandard.ZstdDecompressor().decompress(raw, max_output_size=1 << 26),
    zlib.decompress,
    gzip.decompress,
    bz2.decompress,
    _zip,
)


def in_tables(database: Database) -> dict[str, set[str]]:
    """The canaries in each column of each table, unpacked."""
    found: dict[str, set[str]] = {}
    with database.engine.connect() as connection:
        for table in Base.metadata.tables.values():
            for column in table.columns:
                read = connection.execute(text(f'SELECT "{column.name}" FROM "{table.name}"')).scalars()
                for value in read:
                    if value is None or isinstance(value, int | float):
                        continue
                    binary = isinstance(column.type, LargeBinary) or isinstance(value, bytes | memoryview)
                    if here := heard(bytes(value) if binary else str(value)):
                        found.setdefault(f"{table.name}.{column.name}", set()).update(here)
    return found


def in_files(*folders: Path) -> dict[str, set[str]]:
    """The canaries in every file below, byte for byte and unpacked."""
    return {path.name: here for path in _files(folders) if (here := heard(path.read_bytes()))}


def _files(folders: tuple[Path, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
