"""A draft keeps what was typed, right or wrong, as long as it belongs to the form and can be stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from komp_flow.errors import FieldError, Invalid
from komp_flow.forms import limits, values
from komp_flow.forms.bounds import bounded
from komp_flow.forms.checking import path_of
from komp_flow.forms.components import Choice, Component, Form, Group, Input, Reference, key_of, keyed
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.sight import Place
from komp_flow.forms.world import row_id
from komp_flow.i18n import _, ngettext


def draft(form: Form, answers: Mapping[str, object]) -> dict[str, Any]:
    """What is to be kept, ready to be stored as JSON. Raises Invalid for what is not of the form or far too big."""
    keeper = _Keeper()
    kept = keeper.answers(form.components, bounded(answers), ())
    if keeper.errors:
        raise Invalid(
            ngettext(
                "Utkastet er ikke lagret: ett svar må rettes.",
                "Utkastet er ikke lagret: %(num)s svar må rettes.",
                len(keeper.errors),
            ),
            keeper.errors,
        )
    return kept


class _Keeper:
    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def answers(self, components: tuple[Component, ...], given: Mapping[str, object], place: Place) -> dict[str, Any]:
        parts = {key_of(part): part for part in keyed(components)}
        for name in sorted(set(given) - set(parts) - {ROW_ID}):
            self._refuse(path_of(place, name[:100]), _("Dette feltet finnes ikke i skjemaet. Ta det bort."))
        return {key: self._part(part, given[key], place) for key, part in parts.items() if key in given}

    def _part(self, part: Any, value: object, place: Place) -> Any:
        path = path_of(place, key_of(part))
        if isinstance(part, Input):
            return self._input(part, value, path)
        if isinstance(part, Group):
            if isinstance(value, Mapping):
                return self.answers(part.components, value, (*place, part.path or ""))
            self._refuse(path, _("Her skal det være et objekt med svar."))
            return None
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            self._refuse(path, _("Her skal det være en liste med rader."))
            return None
        if len(value) > limits.ROWS:
            self._refuse(path, ngettext("Ha høyst én rad.", "Ha høyst %(num)s rader.", limits.ROWS))
        return [
            {
                ROW_ID: row_id(row.get(ROW_ID)) or uuid4().hex,
                **self.answers(part.components, row, (*place, part.key, index)),
            }
            for index, row in enumerate(value[: limits.ROWS])
        ]

    def _input(self, part: Input, value: object, path: str) -> Any:
        if isinstance(value, list) and isinstance(part, Choice | Reference) and len(value) <= limits.OPTIONS:
            return [self._leaf(each, path) for each in value]
        return self._leaf(value, path)

    def _leaf(self, value: object, path: str) -> Any:
        if isinstance(value, str):
            if len(value) > limits.TEXT:
                self._refuse(path, ngettext("Skriv høyst %(num)s tegn.", "Skriv høyst %(num)s tegn.", limits.TEXT))
            return values.clean_text(value)
        if isinstance(value, float | Decimal):
            return values.number(value)
        if value is None or isinstance(value, bool | int):
            return value
        self._refuse(path, _("Svaret er ikke av et slag som kan lagres."))
        return None

    def _refuse(self, path: str, message: str) -> None:
        self.errors.append(FieldError(path, message))
