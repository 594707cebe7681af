"""A mail server that keeps what it is given, and a clock that runs and can be put forward to the next morning."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller

SLOWEST: Final = 0.3  # seconds between taking a letter and saying so: a kill may fall there
MONDAY: Final = datetime(2027, 1, 4, 6, tzinfo=UTC)  # seven in the morning in Oslo: nobody gets mail yet
BEAT: Final = 0.1


class Mailbox:
    """All letters that were ever taken, whoever sent them."""

    def __init__(self, chance: random.Random, port: int) -> None:
        self._chance = chance
        self.address = f"smtp://127.0.0.1:{port}"  # as KOMP_FLOW_MAIL has it
        self.letters: list[tuple[str, str, str]] = []  # to whom, which Message-ID, about which day
        self._server = Controller(self, hostname="127.0.0.1", port=port)

    def start(self) -> None:
        """Take letters."""
        self._server.start()

    def stop(self) -> None:
        """Take no more."""
        self._server.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (the library's name)
        """Keep it; say so a moment later."""
        letter = message_from_bytes(envelope.content)
        self.letters += [(to, letter["Message-ID"], letter["Date"]) for to in envelope.rcpt_tos]
        await asyncio.sleep(self._chance.uniform(0, SLOWEST))
        return "250 OK"

    def doubles(self) -> int:
        """Letters that came again, to be recognised by their Message-ID."""
        return sum(times - 1 for times in Counter((to, ident) for to, ident, _day in self.letters).values())


class Clock:
    """The clock of all nodes, in a file: it runs as ours does, and is put forward."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ahead = MONDAY - datetime.now(UTC)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._write()

    def now(self) -> datetime:
        """What it says."""
        return datetime.now(UTC) + self._ahead

    def put_forward(self, by: timedelta) -> None:
        """So much later, at once."""
        self._ahead += by

    def next_morning(self) -> None:
        """Shortly after eight in Oslo, on the next day on which it is not yet; the days are in the first week."""
        eight = self.now().replace(hour=7, minute=1, second=0)
        self.put_forward((eight if eight > self.now() else eight + timedelta(days=1)) - self.now())

    def start(self) -> None:
        """Let it run."""
        self._thread.start()

    def stop(self) -> None:
        """Let it stand."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._write()
            time.sleep(BEAT)

    def _write(self) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(self.now().isoformat())
        os.replace(new, self.path)
