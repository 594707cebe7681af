"""The files that came with a posted form, or that were taken out of it: kept, or gone, before the answers are read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import g, request
from werkzeug.datastructures import MultiDict

from komp_flow import forms, work
from komp_flow.auth.guards import actor
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound, TooLarge
from komp_flow.forms.attachments import MOST
from komp_flow.i18n import _
from komp_flow.requests import db

PREFIX: Final = "_file-"


@dataclass(frozen=True)
class Carried:
    """What was posted, with the ids of the files that came; and what is wrong with those that did not."""

    posted: MultiDict[str, str]
    wrong: list[FieldError]


def taken(sheet: work.TaskSheet) -> Carried:
    """Keep the files that came with this request, and take away the one whose button was pressed.

    A file that cannot be kept costs nothing else: its field gets the reason. Raises what `work.attach` raises where
    the task is not the reader's to do.
    """
    posted: MultiDict[str, str] = MultiDict(request.form)
    if sheet.form is None or "_auto" in posted:
        return Carried(posted, [])
    path, _slash, gone = posted.get("_drop", "").partition("/")
    if gone and gone in posted.getlist(path):
        posted.setlist(path, [each for each in posted.getlist(path) if each != gone])
        _forget(gone)
    wrong: list[FieldError] = []
    for name, file in request.files.items(multi=True):
        if name.startswith(PREFIX) and file.filename:
            path = name.removeprefix(PREFIX)
            try:
                with db().begin_nested():
                    ids = _room(sheet.form, path, posted.getlist(path))
                    kept = work.attach(db(), sheet.line.id, actor(), file.filename, file.stream, g.now, field=path)
            except (Invalid, TooLarge) as error:
                wrong.append(FieldError(path, error.message))
            else:
                posted.setlist(path, [*ids, kept.id])
    return Carried(posted, wrong)


def _room(form: forms.Form, path: str, ids: list[str]) -> list[str]:
    """The files that stay beside the one that came: none where there is place for one only."""
    part = forms.field(form, path)
    if part is None or not part.many:
        return []
    if len(ids) >= MOST:
        raise TooLarge(_("Her er det plass til %(num)s filer. Fjern en før du legger til flere.", num=MOST))
    return ids


def _forget(gone: str) -> None:
    """A file that was sent before stays where it was sent; it is only not among these answers any more."""
    with suppress(ValueError, NotFound, NotAllowed, Conflict), db().begin_nested():
        work.detach(db(), actor(), UUID(gone), g.now)
