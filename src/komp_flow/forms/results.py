"""What comes out of clean answers: rows for the registers, and the submission as a person reads it later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from komp_flow import feel
from komp_flow.forms.attachments import NO_FILES, Attached
from komp_flow.forms.checking import path_of
from komp_flow.forms.components import Component, Form, Group, Input, Rows, contents, keyed
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.shapes import FieldPart, FilesPart, FormView, GroupPart, KeptPart, RowsPart
from komp_flow.forms.sight import Place
from komp_flow.forms.texts import text_columns
from komp_flow.forms.view import view


@dataclass(frozen=True)
class RegisterRows:
    """Rows that a list writes to a register: each a dictionary of column to value, with the row's id under `row-id`.

    A column whose field is hidden in a row is not in that row's dictionary. `texts` are the columns of free text.
    """

    register: str
    path: str
    rows: list[dict[str, Any]]
    texts: frozenset[str] = frozenset()


def registers(form: Form, answers: Mapping[str, Any]) -> list[RegisterRows]:
    """What the form's lists write to the registers; `answers` are those that `check` gave."""
    return list(_registers(form.components, answers, ())) if form.fills_registers else []


def _registers(components: tuple[Component, ...], answers: Mapping[str, Any], place: Place) -> Iterator[RegisterRows]:
    for part in keyed(components):
        if isinstance(part, Group):
            yield from _registers(part.components, answers.get(part.path or "") or {}, (*place, part.path or ""))
        elif isinstance(part, Rows):
            rows = answers.get(part.key)
            if part.register and rows is not None:
                written = [{ROW_ID: row[ROW_ID], **dict(_columns(part.components, row))} for row in rows]
                texts = frozenset(text_columns(part.components))
                yield RegisterRows(part.register, path_of(place, part.key), written, texts)
            for index, row in enumerate(rows or []):
                yield from _registers(part.components, row, (*place, part.key, index))


def _columns(components: tuple[Component, ...], row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for part in components:
        if isinstance(part, Input) and part.column and part.key in row:
            yield part.column, row[part.key]
        elif isinstance(part, Group):
            inner = row.get(part.path) or {} if part.path else row
            yield from _columns(contents(part), inner)


@dataclass(frozen=True)
class Line:
    """One answer as it is read: `heading` without a value opens a group or row of `depth` and deeper."""

    label: str
    value: str = ""
    heading: bool = False
    depth: int = 0
    files: tuple[Attached, ...] = ()


def lines(
    form: Form,
    answers: Mapping[str, Any],
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> list[Line]:
    """A submission or draft to be read: every field that has an answer in it, empty or not, in words."""
    drawn: FormView = view(form, answers, context=context, names=names, moment=moment, files=files, sent=True)
    return list(_lines(drawn.lines, 0))


def _lines(drawn: Any, depth: int) -> Iterator[Line]:
    for line in drawn:
        for part in line:
            if isinstance(part, FilesPart):
                yield Line(part.label, part.said, depth=depth, files=part.files)
            elif isinstance(part, FieldPart):
                yield Line(part.label, part.said, depth=depth)
            elif isinstance(part, KeptPart):
                yield Line(part.label, part.text, depth=depth, files=part.files)
            elif isinstance(part, GroupPart):
                if part.label and part.lines:
                    yield Line(part.label, heading=True, depth=depth)
                yield from _lines(part.lines, depth + 1)
            elif isinstance(part, RowsPart):
                yield Line(part.label, heading=True, depth=depth)
                for row in part.rows:
                    yield Line(row.label, heading=True, depth=depth + 1)
                    yield from _lines(row.lines, depth + 2)
