"""A posted HTML form back to nested answers, as they were typed; and what the reader asked for by its buttons.

Names are paths: `name`, `period-start`, `areas-0-name`, `areas-0-row-id`. Names that begin with `_`, and
`csrf_token`, belong to the page:
`_add` a list that gets a row, `_remove` a row that goes, `_save` keep as a draft, `_part` only look again,
`_shown` fields that send nothing when they are empty, `_told` fields whose errors the reader has seen,
`_upload` and `_drop` files come or go: the page has put their ids in or taken them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from komp_flow.errors import FieldError, Invalid
from komp_flow.forms import limits, values
from komp_flow.forms.components import (
    Choice,
    Component,
    Form,
    Group,
    Input,
    NumberInput,
    Reference,
    Rows,
    Tick,
    When,
    keyed,
)
from komp_flow.forms.inputs import option_text
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.world import row_id
from komp_flow.i18n import _


class MultiDict(Protocol):
    """What is posted: several values under a name, as in werkzeug."""

    def keys(self) -> Iterable[str]:
        """All names."""

    def getlist(self, key: str) -> list[str]:
        """All values under a name."""


Sent = MultiDict | Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Asked:
    """What the reader did besides answering. `add` and `remove` are paths."""

    add: str = ""
    remove: str = ""
    save: bool = False
    look: bool = False
    told: frozenset[str] = field(default_factory=frozenset)
    files: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether the form is to be shown again, whatever was answered."""
        return bool(self.add or self.remove or self.look or self.files)


@dataclass
class _Branch:
    """What was posted under a path, by the next part of the name."""

    values: list[str] | None = None
    name: str = ""
    below: dict[str, _Branch] = field(default_factory=dict)
    used: bool = False


def asked(posted: Sent) -> Asked:
    """What the reader asked for by the button that was pressed."""
    found = _listed(posted)

    def one(name: str) -> str:
        return found.get(name, [""])[0][:200] if found.get(name) else ""

    return Asked(
        add=one("_add"),
        remove=one("_remove"),
        save="_save" in found,
        look="_part" in found,
        told=frozenset(found.get("_told", ())),
        files="_upload" in found or "_drop" in found,
    )


def decode(form: Form, posted: Sent) -> dict[str, Any]:
    """What was posted as nested answers, rows added and removed as asked, whatever their worth: `check` judges.

    A name that the form does not know stays, so that `check` can refuse it. Rows in which nothing was written are
    left out when the reader is done. Raises Invalid when more was posted than a form can hold.
    """
    found = _listed(posted)
    wish = asked(posted)
    tree = _tree(found, frozenset(form.keys))
    decoder = _Decoder(wish, frozenset(found.get("_shown", ())))
    answers = decoder.answers(form.components, tree, "")
    for name, branch in _unused(tree):
        answers[name[:100]] = branch.values[0] if branch.values else ""
    return answers


def _listed(posted: Sent) -> dict[str, list[str]]:
    names = list(posted.keys())
    found: dict[str, list[str]] = {}
    size = 0
    for name in names[: limits.POSTED_FIELDS + 1]:
        given = posted[name] if isinstance(posted, Mapping) and not hasattr(posted, "getlist") else posted.getlist(name)
        found[name] = [given] if isinstance(given, str) else [each for each in given if isinstance(each, str)]
        size += len(name) + sum(map(len, found[name]))
    if len(names) > limits.POSTED_FIELDS or size > 4 * limits.SUBMISSION:
        message = _("Skjemaet inneholder mer enn det som kan lagres på én gang. Gjør tekstene kortere.")
        raise Invalid(message, [FieldError("", message)])
    return found


def _tree(found: Mapping[str, list[str]], keys: frozenset[str]) -> _Branch:
    root = _Branch()
    for name, given in found.items():
        if (name.startswith("_") or name == "csrf_token") and name.partition("-")[0] not in keys:
            continue
        head, is_id = (name[: -len(ROW_ID) - 1], True) if name.endswith(f"-{ROW_ID}") else (name, False)
        branch = root
        for step in [*head.split("-", 8), *([ROW_ID] if is_id else [])]:
            branch = branch.below.setdefault(step, _Branch())
        branch.values, branch.name = given, name
    return root


