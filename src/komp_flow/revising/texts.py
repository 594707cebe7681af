"""From the bytes of a diagram or form, wherever it comes from, to a text that can be edited, and back."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from komp_flow.engine.checks.reading import Unreadable, kind_of, read
from komp_flow.engine.checks.rules import RULES, said
from komp_flow.engine.memory.bpmn import BPMN, MAX_BYTES, extensions
from komp_flow.errors import FieldError, Invalid, TooLarge
from komp_flow.i18n import _

DIAGRAM: Final = "diagram"
FORM: Final = "form"
LONGEST_NAME: Final = 200
LONGEST_KEY: Final = 200
MOST_DRAWN: Final = 2_000  # nodes of one diagram: with more no editor in a browser answers
LONGEST_LABEL: Final = 5_000  # characters of a name or a note that is drawn
DEEPEST_FORM: Final = 60  # levels of JSON inside each other

_DECLARED = re.compile(r"""^(\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["'])([A-Za-z0-9._:-]{1,40})(["'])""")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDE = {b"<\0?\0": "utf-16-le", b"<\0b\0": "utf-16-le", b"\0<\0?": "utf-16-be", b"\0<\0b": "utf-16-be"}
_UNSTORABLE = re.compile("[\ud800-\udfff]|\0|\\\\u0000")  # halves of letters, and the null letter
_CHARSETS = (
    "utf-8", "utf-16", "ascii", "iso8859", "cp", "koi8", "mac", "gb", "big5", "shift_jis", "euc", "iso2022", "tis-620",
)  # fmt: skip
_NODES = frozenset({"task", "event", "gateway", "subprocess", "activity", "transaction"})


@dataclass(frozen=True)
class Written:
    """A text that can be edited, and what it is about."""

    kind: str
    key: str
    name: str
    text: str


def written(name: str, data: bytes) -> Written:
    """What a file holds. Raises TooLarge, and Invalid with a sentence on why it cannot be opened and what to do."""
    kind = kind_of(name, data)
    if kind == DIAGRAM:
        return diagram(decoded(data))
    if kind == FORM:
        return form(_json_text(data))
    raise Invalid(_("Filen er verken et BPMN-diagram eller et skjema. Velg en .bpmn- eller .json-fil."))


def again(kind: str, text: str) -> Written:
    """What a text that an editor has saved holds. Raises as `written`."""
    return diagram(text) if kind == DIAGRAM else form(text)


def diagram(text: str) -> Written:
    """Raises TooLarge, and Invalid where the text is no diagram that an editor can open."""
    try:
        root = read(text.encode("utf-8", "surrogatepass"))
    except Unreadable as found:
        if found.rule == "too-large":
            raise _too_large() from found
        rule = RULES[found.rule]
        why, fix = said(rule.message, found.values), said(rule.fix, found.values)
        raise Invalid(_("Diagrammet kan ikke åpnes, og ingenting er endret."), [FieldError("", f"{why} {fix}")]) from (
            found
        )
    if sum(1 for node in root.iter() if _is_node(node)) > MOST_DRAWN:
        raise TooLarge(
            _(
                "Diagrammet har mer enn %(most)s elementer og kan ikke åpnes i studioet. "
                "Del det opp i flere prosesser, og hent inn én om gangen. Ingenting er endret.",
                most=MOST_DRAWN,
            )
        )
    if any(len(text) > LONGEST_LABEL for text in _labels(root)):
        raise TooLarge(
            _(
                "Et navn eller en merknad i diagrammet har mer enn %(most)s tegn og kan ikke tegnes. "
                "Skriv det kortere, og legg resten i dokumentasjonen. Ingenting er endret.",
                most=LONGEST_LABEL,
            )
        )
    processes = list(root.iter(BPMN + "process"))
    runs = [process for process in processes if process.get("isExecutable") == "true"]
    process = next(iter(runs or processes), None)
    key = process.get("id", "") if process is not None else ""
    name = (process.get("name") if process is not None else "") or _pool(root, key) or key
    return Written(DIAGRAM, _clean(key, LONGEST_KEY), _clean(name, LONGEST_NAME), text)


def form(text: str) -> Written:
    """Raises TooLarge, and Invalid where the text is no JSON of a form, or has letters that no page can show."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_large()
    try:
        found = json.loads(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Invalid(_("Filen er ikke et skjema: den er ikke gyldig JSON. Ingenting er endret.")) from error
    if _depth(found) > DEEPEST_FORM:
        raise _too_deep()
    if _UNSTORABLE.search(text) or _UNSTORABLE.search(json.dumps(found, ensure_ascii=False)):
        raise Invalid(
            _("Skjemaet kan ikke åpnes: det har tegn som ikke kan lagres. Skriv teksten på nytt. Ingenting er endret.")
        )
    if not isinstance(found, dict) or not isinstance(found.get("components"), list):
        raise Invalid(
            _("Filen er ikke et skjema: den mangler «components». Velg et skjema fra form-js. Ingenting er endret.")
        )
    key = found.get("id") if isinstance(found.get("id"), str) else ""
    title = found.get("title") or _heading(found["components"]) or key
    return Written(FORM, _clean(key, LONGEST_KEY), _clean(title, LONGEST_NAME), text)


def forms_of(text: str) -> frozenset[str]:
    """The ids of the forms that a diagram's user tasks have. Raises as `diagram`."""
    diagram(text)
    root = read(text.encode("utf-8", "surrogatepass"))
    return frozenset(
        form.get("formId", "") for task in root.iter(BPMN + "userTask") for form in extensions(task, "formDefinition")
    ) - {""}


def decoded(data: bytes) -> str:
    """A diagram's bytes as text that says that it is UTF-8, whatever encoding its file has. Raises as `diagram`."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "") or _WIDE.get(data[:4], "")
    declared = _DECLARED.match(data[:400].decode(encoding or "latin-1", "replace").lstrip("\ufeff"))
    try:
        text = data.decode(encoding or (_charset(declared[2]) if declared else "utf-8"))
    except (UnicodeDecodeError, LookupError):
        raise Invalid(
            _("Diagrammet kan ikke åpnes: tegnene i filen kan ikke leses. Lagre det som UTF-8. Ingenting er endret.")
        ) from None
    text = text.removeprefix("\ufeff")
    if declared and _charset(declared[2]) != "utf-8":
        text = _DECLARED.sub(r"\1UTF-8\3", text, count=1)
    return text


def _charset(name: str) -> str:
    """LookupError: none that tools write diagrams in. Python knows others, of which some take a minute for one file."""
    found = codecs.lookup(name).name
    if not found.startswith(_CHARSETS):
        raise LookupError(name)
    return found


def _json_text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            _("Skjemaet kan ikke åpnes: tegnene i filen kan ikke leses. Lagre det som UTF-8. Ingenting er endret.")
        ) from None


def _too_large() -> TooLarge:
    return TooLarge(
        _(
            "Filen er større enn %(most)s kB og kan ikke åpnes i studioet. Del den opp. Ingenting er endret.",
            most=MAX_BYTES // 1024,
        )
    )


def _too_deep() -> Invalid:
    return Invalid(_("Skjemaet er bygd i altfor mange nivåer og kan ikke åpnes. Ingenting er endret."))


def _is_node(element: etree._Element) -> bool:
    tag = element.tag
    return isinstance(tag, str) and tag.startswith(BPMN) and tag.lower().endswith(tuple(_NODES))


def _labels(root: etree._Element) -> Iterator[str]:
    """What is written on the drawing: a browser lays it out letter by letter."""
    for element in root.iter():
        yield element.get("name") or ""
        if element.tag == BPMN + "text":
            yield element.text or ""


def _pool(root: etree._Element, process: str) -> str:
    """The name of the pool that the process is drawn in."""
    pools = (pool for pool in root.iter(BPMN + "participant") if pool.get("processRef") == process)
    return next((pool.get("name") or "" for pool in pools), "")


def _heading(components: list[Any]) -> str:
    """The first heading of a form that has no title."""
    for component in components:
        text = component.get("text") if isinstance(component, dict) and component.get("type") == "text" else None
        if isinstance(text, str) and text.startswith("#"):
            return text.splitlines()[0].lstrip("# ")
    return ""


def _depth(value: object) -> int:
    """How deep lists and objects lie in each other, without recursion."""
    deepest, here = 0, [value]
    while here:
        deepest += 1
        here = [
            child
            for one in here
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if deepest > DEEPEST_FORM:
            break
    return deepest


def _clean(text: object, most: int) -> str:
    plain = "".join(c if c.isprintable() else " " for c in str(text)[: most * 2])
    return plain.strip()[:most]
