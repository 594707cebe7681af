"""A person who is signed in on the web: a signed cookie that names them, checked against their account each time."""

from __future__ import annotations

from flask import current_app, g, request, session

from komp_flow import organisation
from komp_flow.auth import accounts, tokens
from komp_flow.db import Database
from komp_flow.i18n import LANGUAGES, SOURCE
from komp_flow.organisation import Directory
from komp_flow.organisation.actors import Actor
from komp_flow.requests import db
from komp_flow.work import policy
from komp_flow.work.people import leading

API = "/api/"


def language(default: str) -> str:
    """What the reader chose, else what their account says, else the installation's. Programs: their person's."""
    if request.path.startswith(API):
        return g.actor.language if g.actor else default
    chosen = session.get("language", default)
    return chosen if chosen in LANGUAGES else default


def sign_in(account: accounts.Account, directory: Directory) -> None:
    """Begin a session. What the cookie held before is dropped, so a session cannot be planted."""
    person = directory.person(account.person_id)
    session.clear()
    session.permanent = True
    session.update(person=account.person_id, stamp=account.stamp, language=person.language if person else SOURCE)


def begun() -> bool:
    """Whether the reader's cookie names somebody, whoever that is."""
    return "person" in session


def sign_out() -> None:
    """End it."""
    session.clear()


def load() -> None:
    """Set `g.actor` to the one who is signed in, or None, and `g.holdings` to what they hold. The API goes by its
    tokens, never by the cookie.
    """
    g.actor = None
    if request.path.startswith(API):
        g.actor = _by_token()
        return
    if request.path.startswith("/static/") or "person" not in session:
        return
    person_id = accounts.signed_in(db(), session["person"], session.get("stamp"), g.now)
    if person_id is None:
        session.clear()  # locked, reset or gone since
        return
    g.actor = Actor(person_id=person_id, language=language(SOURCE), scopes=None, via="web")
    directory = organisation.directory(db(), g.now)
    person = directory.person(person_id)
    g.reader_name = person.name if person else ""
    g.holdings = who = directory.holdings(person_id)
    g.permissions = policy.permissions(who, g.actor)
    g.leads = leading.leads(directory, who)


def _by_token() -> Actor | None:
    """The person whose token was sent. Looked up apart, so that a stranger's call makes no writer wait."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        return None
    database: Database = current_app.extensions["database"]
    with database.reading() as reading:
        found = tokens.actor(reading, secret.strip(), g.now)
        if found is not None:
            g.holdings = policy.holdings(reading, found, g.now)
        return found
