"""A form for programs: which fields are in view with these answers, what each takes, and what it begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from komp_flow import feel
from komp_flow.forms.attachments import NO_FILES, Attached
from komp_flow.forms.checking import path_of
from komp_flow.forms.components import (
    Bound,
    Choice,
    Component,
    Expression,
    Form,
    Group,
    Input,
    NumberInput,
    Reference,
    Rows,
    TextInput,
    When,
    keyed,
)
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.world import World


def fields(
    form: Form,
    answers: Mapping[str, object],
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> list[dict[str, Any]]:
    """The fields that may be filled in just now, in the form's order, with every expression said.

    Each has `field` (its path, as errors name it), `key`, `type`, `label`, `required`, `value` (what was answered, or
    what it begins with), and what bounds it. A list has `rows`, each a `row-id` and its own `fields`.
    """
    sight = Sight(form, answers, World(context, names, moment, files), to_show=True)
    return list(_fields(sight, form.components, sight.answers, ()))


def start(told: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers that the fields stand with: what is sent when nothing is changed. Takes what `fields` gave."""
    answers: dict[str, Any] = {}
    for one in told:
        holder = answers
        for step in one["group"]:
            holder = holder.setdefault(step, {})
        if "rows" in one:
            holder[one["key"]] = [{**start(row["fields"]), ROW_ID: row[ROW_ID]} for row in one["rows"]]
        else:
            holder[one["key"]] = one["value"]
    return answers


def _fields(
    sight: Sight, components: tuple[Component, ...], holder: Mapping[str, object], place: Place, *group: str
) -> Iterator[dict[str, Any]]:
    for part in keyed(components):
        if not sight.shown(part, place):
            continue
        if isinstance(part, Group):
            inner, path = holder.get(part.path or ""), part.path or ""
            given = inner if isinstance(inner, Mapping) else {}
            yield from _fields(sight, part.components, given, (*place, path), *group, path)
        elif isinstance(part, Rows):
            yield _told(sight, part, place, group) | _list(sight, part, holder, place)
        elif sight.open(part, place):
            yield _told(sight, part, place, group) | _input(sight, part, holder, place)


def _told(sight: Sight, part: Input | Rows, place: Place, group: tuple[str, ...]) -> dict[str, Any]:
    return {
        "field": path_of(place, part.key),
        "key": part.key,
        "group": list(group),
        "type": part.kind,
        "label": sight.said(part.label, place) or part.key,
    }


def _list(sight: Sight, part: Rows, holder: Mapping[str, object], place: Place) -> dict[str, Any]:
    rows = [
        {
            ROW_ID: row.get(ROW_ID),
            "fields": list(_fields(sight, part.components, row, (*place, part.key, index))),
        }
        for index, row in enumerate(sight.rows(part, holder, place))
    ]
    return {"required": part.least > 0, "min": part.least, "max": part.most, "fixed": part.fixed, "rows": rows}


def _input(sight: Sight, part: Input, holder: Mapping[str, object], place: Place) -> dict[str, Any]:
    told: dict[str, Any] = {
        "required": not sight.may_be_empty(part, place),
        "value": sight.value(part, holder, place),
    }
    if told["value"] is None:
        told["value"] = part.empty
    if isinstance(part, Choice):
        told["options"] = [{"value": each.value, "label": each.label} for each in sight.choices(part, place)]
        told["many"] = part.many
    elif isinstance(part, TextInput):
        told |= {"min_length": part.shortest, "max_length": part.longest, "pattern": part.pattern}
        told["format"] = part.format or None
    elif isinstance(part, NumberInput):
        told |= {"min": part.least, "max": part.most, "decimals": part.decimals, "step": part.step}
    elif isinstance(part, When):
        told |= {"part": part.part, "not_past": part.not_past}
    elif isinstance(part, Reference):
        told["many"] = part.many
    return {name: _said(sight, value, place) for name, value in told.items()}


def _said(sight: Sight, value: object, place: Place) -> object:
    """Bounds may be expressions."""
    bound: Bound | float | object = value
    return sight.world.value(bound, sight.scope(place)) if isinstance(bound, Expression) else bound
