"""The files that a form may be answered with: which kinds there are, what a field takes, and a file as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from komp_flow.i18n import _

OOXML: Final = "application/vnd.openxmlformats-officedocument"
ODF: Final = "application/vnd.oasis.opendocument"

# Each kind that is taken: the endings that its names have, the first one its own, and its media type.
KINDS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "pdf": ((".pdf",), "application/pdf"),
    "docx": ((".docx",), f"{OOXML}.wordprocessingml.document"),
    "xlsx": ((".xlsx",), f"{OOXML}.spreadsheetml.sheet"),
    "pptx": ((".pptx",), f"{OOXML}.presentationml.presentation"),
    "odt": ((".odt",), f"{ODF}.text"),
    "ods": ((".ods",), f"{ODF}.spreadsheet"),
    "odp": ((".odp",), f"{ODF}.presentation"),
    "png": ((".png",), "image/png"),
    "jpeg": ((".jpg", ".jpeg"), "image/jpeg"),
    "txt": ((".txt",), "text/plain"),
    "csv": ((".csv",), "text/csv"),
    "md": ((".md",), "text/markdown"),
}
BY_ENDING: Final = {ending: kind for kind, (endings, _media) in KINDS.items() for ending in endings}
LARGEST: Final = 20 * 1024 * 1024  # bytes of one file
MOST: Final = 20  # files of one answer
KB: Final = 1024


@dataclass(frozen=True)
class Attached:
    """A file as a page shows it. `href` is where it is fetched; empty where the page has no such place."""

    id: str
    name: str
    kind: str
    size: int  # bytes
    href: str = ""

    @property
    def said(self) -> str:
        """«PDF, 1,2 MB»."""
        return f"{self.kind.upper()}, {size(self.size)}"


NO_FILES: Final[Mapping[str, Attached]] = {}


def written(value: str) -> str:
    """A file's id as we write it; the text itself where it is none."""
    try:
        return str(UUID(value)) if len(value) <= 36 else value[:100]
    except ValueError:
        return value


def size(count: int) -> str:
    """A number of bytes as people say it, on one line."""
    if count < KB:
        said = _("%(num)s byte", num=count)
    elif count < KB * KB:
        said = _("%(num)s kB", num=-(-count // KB))
    else:
        said = _("%(num)s MB", num=f"{count / KB / KB:.1f}".removesuffix(".0").replace(".", ","))
    return said.replace(" ", "\u00a0")


def accepted(accept: str) -> tuple[frozenset[str], list[str]]:
    """The kinds that an `accept` of HTML names, all of ours where it names none; and what it names that we never take.

    Tokens are endings (`.pdf`), media types and `image/*`.
    """
    kinds: set[str] = set()
    unknown: list[str] = []
    for token in filter(None, (part.strip().lower() for part in accept.split(","))):
        group = token.removesuffix("*") if token.endswith("/*") else ""
        found = {
            kind
            for kind, (endings, media) in KINDS.items()
            if token in endings or token == media or (group and media.startswith(group))
        }
        kinds |= found
        if not found:
            unknown.append(token)
    return frozenset(kinds or (() if unknown else KINDS)), unknown


def listed(kinds: frozenset[str]) -> str:
    """«PDF, DOCX eller PNG», in the order of the table."""
    named = [kind.upper() for kind in KINDS if kind in kinds]
    return _("%(first)s eller %(last)s", first=", ".join(named[:-1]), last=named[-1]) if len(named) > 1 else named[0]