def _unused(branch: _Branch) -> Iterable[tuple[str, _Branch]]:
    if branch.values is not None and not branch.used:
        yield branch.name, branch
    for below in branch.below.values():
        yield from _unused(below)


class _Decoder:
    def __init__(self, wish: Asked, shown: frozenset[str]) -> None:
        self.wish = wish
        self.shown = shown
        self.keep_blank = wish.unfinished

    def answers(self, components: tuple[Component, ...], branch: _Branch, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in keyed(components):
            if isinstance(part, Group):
                inner = self.answers(
                    part.components, branch.below.get(part.path or "", _Branch()), f"{path}{part.path}-"
                )
                if inner:
                    found[part.path or ""] = inner
            elif isinstance(part, Rows):
                name = f"{path}{part.key}"
                here = branch.below.get(part.key)
                if here is not None or name in self.shown or self.wish.add == name:
                    found[part.key] = self._rows(part, here or _Branch(), name)
            else:
                self._input(part, branch.below.get(part.key), f"{path}{part.key}", found)
        return found

    def _input(self, part: Input, branch: _Branch | None, name: str, found: dict[str, Any]) -> None:
        if branch is not None and branch.values is not None:
            branch.used = True
            found[part.key] = typed(part, branch.values)
        elif name in self.shown:
            found[part.key] = part.empty

    def _rows(self, part: Rows, branch: _Branch, name: str) -> list[dict[str, Any]]:
        indexes = sorted((int(step), step) for step in branch.below if step.isascii() and step.isdigit())
        rows = []
        for _number, step in indexes[: limits.ROWS + 1]:
            below = branch.below[step]
            row = {ROW_ID: self._row_id(below), **self.answers(part.components, below, f"{name}-{step}-")}
            if self.wish.remove == f"{name}-{step}" and not part.fixed:
                continue
            if self.keep_blank or part.fixed or part.default_from or not blank(part, row):
                rows.append(row)
        if self.wish.add == name and not part.fixed and len(rows) < part.most:
            rows.append({ROW_ID: uuid4().hex})
        return rows

    def _row_id(self, branch: _Branch) -> str:
        given = branch.below.get(ROW_ID)
        if given is None or not given.values:
            return uuid4().hex
        given.used = True
        return row_id(given.values[0]) or given.values[0][:100]


def typed(part: Input, given: list[str]) -> object:
    """What a browser sent for one field, of the field's own type where it can be; else the text as typed."""
    if isinstance(part, Choice):
        by_text: dict[str, object] = {each.text: each.value for each in part.options}
        if part.many:
            return [by_text.get(text, text) for text in map(values.clean_text, given) if text]
        return by_text.get(given[-1], values.clean_text(given[-1])) or None if given else None
    if isinstance(part, Reference):
        return [each[:100] for each in dict.fromkeys(given) if each][: limits.OPTIONS] or None
    text = values.clean_text(given[0]) if given else ""
    if isinstance(part, Tick):
        return bool(given) and given[-1] not in {"", "false", "off", "0"}
    if isinstance(part, NumberInput):
        found = values.written_number(text) if text.strip() else None
        if found is None:
            return text.strip() or None
        return values.number_text(found) if part.as_text else found
    if isinstance(part, When):
        return (values.written_date(text.strip()) if part.part == "date" else text.strip()) or None
    return text or None


def blank(part: Rows, row: Mapping[str, object]) -> bool:
    """Whether nothing was written in a row: every field is empty, or as the form itself filled it."""
    for each in keyed(part.components):
        if isinstance(each, Input):
            given = row.get(each.key)
            empty = given is None or given is False or (isinstance(given, str | list) and not given)
            if not empty and option_text(given) != option_text(each.default):
                return False
        if isinstance(each, Rows) and row.get(each.key):
            return False
        if isinstance(each, Group) and any(row.get(each.path or "", {}).values()):  # type: ignore[attr-defined]
            return False
    return True
