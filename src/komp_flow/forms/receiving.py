"""A posted page in one call: the answers, and the page to show again when the reader is not done with the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from komp_flow import feel
from komp_flow.errors import FieldError, Invalid
from komp_flow.forms.attachments import NO_FILES, Attached
from komp_flow.forms.checking import check, inside, path_of
from komp_flow.forms.components import Component, Form, Input, Rows, keyed
from komp_flow.forms.posted import Asked, Sent, asked, decode
from komp_flow.forms.shapes import FormView
from komp_flow.forms.sight import Place, Sight
from komp_flow.forms.view import view
from komp_flow.forms.world import World
from komp_flow.i18n import _


@dataclass(frozen=True)
class Received:
    """`again` is what to show instead of going on: a row was added, or answers opened fields not yet seen."""

    answers: dict[str, Any]
    asked: Asked
    again: FormView | None = None


def receive(
    form: Form,
    posted: Sent,
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> Received:
    """What was posted, not yet checked. Raises Invalid only when more was posted than a form can hold.

    With `asked.save` the answers are to be kept as a draft; with `again` they are to be shown again (and may be kept);
    otherwise the reader is done, and `check` decides.
    """
    answers, wish = decode(form, posted), asked(posted)
    if wish.save:
        return Received(answers, wish)
    opened = (
        [] if wish.unfinished else revealed(form, answers, context=context, names=names, moment=moment, files=files)
    )
    if not (wish.unfinished or opened):
        return Received(answers, wish)
    notice = ""
    if opened:
        notice = _("Svarene dine åpnet flere felt. Fyll ut dem også, og fullfør på nytt. Alt du har skrevet, er med.")
    again = view(
        form,
        answers,
        _still_wrong(form, answers, wish.told, context=context, names=names, moment=moment, files=files),
        context=context,
        names=names,
        moment=moment,
        files=files,
        notice=notice,
        focus=_focus(answers, wish),
    )
    return Received(answers, wish, again)


def revealed(
    form: Form,
    answers: Mapping[str, object],
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> list[str]:
    """The paths of fields that are in view with these answers, and that the page which sent them did not have."""
    if not form.conditional:
        return []
    sight = Sight(form, answers, World(context, names, moment, files))
    return list(_unseen(sight, form.components, sight.answers, ()))


def _unseen(
    sight: Sight, components: tuple[Component, ...], holder: Mapping[str, object], place: Place
) -> Iterator[str]:
    for part in keyed(components):
        if isinstance(part, Input):
            if sight.open(part, place) and part.key not in holder:
                yield path_of(place, part.key)
        elif isinstance(part, Rows) and part.key not in holder:
            if sight.shown(part, place):
                yield path_of(place, part.key)
        else:
            for place_inside, inner in inside(sight, part, holder, place):
                yield from _unseen(sight, part.components, inner, place_inside)


def _still_wrong(
    form: Form,
    answers: Mapping[str, object],
    told: frozenset[str],
    *,
    context: Mapping[str, object],
    names: Mapping[str, object],
    moment: feel.Moment,
    files: Mapping[str, Attached] = NO_FILES,
) -> list[FieldError]:
    """The errors that the reader has been told of and has not mended yet; new ones wait until the form is sent."""
    if not told:
        return []
    try:
        check(form, answers, context=context, names=names, moment=moment, files=files)
    except Invalid as error:
        return [each for each in error.fields if each.field in told]
    return []


def _focus(answers: Mapping[str, object], wish: Asked) -> str:
    """Where the cursor goes: into a new row, or to the list that a row was taken from."""
    if wish.remove:
        return wish.remove.rpartition("-")[0]
    if not wish.add:
        return ""
    here: object = answers
    for step in wish.add.split("-"):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return ""
    return f"{wish.add}-{len(here) - 1}" if isinstance(here, list) and here else wish.add
