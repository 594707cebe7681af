"""The marshmallow schema of a form: made once from its components, used by the pages and the API alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import uuid4

from marshmallow import Schema, ValidationError, fields, missing

from komp_flow.forms.components import Component, Form, Group, Input, Rows, key_of, keyed
from komp_flow.forms.fields import FIELDS, checking, here
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.world import row_id
from komp_flow.i18n import _, _l, ngettext

# In the messages of a list: what is wrong with the list itself, beside what is wrong in its rows.
ITSELF = ""


class Answers(Schema):
    """Answers that stand beside each other. What the form does not ask for is refused."""

    error_messages = {  # noqa: RUF012 - as marshmallow declares it
        "unknown": _l("Dette feltet finnes ikke i skjemaet. Ta det bort."),
        "type": _l("Her skal det være et objekt med svar."),
    }


class RowId(fields.Field[str]):
    """The id that a row keeps from one submission to the next; made here for a row that has none."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> str:
        """32 hexadecimal digits."""
        if value is missing or value is None or value == "":
            return uuid4().hex
        found = row_id(value)
        if found is None:
            raise ValidationError(_("Raden har en ugyldig row-id. Send den id-en som raden hadde, eller ingen."))
        return found


class RowsAnswer(fields.Field[Any]):
    """dynamiclist: a list of rows, each checked by the schema of its fields."""

    def __init__(self, part: Rows) -> None:
        label = part.label if isinstance(part.label, str) else ""
        super().__init__(required=part.least > 0, metadata={"title": label or part.key})
        self.part = part
        self.schema = _schema(part.components, part.key, {ROW_ID: RowId()})()

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """The clean rows. Raises ValidationError with messages by row index, and under ITSELF for the list."""
        now = here()
        if not now.sight.shown(self.part, now.place):
            return missing
        if value is missing:
            value = [dict(row) for row in now.sight.known_rows.get((now.place, self.part.element), ())]
        if value is None:
            value = []
        if not isinstance(value, list):
            raise ValidationError(_("Her skal det være en liste med rader."))
        messages: dict[int | str, Any] = {}
        rows = [self._row(index, row, messages) for index, row in enumerate(value[: self.part.most])]
        itself = self._itself(len(value), rows)
        if itself:
            messages[ITSELF] = [itself]
        if messages:
            raise ValidationError(messages)
        return rows

    def _row(self, index: int, row: object, messages: dict[int | str, Any]) -> dict[str, Any]:
        now = here()
        with checking(now.sight, (*now.place, self.part.key, index)):
            try:
                return dict(self.schema.load(row))  # type: ignore[arg-type]
            except ValidationError as error:
                messages[index] = error.messages
                kept = row_id(row.get(ROW_ID)) if isinstance(row, Mapping) else None
                return {ROW_ID: kept} if kept else {}

    def _itself(self, given: int, rows: list[dict[str, Any]]) -> str:
        """What is wrong with the list as a whole."""
        part = self.part
        if given > part.most:
            return ngettext("Ha høyst én rad.", "Ha høyst %(num)s rader.", part.most)
        if given < part.least:
            return ngettext("Legg til minst én rad.", "Legg til minst %(num)s rader.", part.least)
        ids = [row[ROW_ID] for row in rows if ROW_ID in row]
        if len(set(ids)) != len(ids):
            return _("To rader har samme row-id. Gi hver rad sin egen, eller la id-en være tom.")
        now = here()
        if part.fixed and part.default_from is not None:
            known = {row[ROW_ID] for row in now.sight.known_rows.get((now.place, part.element), ())}
            if set(ids) != known:
                return _("Radene i denne lista ligger fast. Åpne oppgaven på nytt for å få dem som gjelder nå.")
        elif part.fixed and given != part.first:
            return ngettext("Lista skal ha én rad.", "Lista skal ha %(num)s rader.", part.first)
        return ""


class GroupAnswer(fields.Field[Any]):
    """group with a path: a context of answers."""

    def __init__(self, part: Group) -> None:
        label = part.label if isinstance(part.label, str) else ""
        super().__init__(metadata={"title": label or part.path or ""})
        self.part = part
        self.schema = _schema(part.components, part.path or "", {})()

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """The clean answers of the group."""
        now = here()
        if not now.sight.shown(self.part, now.place):
            return missing
        if value is missing or value is None:
            value = {}
        with checking(now.sight, (*now.place, self.part.path or "")):
            return dict(self.schema.load(value))


def _schema(components: tuple[Component, ...], name: str, more: Mapping[str, fields.Field[Any]]) -> type[Schema]:
    found: dict[str, fields.Field[Any]] = dict(more)
    for part in keyed(components):
        if isinstance(part, Input):
            found[key_of(part)] = FIELDS[type(part)](part)
        else:
            found[key_of(part)] = RowsAnswer(part) if isinstance(part, Rows) else GroupAnswer(part)
    return Answers.from_dict(dict(found), name=f"Answers_{name}")


@lru_cache(maxsize=500)
def of(form: Form) -> Schema:
    """The schema of a form, made once for each version of it."""
    return _schema(form.components, form.id, {})()
