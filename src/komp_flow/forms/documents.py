"""From the bytes of a form file to a bounded JSON object, with the line of what cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping

from komp_flow.forms import limits
from komp_flow.forms.problems import Findings
from komp_flow.i18n import _


class _Repeated(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _Repeated(name[:100])
        found[name] = value
    return found


def _constant(name: str) -> object:
    raise ValueError(name)


def load(data: bytes | Mapping[str, object], findings: Findings) -> Mapping[str, object] | None:
    """The document as a JSON object, or None when it is none: then `findings` says why."""
    if isinstance(data, Mapping):
        return _serialised(data, findings)
    if len(data) > limits.DOCUMENT_BYTES:
        findings.error("", "too-large", *_too_large())
        return None
    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError:
        findings.error("", "not-json", _("Fila er ikke tekst i UTF-8."), _("Lagre den som UTF-8."))
    except json.JSONDecodeError as error:
        findings.error(
            "",
            "not-json",
            _("Fila er ikke gyldig JSON: feilen er på linje %(line)s, tegn %(column)s.",
              line=error.lineno, column=error.colno),
            _("Åpne skjemaet i skjemaeditoren og lagre det på nytt, eller rett fila der feilen er."),
        )  # fmt: skip
    except _Repeated as error:
        findings.error(
            "",
            "not-json",
            _("Navnet «%(name)s» står to ganger i samme objekt.", name=error.name),
            _("Ta bort det ene."),
        )
    except (ValueError, RecursionError):
        findings.error(
            "",
            "not-json",
            _("Fila har tall eller nivåer som ikke lar seg lese."),
            _("Ta bort NaN, Infinity, svært lange tall og svært dype lister."),
        )
    else:
        return _an_object(document, findings)
    return None


def _serialised(data: Mapping[str, object], findings: Findings) -> Mapping[str, object] | None:
    try:
        text = json.dumps(data, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        findings.error("", "not-json", _("Skjemaet er ikke gyldig JSON."), _("Send skjemaet slik editoren lagrer det."))
        return None
    if len(text.encode()) > limits.DOCUMENT_BYTES:
        findings.error("", "too-large", *_too_large())
        return None
    return _an_object(json.loads(text), findings)


def _an_object(document: object, findings: Findings) -> Mapping[str, object] | None:
    if isinstance(document, dict):
        return document
    findings.error(
        "",
        "not-a-form",
        _("Fila inneholder ikke et skjema, men noe annet."),
        _('Et skjema fra skjemaeditoren begynner med «{» og har "type": "default".'),
    )
    return None


def _too_large() -> tuple[str, str]:
    return (
        _("Skjemaet er større enn %(most)s kB.", most=limits.DOCUMENT_BYTES // 1024),
        _("Del det i flere skjemaer, eller ta bort lange tekster."),
    )
