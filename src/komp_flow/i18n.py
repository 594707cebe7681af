"""The words of the product: gettext in the reader's language, bokmål as the source, with no web framework involved."""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("nb", "nn", "en")
SOURCE = "nb"

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    """Made from the .po file itself, so that nothing has to be compiled before komp-flow can speak a language."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE or not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as po:
        write_mo(compiled, read_po(po, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def language() -> str:
    """The language that is spoken just now: one of LANGUAGES."""
    return _language.get()


@contextmanager
def speaking(wanted: str | None) -> Iterator[None]:
    """Everything inside is said in `wanted`, or in bokmål if that is not a language of ours."""
    token = _language.set(wanted if wanted in LANGUAGES else SOURCE)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(message: str, **values: object) -> str:
    """The sentence in the reader's language; `values` fill its `%(name)s` places."""
    said = _catalogue(_language.get()).gettext(message)
    return said % values if values else said


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """As `gettext`, for one and for many; `%(num)s` is the number."""
    said = _catalogue(_language.get()).ngettext(singular, plural, number)
    return said % {"num": number, **values}


def lazy_gettext(message: str, **values: object) -> str:
    """A sentence that is translated when it is shown: for constants at the top of modules."""
    return LazyProxy(gettext, message, enable_cache=False, **values)  # type: ignore[return-value]


_ = gettext
_l = lazy_gettext
