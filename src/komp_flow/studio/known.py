"""What an editor is told when it opens: the drawing, and all that can be chosen around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import url_for

from komp_flow import operations, registers
from komp_flow.auth.guards import actor
from komp_flow.diagrams.words.around import DATES, THINGS, FieldWords, FormWords
from komp_flow.i18n import _, _l
from komp_flow.organisation import roles
from komp_flow.organisation.reasons import NAMES as ROLES
from komp_flow.pages import moment
from komp_flow.revising.lines import DrawingSheet
from komp_flow.revising.surroundings import Surroundings, words

# In the order in which a year goes, not by the alphabet.
ROLE_ORDER: Final = (
    roles.MANAGER,
    roles.SUPERIOR,
    roles.DEPUTY,
    roles.EMPLOYEE,
    roles.HR,
    roles.PROCESS_OWNER,
    roles.TOP_MANAGEMENT,
    roles.UNION_REP,
    roles.MEASURE_OWNER,
    roles.ADMINISTRATOR,
)
REGISTER_NAMES: Final[Mapping[str, str]] = {
    "documents": _l("Strategidokumenter"),
    "unit-goals": _l("Enhetenes mål"),
    "glossary": _l("Begreper"),
    "areas": _l("Kompetanseområder"),
    "measures": _l("Kompetansetiltak"),
    "actions": _l("Lokale handlingsplaner"),
    "goals": _l("Utviklingsmål"),
    "decisions": _l("Vedtak"),
    "implementations": _l("Slik berører tiltakene enhetene"),
    "effects": _l("Effekt"),
    "input": _l("Innspill til drøftingen"),
    "discussions": _l("Kompetansedrøftinger"),
    "conclusions": _l("Konklusjoner"),
}


def data(drawing: DrawingSheet, around: Surroundings) -> dict[str, Any]:
    """All of it, as the page's `studio-data` has it."""
    named = words(around)
    return {
        "drawing": {
            "id": str(drawing.id),
            "kind": drawing.kind,
            "key": drawing.key,
            "name": drawing.name,
            "revision": drawing.revision,
            "text": drawing.text,
            "savedBy": drawing.saved_by,
            "savedByName": drawing.saved_by_name,
            "savedAt": moment(drawing.saved_at),
        },
        "me": actor().person_id,
        "roles": [{"id": role, "label": str(ROLES[role])} for role in ROLE_ORDER],
        "forms": [form(key, found) for key, found in sorted(named.forms.items(), key=lambda item: item[1].title)],
        "operations": [
            {
                "type": spec.type,
                "sentence": spec.sentence,
                "required": sorted(spec.required),
                "optional": sorted(spec.optional),
                "outputs": None if spec.outputs is None else sorted(spec.outputs),
                "errors": sorted(spec.errors),
            }
            for spec in operations.registry().values()
        ],
        "guidance": [{"id": key, "title": title} for key, title in named.guidance.items()],
        "processes": [{"id": key, "name": name} for key, name in sorted(around.processes.items())],
        "names": names(),
        "registers": [
            {"id": key, "label": str(REGISTER_NAMES.get(key, key)), "columns": registers.columns_of(key)}
            for key in registers.REGISTERS
        ],
        "urls": urls(drawing.id),
    }


def urls(drawing_id: UUID) -> dict[str, str]:
    """Where the editor asks."""
    own = url_for("studio.drawing", drawing_id=drawing_id)
    below = ("copy", "file", "check", "words", "names", "questions", "answers", "preview", "publish", "discard")
    return {"save": own, **{name: f"{own}/{name}" for name in below}, "home": url_for("studio.home")}


def form(key: str, found: FormWords) -> dict[str, Any]:
    """One form with its fields, so that a condition can ask which answer leads where."""
    return {"id": key, "title": found.title or key, "fields": [_field(one) for one in found.fields.values()]}


def _field(found: FieldWords) -> dict[str, Any]:
    made: dict[str, Any] = {
        "key": found.key,
        "label": found.label,
        "type": found.type,
        "options": [{"value": value, "label": label} for value, label in found.options.items()],
    }
    if found.fields:
        made["fields"] = [_field(one) for one in found.fields.values()]
    return made


def names() -> list[dict[str, str]]:
    """The names that the host gives everywhere."""
    dates = [{"name": f"deadline.{name}", "sentence": _sentence(said)} for name, said in DATES.items()]
    ladders = [
        {"name": f"escalation.{name}", "sentence": _("Når det skal varsles etter %(date)s", date=said)}
        for name, said in DATES.items()
    ]
    host = ("cycle.", "unit.", "person.", "measure.")
    things = [{"name": name, "sentence": _sentence(said)} for name, said in THINGS.items() if name.startswith(host)]
    return dates + things + ladders


def _sentence(said: object) -> str:
    text = str(said)
    return text[:1].upper() + text[1:]
