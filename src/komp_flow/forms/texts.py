"""Which answers are free text: what people write themselves, as opposed to what they choose, date, count or tick."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from komp_flow.forms.components import (
    Choice,
    Component,
    Form,
    Group,
    Input,
    Reference,
    Rows,
    TextInput,
    contents,
    keyed,
)

# Choices made from these are somebody's words again: what was answered before, goals and effects of a person.
WORDS: Final = re.compile(r"\bcontext\s*\.\s*(answers|goals|effects|input)\b|\bcontext\s*\[|\bget value\b")


def is_text(part: Component) -> bool:
    """Whether what is answered there may be somebody's own words."""
    if isinstance(part, Choice):
        return part.options_from is not None and bool(WORDS.search(part.options_from.text))
    return isinstance(part, TextInput | Reference)


def without_texts(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with null in place of every free text, in groups and rows too. What is no answer is left out."""
    return _without(form.components, answers)


def _without(components: tuple[Component, ...], answers: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in keyed(components):
        key = part.path or "" if isinstance(part, Group) else part.key
        if key not in answers:
            continue
        value = answers[key]
        if isinstance(part, Group):
            found[key] = _without(part.components, value) if isinstance(value, Mapping) else None
        elif isinstance(part, Rows):
            found[key] = [_row(part, row) for row in value] if isinstance(value, list) else None
        else:
            found[key] = None if is_text(part) else value
    return found


def _row(part: Rows, row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"row-id": row["row-id"]} if "row-id" in row else {}
    return kept | _without(part.components, row)


def text_columns(components: tuple[Component, ...]) -> Iterator[str]:
    """The columns that free texts of a list's row are written to."""
    for part in components:
        if isinstance(part, Input) and part.column and is_text(part):
            yield part.column
        elif isinstance(part, Group):
            yield from text_columns(contents(part))
