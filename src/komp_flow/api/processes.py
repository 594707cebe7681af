"""Diagrams and forms: checked, published, listed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import g

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


@bp.does("/processes", Permission.PUBLISH, schemas.Publication, schemas.Published, 201, location="files")
def publish(body: dict[str, Any]) -> Any:
    """Publish new versions together; with an error in any of them, none, and 422 with all problems."""
    done = work.publish(db(), actor(), bodies.sources(body["files"]), body["why"], g.now)
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
