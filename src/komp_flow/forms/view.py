"""The form as it looks with these answers and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

from komp_flow import feel
from komp_flow.errors import FieldError
from komp_flow.forms import limits, markdown, values
from komp_flow.forms.checking import in_order, path_of
from komp_flow.forms.components import (
    Choice,
    Component,
    Form,
    Group,
    Input,
    NumberInput,
    Prose,
    Reference,
    Rows,
    Table,
    TextInput,
    Tick,
    When,
    everything,
)
from komp_flow.forms.inputs import option_text
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.shapes import (
    FieldPart,
    FormView,
    GroupPart,
    KeptPart,
    Line,
    OptionView,
    Part,
    ProsePart,
    RowPart,
    RowsPart,
    SummaryLine,
    TablePart,
)
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.world import World
from komp_flow.i18n import _, ngettext


def element_id(path: str) -> str:
    """The id of a field's element in the page."""
    return f"field-{path}"


def view(
    form: Form,
    answers: Mapping[str, object],
    errors: Sequence[FieldError] = (),
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    notice: str = "",
    focus: str = "",
    sent: bool = False,
) -> FormView:
    """The form with these answers, typed or kept. `focus` is the path of the field or list that gets the cursor.

    `sent`: the answers were checked and sent before; they are what was in view, whatever the context says by now.
    """
    told = {error.field: error.message for error in errors}
    sight = Sight(form, _with_room(form, answers, told), World(context, names, moment), to_show=not sent, sent=sent)
    artist = _Artist(sight, told, focus)
    lines = artist.lines(form.components, sight.answers, ())
    own = frozenset(form.keys) | {"row", "this", "parent"}
    return FormView(
        form=form,
        lines=lines,
        summary=tuple(artist.summary_line(path, told[path]) for path in in_order(sight, told)),
        heading=ngettext("Du må rette ett svar", "Du må rette %(num)s svar", len(told)),
        notice=notice,
        marked=artist.optional > 0,
        live=any(said.names & own for part in everything(form.components) for said in part.expressions()),
    )


def _with_room(form: Form, answers: Mapping[str, object], told: Mapping[str, str]) -> Mapping[str, object]:
    """A list that must have rows and was sent without any is shown with blank ones to fill in."""
    empty: dict[str, object] = {
        part.key: [{} for _row in range(part.least)]
        for part in form.components
        if isinstance(part, Rows) and part.key in told and answers.get(part.key) == []
    }
    return {**answers, **empty} if empty else answers


