"""Who breaks things: ends a process, at a random moment or at the edge of a commit, and begins it anew."""

from __future__ import annotations

import random
import threading
import time
from typing import Final

from chaos.topology import Node, Town

FURTHEST: Final = 40  # commits of a process, before the one that it dies at
GAP: Final = 0.05


class Nemesis:
    """Kills one process after the other, `every` so many seconds, until it is told to stop or has killed enough."""

    def __init__(
        self, town: Town, chance: random.Random, kills: int, every: tuple[float, float], *, pairs: bool = False
    ) -> None:
        """`pairs`: one of each kind at once, to the second, whether those before are up again or not."""
        self.town, self._chance, self._most, self._every, self._pairs = town, chance, kills, every, pairs
        self.recoveries: list[float] = []
        self.failed = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._haunt, daemon=True)

    @property
    def kills(self) -> int:
        """How many processes were ended so far, by this or at an edge."""
        return sum(node.kills for node in self.town.nodes)

    @property
    def is_alive(self) -> bool:
        """Whether it goes on breaking things."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to break things, if there is anything to break."""
        if self._most:
            self._thread.start()

    def stop(self) -> None:
        """Break no more; returns when every process answers again."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=120)
        for node in self.town.nodes:
            if not node.is_up:
                node.start()
            node.wait_until_it_answers()

    def _haunt(self) -> None:
        try:
            if self._pairs:
                self._beat()
            while self.kills < self._most and not self._stop.is_set():
                node = self._chance.choice(self.town.nodes)
                self._wait(self._chance.uniform(*self._every))
                if not self._stop.is_set() and node.is_up:
                    node.kill()
                self._begin_again()
        except Exception as error:  # noqa: BLE001 (what cannot be begun again is a finding)
            self.failed = str(error)

    def _beat(self) -> None:
        coming: list[Node] = []
        beat = time.monotonic()
        while self.kills < self._most and not self._stop.is_set():
            beat += self._every[1]
            while time.monotonic() < beat and not self._stop.is_set():
                coming = [node for node in coming if not self._is_there(node)]
                self._stop.wait(GAP)
            for kind in ("web", "worker") if not self._stop.is_set() else ():
                if up := [node for node in self.town.nodes if node.kind == kind and node.is_up]:
                    node = self._chance.choice(up)
                    node.kill()
                    node.start()
                    coming = [*(one for one in coming if one is not node), node]

    def _is_there(self, node: Node) -> bool:
        there = node.answers() if node.kind == "web" else node.works()
        if there:
            self.recoveries.append(time.monotonic() - node.killed_at)
        return there

    def _wait(self, seconds: float) -> None:
        """Until then, whatever dies at an edge meanwhile is begun again."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stop.is_set():
            self._begin_again()
            self._stop.wait(GAP)

    def _begin_again(self) -> None:
        for node in self.town.nodes:
            if not node.is_up:
                self._begin(node)

    def _begin(self, node: Node) -> None:
        if node.killed_at <= node.began_at:  # it died by itself, at the edge that it was given
            node.note_death()
        edge = ""
        if self._chance.random() < 0.4 and self.kills < self._most:
            edge = f"{self._chance.choice(('before', 'after'))}:{self._chance.randint(1, FURTHEST)}"
        node.start(edge)
        try:
            node.wait_until_it_answers()
        except RuntimeError:
            if not edge or node.is_up:
                raise
            return  # it met its edge before it answered anybody; the next round begins it again
        self.recoveries.append(time.monotonic() - node.killed_at)
