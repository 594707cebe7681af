"""Diagrams and forms: checked, published, listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from flask import current_app, g

from komp_flow import work
from komp_flow.api import bodies, schemas
from komp_flow.api.routes import Routes, cut
from komp_flow.auth.guards import actor
from komp_flow.errors import Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("processes", "What is published.")
LARGEST_NUMBER = 2**31 - 1


class Refused(Invalid):
    """Files with errors: nothing was published. `problems` is what check has found."""

    def __init__(self, found: tuple[Any, ...]) -> None:
        super().__init__(_("Ingenting er publisert. Rett feilene i filene, og send dem på nytt."))
        self.problems = [asdict(problem) for problem in found]


@bp.does("/processes/check", Permission.SEE_PROCESSES, schemas.Files, schemas.Listing, location="files", writes=False)
def check(body: dict[str, Any]) -> Any:
    """Every problem of the files, among themselves and with what is published. Nothing is kept."""
    return {"problems": work.check(db(), bodies.sources(body["files"]))}


def _checked(view: Callable[..., Any]) -> Callable[..., Any]:
    """Look at the files first, while nobody has to wait: check runs in a process of its own, for seconds at times."""

    @wraps(view)
    def inner(body: dict[str, Any]) -> Any:
        files = bodies.sources(body["files"])
        with current_app.extensions["database"].reading() as reading:
            problems = work.check(reading, files)
        return view({"files": files, "why": body["why"], "problems": problems})

    return inner


@bp.does(
    "/processes",
    Permission.PUBLISH,
    schemas.Publication,
    schemas.Published,
    201,
    location="files",
    before=_checked,
)
def publish(body: dict[str, Any]) -> Any:
    """Publish new versions together; with an error in any of them, none, and 422 with all problems."""
    done = work.publish(db(), actor(), body["files"], body["why"], g.now, problems=body["problems"])
    if done.refused:
        raise Refused(done.problems)
    return done


@bp.asks("/processes", Permission.SEE_PROCESSES, schemas.page_of(schemas.ProcessLine), query=schemas.PageQuery)
def processes(asked: dict[str, Any]) -> Any:
    """Every process with its newest version."""
    return cut(work.processes(db(), actor(), g.now), asked)


@bp.asks(
    "/processes/<string:process>/versions",
    Permission.SEE_PROCESSES,
    schemas.page_of(schemas.VersionLine),
    query=schemas.PageQuery,
)
def versions(asked: dict[str, Any], process: str) -> Any:
    """All versions of a process, the newest first."""
    return cut(work.versions(db(), actor(), _known(process), g.now), asked)


@bp.asks("/processes/<string:process>/versions/<int:number>", Permission.SEE_PROCESSES, schemas.Version)
def version(process: str, number: int) -> Any:
    """One version with its diagram."""
    if number > LARGEST_NUMBER:
        raise NotFound(_("Prosessen «%(process)s» har ingen versjon %(number)s.", process=process, number="…"))
    return work.version(db(), actor(), _known(process), number, g.now)


def _known(process: str) -> str:
    if "\0" in process:
        raise NotFound(_("Prosessen er ikke publisert."))
    return process
