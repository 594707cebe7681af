"""All about me as a PDF that a screen reader reads too (PDF/UA-1): the export's rows in words, set by Typst in memory.

What people wrote goes to Typst as data, never as markup. Nothing is written to the disk.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import typst
from sqlalchemy.orm import Session

from komp_flow import engine, i18n
from komp_flow.errors import Busy, TooLarge
from komp_flow.i18n import _
from komp_flow.inbox.export_words import FIELDS, SECTIONS, TITLES, VALUES
from komp_flow.pages import day, moment
from komp_flow.registers.sealing import is_id

SOURCE: Final = (Path(__file__).parent / "export.typ").read_bytes()
LARGEST: Final = 4 * 1024 * 1024  # bytes of text; more is some thousand pages
AT_A_TIME: Final = 2
PATIENCE: Final = 20.0  # seconds to wait for others' files
_setting = threading.BoundedSemaphore(AT_A_TIME)

# What Typst's own fonts can show, all of it. PDF/UA allows no letter without a shape, so another is shown as a square.
_SHOWN: Final = (
    (0x20, 0x7E), (0xA0, 0x2AF), (0x370, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2070, 0x209C),
    (0x20A0, 0x20BF), (0x2190, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
SQUARE: Final = "□"
_LEFT_OUT: Final = frozenset({"format", "version", "made_at", "incomplete", "cycles"})
_HIDDEN: Final = frozenset(
    {"id", "task", "form", "form_version", "unit", "talk", "manager", "element", "row_id", "origin", "goal_id"}
    | {"area", "measure", "process", "source", "stage", "about_me", "share", "row-id"}
)

NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})
WHEN: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d))?")
CODED: Final = frozenset({"status", "role", "by", "cause", "kind", "language", "confirmation", "agreement", "outcome"})

Record = dict[str, Any]


def pdf(db: Session, found: Mapping[str, Any]) -> bytes:
    """The export as PDF. TooLarge: it is too long. Busy: too many are being made at once."""
    words = _Words(db, found)
    data = {
        "title": _("Alt om meg i komp-flow"),
        "lang": i18n.language(),
        "contents": _("Innhold"),
        "intro": [*words.intro()],
        "sections": [*words.sections()],
    }
    text = orjson.dumps(data)
    if len(text) > LARGEST:
        raise TooLarge(_("Det er for mye til en PDF. Hent JSON-fila i stedet."))
    if not _setting.acquire(timeout=PATIENCE):
        raise Busy(_("Mange henter filer akkurat nå. Vent litt og prøv igjen."))
    try:
        made: bytes = typst.compile(
            SOURCE, sys_inputs={"data": text.decode()}, pdf_standards=["ua-1"], ignore_system_fonts=True, format="pdf"
        )
        return made
    finally:
        _setting.release()


class _Words:
    """The rows of the export as headings and lines of «what: value»."""

    def __init__(self, db: Session, found: Mapping[str, Any]) -> None:
        self._db = db
        self._found = found
        self._cycles = {each["id"]: each["name"] for each in found["cycles"]}
        self._forms: dict[Any, _Form] = {}

    def intro(self) -> Iterator[str]:
        name = str(self._found["person"]["name"])
        when = moment(self._found["made_at"])
        yield shown(_("%(name)s, hentet %(when)s.", name=name, when=when))
        yield _("Her står alt komp-flow har om deg, og det du kan lese av det andre har skrevet om deg.")
        yield _("Tegn som ikke kan vises her, står som %(square)s. JSON-fila har dem alle.", square=SQUARE)
        if self._found["incomplete"]:
            names = ", ".join(self._titled(each) for each in self._found["incomplete"])
            yield _("Disse delene er så lange at ikke alt er med: %(names)s.", names=names)

    def sections(self) -> Iterator[Record]:
        for name, rows in self._found.items():
            if name in _LEFT_OUT:
                continue
            listed = rows if isinstance(rows, list) else [rows] if rows else []
            empty = not listed
            yield {
                "title": self._titled(name),
                "about": _("Ingenting.") if empty else "",
                "records": self._trail(listed) if name == "trail" else [self._record(name, each) for each in listed],
            }

    def _trail(self, listed: Iterable[Mapping[str, Any]]) -> list[Record]:
        """One line for each event: they are many."""
        pairs = [["", shown(each["said"])] for each in listed if each["said"]]
        return [{"title": "", "pairs": pairs}] if pairs else []

    def _titled(self, name: str) -> str:
        return str(SECTIONS.get(name, name))

    def _record(self, section: str, row: Mapping[str, Any]) -> Record:
        title = next((row[key] for key in TITLES.get(section, ()) if row.get(key)), "")
        form = self._form(row.get("form_version"))
        pairs: list[tuple[str, str]] = []
        for key, value in row.items():
            if key in _HIDDEN or value is False or value in NOTHING or value is title:
                continue
            if key == "answers" and isinstance(value, Mapping):
                pairs.extend(self._answers(value, form))
            else:
                pairs.append((self._label(key), self._value(key, value)))
        return {"title": shown(self._value("title", title)), "pairs": [[shown(a), shown(b)] for a, b in pairs]}

    def _answers(self, values: Mapping[str, Any], form: _Form, before: str = "") -> Iterator[tuple[str, str]]:
        for key, value in values.items():
            if key == "row-id" or value in NOTHING or is_id(value):
                continue
            label = form.labels.get(key) or self._label(key)
            if isinstance(value, list) and isinstance(value[0], Mapping):
                for number, each in enumerate(value, 1):
                    yield from self._answers(each, form, f"{before}{label} {number}, ")
            elif isinstance(value, Mapping):
                yield from self._answers(value, form, f"{before}{label}, ")
            elif said := self._answer(key, value, form):
                yield f"{before}{label}", said

    def _answer(self, key: str, value: Any, form: _Form) -> str:
        if isinstance(value, list):
            return ", ".join(self._answer(key, each, form) for each in value if not is_id(each))
        return form.choices.get((key, str(value))) or self._value(key, _dated(value))

    def _label(self, key: str) -> str:
        return str(FIELDS.get(key, key))

    def _value(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return _("ja") if value else _("nei")
        if isinstance(value, datetime):
            return moment(value)
        if isinstance(value, date):
            return day(value)
        if key == "cycle":
            return str(self._cycles.get(value, value))
        if isinstance(value, list | tuple):
            return ", ".join(self._value(key, each) for each in value)
        return str(VALUES.get(str(value), value)) if key in CODED else str(value)

    def _form(self, version: Any) -> _Form:
        if version is None:
            return _Form()
        if version not in self._forms:
            self._forms[version] = found = _Form()
            found.read(_parts(engine.form(self._db, version).document))
        return self._forms[version]


class _Form:
    """What a form calls its fields, those in lists and groups too, and what it offers to choose among."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.choices: dict[tuple[str, str], str] = {}

    def read(self, components: Iterable[Any]) -> None:
        for part in components:
            if not isinstance(part, Mapping):
                continue
            name = str(part.get("key") or part.get("path") or "")
            label = part.get("label") or part.get("dateLabel") or part.get("timeLabel")
            if name and isinstance(label, str) and not label.startswith("="):
                self.labels[name] = label
            for each in part.get("values") or ():
                if isinstance(each, Mapping) and isinstance(each.get("label"), str):
                    self.choices[name, str(each.get("value"))] = each["label"]
            self.read(_parts(part))


def _parts(of: Mapping[str, Any]) -> Iterable[Any]:
    return of.get("components") or ()


def _dated(value: Any) -> Any:
    """A date or time as it was sent, as one; anything else as it is."""
    if isinstance(value, str) and WHEN.fullmatch(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value


def shown(text: str) -> str:
    """The text with only letters that can be set: composed, without control characters, a square for what has none."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(_letter(letter) for letter in composed)


def _letter(letter: str) -> str:
    if letter == "\n":
        return letter
    if unicodedata.category(letter) in {"Cc", "Cf", "Cs"}:
        return ""
    code = ord(letter)
    return letter if any(first <= code <= last for first, last in _SHOWN) else SQUARE
