import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import WSGIRequestHandler, make_server

from forms.filling import ENVIRONMENT, SEEN
from komp_flow import app as application
from komp_flow import forms, pages
from komp_flow.errors import Invalid


@pytest.fixture(scope="session")
def base_url() -> None:
    """In place of the plugin's own, which this pytest warns about."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = os.environ.get("KOMP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    given = {"executable_path": found} if found else {}
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    return {**browser_type_launch_args, **given, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    viewport = {"width": 375, "height": 800}
    return {**browser_context_args, "locale": "nb-NO", "timezone_id": "Europe/Oslo", "viewport": viewport}


class _Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        pass


class Desk:
    """A page with one form on it; `done` is what was sent in the end."""

    def __init__(self) -> None:
        self.form: forms.Form | None = None
        self.done: dict[str, Any] | None = None
        self.looks = 0
        self.url = ""

    def show(self) -> str:
        view = forms.view(self.form, {}, **SEEN)
        if request.method == "POST":
            self.looks += "part" in request.args
            received = forms.receive(self.form, request.form, **SEEN)
            view = received.again
            if view is None:
                try:
                    self.done = forms.check(self.form, received.answers, **SEEN)
                except Invalid as error:
                    view = forms.view(self.form, received.answers, error.fields, **SEEN)
        drawn = forms.render(ENVIRONMENT, view, action_url="/", refresh_url="/?part=fields") if view else "Takk"
        names = [each.name for each in sorted(application.DIST.iterdir())]
        css = next(name for name in names if name.startswith("app") and name.endswith(".css"))
        js = next(name for name in names if name.startswith("app") and name.endswith(".js"))
        return (
            f'<!doctype html><html lang="nb"><head><title>Skjema</title><link rel="stylesheet" href="/dist/{css}">'
            f'<script type="module" src="/dist/{js}"></script></head><body><main><h1>Skjema</h1>{drawn}</main></body>'
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Desk]:
    desk = Desk()
    flask = Flask("desk", static_folder=str(application.DIST), static_url_path="/dist")
    flask.add_url_rule("/", view_func=desk.show, methods=["GET", "POST"])

    @flask.after_request
    def strict(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = pages.CSP
        return response

    # Threads: a connection that the browser opened for a request it then gave up must not hold the next one back.
    served = make_server("127.0.0.1", 0, flask, threaded=True, request_handler=_Quiet)
    desk.url = f"http://127.0.0.1:{served.port}/"
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield desk
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def desk(server: Desk) -> Desk:
    server.done, server.looks = None, 0
    return server
