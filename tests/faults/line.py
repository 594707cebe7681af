"""The line between us and a PostgreSQL: a small proxy that can fall silent, be cut, or lose the answer to a commit."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.engine import URL

COMMIT: Final = b"COMMIT\0"  # the whole statement: READ COMMITTED is none
PIECE: Final = 65536
RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a router does that has forgotten us


class Line:
    """Listens at `url`; what it hears it passes on, as long as nothing is done to it."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._open = threading.Event()
        self._open.set()
        self._refuses = False
        self._loses_commit = threading.Event()
        self._unheard: set[socket.socket] = set()  # the ends whose next answer goes no further
        self.lost = threading.Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> URL:
        """Where the database is reached through this line."""
        port = self._door.getsockname()[1]
        return self._target.set(host="127.0.0.1", port=port, query={})

    def fall_silent(self) -> None:
        """From now nothing comes through, either way; nobody is told."""
        self._open.clear()

    def cut(self) -> None:
        """All connections are reset, and new ones are refused."""
        self._refuses = True
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                _reset(end)

    def lose_the_next_commit(self) -> None:
        """The next commit reaches the database; its answer reaches nobody, and the line is cut."""
        self._loses_commit.set()

    def mend(self) -> None:
        """As it should be, also for what waited in it."""
        self._refuses = False
        self._open.set()

    def close(self) -> None:
        """Let go of everything."""
        self.cut()
        self._open.set()
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._door.accept()
            except OSError:
                return
            if self._refuses:
                _reset(near)
                continue
            far = self._dial()
            self._pairs.append((near, far))
            threading.Thread(target=self._pass, args=(near, far), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near), daemon=True).start()

    def _dial(self) -> socket.socket:
        folder = str(self._target.query.get("host", ""))
        if folder.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{folder}/.s.PGSQL.{self._target.port or 5432}")
            return far
        return socket.create_connection((self._target.host or "127.0.0.1", self._target.port or 5432))

    def _pass(self, from_: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := from_.recv(PIECE):
                self._open.wait()
                if from_ in self._unheard:  # it is kept: the database has said so
                    self.lost.set()
                    self.cut()
                    return
                if self._loses_commit.is_set() and COMMIT in piece:
                    self._loses_commit.clear()
                    self._unheard.add(to)
                to.sendall(piece)
        _reset(from_)
        _reset(to)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        if end.family != socket.AF_UNIX:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        end.close()
