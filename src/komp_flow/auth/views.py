"""Signing in and out, and the language of one's pages."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from komp_flow import demo, organisation
from komp_flow.auth import accounts
from komp_flow.auth import session as sessions
from komp_flow.auth.guards import public
from komp_flow.i18n import LANGUAGES, _
from komp_flow.requests import db

bp = Blueprint("auth", __name__)

LONGEST_ADDRESS = 2_000


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The page to sign in on; in the demo with a list of people to be."""
    if g.actor is not None:
        return redirect(_onward(), 303)
    return _page()


@bp.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Sign in with e-mail and password."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    verdict = accounts.verify(db(), login, password, g.now)
    if verdict.account is None:
        # Returned, not raised: the failed attempt must be counted.
        return _page(login=login[:254], message=verdict.message), 422
    sessions.sign_in(verdict.account, organisation.directory(db(), g.now))
    return redirect(_onward(), 303)


@bp.post("/sign-in/persona")
@public
def be() -> ResponseReturnValue:
    """In the demo only: sign in as anyone."""
    if not current_app.extensions["komp_flow"].demo:
        abort(404)
    account = accounts.ensure(db(), request.form.get("person", ""), g.now)
    sessions.sign_in(account, organisation.directory(db(), g.now))
    return redirect(_onward(), 303)


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out."""
    sessions.sign_out()
    flash(_("Du er logget ut."), "success")
    return redirect(url_for("auth.sign_in"), 303)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    """Choose the language of one's pages."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(_onward(), 303)


def _page(login: str = "", message: str = "") -> str:
    personas = demo.personas(db()) if current_app.extensions["komp_flow"].demo else []
    return render_template("auth/sign-in.html", login=login, message=message, personas=personas, onward=_onward())


def _onward() -> str:
    """Where the reader was going: a path of ours, never another site's address."""
    wanted = request.values.get("next", "")
    # Browsers drop tabs and newlines and read a backslash as a slash: «/<tab>/evil.example» is another site.
    plain = wanted.isprintable() and "\\" not in wanted and len(wanted) < LONGEST_ADDRESS
    ours = plain and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if ours else url_for("inbox.front")
