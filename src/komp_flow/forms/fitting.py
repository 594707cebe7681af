"""What was typed in one version of a form, in another: what fits, and what has no place there any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from komp_flow.forms.components import Choice, Component, Form, Group, Input, Reference, Rows, Tick, key_of, keyed
from komp_flow.forms.limits import ROW_ID

Values = dict[str, Any]


def fitting(form: Form, answers: Mapping[str, Any]) -> tuple[Values, Values]:
    """What has a place in the form, and the rest, each with the same groups and rows around it.

    A field that is gone, or takes another kind of answer, or does not offer what was chosen, has no place for it.
    """
    return _parted(form.components, answers)


def joined(answers: Mapping[str, Any], more: Mapping[str, Any]) -> Values:
    """Both; where both say something, what the first says. Rows belong together by their ids."""
    found = dict(answers)
    for key, value in more.items():
        mine: Any = found.get(key)
        if isinstance(mine, Mapping) and isinstance(value, Mapping):
            found[key] = joined(mine, value)
        elif _are_rows(mine) and _are_rows(value):
            others = {row.get(ROW_ID): row for row in value}
            found[key] = [joined(row, others.get(row.get(ROW_ID), {})) for row in mine]
            known = {row.get(ROW_ID) for row in mine}
            found[key] += [row for row in value if row.get(ROW_ID) not in known]
        elif key not in found or is_empty(mine):
            found[key] = value
    return found


def labels(form: Form, answers: Mapping[str, Any]) -> list[str]:
    """What the fields are called in which something of this stands, as far as the form knows them."""
    return list(dict.fromkeys(_labels(form.components, answers)))


def is_empty(value: Any) -> bool:
    """Whether nobody would miss it."""
    if isinstance(value, Mapping):
        return all(is_empty(each) for key, each in value.items() if key != ROW_ID)
    if isinstance(value, list):
        return all(is_empty(each) for each in value)
    return value is None or value is False or (isinstance(value, str) and not value.strip())


def _parted(components: tuple[Component, ...], answers: Mapping[str, Any]) -> tuple[Values, Values]:
    parts = {key_of(part): part for part in keyed(components)}
    fits: Values = {}
    rest: Values = {}
    for key, value in answers.items():
        part = parts.get(key)
        if key == ROW_ID:
            fits[key] = value
        elif isinstance(part, Group) and isinstance(value, Mapping):
            fits[key], left = _parted(part.components, value)
            rest |= {key: left} if not is_empty(left) else {}
        elif isinstance(part, Rows) and _are_rows(value):
            pairs = [_parted(part.components, row) for row in value]
            fits[key] = [row for row, _left in pairs]
            lost = [{ROW_ID: row.get(ROW_ID), **left} for row, left in pairs if not is_empty(left)]
            rest |= {key: lost} if lost else {}
        elif isinstance(part, Input) and (is_empty(value) or _takes(part, value)):
            fits[key] = value
        elif not is_empty(value):
            rest[key] = value
    return fits, rest


def _takes(part: Input, value: Any) -> bool:
    if isinstance(value, Mapping) or _are_rows(value):
        return False
    if isinstance(part, Choice):
        chosen = value if isinstance(value, list) else [value]
        offered = {option.value for option in part.options}
        is_known = part.options_from is not None or part.options_key is not None
        return isinstance(value, list) == part.many and (is_known or all(each in offered for each in chosen))
    if isinstance(part, Reference):
        return isinstance(value, list | str)
    return isinstance(value, bool) == isinstance(part, Tick) and not isinstance(value, list)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _labels(components: tuple[Component, ...], answers: Mapping[str, Any]) -> Iterator[str]:
    parts = {key_of(part): part for part in keyed(components)}
    for key, value in answers.items():
        if key == ROW_ID:
            continue
        part = parts.get(key)
        if isinstance(part, Group) and isinstance(value, Mapping):
            yield from _labels(part.components, value)
        elif isinstance(part, Rows) and _are_rows(value):
            for row in value:
                yield from _labels(part.components, row)
        else:
            label = part.label if part is not None else ""
            yield label if isinstance(label, str) and label else key
