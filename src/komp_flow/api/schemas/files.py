"""A file on its way in, and a file as it is told of."""

from __future__ import annotations

from flask_smorest.fields import Upload
from marshmallow import fields

from komp_flow.api.fields import Instant, text
from komp_flow.api.schemas.inputs import Input
from komp_flow.api.schemas.outputs import Output
from komp_flow.i18n import _l


class FileUpload(Input):
    """One file, and the path of the filepicker that it is meant for (`documents-0-file`), where that is known."""

    file = Upload(
        required=True,
        error_messages={
            "required": _l("Legg ved en fil i feltet «file»."),
            "invalid": _l("Legg ved en fil i feltet «file», ikke tekst."),
        },
    )
    field = text(load_default=None)


class File(Output):
    """A file. It is fetched with `GET /files/{id}`, and named in a filepicker's answer: a list of ids."""

    id = fields.UUID(required=True)
    name = fields.String(
        allow_none=True, metadata={"description": "Null in the answer to an upload that is about a person."}
    )
    type = fields.String(required=True, attribute="kind", metadata={"description": "pdf, docx, xlsx, …"})
    media_type = fields.String(required=True, attribute="media")
    size = fields.Integer(required=True, metadata={"description": "Bytes."})
    sha256 = fields.String(allow_none=True, metadata={"description": "Null where the file is about a person."})
    task = fields.UUID(required=True)
    sent = fields.Boolean(required=True, metadata={"description": "Sent files are not deleted."})
    created_at = Instant(required=True)
