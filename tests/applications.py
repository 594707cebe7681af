"""The web application, put together once in each test process: that takes longer than most tests do."""

from __future__ import annotations

from typing import Any

from komp_flow.app import Application, create_app
from komp_flow.clock import clock
from komp_flow.db import Database
from komp_flow.settings import Settings

_made: dict[bool, Any] = {}  # the demo's and the other: the application, and what it was before the first test


def application(settings: Settings, database: Database) -> Application:
    """As `create_app` makes it on these; what a test has changed in it is set back. One at a time of each kind.

    All that it goes by from one request to the next is in its `extensions` and its `config`.
    """
    if settings.demo not in _made:
        app = create_app(settings, database)
        kept = {name: dict(getattr(app, name)) for name in ("config", "extensions", "view_functions")}
        _made[settings.demo] = (app, kept)
        return app  # type: ignore[return-value]
    app, kept = _made[settings.demo]
    for name, before in kept.items():
        now = getattr(app, name)
        now.clear()
        now.update(before)
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["komp_flow"] = settings
    app.extensions["database"] = database
    app.extensions["clock"] = clock(settings.clock)
    return app  # type: ignore[no-any-return]
