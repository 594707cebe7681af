"""REST under /api/v1: the same use cases as the pages, for programs."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from komp_flow.api import files, instances, people, privacy, processes, registers, spec, tasks


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Hang the API on the application. It goes by tokens and never by the cookie, so nobody's browser can be used."""
    documented = spec.documented(app)
    for routes in (tasks.bp, files.bp, instances.bp, processes.bp, registers.bp, people.bp, privacy.bp):
        documented.register_blueprint(routes)
        csrf.exempt(routes)
    app.register_blueprint(spec.bp)
