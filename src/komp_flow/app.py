"""The web application: settings and features put together, one transaction a request, errors turned into answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from komp_flow import api, clock, engine, health, i18n, logs, metrics, pages, studio
from komp_flow.auth import session
from komp_flow.auth import views as auth_views
from komp_flow.db import Database, outages
from komp_flow.errors import (
    Busy,
    Conflict,
    Invalid,
    KeyReused,
    KompFlowError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    ProcessFault,
    Stale,
    TooLarge,
)
from komp_flow.i18n import _
from komp_flow.inbox import plan as inbox_plan
from komp_flow.inbox import talks as inbox_talks
from komp_flow.inbox import views as inbox_views
from komp_flow.monitor import cycle as monitor_cycle
from komp_flow.monitor import mail as monitor_mail
from komp_flow.monitor import people as monitor_people
from komp_flow.monitor import privacy as monitor_privacy
from komp_flow.monitor import registers as monitor_registers
from komp_flow.monitor import stepping_in as monitor_own
from komp_flow.monitor import unit as monitor_unit
from komp_flow.monitor import views as monitor_views
from komp_flow.requests import Request, Transactions, writing
from komp_flow.schema import open_database
from komp_flow.settings import Settings

log = structlog.get_logger(__name__)

DIST = Path(__file__).parent / "static" / "dist"
API = "/api/"
LOGGED = {"instance_id", "task_id", "talk_id", "file_id", "drawing_id"}  # parts of addresses that the log may name
UNNOTED = {"static", "health.alive", "health.ready", "health.metrics"}  # asked for all the time, by machines
HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
CLOCKS_DIFFER = timedelta(hours=2)
MAX_BODY = 16 * 1024 * 1024  # bytes; a view may allow more or less for itself
MAX_TYPED = 2 * 1024 * 1024  # bytes of all that is typed in one page
MAX_PARTS = 5_000  # fields of one page

# The one place where an error becomes a status, and a problem type of the API (interface.md).
STATUS: tuple[tuple[type[KompFlowError], int, str], ...] = (
    (NotFound, 404, "not-found"),
    (NotSignedIn, 401, "not-allowed"),
    (NotAllowed, 403, "not-allowed"),
    (Stale, 412, "stale"),
    (Conflict, 409, "conflict"),
    (KeyReused, 422, "idempotency"),
    (Invalid, 422, "invalid"),
    (TooLarge, 413, "too-large"),
    (Busy, 503, "busy"),
    (ProcessFault, 500, "process-fault"),
)
UNEXPECTED = (500, "unexpected")
HTTP_TYPES = {400: "invalid", 401: "not-allowed", 403: "not-allowed", 404: "not-found", 405: "not-found",
              409: "conflict", 412: "stale", 413: "too-large", 415: "invalid", 422: "invalid", 503: "busy"}  # fmt: skip


class Application(Flask):
    """Flask, with one transaction a request: a view that returns is committed, one that raises is rolled back."""

    request_class = Request

    def dispatch_request(self) -> ResponseReturnValue:
        """Commit before anything is answered, so that what was acknowledged is kept."""
        transactions: Transactions = g.transactions
        try:
            answer = self.make_response(super().dispatch_request())
            if not (answer.is_streamed or answer.direct_passthrough):
                answer.get_data()
            transactions.note_readings()
        except Stale:
            transactions.roll_back_shown()  # what somebody else has saved is part of the answer
            raise
        except BaseException:
            transactions.roll_back()
            raise
        g.keeping = True
        if transactions.commit():
            current_app.extensions["ring"]()  # what it made due is done at once, not at the next tick
        return answer


class Signer(TimestampSigner):
    """Takes what a clock ahead of ours has signed: another web node's, or our own before it was set back."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """Overrides: to itsdangerous a signature from the future has expired."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)  # type: ignore[call-overload]
        except SignatureExpired as error:
            ahead = error.date_signed - datetime.now(UTC) if error.date_signed else timedelta(0)
            if not timedelta(0) < ahead <= CLOCKS_DIFFER:
                raise
            return super().unsign(signed_value, None, return_timestamp)  # type: ignore[call-overload]


