"""`serve`: pages and API until it is told to stop; it then finishes what it is doing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import click
from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from komp_flow import background, clock, demo, organisation, shipped, warmth, work
from komp_flow.app import create_app
from komp_flow.backups import backup, restore
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.stored import alone, connected, database_file, one_at_a_time, require_keys, stop_on_signals
from komp_flow.db import Database
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.schema import upgrade
from komp_flow.settings import Settings

LARGEST_BODY: Final = 64 * 1024 * 1024  # bytes; what is larger is refused unread, by the server itself
LOOK: Final = 0.5  # seconds between looks at whether to stop
LAST_ANSWERS: Final = 20.0  # seconds that requests under way get when it does, one that is being sent too


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--demo",
    "with_demo",
    is_flag=True,
    help="Load a fictional directorate if the database is empty, and let anyone sign in as anyone.",
)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--drain",
    default=0,
    show_default=True,
    type=click.IntRange(0, 300),
    help="Seconds to go on answering after SIGTERM, while /readyz says 503, so that a load balancer can turn away.",
)
@with_settings
def serve(settings: Settings, *, host: str, port: int, with_demo: bool, threads: int, drain: int) -> None:
    """Serve the pages and the API, and do background work where the queue is `local`.

    Example: komp-flow serve --demo --port 8000
    """
    settings = replace(settings, demo=settings.demo or with_demo)
    ticking = clock.clock(settings.clock)
    with connected(settings) as database, alone(database), _bound(host, port) as sockets:
        upgrade(database)
        require_keys(database)
        with one_at_a_time(database):
            _prepare(database, settings, ticking)
        background.hang(database, settings, ticking)
        app = create_app(settings, database)
        stop = stop_on_signals()
        app.extensions["ending"] = stop.is_set
        with _ticking(app, database, settings, ticking):
            doors: dict[int, Any] = {}
            create_server(
                app,
                map=doors,
                sockets=sockets,
                threads=threads,
                ident="komp-flow",
                clear_untrusted_proxy_headers=True,
                max_request_body_size=LARGEST_BODY,
            )
            warmth.settle()
            _greet(database, settings, host, port)
            _answer_until(stop, doors, drain)


@contextmanager
def _ticking(app: Flask, database: Database, settings: Settings, ticking: clock.Clock) -> Iterator[None]:
    """While pages are served: background work in this process, unless workers of a queue do it."""
    if not background.ticks(settings):
        yield
        return
    tick = background.Ticking(database, ticking)
    app.extensions["ring"] = tick.ring
    try:
        yield
    finally:
        tick.stop()


@contextmanager
def _bound(host: str, port: int) -> Iterator[list[socket.socket]]:
    """The address, taken before anything else is done, so that one that is in use is told at once."""
    taken: list[socket.socket] = []
    try:
        for family, kind, _proto, _name, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            if address not in [one.getsockname() for one in taken]:
                taken.append(_taken(family, kind, address))
    except OSError as error:
        for one in taken:
            one.close()
        raise Invalid(
            _(
                "Kan ikke åpne %(host)s:%(port)s (%(why)s). Velg en annen port med --port.",
                host=host,
                port=port,
                why=error.strerror,
            )
        ) from error
    try:
        yield taken
    finally:
        for one in taken:
            one.close()


def _taken(family: int, kind: int, address: Any) -> socket.socket:
    one = socket.socket(family, kind)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one


def _answer_until(stop: threading.Event, doors: Mapping[int, Any], drain: float) -> None:
    """Answer requests; when told to stop, go on for `drain` seconds, then let nobody more in, finish what is under way
    and return.
    """
    while not stop.is_set():
        wasyncore.loop(timeout=LOOK, map=doors, count=1)
    until = time.monotonic() + drain
    while time.monotonic() < until:
        wasyncore.loop(timeout=min(LOOK, drain), map=doors, count=1)
    servers = [door for door in doors.values() if isinstance(door, BaseWSGIServer)]
    for server in servers:
        wasyncore.dispatcher.close(server)
    deadline = time.monotonic() + LAST_ANSWERS
    while time.monotonic() < deadline and any(_busy(server) for server in servers):
        wasyncore.loop(timeout=0.05, map=doors, count=1)
    servers[0].task_dispatcher.shutdown()


def _busy(server: BaseWSGIServer) -> bool:
    """Somebody is being answered, or is in the middle of sending."""
    return any(
        channel.requests or channel.request is not None or channel.total_outbufs_len
        for channel in list(server.active_channels.values())
    )


def _prepare(database: Database, settings: Settings, ticking: clock.Clock) -> None:
    """On an empty database: the shipped diagrams and forms, and the demo where it is wanted."""
    with patience(_("Publiserer diagrammene som følger med")), database.transaction() as db:
        if not work.processes(db):
            work.publish_shipped(db, shipped.folder(), ticking())
    if settings.demo:
        with database.reading() as db:
            empty = not organisation.queries.has_people(db)
        if empty:
            click.echo(_("Laster demovirksomheten …"), err=True)
            with patience(_("Laster demovirksomheten")):
                _load_demo(database, settings, ticking)


def _load_demo(database: Database, settings: Settings, ticking: clock.Clock) -> None:
    """All of it or nothing: made in a copy that takes the embedded database's place when it is whole."""
    file = database_file(database)
    if file is None:
        demo.load(database, settings.zone, ticking())
        return
    copy = file.with_name(file.name + ".demo")
    for leftover in ("", "-wal", "-shm"):
        copy.with_name(copy.name + leftover).unlink(missing_ok=True)
    backup(database, copy)
    stage = Database(database.url.set(database=str(copy)), info=database.info)
    try:
        demo.load(stage, settings.zone, ticking())
    finally:
        stage.close()
    restore(database, copy)
    copy.unlink()


def _greet(database: Database, settings: Settings, host: str, port: int) -> None:
    name = f"[{host}]" if ":" in host else host
    click.echo(f"\n  komp-flow: http://{name}:{port}\n")
    if not settings.demo:
        return
    click.echo("  " + _("Demovirksomheten er fiktiv. Logg inn som:"))
    with database.reading() as db:
        for persona in demo.personas(db):
            click.echo(f"    {persona.name:<28} {persona.what}")
    click.echo("")
