"""What every command has in common: settings from the environment, errors in one line, patience on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, Final, NoReturn, ParamSpec, TypeVar

import click

from komp_flow.errors import KompFlowError
from komp_flow.i18n import _
from komp_flow.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE: Final = 1.0  # seconds that nobody wonders what is going on
BLINK: Final = 0.25


def said(function: Callable[P, R]) -> Callable[P, R]:
    """One line on stderr that says what to do, and exit 1, for whatever the product knows can go wrong."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except KompFlowError as error:
            _end(error.message, [f"{field.field}: {field.message}" for field in getattr(error, "fields", ())])
        except BrokenPipeError:
            raise
        except OSError as error:
            what = f"{clean(str(error.filename))}: " if error.filename else ""
            _end(_("%(what)s%(why)s. Sjekk stedet og rettighetene, og prøv igjen.", what=what, why=error.strerror))
        except UnicodeEncodeError:
            _end(_("Det du skrev, har tegn som ikke er tekst (UTF-8). Skriv det på nytt."))

    return called


def _end(message: str, more: list[str] | None = None) -> NoReturn:
    for line in (message, *(f"  {line}" for line in more or ())):
        click.echo(clean(line), err=True)
    sys.exit(1)


def clean(text: str) -> str:
    """The text as a terminal may show it: on one line, and with nothing that it would obey."""
    shown = click.format_filename(text)  # names of files may be bytes that are no text
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shown)


def with_settings(function: Callable[Concatenate[Settings, P], R]) -> Callable[P, R]:
    """Hand the command its settings first. They are read only here: a command without them leaves no folder behind."""

    @click.pass_obj
    @said
    def called(environ: dict[str, str], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(Settings.from_env(environ), *args, **kwargs)

    return wraps(function)(called)


@contextmanager
def patience(doing: str) -> Iterator[None]:
    """While the block runs: on a terminal, after a second, what is being done and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    telling = threading.Thread(target=_tell, args=(doing, over), daemon=True)
    telling.start()
    try:
        yield
    finally:
        over.set()
        telling.join()


def _tell(doing: str, over: threading.Event) -> None:
    began = time.monotonic()
    if over.wait(PATIENCE):
        return
    while True:
        click.echo(f"\r{doing} … {time.monotonic() - began:.0f} s ", nl=False, err=True)
        if over.wait(BLINK):
            click.echo("\r\N{ESCAPE}[K", nl=False, err=True)  # the line is free again
            return
