"""What the tests of forms share: making small forms, and filling in the drawn page as a browser does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from lxml import html

from komp_flow import feel, forms
from komp_flow.errors import Invalid

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(__file__).parent / "samples"
MOMENT = feel.Moment(datetime(2027, 1, 4, 8, tzinfo=UTC), ZoneInfo("Europe/Oslo"))
NAMES: dict[str, object] = {
    "cycle": {"id": "2027", "name": "2027"},
    "unit": {"id": "hr", "name": "HR"},
    "person": None,
    "measure": None,
    "deadline": {"preparation": None},
    "escalation": {},
}
CONTEXT: dict[str, object] = {
    "areas": [
        {"id": "a1", "name": "Digital samhandling", "wanted": 3, "due": "2027-09-01"},
        {"id": "a2", "name": "Kompetanseutviklingsplanlegging", "wanted": 4, "due": None},
    ],
    "goals": [{"id": "g1", "name": "Raskere saksbehandling"}, {"id": "g2", "name": "Bedre brukerdialog"}],
    "measures": [{"id": "m1", "name": "Kurs i klarspråk", "row_id": "0" * 31 + "1"}],
    "documents": [{"id": "d1", "name": "Strategi 2026–2030"}],
    "input": [],
}
SEEN: dict[str, Any] = {"context": CONTEXT, "names": NAMES, "moment": MOMENT}
ENVIRONMENT = Environment(loader=FileSystemLoader(ROOT / "src/komp_flow/templates"), autoescape=True)


def document(*components: Mapping[str, object], **more: object) -> dict[str, object]:
    """A form-js document with these components."""
    return {"type": "default", "schemaVersion": 19, "id": "trial", "components": list(components), **more}


def form(*components: Mapping[str, object]) -> forms.Form:
    """A form with these components."""
    return forms.parse(document(*components))


def listed(key: str, *components: Mapping[str, object], **properties: str) -> dict[str, object]:
    """A dynamiclist."""
    return {
        "type": "dynamiclist",
        "path": key,
        "label": key.capitalize(),
        "components": list(components),
        "properties": {name.replace("_", "-"): value for name, value in properties.items()},
    }


def text(key: str, **more: object) -> dict[str, object]:
    """A textfield."""
    return {"type": "textfield", "key": key, "label": key.capitalize(), **more}


def number(key: str, **more: object) -> dict[str, object]:
    """A number."""
    return {"type": "number", "key": key, "label": key.capitalize(), **more}


def choice(key: str, *values: object, kind: str = "radio", **more: object) -> dict[str, object]:
    """A radio, select or checklist whose options are called as their values."""
    options = [{"label": str(value).capitalize(), "value": value} for value in values]
    return {"type": kind, "key": key, "label": key.capitalize(), **({"values": options} if values else {}), **more}


REQUIRED = {"validate": {"required": True}}


def hidden_when(expression: str) -> dict[str, object]:
    """The condition that hides a component."""
    return {"conditional": {"hide": f"={expression}"}}


def errors(made: forms.Form, answers: Mapping[str, object], **seen: Any) -> dict[str, str]:
    """The message of every field that is wrong."""
    try:
        forms.check(made, answers, **{**SEEN, **seen})
    except Invalid as error:
        return {each.field: each.message for each in error.fields}
    return {}


def check(made: forms.Form, answers: Mapping[str, object], **seen: Any) -> dict[str, Any]:
    """The clean answers."""
    return forms.check(made, answers, **{**SEEN, **seen})


def draw(made: forms.Form, answers: Mapping[str, object], **more: Any) -> html.HtmlElement:
    """The drawn form as a tree."""
    view = forms.view(made, answers, more.pop("errors", ()), **{**SEEN, **more})
    return html.fromstring(str(forms.render(ENVIRONMENT, view, action_url="/t", refresh_url="/t?part=fields")))


def post(page: html.HtmlElement, press: str | None = None, **typed: str | list[str]) -> dict[str, list[str]]:
    """What a browser without scripts sends: every field as it stands, `typed` over it, and the pressed button."""
    sent: dict[str, list[str]] = {}
    for element in page.iter("input", "select", "textarea"):
        name = element.get("name")
        if not name:
            continue
        if element.tag == "select":
            values = [each.get("value") for each in element.iter("option") if each.get("selected") is not None]
            sent.setdefault(name, []).extend(values or [element.find("option").get("value")])
        elif element.tag == "textarea":
            # HTML drops one newline after the tag.
            sent.setdefault(name, []).append((element.text or "").removeprefix("\n").replace("\n", "\r\n"))
        elif element.get("type") not in ("checkbox", "radio") or element.get("checked") is not None:
            sent.setdefault(name, []).append(element.get("value", "on"))
    for name, value in typed.items():
        sent[name] = value if isinstance(value, list) else [value]
    if press is not None:
        button = page.xpath("//button[@name=$n and @value=$v]", n=press.partition("=")[0], v=press.partition("=")[2])[0]
        sent[button.get("name")] = [button.get("value")]
    return sent
