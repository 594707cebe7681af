"""`worker`: background work in a process of its own, until it is told to stop; it then finishes what it is doing."""

from __future__ import annotations

import click

from komp_flow import background, clock
from komp_flow.cli.edge import patience, with_settings
from komp_flow.cli.stored import opened, require_keys, stop_on_signals
from komp_flow.i18n import _
from komp_flow.settings import Settings


@click.command()
@click.option("--once", is_flag=True, help="Run all that is due until nothing is, and stop.")
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1, 32),
    help="Jobs of the queue done at the same time.",
)
@with_settings
def worker(settings: Settings, once: bool, threads: int) -> None:
    """Do background work: timers, messages, escalations.

    Example: komp-flow worker --once
    """
    ticking = clock.clock(settings.clock)
    with opened(settings) as database:
        require_keys(database)
        background.hang(database, settings, ticking)
        if once:
            with patience(_("Gjør det som skal gjøres nå")):
                done = background.run_until_nothing_is_due(database, ticking)
            click.echo(_("%(done)s rader er utført.", done=done))
            return
        stop = stop_on_signals()
        busy = background.begin(database, settings, ticking, threads)
        click.echo(_("Arbeider. Stopp med Ctrl-C."))
        try:
            stop.wait()
        finally:
            busy.stop()