class CookieSessions(SecureCookieSessionInterface):
    """The signed session cookie, marked secure whenever the page itself came over TLS."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """As Flask's, with a signer that bears clocks that differ."""
        made = super().get_signing_serializer(app)
        if made is not None:
            made.signer = Signer
        return made

    def get_cookie_secure(self, app: Flask) -> bool:
        """True for https."""
        return request.is_secure

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Renewed by what a person opens, not by what a page fetches beside it (`Sec-Fetch-Mode`, Fetch Metadata): a
        draft's late answer would bring back a session that has been signed out of, or drop a message not yet shown.
        """
        opened = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        return session.modified or (opened and super().should_set_cookie(app, session))


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """Make the application on a database that has its tables (see `schema.upgrade`)."""
    app = Application(__name__, static_folder="static")
    app.session_interface = CookieSessions()
    app.json.ensure_ascii = app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="komp_flow",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_TYPED,
        MAX_FORM_PARTS=MAX_PARTS,
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open over lunch; the session's own end is the bound
    )
    app.extensions["komp_flow"] = settings
    app.extensions["database"] = database or open_database(settings)
    app.extensions["clock"] = clock.clock(settings.clock)
    app.extensions["ring"] = lambda: None  # called when something was kept; the one who serves says what ticks
    app.extensions["ending"] = lambda: False  # whether the process is about to end; the one who serves knows
    csrf = CSRFProtect(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    pages.install(app, _assets())
    _observe(app)
    _around_requests(app)
    _errors(app)
    _features(app, csrf)
    return app


def _assets() -> dict[str, str]:
    try:
        manifest: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise RuntimeError(
            "The front end's assets are missing (static/dist/manifest.json). Run `make install`, or install the wheel."
        ) from error
    return manifest


def _features(app: Flask, csrf: CSRFProtect) -> None:
    for blueprint in (
        auth_views.bp,
        inbox_views.bp,
        inbox_talks.bp,
        inbox_plan.bp,
        monitor_views.bp,
        monitor_unit.bp,
        monitor_cycle.bp,
        monitor_registers.bp,
        monitor_privacy.bp,
        monitor_people.bp,
        monitor_own.bp,
        monitor_mail.bp,
        studio.bp,
        health.bp,
    ):
        app.register_blueprint(blueprint)
    api.register(app, csrf)


def _observe(app: Flask) -> None:
    """Every request has an id, and a line in the log that says how it went."""

    @app.before_request
    def begin() -> None:
        g.began, g.request_id = time.perf_counter(), logs.request_id(request.headers.get("X-Request-Id"))
        g.about = logs.about(request=g.request_id, **_ids())
        g.about.__enter__()

    @app.after_request
    def note(response: Response) -> Response:
        if "began" not in g:
            return response
        response.headers["X-Request-Id"] = g.request_id
        if request.endpoint not in UNNOTED:
            route, took = str(request.url_rule or "-"), time.perf_counter() - g.began
            method = request.method if request.method in HTTP_METHODS else "other"
            metrics.REQUEST_SECONDS.labels(method, route, response.status_code).observe(took)
            log.info("request", method=method, route=route, status=response.status_code, ms=round(took * 1000, 1))
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if about := g.pop("about", None):
            about.__exit__(None, None, None)


def _ids() -> dict[str, object]:
    """What the address names of instances and tasks; people's and units' ids stay out of the log."""
    return {name.removesuffix("_id"): id_ for name, id_ in (request.view_args or {}).items() if name in LOGGED}


def _around_requests(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.transactions = Transactions(app.extensions["database"], writing=writing())
        g.now = app.extensions["clock"]()
        session.load()
        g.language = i18n.speaking(session.language(app.extensions["komp_flow"].locale))
        g.language.__enter__()

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", pages.CSP)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if transactions := g.pop("transactions", None):
            transactions.close()
        if language := g.pop("language", None):
            language.__exit__(None, None, None)
        request.close()


def _errors(app: Flask) -> None:
    app.register_error_handler(KompFlowError, _domain)
    app.register_error_handler(ProcessFault, _fault)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    for outage in outages.OUTAGES:
        app.register_error_handler(outage, _database)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: KompFlowError) -> ResponseReturnValue:
    status, kind = next(((status, kind) for cls, status, kind in STATUS if isinstance(error, cls)), UNEXPECTED)
    fields = [{"field": f.field, "message": f.message} for f in getattr(error, "fields", ())]
    more = {name: getattr(error, name, None) for name in ("current", "problems")}
    answer = current_app.make_response(_answer(status, kind, error.message, fields, more))
    if status == 503:
        answer.headers["Retry-After"] = "2"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="komp-flow"'
    return answer


def _fault(error: ProcessFault) -> ResponseReturnValue:
    """The step is rolled back by now; that it failed stands on the instance, for those who can mend it."""
    if isinstance(error.instance_id, UUID):
        database: Database = current_app.extensions["database"]
        with database.transaction() as db:
            engine.fault(db, error.instance_id, error.message, g.now)
    log.error("fault", instance=str(error.instance_id), error=type(error.__cause__).__name__, where=logs.where(error))
    return _domain(error)


def _forged(_error: CSRFError) -> ResponseReturnValue:
    if not session.begun():
        return _answer(401, "not-allowed", pages.signed_out())
    detail = _("Siden har ligget åpen for lenge. Gå tilbake, last siden på nytt og prøv igjen. Ingenting er endret.")
    return _answer(400, "invalid", detail)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    said = {
        404: _("Vi fant ikke siden. Den kan være flyttet, eller adressen kan være skrevet feil."),
        405: _("Adressen finnes, men ikke for denne handlingen."),
        413: _("Det du sendte, er for stort. Del det opp eller gjør det mindre, og prøv igjen."),
    }
    own = error.description if error.description != type(error).description else None  # ours, not werkzeug's English
    detail = said.get(status) or own or _("Noe ved forespørselen er feil.")
    answer = current_app.make_response(
        _answer(status, HTTP_TYPES.get(status, "invalid"), detail, _schema_errors(error))
    )
    for name, value in error.get_headers():
        if name in {"Allow", "WWW-Authenticate", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _database(error: Exception) -> ResponseReturnValue:
    if isinstance(error, DataError):  # a text with NUL in it, which PostgreSQL does not hold
        detail = _(
            "Ingenting er endret: noe av det som ble sendt, er ikke gyldig tekst eller tall. Rett det og send igjen."
        )
        return _answer(400, "invalid", detail)
    found = outages.outage(error, keeping=g.get("keeping", False))
    if found is None:
        return _unexpected(error)
    log.error("database", error=type(getattr(error, "orig", None) or error).__name__, status=found.status)
    answer = current_app.make_response(_answer(found.status, found.kind, found.detail))
    answer.headers["Retry-After"] = str(found.again_in)
    return answer


def _unexpected(error: Exception) -> ResponseReturnValue:
    # The exception's own text may hold what somebody typed: only its kind and place are logged.
    log.error("unexpected", error=type(error).__name__, route=str(request.url_rule or "-"), where=logs.where(error))
    detail = _(
        "Noe gikk galt hos oss. Ingenting er endret. Prøv igjen, og si fra til administrator om det gjentar seg."
    )
    return _answer(500, "unexpected", detail)


def _schema_errors(error: HTTPException) -> list[dict[str, str]]:
    """What webargs found, flattened to `a-0-b` and a sentence."""
    found: list[dict[str, str]] = []

    def walk(path: str, what: Any) -> None:
        if isinstance(what, dict):
            for key, value in what.items():
                walk(f"{path}-{key}" if path else str(key), value)
        elif isinstance(what, list):
            found.extend({"field": path, "message": str(message)} for message in what)

    messages = (getattr(error, "data", None) or {}).get("messages", {})
    for part in messages.values() if isinstance(messages, dict) else ():
        walk("", part)
    return found


def _answer(
    status: int,
    kind: str,
    detail: str,
    fields: list[dict[str, str]] | None = None,
    more: Mapping[str, object] | None = None,
) -> ResponseReturnValue:
    """The same error as a page for people or as `application/problem+json` (RFC 9457) for programs."""
    title = pages.error_title(status)
    if request.path.startswith(API) or request.is_json:
        body: dict[str, object] = {"type": f"/problems/{kind}", "title": title, "status": status, "detail": detail}
        if fields:
            body["errors"] = fields
        body |= {name: value for name, value in (more or {}).items() if value is not None}
        return Response(json.dumps(body, default=_plain), status, content_type="application/problem+json")
    typed = pages.typed() if status in {400, 401, 503, 507} else []
    again = pages.again() if status in {400, 503, 507} else []
    page = render_template(
        "error.html", status=status, title=title, detail=detail, fields=fields or [], typed=typed, again=again
    )
    return page, status


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else getattr(value, "__dict__", None) or str(value)
