"""Which kind a file is: what its content says, which must be what its name's ending says, and one of those we take."""

from __future__ import annotations

import codecs
import re
from typing import IO, Final

import puremagic

from komp_flow.errors import Invalid
from komp_flow.files import names, packages
from komp_flow.forms.attachments import BY_ENDING, KINDS, listed
from komp_flow.i18n import _

HEAD: Final = 64 * 1024  # bytes that the kind is told from
PIECE: Final = 256 * 1024
TEXTS: Final = frozenset({"txt", "csv", "md"})
PACKAGES: Final = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp"})
# Text that a browser would run or a program take for something else, whatever it is called.
MARKUP: Final = re.compile(
    rb"(<(!doctype|html|head|body|script|iframe|svg|\?xml|\?php)\b|%pdf-|\{\\rtf|#!)", re.IGNORECASE
)
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What Windows-1252 leaves out, and the control signs that no text has.
NOT_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")


def of(content: IO[bytes], name: str) -> str:
    """The kind of a file, a key of KINDS. Raises Invalid with what is wrong and what to do; `content` is rewound."""
    kind = BY_ENDING.get(names.ending(name))
    if kind is None:
        raise Invalid(
            _("«%(name)s» er av en type vi ikke tar imot. Lagre den som %(kinds)s, og prøv igjen.",
              name=name, kinds=listed(frozenset(KINDS)))
        )  # fmt: skip
    content.seek(0)
    head = content.read(HEAD)
    if not head:
        raise Invalid(_("«%(name)s» er tom. Velg fila på nytt; kanskje var den ikke ferdig lagret.", name=name))
    try:
        if kind in TEXTS:
            _require_text(content, head, name)
        elif head.startswith(OLD_OFFICE):
            raise Invalid(
                _("«%(name)s» er passordbeskyttet eller i et eldre Office-format. Lagre den uten passord i det nye "
                  "formatet, og prøv igjen.", name=name)
            )  # fmt: skip
        elif kind not in told(head):
            raise _other(name)
        elif kind in PACKAGES:
            packages.require(content, kind, name)
    finally:
        content.seek(0)
    return kind


def told(head: bytes) -> frozenset[str]:
    """The kinds that a content may be of, by its first bytes."""
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return frozenset()
    endings = {f".{match.extension.removeprefix('.').lower()}" for match in found}
    kinds = {BY_ENDING[ending] for ending in endings if ending in BY_ENDING}
    # A package tells what it is inside; its first bytes are only those of a ZIP archive.
    return frozenset(kinds | (PACKAGES if head.startswith(b"PK\x03\x04") else set()))


def _other(name: str) -> Invalid:
    return Invalid(
        _("Innholdet i «%(name)s» er noe annet enn det navnet sier. Åpne fila, lagre den på nytt i riktig format, "
          "og prøv igjen.", name=name)
    )  # fmt: skip


def _require_text(content: IO[bytes], head: bytes, name: str) -> None:
    """Text all through, in UTF-8 or Windows-1252, and nothing that a browser would run."""
    if MARKUP.match(head.removeprefix(codecs.BOM_UTF8).lstrip()):
        raise _other(name)
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = plain = True
    piece = head
    while piece:
        plain = plain and not NOT_TEXT.search(piece)
        if utf8:
            utf8 = _decodes(decoder, piece)
        if not (utf8 and _tidy(piece)) and not plain:
            raise _other(name)
        piece = content.read(PIECE)
    if not (utf8 and _decodes(decoder, b"", final=True)) and not plain:
        raise _other(name)


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _tidy(piece: bytes) -> bool:
    """UTF-8 has bytes that Windows-1252 has not; control signs are in neither."""
    return not re.search(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]", piece)
