"""From the bytes of a file to a bounded XML tree: no entities, no document types, nothing endless."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from lxml import etree

from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, MAX_BYTES

MAX_DEPTH = 100
MAX_NODES = 30_000
CHUNK = 16_384

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(r"""^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
# The encodings in which tools write diagrams. Others could hide a document type from the look before the parser.
_ENCODINGS = frozenset(
    codecs.lookup(name).name
    for name in words(
        "utf-8 ascii utf-16 utf-16-le utf-16-be latin-1 iso8859-2 iso8859-4 iso8859-5 iso8859-9 iso8859-10 iso8859-13 "
        "iso8859-15 cp1250 cp1251 cp1252 cp1253 cp1254 cp1257 koi8-r"
    )
)
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)


class Unreadable(Exception):
    """The file is refused as a whole, for one reason. `values` fill the rule's sentence."""

    def __init__(self, rule: str, **values: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.values: Mapping[str, object] = values


def kind_of(name: str, data: bytes) -> str:
    """`diagram`, `form` or `unknown`: by the file's name, else by how it begins."""
    lower = name.lower()
    if lower.endswith((".bpmn", ".xml", ".bpmn20.xml")):
        return "diagram"
    if lower.endswith((".json", ".form")):
        return "form"
    start = data[:200].lstrip(codecs.BOM_UTF8).replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        return "diagram"
    return "form" if start.startswith(b"{") else "unknown"


def read(data: bytes) -> etree._Element:
    """The root of a BPMN diagram, comments and processing instructions left out. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable("too-large")
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty-file")
    _require_plain_prolog(data)
    root = _tree(data)
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise Unreadable("doctype")
    if root.tag != BPMN + "definitions":
        name = etree.QName(root)
        tag = f"{name.localname} ({name.namespace})" if name.namespace else name.localname
        raise Unreadable("not-bpmn", tag=tag)
    return root


def _require_plain_prolog(data: bytes) -> None:
    """What stands before the first element must be readable and hold no document type."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    if not encoding and data[:4] in (b"<\0?\0", b"\0<\0?", b"<\0b\0", b"\0<\0b"):
        encoding = "utf-16-le" if data[:1] == b"<" else "utf-16-be"
    declared = _DECLARED.match(data[:400].decode(encoding or "latin-1", "replace").lstrip("\ufeff"))
    if declared:
        try:
            named = codecs.lookup(declared[1]).name
        except LookupError:
            raise Unreadable("encoding", encoding=declared[1]) from None
        if named not in _ENCODINGS:
            raise Unreadable("encoding", encoding=declared[1])
        encoding = encoding or named
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        raise Unreadable("encoding", encoding=encoding or "utf-8") from None
    text = text.lstrip("\ufeff")
    at = 0
    while found := _PROLOG.match(text, at):
        at = found.end()
    if text[at : at + 9].upper() == "<!DOCTYPE":
        raise Unreadable("doctype")


def _tree(data: bytes) -> etree._Element:
    """Fed in pieces, so that a bound stops the tree while it is small. libxml2 bounds depth, names and texts too."""
    parser = etree.XMLPullParser(
        ("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    nodes = depth = 0
    try:
        for at in range(0, len(data), CHUNK):
            parser.feed(data[at : at + CHUNK])
            for event, _element in parser.read_events():
                depth += 1 if event == "start" else -1
                nodes += event == "start"
                if depth > MAX_DEPTH:
                    raise Unreadable("too-deep", limit=MAX_DEPTH)
            if nodes > MAX_NODES:
                raise Unreadable("too-many-nodes", limit=MAX_NODES)
        return parser.close()
    except (etree.XMLSyntaxError, ValueError, AssertionError) as error:
        if "xcessive depth" in str(error):
            raise Unreadable("too-deep", limit=MAX_DEPTH) from error
        raise Unreadable("not-xml", reason=error) from error
