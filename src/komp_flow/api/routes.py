"""How a view of the API is hung up: guarded first, then read, then done once, then answered and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final, NoReturn, TypeVar

from flask import Request, Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs import core
from webargs.flaskparser import FlaskParser

from komp_flow import work
from komp_flow.api import bodies
from komp_flow.auth.guards import actor, known, requires
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.requests import db, reads
from komp_flow.work.policy import Permission

V = TypeVar("V", bound=Callable[..., Any])
SchemaType = type[Schema]
Headers = Mapping[str, str]

KEY: Final = "Idempotency-Key"
KEPT_HEADERS: Final = ("Location", "ETag")
KEY_PARAMETER: Final = {
    "in": "header",
    "name": KEY,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Kept 24 hours for each person. A repeat gets the same status and body; an error leaves it free.",
}


class Parser(FlaskParser):
    """Reads strictly, and says what is wrong as the product says it."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = dict.fromkeys(("json", "query", "files"))

    def load_json(self, req: Request, schema: Schema) -> Any:
        """A JSON object."""
        return bodies.json_object(req)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """The address's parameters."""
        return bodies.query(req)

    def load_files(self, req: Request, schema: Schema) -> Any:
        """The parts of a multipart body."""
        return bodies.parts(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Every field that is wrong, as `Invalid`."""
        found: list[FieldError] = []
        for messages in error.messages.values() if isinstance(error.messages, dict) else ():
            _flatten("", messages, found)
        raise Invalid(_("Ingenting er endret. Rett feltene som er merket."), found)


def _flatten(path: str, messages: Any, found: list[FieldError]) -> None:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)[:100]
            _flatten(f"{path}-{step}" if path and step else path or step, inner, found)
    else:
        said = messages if isinstance(messages, list) else [messages]
        found.extend(FieldError(path, str(message)) for message in said)


core.Parser.DEFAULT_VALIDATION_STATUS = 422


class Routes(Blueprint):  # type: ignore[misc]
    """A blueprint whose views are guarded, and whose commands may be sent twice."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api-{name}", __name__, url_prefix="/api/v1", description=description)

    def asks(
        self,
        rule: str,
        permission: Permission | None,
        answer: SchemaType,
        *,
        query: SchemaType | None = None,
        also: str | None = None,
    ) -> Callable[[V], V]:
        """A GET: `query` comes first to the view. Without a permission, for any token that holds.

        `also` is another type that the view may answer with, by a response of its own.
        """

        def hang(view: V) -> V:
            shown: Any = self.response(200, answer)(view)
            if also is not None:
                shown = self.alt_response(200, schema={"type": "string"}, content_type=also)(shown)
            if query is not None:
                shown = self.arguments(query, location="query")(shown)
            return self._hung(rule, "GET", permission, shown, view)

        return hang

    def does(
        self,
        rule: str,
        permission: Permission,
        body: SchemaType,
        answer: SchemaType,
        status: int = 200,
        *,
        method: str = "POST",
        location: str = "json",
        writes: bool = True,
        headers: Sequence[Mapping[str, Any]] = (),
        before: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
    ) -> Callable[[V], V]:
        """A command: `body` comes first to the view. A POST that writes is done once for each Idempotency-Key.

        `before` wraps what writes: it may take its time, no other writer waits for it.
        """
        required = any(field.required for field in body().fields.values())

        def hang(view: V) -> V:
            shown: Any = self.response(status, answer)(view)
            once = writes and method == "POST"
            shown = _once(shown) if once else shown
            shown = before(shown) if before else shown
            shown = self.arguments(body, location=location, required=required)(shown)
            described = [*headers, KEY_PARAMETER] if once else [*headers]
            if described:
                shown = self.doc(parameters=described)(shown)
            return self._hung(rule, method, permission, shown if writes else reads(shown), view)

        return hang

    def _hung(self, rule: str, method: str, permission: Permission | None, shown: Any, view: V) -> V:
        guarded = requires(permission)(shown) if permission else known(shown)
        self.add_url_rule(rule, view.__name__, guarded, methods=[method])
        return view


def _once(view: Callable[..., Response]) -> Callable[..., Response]:
    """Done once for each Idempotency-Key of a person (interface.md): a repeat gets the same status and body."""

    @wraps(view)
    def inner(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(KEY)
        if key is None:
            return view(*args, **kwargs)

        def act() -> work.Answer:
            response = view(*args, **kwargs)
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            return work.Answer(response.status_code, response.get_json(), headers=headers)

        answer = work.once(db(), actor(), key, bodies.fingerprint(request), g.now, act, goes_on=False)
        body = current_app.json.dumps(answer.body) + "\n"
        return Response(body, answer.status, dict(answer.headers), content_type="application/json")

    return inner


def page(found: work.Page[Any]) -> dict[str, Any]:
    """One page of a list as `schemas.page_of` writes it."""
    return {"items": found.items, "total": found.total, "page": found.page, "page_size": found.page_size}


def cut(lines: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a list that is whole in memory."""
    number, size = asked["page"], asked["page_size"]
    listed = list(lines)
    return page(work.Page(tuple(listed[(number - 1) * size : number * size]), len(listed), number, size))
