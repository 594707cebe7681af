"""The form as it looks with these answers and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import uuid4
from zoneinfo import ZoneInfo

from komp_flow import feel
from komp_flow.errors import FieldError
from komp_flow.forms import limits, markdown, values, widgets
from komp_flow.forms.attachments import NO_FILES, Attached
from komp_flow.forms.checking import in_order, path_of
from komp_flow.forms.components import (
    Choice,
    Component,
    Form,
    Group,
    Input,
    Prose,
    Reference,
    Rows,
    Table,
    Tick,
    everything,
)
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.shapes import (
    FieldPart,
    FilesPart,
    FormView,
    GroupPart,
    KeptPart,
    Line,
    Part,
    ProsePart,
    RowPart,
    RowsPart,
    SummaryLine,
    TablePart,
)
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.widgets import element_id
from komp_flow.forms.world import World, row_id
from komp_flow.i18n import _, ngettext


def view(
    form: Form,
    answers: Mapping[str, object],
    errors: Sequence[FieldError] = (),
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
    notice: str = "",
    focus: str = "",
    sent: bool = False,
) -> FormView:
    """The form with these answers, typed or kept. `focus` is the path of the field or list that gets the cursor.

    `sent`: the answers were checked and sent before; they are what was in view, whatever the context says by now.
    """
    told = {error.field: error.message for error in errors}
    world = World(context, names, moment, files)
    sight = Sight(form, _with_room(form, answers, told), world, to_show=not sent, sent=sent)
    if not sent and (fixed := _with_known(sight)) != sight.answers:
        sight = Sight(form, fixed, world, to_show=True)
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
        uploads=any(isinstance(part, Reference) for part in everything(form.components)),
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


def _with_known(sight: Sight) -> Mapping[str, object]:
    """Lists that lie fast have the rows that there are by now, with what was answered in those that there still are."""
    answers = dict(sight.answers)
    for part in sight.form.components:
        if isinstance(part, Rows) and part.fixed and part.default_from is not None and part.key in answers:
            given = {row_id(row.get(ROW_ID)): row for row in sight.rows(part, answers, ())}
            known = sight.known_rows.get(((), part.element), ())
            answers[part.key] = [{**given.get(str(row[ROW_ID]), {}), ROW_ID: row[ROW_ID]} for row in known]
    return answers


def _cell(value: object, zone: ZoneInfo) -> str | tuple[Attached, ...]:
    """What stands in a table: words, or files as `context` has them."""
    if isinstance(value, list) and value and all(isinstance(each, Mapping) and "media" in each for each in value):
        return tuple(
            Attached(str(each["id"]), str(each["name"]), str(each["type"]), int(each["size"]), str(each["link"]))
            for each in value
        )
    return values.shown(value, zone)


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
            rows=tuple(tuple(_cell(row.get(key), zone) for key, _label in columns) for row in kept),
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
            files = widgets.attached(self.sight, value) if isinstance(part, Reference) else ()
            return KeptPart(draw="kept", text=widgets.answer(self.sight, part, value, place), files=files, **said)
        optional = not isinstance(part, Tick) and self.sight.may_be_empty(part, place)
        self.optional += optional
        options = widgets.options(self.sight, part, value, place, path) if isinstance(part, Choice) else ()
        anchor = options[0].id if options and part.kind != "select" else said["id"]
        self.labels[path] = (self.within + label, anchor)
        plain = widgets.DRAWN[type(part)](self.sight, part, value, place)
        made = FilesPart if isinstance(part, Reference) else FieldPart
        return made(
            name=path,
            said=widgets.answer(self.sight, part, value, place),
            optional=optional,
            options=options,
            focus=bool(self.focus) and (self.focus == path or path.startswith(f"{self.focus}-")) and self._take_focus(),
            **{**said, **plain},  # type: ignore[arg-type]
        )

    def _take_focus(self) -> bool:
        """The first open field of a new row gets the cursor, no other."""
        self.focus = ""
        return True
