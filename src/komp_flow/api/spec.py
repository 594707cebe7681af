"""The OpenAPI 3.1 document, made from the schemas that validate, and a page to read it."""

from __future__ import annotations

import http
from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from komp_flow.api import reading, schemas
from komp_flow.auth.guards import public

PROBLEM = "application/problem+json"

DESCRIPTION = (
    "The same use cases as the pages, for programs. A token (`komp-flow token create`) acts as its person, within its "
    "scopes: tasks, instances, processes, registers, admin. Errors are application/problem+json (RFC 9457). Times are "
    "RFC 3339 with an offset. Lists have page and page_size (at most 200) and a total."
)

bp = Blueprint("api-docs", __name__, url_prefix="/api/v1")


class Documented(Api):  # type: ignore[misc]
    """flask-smorest's document; errors are answered by `app` alone, and described as it answers them."""

    ERROR_SCHEMA = schemas.ProblemDetails

    def _register_error_handlers(self) -> None:
        pass

    def _register_doc_blueprint(self) -> None:
        pass

    def _register_responses(self) -> None:
        named = {status.name: status.phrase for status in http.HTTPStatus} | {"DEFAULT_ERROR": "An error"}
        for name, phrase in named.items():
            response: dict[str, Any] = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(name, response, lazy=True)


def documented(app: Flask) -> Documented:
    """The document of this application, without any path yet."""
    app.config.update(API_TITLE="komp-flow", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    made = Documented(app, spec_kwargs={"info": {"description": DESCRIPTION}})
    made.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    made.spec.options["security"] = [{"token": []}]
    app.extensions["openapi"] = made.spec
    return made


@bp.get("/openapi.json")
@public
def document() -> ResponseReturnValue:
    """The OpenAPI document."""
    return current_app.json.response(current_app.extensions["openapi"].to_dict())


@bp.get("/docs")
@public
def docs() -> ResponseReturnValue:
    """The same, to read."""
    described = current_app.extensions["openapi"].to_dict()
    return render_template("api/docs.html", info=described["info"], groups=reading.groups(described))
