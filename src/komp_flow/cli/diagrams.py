"""`publish` and `export`: diagrams and forms from files into the database, and back as files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from komp_flow import clock, engine, work
from komp_flow.cli.checking import read, show
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.stored import opened
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.organisation.actors import Actor
from komp_flow.settings import Settings

CLI: Final = Actor(person_id="", language="nb", scopes=None, via="cli")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--why", required=True, help="What has changed, and for what reason.")
@with_settings
def publish(settings: Settings, files: tuple[str, ...], why: str) -> None:
    """Publish new versions of diagrams and forms, after the same check.

    Example: komp-flow publish processes/unit.bpmn --why "Fristen for drøftingen er flyttet"
    """
    sources = [read(path) for path in files]
    now = clock.clock(settings.clock)()
    with opened(settings) as database, patience(_("Sjekker og publiserer")), database.transaction() as db:
        before = {version.id for version in engine.newest_versions(db)}
        before |= {version.id for version in engine.newest_forms(db)}
        published = work.publish(db, CLI, sources, why, now)
    if published.problems:
        show(published.problems)
    if published.refused:
        click.echo(_("Ingenting er publisert. Rett feilene over og prøv igjen."), err=True)
        sys.exit(1)
    for version in published.versions:
        names = {"process": version.process, "number": version.number}
        if version.id in before:
            click.echo(_("%(process)s er som før: versjon %(number)s gjelder fortsatt.", **names))
        else:
            click.echo(_("%(process)s versjon %(number)s er publisert.", **names))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_settings
def export(settings: Settings, folder: Path) -> None:
    """Write the published diagrams and forms back as files. Files of the same names there are written over.

    Example: komp-flow export backup/2027
    """
    with opened(settings) as database, database.reading() as db:
        files = list(work.published_files(db))
    for name, data in files:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Invalid(_("%(name)s ville havnet utenfor mappen, og er ikke skrevet.", name=name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        click.echo(path)
    if not files:
        click.echo(_("Ingenting er publisert ennå, så ingenting er skrevet."), err=True)