class _Artist:
    def __init__(self, sight: Sight, errors: Mapping[str, str], focus: str) -> None:
        self.sight = sight
        self.errors = errors
        self.focus = focus
        self.optional = 0
        self.labels: dict[str, tuple[str, str]] = {}
        self.within = ""  # the row that is being drawn, as the summary names it

    def lines(self, components: tuple[Component, ...], holder: Mapping[str, object], place: Place) -> tuple[Line, ...]:
        """What is drawn below each other; a line has several parts where the form puts them beside each other."""
        drawn = [
            (part.line or f"-{at}", self._part(part, holder, place))
            for at, part in enumerate(components)
            if self.sight.shown(part, place)
        ]
        return tuple(
            tuple(part for _line, part in beside) for _name, beside in groupby(drawn, key=lambda each: each[0])
        )

    def summary_line(self, path: str, message: str) -> SummaryLine:
        """The error with the field's name, leading to the element that can be mended."""
        label, anchor = self.labels.get(path, ("" if path in self.labels else path, ""))
        said = f"{label}{' ' if label[-1] in '?!.:' else ': '}{message}" if label else message
        return SummaryLine(path, said, f"#{anchor}" if anchor else "")

    def _part(self, part: Component, holder: Mapping[str, object], place: Place) -> Part:
        if isinstance(part, Input):
            return self._field(part, holder, place)
        if isinstance(part, Rows):
            return self._rows(part, holder, place)
        if isinstance(part, Group):
            return self._group(part, holder, place)
        if isinstance(part, Table):
            return self._table(part, place)
        if isinstance(part, Prose):
            if isinstance(part.text, str):
                return ProsePart(draw="prose", html=markdown.html(part.text))
            return ProsePart(draw="prose", html=markdown.computed(self.sight.said(part.text, place)))
        return Part(draw="divider")

    def _group(self, part: Group, holder: Mapping[str, object], place: Place) -> GroupPart:
        inside, inner = place, holder
        if part.path:
            given = holder.get(part.path)
            inside, inner = (*place, part.path), given if isinstance(given, Mapping) else {}
        return GroupPart(
            draw="group",
            id=element_id(path_of(place, part.path or part.element)),
            label=self.sight.said(part.label, place),
            description=self.sight.said(part.description, place),
            lines=self.lines(part.components, inner, inside),
        )

    def _rows(self, part: Rows, holder: Mapping[str, object], place: Place) -> RowsPart:
        path = path_of(place, part.key)
        label = self.sight.said(part.label, place)
        one = part.row_label or _("Rad")
        given = self.sight.rows(part, holder, place)
        rows = []
        for index, row in enumerate(given):
            name = f"{path}-{index}"
            around, self.within = self.within, f"{self.within}{one} {index + 1}, "
            self.labels[name] = (self.within.removesuffix(", "), element_id(name))
            removable = not part.fixed
            kept = row.get(ROW_ID)
            rows.append(
                RowPart(
                    draw="row",
                    id=element_id(name),
                    name=name,
                    label=f"{one} {index + 1}",
                    error=self.errors.get(name, "") or self.errors.get(f"{name}-{ROW_ID}", ""),
                    row_id=kept if isinstance(kept, str) and kept else uuid4().hex,
                    lines=self.lines(part.components, row, (*place, part.key, index)),
                    remove=_("Fjern %(row)s", row=f"{one.lower()} {index + 1}") if removable else "",
                )
            )
            self.within = around
        self.labels[path] = (self.within + label, element_id(path))
        full = len(given) >= part.most
        return RowsPart(
            draw="rows",
            id=element_id(path),
            name=path,
            label=label,
            description=self.sight.said(part.description, place),
            error=self.errors.get(path, ""),
            rows=tuple(rows),
            add="" if part.fixed or full else _("Legg til %(row)s", row=one.lower()),
            limit=ngettext("Her er det plass til én.", "Her er det plass til %(num)s.", part.most)
            if full and not part.fixed
            else "",
            focus=self.focus == path,
        )

    def _table(self, part: Table, place: Place) -> TablePart:
        scope = self.sight.scope(place)
        zone = self.sight.world.moment.zone
        found = self.sight.world.value(part.source, scope)
        rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
        columns = [(column.key, column.label) for column in part.columns]
        if part.columns_from is not None:
            computed = self.sight.world.value(part.columns_from, scope)
            columns = [
                (each["key"], str(each.get("label") or each["key"]))
                for each in (computed if isinstance(computed, list) else [])[:20]
                if isinstance(each, Mapping) and isinstance(each.get("key"), str)
            ]
        kept = rows[: limits.TABLE_ROWS]
        return TablePart(
            draw="table",
            id=f"table-{part.element}",
            label=self.sight.said(part.label, place),
            columns=tuple(label for _key, label in columns),
            numeric=tuple(
                any(values.number(row.get(key)) is not None and not isinstance(row.get(key), str) for row in kept)
                for key, _label in columns
            ),
            rows=tuple(tuple(values.shown(row.get(key), zone) for key, _label in columns) for row in kept),
            more=len(rows) - len(kept),
        )

    def _field(self, part: Input, holder: Mapping[str, object], place: Place) -> Part:
        path = path_of(place, part.key)
        label = self.sight.said(part.label, place) or part.key
        value = self.sight.value(part, holder, place)
        said: dict[str, str] = {
            "id": element_id(path),
            "label": label,
            "description": self.sight.said(part.description, place),
            "error": self.errors.get(path, ""),
        }
        if not self.sight.open(part, place):
            return KeptPart(draw="kept", text=self.answer(part, value, place), **said)
        optional = not isinstance(part, Tick) and self.sight.may_be_empty(part, place)
        self.optional += optional
        options = self._options(part, value, place, path) if isinstance(part, Choice) else ()
        anchor = options[0].id if options and part.kind != "select" else said["id"]
        self.labels[path] = (self.within + label, anchor)
        plain = _PLAIN[type(part)](self, part, value, place)
        return FieldPart(
            name=path,
            said=self.answer(part, value, place),
            optional=optional,
            options=options,
            focus=bool(self.focus) and (self.focus == path or path.startswith(f"{self.focus}-")) and self._take_focus(),
            **{**said, **plain},  # type: ignore[arg-type]
        )

    def _take_focus(self) -> bool:
        """The first open field of a new row gets the cursor, no other."""
        self.focus = ""
        return True

    def _options(self, part: Choice, value: object, place: Place, path: str) -> tuple[OptionView, ...]:
        given = value if isinstance(value, list) else [] if value is None else [value]
        texts = {option_text(each) for each in given}
        return tuple(
            OptionView(f"{element_id(path)}-{at}", each.label, each.text, each.text in texts)
            for at, each in enumerate(self.sight.choices(part, place))
        )

    def answer(self, part: Input, value: object, place: Place) -> str:
        """An answer as it is read."""
        if isinstance(part, Choice):
            labels = {each.text: each.label for each in self.sight.choices(part, place)}
            given = value if isinstance(value, list) else [] if value is None else [value]
            return ", ".join(labels.get(option_text(each), values.shown(each)) for each in given)
        if isinstance(part, NumberInput):
            found = values.number(value)
            if found is None:
                return values.shown(value)
            prefix, suffix = self.sight.said(part.prefix, place), self.sight.said(part.suffix, place)
            return " ".join(filter(None, (prefix, values.norwegian_number(found, grouped=True), suffix)))
        if isinstance(part, When):
            moment = self.sight.world.moment
            return values.shown(values.when(part, value, moment.zone, moment.now) or value, moment.zone)
        return value if isinstance(value, str) else values.shown(value)

    def text(self, part: TextInput, value: object, place: Place) -> dict[str, object]:
        """A line or an area of text."""
        longest = part.longest if isinstance(part.longest, int) else None
        attributes = {"autocomplete": part.hint} if part.hint else {}
        if not part.many_lines:
            attributes["type"] = {"email": "email", "phone": "tel"}.get(part.format, "text")
        return {
            "draw": "area" if part.many_lines else "line",
            "value": value if isinstance(value, str) else values.shown(value),
            "attributes": attributes,
            "prefix": self.sight.said(part.prefix, place),
            "suffix": self.sight.said(part.suffix, place),
            "counted": longest if part.many_lines else None,
        }

    def number(self, part: NumberInput, value: object, place: Place) -> dict[str, object]:
        """A line for a number: no spinning wheels, a decimal comma, the right keyboard."""
        found = values.number(value)
        whole = part.decimals == 0 and isinstance(part.least, int) and part.least >= 0
        drawn: dict[str, object] = {
            "draw": "line",
            "value": values.norwegian_number(found) if found is not None else value if isinstance(value, str) else "",
            "attributes": {"type": "text", "inputmode": "numeric" if whole else "decimal", "autocomplete": "off"},
            "prefix": self.sight.said(part.prefix, place),
            "suffix": self.sight.said(part.suffix, place),
        }
        if not part.description and isinstance(part.least, int | float) and isinstance(part.most, int | float):
            drawn["description"] = _(
                "Et tall fra %(least)s til %(most)s.",
                least=values.norwegian_number(part.least, grouped=True),
                most=values.norwegian_number(part.most, grouped=True),
            )
        return drawn

    def choice(self, part: Choice, value: object, place: Place) -> dict[str, object]:
        """A drop-down, or a set of buttons or boxes."""
        return {"draw": "select" if part.kind == "select" else "boxes" if part.many else "radios"}

    def tick(self, part: Tick, value: object, place: Place) -> dict[str, object]:
        """One box."""
        return {"draw": "tick", "ticked": value is True}

    def when(self, part: When, value: object, place: Place) -> dict[str, object]:
        """The browser's own date and time field."""
        moment = self.sight.world.moment
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

    def reference(self, part: Reference, value: object, place: Place) -> dict[str, object]:
        """A link, until files can be stored."""
        said = self.sight.said(part.description, place)
        how = _("Lim inn en lenke til fila, eller skriv hvor den ligger. Opplasting kommer senere.")
        return {
            "draw": "area" if part.many_lines else "line",
            "value": value if isinstance(value, str) else "",
            "attributes": {} if part.many_lines else {"type": "text"},
            "description": f"{said} {how}".strip(),
        }


_PLAIN: Final[Mapping[type[Input], Callable[[_Artist, Any, object, Place], dict[str, object]]]] = {
    TextInput: _Artist.text,
    NumberInput: _Artist.number,
    Choice: _Artist.choice,
    Tick: _Artist.tick,
    When: _Artist.when,
    Reference: _Artist.reference,
}
