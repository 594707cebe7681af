"""What the cycle's pages put together: documents by their kind, steps by who does them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from komp_flow.i18n import _l
from komp_flow.work import CycleLine

# The eight kinds of the strategy's basis, and guidance (process.md P1.S1), in the order one reads them.
KINDS: Final = {
    "vision": _l("Visjon"),
    "main_goals": _l("Hovedmål"),
    "strategic_goals": _l("Strategiske mål"),
    "indicators": _l("Indikatorer til målene"),
    "core_values": _l("Kjerneverdier"),
    "culture": _l("Ønskede kulturtrekk"),
    "behaviour": _l("Atferdsbeskrivelser"),
    "leadership": _l("Lederprinsipper"),
    "guide": _l("Veiledere og metodikk"),
}
OTHER: Final = _l("Annet")
FILES: Final = "/files/"


class OfACycle(Protocol):
    """A sheet about one cycle, that names the others too."""

    @property
    def cycle(self) -> CycleLine | None:
        """The one it is about."""

    @property
    def cycles(self) -> tuple[CycleLine, ...]:
        """All of them, the newest first."""


@dataclass(frozen=True)
class Document:
    """One document of the basis; `address` is empty where there is nothing that a reader may follow."""

    title: str
    address: str
    note: str
    valid_from: object


@dataclass(frozen=True)
class Kind:
    """The documents of one kind."""

    name: str
    documents: tuple[Document, ...]


def documents(rows: Sequence[Mapping[str, object]]) -> list[Kind]:
    """By kind, in the order one reads them."""
    found: dict[str, list[Document]] = {}
    for row in rows:
        made = Document(str(row.get("title") or ""), _address(row), str(row.get("note") or ""), row.get("valid_from"))
        found.setdefault(str(row.get("kind") or ""), []).append(made)
    known = [(kind, str(name)) for kind, name in KINDS.items() if kind in found]
    others = [(kind, str(OTHER)) for kind in found if kind not in KINDS]
    return [Kind(name, tuple(found[kind])) for kind, name in (*known, *others)]


def _address(row: Mapping[str, object]) -> str:
    """Where the document lies: a link that leads out, never one that runs something."""
    link = str(row.get("link") or "").strip()
    if link.startswith(FILES):
        return link
    try:
        scheme = urlsplit(link).scheme.lower()
    except ValueError:
        return ""
    return link if scheme in {"http", "https"} else ""
