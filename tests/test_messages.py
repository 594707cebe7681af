"""The words of the pages in nynorsk and English: all there, with the original's places for names and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from komp_flow import i18n

SOURCE = Path(i18n.__file__).parent
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
# What people meet in the browser. Messages about diagrams and files, of the API and of the command line, are bokmål.
SHOWN = (
    *(f"templates/{name}" for name in ("auth", "base", "error", "forms", "inbox", "monitor", "studio")),
    *(
        "inbox/",
        "monitor/",
        "studio/",
        "revising/",
        "notifications/",
        "pages.py",
        "app.py",
        "work/words.py",
        "work/watching/board.py",
        "organisation/reasons.py",
        "diagrams/words",
        "diagrams/differences",
    ),
)
PLACE = re.compile(r"%(?:\(\w+\))?[sd]")


def said() -> Iterator[str]:
    """Every sentence that a page may show, as it stands in the code."""
    for file, _line, message, _comments, _context in extract_from_dir(SOURCE, METHODS, OPTIONS, KEYWORDS):
        if file.startswith(SHOWN):
            yield message if isinstance(message, str) else message[0]


def catalogue(language: str) -> Catalog:
    with (i18n.LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as po:
        return read_po(po, locale=language)


def texts(what: object) -> Iterable[str]:
    return [what] if isinstance(what, str) else list(what)  # type: ignore[call-overload]


@pytest.mark.parametrize("language", ["nn", "en"])
def test_every_sentence_of_the_pages_is_translated(language: str) -> None:
    known = {next(iter(texts(message.id))) for message in catalogue(language) if message.id and message.string}
    missing = sorted(set(said()) - known)
    assert not missing, missing


@pytest.mark.parametrize("language", ["nn", "en"])
def test_places_agree_with_the_original(language: str) -> None:
    wrong = [message.id for message in catalogue(language) if message.id and not _agrees(message)]
    assert not wrong, wrong


def _agrees(message: Message) -> bool:
    given = {place for text in texts(message.id) for place in PLACE.findall(text)}
    return all(set(PLACE.findall(text)) <= given for text in texts(message.string))


def test_a_place_that_does_not_agree_is_found() -> None:
    assert not _agrees(Message("Hei, %(name)s", "Hi, %(nmae)s"))


def test_one_and_many_in_each_language() -> None:
    for language, one, many in (("nb", "Én oppgave", "2 oppgaver"), ("nn", "Éi oppgåve", "2 oppgåver"),
                                ("en", "One task", "2 tasks")):  # fmt: skip
        with i18n.speaking(language):
            told = [i18n.ngettext("Én oppgave venter på deg.", "%(num)s oppgaver venter på deg.", n) for n in (1, 2)]
        assert told[0].startswith(one)
        assert told[1].startswith(many)


def test_a_sentence_that_is_not_translated_is_said_in_bokmal() -> None:
    with i18n.speaking("en"):
        assert i18n.gettext("Dette står ikke i noen katalog.") == "Dette står ikke i noen katalog."
