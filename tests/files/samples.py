"""Files as programs write them, small and made here; and such as somebody makes who wants no good."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

OOXML = {
    "docx": ("word/document.xml", "wordprocessingml.document"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation"),
}
ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def package(entries: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return made.getvalue()


def content_types(part: str, media: str, *more: tuple[str, str]) -> bytes:
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, kind in ((part, f"application/{media}.main+xml"), *more)
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f"{head}{types}{rels}{overrides}</Types>".encode()


def office(kind: str, **more: bytes) -> bytes:
    """A docx, xlsx or pptx; `more` are further parts, `__` for a slash and `_` for a full stop in their names."""
    part, media = OOXML[kind]
    return package(
        {
            "[Content_Types].xml": content_types(part, f"vnd.openxmlformats-officedocument.{media}"),
            "_rels/.rels": b"<Relationships/>",
            part: "<w:document>Årsplan</w:document>".encode(),
            **{name.replace("__", "/").replace("_", "."): data for name, data in more.items()},
        }
    )


def open_document(kind: str, **more: bytes) -> bytes:
    media = f"application/vnd.oasis.opendocument.{ODF[kind]}"
    entries = {
        "mimetype": media.encode(),
        "content.xml": b"<office:document-content/>",
        "META-INF/manifest.xml": b"<m/>",
    }
    named = {name.replace("__", "/").replace("_", "."): data for name, data in more.items()}
    return package({**entries, **named}, stored=("mimetype",))


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


PDF = (
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb\x00C\x00"
    + b"\x08" * 64
    + b"\xff\xd9"
)
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\0" * 100

# One of each kind that we take, under a name of it.
SOUND: dict[str, bytes] = {
    "strategi.pdf": PDF,
    "plan.docx": office("docx"),
    "tall.xlsx": office("xlsx"),
    "lysark.pptx": office("pptx"),
    "notat.odt": open_document("odt"),
    "regneark.ods": open_document("ods"),
    "foiler.odp": open_document("odp"),
    "bilde.png": png(),
    "foto.jpg": JPEG,
    "foto.jpeg": JPEG,
    "referat.txt": "Møtet begynte kl. 9.\n".encode(),
    "gammelt.txt": "Møtet begynte kl. 9 – på «Høyden».\n".encode("cp1252"),
    "liste.csv": "navn;år\nÅse;2027\n".encode("utf-8-sig"),
    "agenda.md": b"# Agenda\n\n1. Innledning\n",
}

MACRO_TYPES = content_types("word/document.xml", "vnd.ms-word.document.macroEnabled")


def renamed_macro_document() -> bytes:
    return package({"[Content_Types].xml": MACRO_TYPES, "word/document.xml": b"<w:document/>"})


def bomb() -> bytes:
    """A package that says it is far larger than it is sent as."""
    return office("docx", word__media__stor_bin=b"\0" * 450_000_000)


def lying_directory(count: int) -> bytes:
    """An end of an archive that promises more entries than anyone writes."""
    sound = bytearray(office("docx"))
    at = sound.rfind(b"PK\x05\x06")
    sound[at + 10 : at + 12] = count.to_bytes(2, "little")
    return bytes(sound)


# Each with a word of the reason.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "side.pdf": (HTML, "noe annet"),
    "tegning.svg": (SVG, "type vi ikke tar imot"),
    "tegning.png": (SVG, "noe annet"),
    "side.html": (HTML, "type vi ikke tar imot"),
    "side.txt": (HTML, "noe annet"),
    "tegning.md": (b"\xef\xbb\xbf \n" + SVG, "noe annet"),
    "tegning.csv": (b'<?xml version="1.0"?>' + SVG, "noe annet"),
    "skript.txt": (b"#!/bin/sh\nrm -rf /\n", "noe annet"),
    "faktura.pdf.exe": (PDF, "type vi ikke tar imot"),
    "faktura.exe.pdf": (PROGRAM, "noe annet"),
    "program.docx": (PROGRAM, "noe annet"),
    "foto.jpg": (png(), "noe annet"),
    "binær.txt": (b"tekst\0\1\2", "noe annet"),
    "annet.txt": (b"\x81\x8d\x8f", "noe annet"),
    "tom.pdf": (b"", "tom"),
    "uten ending": (PDF, "type vi ikke tar imot"),
    "gammelt.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "passordbeskyttet"),
    "tall.docx": (office("xlsx"), "skadet"),
    "notat.odt": (open_document("ods"), "skadet"),
    "arkiv.docx": (package({"a.txt": b"a"}), "skadet"),
    "halv.docx": (office("docx")[:200], "skadet"),
    "makro.docx": (office("docx", word__vbaProject_bin=b"\xd0\xcf"), "makroer"),
    "døpt-om.docx": (renamed_macro_document(), "makroer"),
    "gjemt.xlsx": (office("xlsx", xl__macrosheets__sheet1_xml=b"<x/>"), "makroer"),
    "inni.docx": (office("docx", word__embeddings__bok_xlsm=b"PK"), "makroer"),
    "basic.odt": (open_document("odt", Basic__Standard__Module1_xml=b"<x/>"), "makroer"),
    "skript.ods": (open_document("ods", Scripts__python__a_py=b"x"), "makroer"),
    "utbrudd.docx": (package({"[Content_Types].xml": b"<Types/>", "../../etc/passwd": b"x"}), "skadet"),
    "mange.docx": (lying_directory(60_000), "skadet"),
    "ekstern.docx": (
        package({"[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}),
        "skadet",
    ),
}


def multipart(*parts: tuple[str, str | tuple[str, bytes]]) -> dict[str, object]:
    """A body as a browser sends it, made in memory: the test client's own leaves large ones open on the disk."""
    body = io.BytesIO()
    for name, value in parts:
        given, data = value if isinstance(value, tuple) else (None, value.encode())
        file = "" if given is None else f'; filename="{given}"\r\nContent-Type: application/octet-stream'
        body.write(f'--klipp\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n")
    body.write(b"--klipp--\r\n")
    return {"data": body.getvalue(), "content_type": "multipart/form-data; boundary=klipp"}
