"""The element that each kind of input is drawn as, and how its answer reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from komp_flow.forms import attachments, values
from komp_flow.forms.attachments import KINDS, Attached
from komp_flow.forms.components import Choice, Input, NumberInput, Reference, TextInput, Tick, When
from komp_flow.forms.inputs import option_text
from komp_flow.forms.shapes import OptionView
from komp_flow.forms.sight import Place, Sight
from komp_flow.i18n import _


def element_id(path: str) -> str:
    """The id of a field's element in the page."""
    return f"field-{path}"


def options(sight: Sight, part: Choice, value: object, place: Place, path: str) -> tuple[OptionView, ...]:
    """What may be chosen, with what was."""
    given = value if isinstance(value, list) else [] if value is None else [value]
    texts = {option_text(each) for each in given}
    return tuple(
        OptionView(f"{element_id(path)}-{at}", each.label, each.text, each.text in texts)
        for at, each in enumerate(sight.choices(part, place))
    )


def answer(sight: Sight, part: Input, value: object, place: Place) -> str:
    """An answer as it is read."""
    if isinstance(part, Choice):
        labels = {each.text: each.label for each in sight.choices(part, place)}
        given = value if isinstance(value, list) else [] if value is None else [value]
        return ", ".join(labels.get(option_text(each), values.shown(each)) for each in given)
    if isinstance(part, NumberInput):
        found = values.number(value)
        if found is None:
            return values.shown(value)
        prefix, suffix = sight.said(part.prefix, place), sight.said(part.suffix, place)
        return " ".join(filter(None, (prefix, values.norwegian_number(found, grouped=True), suffix)))
    if isinstance(part, When):
        moment = sight.world.moment
        return values.shown(values.when(part, value, moment.zone, moment.now) or value, moment.zone)
    if isinstance(part, Reference):
        return ", ".join(file.name for file in attached(sight, value))
    return value if isinstance(value, str) else values.shown(value)


def text(sight: Sight, part: TextInput, value: object, place: Place) -> dict[str, object]:
    """A line or an area of text."""
    longest = part.longest if isinstance(part.longest, int) else None
    attributes = {"autocomplete": part.hint} if part.hint else {}
    if not part.many_lines:
        attributes["type"] = {"email": "email", "phone": "tel"}.get(part.format, "text")
    return {
        "draw": "area" if part.many_lines else "line",
        "value": value if isinstance(value, str) else values.shown(value),
        "attributes": attributes,
        "prefix": sight.said(part.prefix, place),
        "suffix": sight.said(part.suffix, place),
        "counted": longest if part.many_lines else None,
    }


def number(sight: Sight, part: NumberInput, value: object, place: Place) -> dict[str, object]:
    """A line for a number: no spinning wheels, a decimal comma, the right keyboard."""
    found = values.number(value)
    whole = part.decimals == 0 and isinstance(part.least, int) and part.least >= 0
    drawn: dict[str, object] = {
        "draw": "line",
        "value": values.norwegian_number(found) if found is not None else value if isinstance(value, str) else "",
        "attributes": {"type": "text", "inputmode": "numeric" if whole else "decimal", "autocomplete": "off"},
        "prefix": sight.said(part.prefix, place),
        "suffix": sight.said(part.suffix, place),
    }
    if not part.description and isinstance(part.least, int | float) and isinstance(part.most, int | float):
        drawn["description"] = _(
            "Et tall fra %(least)s til %(most)s.",
            least=values.norwegian_number(part.least, grouped=True),
            most=values.norwegian_number(part.most, grouped=True),
        )
    return drawn


def choice(_sight: Sight, part: Choice, _value: object, _place: Place) -> dict[str, object]:
    """A drop-down, or a set of buttons or boxes."""
    return {"draw": "select" if part.kind == "select" else "boxes" if part.many else "radios"}


def tick(_sight: Sight, _part: Tick, value: object, _place: Place) -> dict[str, object]:
    """One box."""
    return {"draw": "tick", "ticked": value is True}


def when(sight: Sight, part: When, value: object, _place: Place) -> dict[str, object]:
    """The browser's own date and time field."""
    moment = sight.world.moment
    attributes = {"type": {"datetime": "datetime-local"}.get(part.part, part.part)}
    if part.not_past and part.part != "time":
        today = moment.now.astimezone(moment.zone).date().isoformat()
        attributes["min"] = today if part.part == "date" else f"{today}T00:00"
    if part.interval and part.part != "date":
        attributes["step"] = str(part.interval * 60)
    return {
        "draw": "line",
        "value": values.local_text(part, value, moment.zone, moment.now),
        "attributes": attributes,
    }


def attached(sight: Sight, value: object) -> tuple[Attached, ...]:
    """The files that an answer names, those that are known here."""
    given = value if isinstance(value, list) else []
    return tuple(sight.world.files[each] for each in given if isinstance(each, str) and each in sight.world.files)


def reference(sight: Sight, part: Reference, value: object, place: Place) -> dict[str, object]:
    """The files that are there, and a place for more."""
    files = attached(sight, value)
    known = {file.id for file in files}
    given = value if isinstance(value, list) else []
    full = len(files) >= attachments.MOST if part.many else False
    said = sight.said(part.description, place)
    most = attachments.size(attachments.LARGEST)
    how = _("%(kinds)s, høyst %(most)s.", kinds=attachments.listed(part.kinds), most=most)
    return {
        "draw": "files",
        "files": files,
        "lost": tuple(each for each in given if isinstance(each, str) and each not in known),
        "accept": ",".join(ending for kind in attachments.KINDS if kind in part.kinds for ending in KINDS[kind][0]),
        "many": part.many,
        "too_large": _(
            "En fil er større enn %(most)s og ble ikke sendt. Gjør den mindre eller del den opp.", most=most
        ),
        "room": not full,
        "description": f"{said} {how}".strip(),
    }


DRAWN: Final[Mapping[type[Input], Callable[[Sight, Any, object, Place], dict[str, object]]]] = {
    TextInput: text,
    NumberInput: number,
    Choice: choice,
    Tick: tick,
    When: when,
    Reference: reference,
}
