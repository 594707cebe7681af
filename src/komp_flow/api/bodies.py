"""What a request carries, read strictly: JSON that means one thing only, files by their names, nothing unbounded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import PureWindowsPath
from typing import Any, Final, NoReturn

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from komp_flow import work
from komp_flow.engine.problems import SourceFile
from komp_flow.errors import FieldError, Invalid, TooLarge
from komp_flow.i18n import _

LARGEST: Final = 2 * 1024 * 1024  # bytes of a JSON body
DEEPEST: Final = 60
MOST_VALUES: Final = 50_000
LONGEST_NUMBER: Final = 100  # characters
LARGEST_EXPONENT: Final = 300
LONGEST_NAME: Final = 200  # characters of a file's name
MOST_SOURCES: Final = 200  # diagrams and forms of one request
FORM: Final = "multipart/form-data"


class _Repeated(ValueError):
    """A name stands twice in one object."""


def json_object(request: Request) -> Mapping[str, Any]:
    """The body as a JSON object; an empty body is an empty object. Raises what is wrong with it."""
    raw = _raw(request)
    if not raw.strip():
        return {}
    if not request.is_json:
        raise UnsupportedMediaType(_("Send innholdet som JSON, med «Content-Type: application/json»."))
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_constant=_no_constant,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except _Repeated as error:
        said = _("Navnet står to ganger i samme objekt.")
        message = _("Innholdet kan forstås på flere måter. Ingenting er endret.")
        raise Invalid(message, [_at(str(error), said)]) from None
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise BadRequest(_("Innholdet er ikke gyldig UTF-8. Ingenting er endret.")) from None
    except ValueError as error:
        where = f" ({error.lineno}:{error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadRequest(_("Innholdet er ikke gyldig JSON%(where)s. Ingenting er endret.", where=where)) from None
    if not isinstance(value, dict):
        raise Invalid(_("Send et JSON-objekt, {…}. Ingenting er endret."))
    _bounded(value)
    return value


def _raw(request: Request) -> bytes:
    if (request.content_length or 0) > LARGEST:
        raise TooLarge(_("Innholdet er for stort. Send høyst %(most)s MB JSON.", most=LARGEST // 1024 // 1024))
    request.max_content_length = LARGEST
    return request.get_data()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _Repeated(next(name for name, _value in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON (RFC 8259 section 6)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _too_big_number() from None
    if len(text) > LONGEST_NUMBER or (number and abs(number.adjusted()) > LARGEST_EXPONENT):
        raise _too_big_number()
    return number


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _too_big_number()
    return int(text)


def _too_big_number() -> Invalid:
    return Invalid(_("Et tall i innholdet er for stort. Ingenting er endret."))


def _too_deep() -> Invalid:
    return Invalid(_("Innholdet ligger i for mange nivåer (flere enn %(most)s). Ingenting er endret.", most=DEEPEST))


def _bounded(value: Any) -> None:
    """Not too deep, not too much, no text that cannot be stored."""
    waiting: list[tuple[Any, int, str]] = [(value, 0, "")]
    seen = 0
    while waiting:
        one, depth, where = waiting.pop()
        seen += 1
        if depth > DEEPEST:
            raise _too_deep()
        if isinstance(one, str):
            require_text(one, where)
        elif isinstance(one, dict):
            for name in one:
                require_text(name, where)
            waiting.extend((inner, depth + 1, f"{where}-{name}" if where else name) for name, inner in one.items())
        elif isinstance(one, list):
            waiting.extend((inner, depth + 1, f"{where}-{at}") for at, inner in enumerate(one))
        if seen + len(waiting) > MOST_VALUES:
            raise TooLarge(_("Innholdet har for mange verdier. Send høyst %(most)s.", most=MOST_VALUES))


def require_text(text: str, field: str) -> None:
    """Raises Invalid for what no database keeps and no reader sees: NUL, and half a surrogate pair."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        said = _("Teksten har tegn som ikke kan lagres (NUL eller et halvt tegnpar). Ta dem bort.")
        raise Invalid(_("Ingenting er endret. Rett feltene som er merket."), [_at(field, said)])


def query(request: Request) -> dict[str, str]:
    """The address's parameters; one that is empty does not count. Raises Invalid where one stands twice."""
    found: dict[str, str] = {}
    for name, values in request.args.lists():
        given = [value for value in values if value != ""]
        for text in (name, *given):
            require_text(text, name.replace("\0", ""))
        if len(given) > 1:
            raise Invalid(_("Rett adressen."), [_at(name, _("Parameteren kan stå bare én gang."))])
        if given:
            found[name] = given[0]
    return found


def parts(request: Request) -> dict[str, Any]:
    """The parts of a multipart body: files as a list under their name, texts as they are."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType(_("Send filene som «%(form)s».", form=FORM))
    found: dict[str, Any] = {name: request.files.getlist(name) for name in request.files}
    for name, texts in request.form.lists():
        if name in found or len(texts) > 1:
            raise Invalid(_("Ingenting er endret."), [_at(name, _("Feltet kan stå bare én gang."))])
        require_text(texts[0], name.replace("\0", ""))
        found[name] = texts[0]
    return found


def sources(files: Sequence[FileStorage]) -> list[SourceFile]:
    """Uploaded files under their own names, without the folders that they came from. TooLarge: too many of them."""
    if len(files) > MOST_SOURCES:
        raise TooLarge(
            _("Det er for mange filer. Ingenting er lest. Send høyst %(most)s om gangen.", most=MOST_SOURCES)
        )
    return [SourceFile(_file_name(file.filename or "", at), _content(file)) for at, file in enumerate(files, 1)]


def _content(file: FileStorage) -> bytes:
    file.seek(0)
    content: bytes = file.read()
    return content


def _digest(file: FileStorage) -> str:
    file.seek(0)
    return hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _file_name(given: str, at: int) -> str:
    plain = "".join(letter for letter in PureWindowsPath(given).name if letter.isprintable())
    return plain[-LONGEST_NAME:] if plain.strip(" .") else f"fil-{at}"


def fingerprint(request: Request) -> bytes:
    """What tells this request from another: address, and what is sent. A multipart's own boundary does not count."""
    if request.mimetype != FORM:
        return work.fingerprint(request.method, request.path, _raw(request))
    files = [
        [name, file.filename or "", _digest(file)]
        for name in sorted(request.files)
        for file in request.files.getlist(name)
    ]
    texts = sorted([name, *values] for name, values in request.form.lists())
    return work.fingerprint(request.method, request.path, json.dumps([texts, files]).encode())


def _at(field: str, message: str) -> FieldError:
    return FieldError(field[:200], message)
