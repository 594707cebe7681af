"""Answers checked against their form: the clean ones come back, or everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from marshmallow import ValidationError

from komp_flow import feel
from komp_flow.errors import FieldError, Invalid
from komp_flow.forms import schema
from komp_flow.forms.attachments import NO_FILES, Attached
from komp_flow.forms.bounds import bounded
from komp_flow.forms.components import Component, Form, Group, Input, Rows, key_of, keyed
from komp_flow.forms.fields import checking
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.world import World
from komp_flow.i18n import _, ngettext


def check(
    form: Form,
    values: Mapping[str, object],
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> dict[str, Any]:
    """The clean answers, with every field that is in view and nothing else.

    An empty answer is None (False for a tick, [] for a checklist or list); numbers are int or Decimal; dates are ISO
    text. Raises Invalid with every field's error, in the order of the form, by path as in `areas-0-name`.
    """
    sight = Sight(form, bounded(values), World(context, names, moment, files))
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    with checking(sight, ()):
        try:
            answers = dict(schema.of(form).load(dict(values)))
        except ValidationError as error:
            flatten(error.messages, (), errors)
    for path, message in _crossed(sight, form.components, sight.answers, ()) if form.has_checks else ():
        errors.setdefault(path, message)
    if errors:
        raise Invalid(
            ngettext(
                "Ett svar må rettes. Ingenting av det du skrev, er borte.",
                "%(num)s svar må rettes. Ingenting av det du skrev, er borte.",
                len(errors),
            ),
            [FieldError(path, errors[path]) for path in in_order(sight, errors)],
        )
    return answers


def path_of(place: Place, key: str = "") -> str:
    """The path of an answer as pages and errors write it: `areas-0-name`."""
    return "-".join(str(step) for step in (*place, key) if step != "")


def flatten(messages: Any, place: Place, found: dict[str, str]) -> None:
    """marshmallow's nested messages by path, one sentence a field."""
    if not isinstance(messages, Mapping):
        said = messages[0] if isinstance(messages, list) and messages else messages
        found.setdefault(path_of(place), str(said))
        return
    for key, inner in messages.items():
        if key == schema.ITSELF or (key == "_schema" and not isinstance(inner, Mapping)):
            flatten(inner, place, found)
        else:
            flatten(inner, (*place, key if isinstance(key, int) else str(key)[:100]), found)


def in_order(sight: Sight, paths: Mapping[str, object]) -> list[str]:
    """Paths in the order in which a reader meets the fields; what is not in the form comes last."""
    order = {path: at for at, path in enumerate(_paths(sight, sight.form.components, sight.answers, ()))}
    return sorted(paths, key=lambda path: (order.get(path, len(order)), path))


def _paths(
    sight: Sight, components: tuple[Component, ...], holder: Mapping[str, object], place: Place
) -> Iterator[str]:
    for part in keyed(components):
        yield path_of(place, key_of(part))
        for place_inside, inner in inside(sight, part, holder, place):
            yield from _paths(sight, cast("Group | Rows", part).components, inner, place_inside)


def inside(
    sight: Sight, part: Component, holder: Mapping[str, object], place: Place
) -> Iterator[tuple[Place, Mapping[str, object]]]:
    """The places inside a group or list, with the answers that stand there."""
    if isinstance(part, Group) and part.path:
        inner = holder.get(part.path)
        yield (*place, part.path), inner if isinstance(inner, Mapping) else {}
    elif isinstance(part, Rows):
        for index, row in enumerate(sight.rows(part, holder, place)):
            yield (*place, part.key, index), row


def _crossed(
    sight: Sight, components: tuple[Component, ...], holder: Mapping[str, object], place: Place
) -> Iterator[tuple[str, str]]:
    """The fields whose own `check` (dialect.md Forms) is false; one that reads something unknown says nothing."""
    for part in keyed(components):
        if not sight.shown(part, place):
            continue
        if isinstance(part, Input | Rows) and part.check is not None:
            try:
                holds = feel.evaluate(part.check.text, sight.scope(place), sight.world.moment) is not False
            except feel.FeelError:
                holds = False
            if not holds:
                message = part.check_message or _("Svaret stemmer ikke med de andre svarene. Se over dem.")
                yield path_of(place, part.key), message
        for place_inside, inner in inside(sight, part, holder, place):
            yield from _crossed(sight, cast("Group | Rows", part).components, inner, place_inside)
