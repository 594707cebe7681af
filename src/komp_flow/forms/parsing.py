"""From a form file to a form that holds, or to the list of everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from komp_flow.errors import FieldError, Invalid
from komp_flow.forms import documents, limits
from komp_flow.forms.components import Form, Prose, everything
from komp_flow.forms.problems import Findings, FormProblem
from komp_flow.forms.reading import Keys, Reader
from komp_flow.forms.sheet import Sheet
from komp_flow.i18n import _

SCHEMA_VERSION = 19
# What a form as a whole may be: the cycle, or one row of a register.
WHOLE = ("cycle", "discussions", "conclusions")
# As wide as Camunda's own form ids.
_FORM_ID = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)


def parse(data: bytes | str | Mapping[str, object]) -> Form:
    """The form that a document describes, read once for each text.

    Raises Invalid, whose fields are the elements, with every error at once.
    """
    if isinstance(data, Mapping):
        return _held(*read(data))
    return _parsed(data.encode() if isinstance(data, str) else bytes(data))


@lru_cache(maxsize=500)
def _parsed(data: bytes) -> Form:
    return _held(*read(data))


def _held(form: Form | None, findings: list[FormProblem]) -> Form:
    if form is None:
        errors = [problem for problem in findings if problem.severity == "error"]
        raise Invalid(
            _("Skjemaet kan ikke brukes slik det er. Rett det som står i lista, og prøv igjen."),
            [FieldError(problem.element, f"{problem.message} {problem.fix}") for problem in errors],
        )
    return form


def problems(data: bytes | Mapping[str, object]) -> list[FormProblem]:
    """All problems of a form file, errors and warnings, in the order of the file. Never raises."""
    return read(data)[1]


def read(data: bytes | Mapping[str, object]) -> tuple[Form | None, list[FormProblem]]:
    """The form, or None where it has errors, and all that was found."""
    findings = Findings()
    document = documents.load(data, findings)
    form = None if document is None else _form(document, findings)
    return (form if findings.hold else None), findings.problems


def _form(document: Mapping[str, object], findings: Findings) -> Form:
    sheet = Sheet(document, "", findings)
    if document.get("type") != "default":
        findings.error("", "not-a-form", _("«type» er ikke «default», så dette er ikke et skjema fra form-js."),
                       _('Lag skjemaet i skjemaeditoren, eller sett "type": "default".'))  # fmt: skip
    _schema_version(document.get("schemaVersion"), findings)
    form_id = sheet.text("id", 100)
    if not _FORM_ID.fullmatch(form_id):
        findings.error(
            "",
            "form-id",
            _("Skjemaet mangler en «id» som kan brukes."),
            _("Gi det en id med bokstaver, tall, bindestrek og understrek, for eksempel «measures»."),
        )
    reader = Reader(findings, form_id)
    if not isinstance(document.get("components"), list):
        findings.error("", "not-a-form", _("Skjemaet mangler lista «components»."),
                       _("Lag skjemaet i skjemaeditoren."))  # fmt: skip
        return Form(form_id, form_id, document, ())
    components = reader.components(sheet, Keys(top=True), 1, 0)
    if reader.count > limits.COMPONENTS:
        findings.error("", "too-many", _("Skjemaet har mer enn %(most)s komponenter.", most=limits.COMPONENTS),
                       _("Del det i flere skjemaer."))  # fmt: skip
    properties = sheet.inner("properties")
    properties.one_of("register", WHOLE, "")  # the form as a whole is one row; its fields name columns
    title = sheet.text("title", 200) or properties.text("title", 200)
    return Form(
        id=form_id,
        title=title or next(filter(None, map(_heading, everything(components))), form_id),
        document=document,
        components=components,
        guidance=sheet.text("guidance", 200) or properties.text("guidance", 200) or None,
        covers=_covers(document, properties),
    )


def _schema_version(version: object, findings: Findings) -> None:
    if isinstance(version, bool) or not isinstance(version, int):
        findings.error("", "schema-version", _("«schemaVersion» mangler."),
                       _('Sett "schemaVersion": %(version)s.', version=SCHEMA_VERSION))  # fmt: skip
    elif version > SCHEMA_VERSION:
        findings.error(
            "",
            "schema-version",
            _("Skjemaet er laget for en nyere form-js (schemaVersion %(given)s).", given=str(version)[:20]),
            _("Lagre det med schemaVersion %(version)s.", version=SCHEMA_VERSION),
        )
    elif version < SCHEMA_VERSION:
        findings.warning(
            "",
            "schema-version",
            _("Skjemaet er laget for en eldre form-js (schemaVersion %(given)s).", given=version),
            _("Åpne og lagre det i skjemaeditoren, så får det schemaVersion %(version)s.", version=SCHEMA_VERSION),
        )


def _heading(component: object) -> str:
    """The first heading of a text component, without its marks."""
    if not isinstance(component, Prose) or not isinstance(component.text, str):
        return ""
    found = re.search(r"^#{1,6} +(\S.*)$", component.text, re.MULTILINE)
    return found.group(1).strip(" #*_")[:200] if found else ""


def _covers(document: Mapping[str, object], properties: Sheet) -> tuple[str, ...]:
    """The ids of process.md section 1 that the form covers: a list, or a comma list in the custom properties."""
    given = document.get("covers", properties.data.get("covers"))
    if isinstance(given, str):
        given = given.split(",")
    return tuple(each.strip() for each in given if isinstance(each, str)) if isinstance(given, list) else ()
