"""Office files are ZIP archives: looked into, never unpacked, and refused when they hold programs or are traps."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, Final

from lxml import etree

from komp_flow.errors import Invalid
from komp_flow.forms.attachments import KINDS
from komp_flow.i18n import _

# The archive's own end, from APPNOTE.TXT 4.3.16, and what would replace it in one of more than 4 GB.
END: Final = b"PK\x05\x06"
END_SIZE: Final = 22
LONGEST_COMMENT: Final = 0xFFFF
ZIP64: Final = b"PK\x06\x07"
LARGEST_DIRECTORY: Final = 2 * 1024 * 1024  # bytes
MOST_ENTRIES: Final = 5_000
LARGEST_UNPACKED: Final = 400 * 1024 * 1024  # bytes, as the archive says itself
LARGEST_LIST: Final = 1024 * 1024  # bytes of the list of what is inside
ENCRYPTED: Final = 0x1
PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})  # others may want memory without bounds
TYPES: Final = "[Content_Types].xml"
MEDIA: Final = "mimetype"
MACROS: Final = re.compile(
    r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|macrosheets/.+|intlmacrosheets/.+|[^/]+\.(docm|dotm|xlsm|xltm|xlam|pptm"
    r"|potm|ppsm|ppam|sldm|xlsb|exe|dll|js|vbs|bat|cmd|ps1|scr|jar))$|^(basic|scripts)/.+",
    re.IGNORECASE,
)


def require(content: IO[bytes], kind: str, name: str) -> None:
    """Raises Invalid unless the archive is whole, no trap, of this kind, and without programs."""
    damaged = Invalid(
        _("«%(name)s» er skadet eller ikke en vanlig %(kind)s-fil. Åpne den, lagre den på nytt, og prøv igjen.",
          name=name, kind=kind.upper())
    )  # fmt: skip
    if not _bounded(content):
        raise damaged
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
            if not _sound(entries):
                raise damaged
            media, macros = _inside(archive, entries, kind)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, NotImplementedError, OSError, EOFError, ValueError, KeyError,
            RuntimeError, zlib.error) as error:  # fmt: skip
        raise damaged from error
    if macros:
        raise Invalid(
            _("«%(name)s» inneholder makroer, og dem tar vi ikke imot. Lagre den uten makroer, og prøv igjen.",
              name=name)
        )  # fmt: skip
    if media != KINDS[kind][1]:
        raise damaged


def _bounded(content: IO[bytes]) -> bool:
    """Whether the list of what is inside is small enough to be read: looked for before anything reads it."""
    content.seek(0, 2)
    size = content.tell()
    content.seek(max(0, size - LONGEST_COMMENT - END_SIZE))
    tail = content.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_SIZE or ZIP64 in tail:
        return False
    entries = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    return 0 < entries <= MOST_ENTRIES and directory <= LARGEST_DIRECTORY


def _sound(entries: list[zipfile.ZipInfo]) -> bool:
    """No two of one name, none that leads out of the archive, none sealed, and not more than an office file has."""
    found = [entry.filename for entry in entries]
    return (
        len(found) <= MOST_ENTRIES
        and len({name.lower() for name in found}) == len(found)
        and not any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in found)
        and not any(entry.flag_bits & ENCRYPTED or entry.compress_type not in PACKED for entry in entries)
        and sum(entry.file_size for entry in entries) <= LARGEST_UNPACKED
    )


def _inside(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], kind: str) -> tuple[str, bool]:
    """The media type that the archive says it is, and whether there are programs in it."""
    macros = any(MACROS.search(entry.filename) for entry in entries)
    if kind.startswith("od"):
        return _read(archive, MEDIA).decode("ascii", "replace").strip(), macros
    listed = _read(archive, TYPES)
    if b"<!DOCTYPE" in listed:
        raise ValueError("a package's list has no DTD")
    types = etree.fromstring(listed, etree.XMLParser(resolve_entities=False, no_network=True))
    declared = [str(each.get("ContentType", "")) for each in types.iter() if isinstance(each.tag, str)]
    macros = macros or any("macroenabled" in each.lower() or "vbaproject" in each.lower() for each in declared)
    main = {each.removesuffix(".main+xml") for each in declared if each.endswith(".main+xml")}
    return (next(iter(main)) if len(main) == 1 else ""), macros


def _read(archive: zipfile.ZipFile, entry: str) -> bytes:
    with archive.open(entry) as opened:
        found = opened.read(LARGEST_LIST + 1)
    if len(found) > LARGEST_LIST:
        raise ValueError("the list of what is inside is too long")
    return found
