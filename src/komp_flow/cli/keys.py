"""For those who look after the key store: new wrapping keys, copies that live short, and what to do when it is lost."""

from __future__ import annotations

from pathlib import Path

import click

from komp_flow import vault
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.stored import opened
from komp_flow.i18n import _, ngettext
from komp_flow.settings import Settings
from komp_flow.vault import copies


@click.group()
def keys() -> None:
    """The keys of what is written in talks. Example: komp-flow keys backup copy.keys"""


@keys.command("new")
def keys_new() -> None:
    """Print a new key for KOMP_FLOW_KEY_ENCRYPTION_KEY; nothing is kept. Example: komp-flow keys new"""
    click.echo(vault.wrapping_key())


@keys.command("rotate")
@with_settings
def keys_rotate(settings: Settings) -> None:
    """Lock every key anew with the first of KOMP_FLOW_KEY_ENCRYPTION_KEY. May be repeated, also while serving.

    Example: komp-flow keys rotate (with KOMP_FLOW_KEY_ENCRYPTION_KEY=NEW,OLD)
    """
    with opened(settings) as database, patience(_("Låser nøklene på nytt")):
        done = copies.rotate(database.info["vault"])
    said = ngettext("%(num)s nøkkel er låst på nytt.", "%(num)s nøkler er låst på nytt.", done)
    click.echo(said + " " + _("De andre nøklene i KOMP_FLOW_KEY_ENCRYPTION_KEY trengs bare til å åpne gamle kopier."))


@keys.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_settings
def keys_backup(settings: Settings, file: Path) -> None:
    """A copy of the key store, also while serving. Keep it apart from the database's, and not for long.

    Example: komp-flow keys backup copy.keys
    """
    with opened(settings) as database, patience(_("Kopierer nøkkellageret")):
        made = copies.copy(database.info["vault"], file)
    if made:
        click.echo(file)
    click.echo(short_lived(file) if made else _("Det er ingen nøkler å kopiere ennå."), err=True)


@keys.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def keys_restore(settings: Settings, file: Path) -> None:
    """Put back the keys of a copy that are missing here. What has been erased since stays erased.

    Example: komp-flow keys restore copy.keys
    """
    with opened(settings) as database, patience(_("Legger nøklene tilbake")):
        done = copies.restore(database.info["vault"], file)
    click.echo(ngettext("%(num)s nøkkel er lagt tilbake.", "%(num)s nøkler er lagt tilbake.", done))


@keys.command("abandon")
@click.option("--yes", is_flag=True, required=True, help="Yes, what was written in talks until now is lost.")
@with_settings
def keys_abandon(settings: Settings, yes: bool) -> None:  # noqa: ARG001 (click will not go on without it)
    """Give up a key store that is lost: what was sealed with it is as erased. Example: komp-flow keys abandon --yes"""
    with opened(settings) as database, database.transaction() as db:
        copies.abandon(db)
    click.echo(
        _("Det som var skrevet i samtalene til nå, regnes som slettet. Det som skrives heretter, får nye nøkler.")
    )


def short_lived(file: Path) -> str:
    """What one who has a copy of the keys must know."""
    return _(
        "%(file)s er nøklene. Oppbevar dem et annet sted enn kopien av databasen, og slett dem etter 30 dager: "
        "så lenge de finnes, kan det som er slettet hos oss, leses i gamle kopier.",
        file=file,
    )
