"""What the expressions of a form see in the answers: which fields are shown, which are locked, what may be chosen."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from komp_flow.forms import limits, values
from komp_flow.forms.components import (
    Choice,
    Component,
    Expression,
    Form,
    Group,
    Input,
    NumberInput,
    Option,
    Reference,
    Rows,
    Tick,
    When,
    Wording,
    contents,
    keyed,
)
from komp_flow.forms.inputs import option
from komp_flow.forms.limits import ROW_ID
from komp_flow.forms.world import World, chosen, labelled, plain, row_id

# Where answers stand beside each other: () at the top, ("areas", 0) in a row, ("period",) in a group with a path.
Place = tuple[str | int, ...]
# One component at one place.
Spot = tuple[Place, str]

# How many conditions may be evaluated for one look at a form: far more than forms with a hundred rows need.
MOST_EVALUATIONS = 20_000


@dataclass(frozen=True)
class _State:
    """What the conditions and expressions said, all of them once."""

    hidden: frozenset[Spot]
    locked: frozenset[Spot]
    options: tuple[tuple[Spot, tuple[Option, ...]], ...]


class Sight:
    """The answers of one form as its expressions see them. Bad answers are no answers here: checking is for schema."""

    def __init__(
        self, form: Form, answers: Mapping[str, object], world: World, *, to_show: bool = False, sent: bool = False
    ) -> None:
        """What is seen depends on what it is for.

        `to_show`: a list that nobody has answered has the blank rows that a reader is to see to begin with. `sent`:
        the answers are from a submission, so what is in them was in view, and nothing else was.
        """
        self.sent = sent
        self.form = form
        self.to_show = to_show
        self.world = world
        self.answers = answers
        self.hidden: frozenset[Spot] = frozenset()
        self.locked: frozenset[Spot] = frozenset()
        self.options: dict[Spot, tuple[Option, ...]] = {}
        self._evaluated = 0
        self.known_rows: dict[Spot, tuple[dict[str, object], ...]] = {}
        self.starts: dict[Spot, object] = {}
        self._set_out(form.components, answers, (), {})
        self._look_anew()
        self._settle()

    def shown(self, part: Component, place: Place) -> bool:
        """Whether the component is in view."""
        if self.sent:
            return not isinstance(part, Input | Rows) or self._was_sent(part.key, place)
        return (place, part.element) not in self.hidden

    def _was_sent(self, key: str, place: Place) -> bool:
        holder: object = self.answers
        for step in place:
            if isinstance(holder, Mapping):
                holder = holder.get(step)
            elif isinstance(holder, list) and isinstance(step, int) and step < len(holder):
                holder = holder[step]
        return isinstance(holder, Mapping) and key in holder

    def open(self, part: Input, place: Place) -> bool:
        """Whether the field is in view and may be filled in."""
        return self.shown(part, place) and not part.disabled and (place, part.element) not in self.locked

    def may_be_empty(self, part: Input, place: Place) -> bool:
        """Whether no answer would do just now: the field is not required, and its own check does not want one."""
        if part.required or part.check is None:
            return not part.required
        scope = self.scope(place)
        row = scope.get("row")
        without: dict[str, object] = {part.key: part.empty}
        if isinstance(row, dict):
            without["row"] = without["this"] = {**row, part.key: part.empty}
        return self.world.value(part.check, ChainMap(without, dict(scope))) is not False

    def value(self, part: Input, holder: Mapping[str, object], place: Place) -> object:
        """What counts as the field's answer: what came in, what it starts with, or nothing."""
        spot = (place, part.element)
        if self.sent:
            return holder.get(part.key, part.empty)
        if spot in self.hidden:
            return part.empty
        if part.disabled or spot in self.locked or part.key not in holder:
            return self.starts.get(spot)
        return holder[part.key]

    def rows(self, part: Rows, holder: Mapping[str, object], place: Place) -> list[Mapping[str, object]]:
        """The rows of a list: those that came in, or those that it starts with."""
        given = holder.get(part.key)
        if part.key not in holder:
            known = self.known_rows.get((place, part.element), ())
            unknown = part.default_from is None or not (known or part.fixed)
            blank = part.first if self.to_show and unknown else 0
            return [*known, *({} for _row in range(blank))]
        if not isinstance(given, list):
            return []
        found = [row if isinstance(row, Mapping) else {} for row in given[: limits.ROWS]]
        if self.to_show and part.fixed and part.default_from is not None:
            return self._as_they_lie(self.known_rows.get((place, part.element), ()), found)
        return found

    @staticmethod
    def _as_they_lie(
        known: tuple[dict[str, object], ...], given: list[Mapping[str, object]]
    ) -> list[Mapping[str, object]]:
        """Rows that lie fast, with what was typed in them: a draft from before may have others than those of now."""
        typed = {row_id(row.get(ROW_ID)): row for row in given}
        return [{**row, **typed.get(str(row[ROW_ID]), {})} for row in known]

    def choices(self, part: Choice, place: Place) -> tuple[Option, ...]:
        """What may be chosen just now."""
        return self.options.get((place, part.element), part.options)

    def said(self, wording: Wording, place: Place) -> str:
        """A label or text, computed where it is an expression."""
        if isinstance(wording, str):
            return wording
        said = values.shown(self.world.value(wording, self.scope(place)), self.world.moment.zone)
        return values.norwegian_dates(said)

    def scope(self, place: Place) -> Mapping[str, object]:
        """The names at a place: the row's own fields first, then outwards to the form's, then the host's."""
        if place not in self._scopes:
            self._scopes[place] = self._scope(place)
        return self._scopes[place]

    def _scope(self, place: Place) -> Mapping[str, object]:
        layers: list[dict[str, object]] = [self.facts]
        special: dict[str, object] = {"context": self.world.context}
        about: dict[str, object] = {"this": self.facts}
        here: object = self.facts
        around: list[object] = [self.facts]
        indexes: list[int] = []
        for step in place:
            here = here[step] if isinstance(here, dict | list) else {}  # type: ignore[index]
            if isinstance(here, dict):
                layers.insert(0, {name: fact for name, fact in here.items() if name not in limits.HOST_NAMES})
            if isinstance(step, int):
                indexes.append(step + 1)
                special["row"] = here
                about = {"this": here, "parent": around[-1], "i": list(indexes)}
                around.append(here)
        return ChainMap(special, *layers, about, dict(self.world.names))

    def _set_out(
        self, components: tuple[Component, ...], holder: Mapping[str, object], place: Place, known: Mapping[str, object]
    ) -> None:
        """Find what every field starts with; `known` is the row that the list itself started this row with."""
        outside = {"context": self.world.context, **self.world.names}
        for part in keyed(components):
            spot = (place, part.element)
            if isinstance(part, Input):
                start = part.default
                if part.default_from is not None:
                    start = plain(self.world.value(part.default_from, outside))
                self.starts[spot] = known.get(part.key, start)
            elif isinstance(part, Group):
                inner = holder.get(part.path or "")
                self._set_out(part.components, _mapping(inner), (*place, part.path or ""), {})
            else:
                self.known_rows[spot] = self._known_rows(part, place, outside)
                by_id = {row[ROW_ID]: row for row in self.known_rows[spot]}
                for index, row in enumerate(self.rows(part, holder, place)):
                    self._set_out(
                        part.components, row, (*place, part.key, index), by_id.get(row_id(row.get(ROW_ID)), {})
                    )

    def _known_rows(self, part: Rows, place: Place, outside: Mapping[str, object]) -> tuple[dict[str, object], ...]:
        """The rows that a list starts with when an expression gives them, each with an id that stays the same."""
        found = self.world.value(part.default_from, outside) if part.default_from else None
        keys = [each.key for each in keyed(part.components) if isinstance(each, Input)]
        rows: dict[object, dict[str, object]] = {}
        for index, item in enumerate(found[: part.most] if isinstance(found, list) else []):
            given = item if isinstance(item, Mapping) else {keys[0]: item} if keys else {}
            its_id = row_id(given.get(ROW_ID, given.get("row_id")))
            named = f"{self.form.id}/{place}/{part.key}/{given.get('id', index)}"
            its_id = its_id or uuid5(NAMESPACE_URL, named).hex
            rows.setdefault(its_id, {ROW_ID: its_id, **{key: plain(given[key]) for key in keys if key in given}})
        return tuple(rows.values())

    def _settle(self) -> None:
        """Hide, lock and offer until nothing changes: an answer that is hidden is no answer for what depends on it."""
        if self.form.is_settled:
            return
        states: list[_State] = []
        while True:
            state = self._judge()
            if state in states or self._evaluated > MOST_EVALUATIONS:
                break
            states.append(state)
            self.hidden, self.locked, self.options = state.hidden, state.locked, dict(state.options)
            self._look_anew()
        if state in states[:-1] or self._evaluated > MOST_EVALUATIONS:
            # The conditions contradict each other: only what is hidden all the time stays so, for a person to mend.
            repeated = states[states.index(state) :] if state in states else states
            self.hidden = frozenset.intersection(*(each.hidden for each in repeated)) if repeated else frozenset()
            self._look_anew()

    def _look_anew(self) -> None:
        self._known_facts: dict[str, object] | None = None
        self._scopes: dict[Place, Mapping[str, object]] = {}

    @property
    def facts(self) -> dict[str, object]:
        """The answers as expressions see them; made when the first of them looks."""
        if self._known_facts is None:
            self._known_facts = self._facts(self.form.components, self.answers, ())
        return self._known_facts

    def _judge(self) -> _State:
        hidden: set[Spot] = set()
        locked: set[Spot] = set()
        options: dict[Spot, tuple[Option, ...]] = {}
        for part, place, out_of_view in self._everything(self.form.components, self.answers, (), hidden):
            if out_of_view:
                continue
            if isinstance(part, Input) and self._is_true(part.readonly, place):
                locked.add((place, part.element))
            if isinstance(part, Choice) and (part.options_from or part.options_key):
                options[place, part.element] = self._offered(part, place)
        return _State(frozenset(hidden), frozenset(locked), tuple(options.items()))

    def _everything(
        self, components: tuple[Component, ...], holder: Mapping[str, object], place: Place, hidden: set[Spot]
    ) -> Iterator[tuple[Component, Place, bool]]:
        """Every component at every place, adding to `hidden` those that are out of view, with all they contain."""
        for part in components:
            out_of_view = part.hide is not None and self._is_true(part.hide, place)
            if out_of_view:
                hidden.add((place, part.element))
                _hide_contents(part, place, hidden)
            yield part, place, out_of_view
            if out_of_view:
                continue
            if isinstance(part, Group):
                inside = (*place, part.path) if part.path else place
                inner = _mapping(holder.get(part.path)) if part.path else holder
                yield from self._everything(part.components, inner, inside, hidden)
            elif isinstance(part, Rows):
                for index, row in enumerate(self.rows(part, holder, place)):
                    yield from self._everything(part.components, row, (*place, part.key, index), hidden)

    def _is_true(self, flag: bool | Expression, place: Place) -> bool:
        if isinstance(flag, bool):
            return flag
        self._evaluated += 1
        return self.world.value(flag, self.scope(place)) is True

    def _offered(self, part: Choice, place: Place) -> tuple[Option, ...]:
        scope = self.scope(place)
        if part.options_from is not None:
            found = self.world.value(part.options_from, scope)
        else:
            key = part.options_key or ""
            found = scope.get(key, self.world.context.get(key))
        offered: dict[str, Option] = {}
        for item in found[: limits.OPTIONS] if isinstance(found, list) else []:
            each = option(labelled(item))
            if each is not None:
                offered.setdefault(each.text, each)
        return tuple(offered.values())

    def _facts(
        self, components: tuple[Component, ...], holder: Mapping[str, object], place: Place
    ) -> dict[str, object]:
        found: dict[str, object] = {}
        for part in keyed(components):
            spot = (place, part.element)
            if isinstance(part, Input):
                found[part.key] = self._fact(part, self.value(part, holder, place), spot)
            elif isinstance(part, Group):
                inner = _mapping(holder.get(part.path or ""))
                found[part.path or ""] = self._facts(part.components, inner, (*place, part.path or ""))
            elif spot in self.hidden:
                found[part.key] = []
            else:
                found[part.key] = [
                    self._facts(part.components, row, (*place, part.key, index))
                    for index, row in enumerate(self.rows(part, holder, place))
                ]
        return found

    def _fact(self, part: Input, value: object, spot: Spot) -> object:
        if isinstance(part, Tick):
            return value is True
        if isinstance(part, Choice):
            return self._chosen(part, value, spot)
        if isinstance(part, Reference):
            return [each for each in value if isinstance(each, str)] if isinstance(value, list) and value else None
        if value is None or value == "":
            return None
        if isinstance(part, NumberInput):
            found = values.number(value)
            return values.number_text(found) if found is not None and part.as_text else found
        if isinstance(part, When):
            return values.when(part, value, self.world.moment.zone, self.world.moment.now)
        return value if isinstance(value, str) else None

    def _chosen(self, part: Choice, value: object, spot: Spot) -> object:
        by_text = {each.text: each.value for each in self.options.get(spot, part.options)}
        if part.many:
            given = value if isinstance(value, list) else []
            return [chosen(each, by_text) for each in given if isinstance(each, str | int | float | Decimal)]
        return chosen(value, by_text) if isinstance(value, str | int | float | Decimal) and value != "" else None


def _hide_contents(part: Component, place: Place, hidden: set[Spot]) -> None:
    """All that stands in a hidden component is hidden; rows need no mention, they are gone as a whole."""
    if not isinstance(part, Group):
        return
    inside = (*place, part.path) if part.path else place
    for each in contents(part):
        hidden.add((inside, each.element))
        _hide_contents(each, inside, hidden)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
