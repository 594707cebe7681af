"""Files beside the answers of a task: one is sent first, and then named in the answers by its id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from flask import Response, g, request
from werkzeug.datastructures import FileStorage

from komp_flow import work
from komp_flow.api import schemas
from komp_flow.api.routes import Routes, cut
from komp_flow.api.schemas.files import File, FileUpload
from komp_flow.auth.guards import actor
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.requests import carries_files, db, sent_file
from komp_flow.work.policy import Permission

bp = Routes("files", "What people put beside their answers.")
JSON: Final = "application/json"
FILE: Final = "/files/<uuid:file_id>"


@bp.asks("/tasks/<uuid:task_id>/files", Permission.WORK, schemas.page_of(File), query=schemas.PageQuery)
def files(asked: dict[str, Any], task_id: UUID) -> Any:
    """The files that the task's answers may name, and that I may have: mine that are not sent, and those that are."""
    return cut(work.beside(db(), task_id, actor(), g.now), asked)


@bp.does("/tasks/<uuid:task_id>/files", Permission.WORK, FileUpload, File, 201, location="files")
@carries_files
def attach(body: dict[str, Any], task_id: UUID) -> Any:
    """Put a file beside the task's answers; 413 if it is too large, 422 if it is no kind that is taken.

    Name its id in the draft or the answers: a file that neither names is taken away after seven days.
    """
    given = body["file"]
    if isinstance(given, list):
        given = given[0] if len(given) == 1 else None
    if not isinstance(given, FileStorage):
        said = _("Legg ved en fil i feltet «file», og bare én om gangen.")
        raise Invalid(said, [FieldError("file", said)])
    try:
        line = work.attach(
            db(), task_id, actor(), given.filename or "", given.stream, g.now, field=body["field"] or None
        )
    except Invalid as error:
        raise Invalid(error.message, [FieldError("file", error.message)]) from error
    # What is answered is kept for the key that it was sent with; a name may be words about a person.
    shown = line if line.sha256 is not None else replace(line, name="")
    return {**vars(shown), "name": shown.name or None}, 201, {"Location": f"/api/v1/files/{line.id}"}


@bp.asks(FILE, None, File, also="application/octet-stream")
def file(file_id: UUID) -> Any:
    """The file itself, of its own media type, for one who may have it; what it is, where JSON alone is asked for."""
    line = work.file(db(), actor(), file_id, g.now)
    if [each for each, _quality in request.accept_mimetypes] == [JSON]:
        return line
    return sent_file(line)


@bp.does(FILE, Permission.WORK, schemas.Nothing, schemas.Nothing, 204, method="DELETE")
def detach(_body: dict[str, Any], file_id: UUID) -> Any:
    """Take away a file that was not sent; 409 if it was."""
    work.detach(db(), actor(), file_id, g.now)
    return Response(status=204)
