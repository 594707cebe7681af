"""A person's program: asks any web node, again with the same key until it answers, and writes all of it down."""

from __future__ import annotations

import http.client
import json
import random
import time
from typing import Any
from urllib.parse import urlencode

from chaos.history import Attempt, History, Operation
from chaos.topology import Node, Town

PATIENCE = 90.0  # seconds that a person tries again before it counts as no answer at all
LONGEST = 30.0  # seconds for one answer
PAUSE = 0.05


class Unanswered(Exception):
    """Nobody answered for as long as anybody would try."""


class Client:
    """One person at one machine. Not for several threads: `twin` makes one for another."""

    def __init__(self, town: Town, history: History, person: str, chance: random.Random) -> None:
        self.town, self.history, self.person, self.chance = town, history, person, chance

    def twin(self, person: str | None = None) -> Client:
        """Another, for another thread."""
        chance = random.Random(self.chance.random())
        return Client(self.town, self.history, person or self.person, chance)

    def do(
        self, kind: str, path: str, body: dict[str, Any], *, key: str | None = "", method: str = "POST", **about: Any
    ) -> Operation:
        """Ask until it is answered, if there is a key that makes that safe. `key` None: once, whatever happens."""
        made = self.history.begin(kind, self.person, self._key() if key == "" else key, about)
        self.ask(made, method, path, body)
        return made

    def ask(self, operation: Operation, method: str, path: str, body: dict[str, Any]) -> None:
        """One more asking for the operation; with a key, again and again until there is an answer."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            attempt = self._try(method, path, body, operation.key)
            if attempt is None:
                time.sleep(PAUSE)  # nobody was there: nothing was asked
                continue
            operation.attempts.append(attempt)
            if attempt.status is not None and attempt.status != 503:
                self._look(operation, attempt)
                return
            if operation.key is None and "message_id" not in body:
                return
            time.sleep(PAUSE)
        raise Unanswered(f"{operation.kind} {path}")

    def read(self, path: str, **query: Any) -> Any:
        """What stands there now, from any node."""
        until = time.monotonic() + PATIENCE
        asked = f"{path}?{urlencode(query)}" if query else path
        while time.monotonic() < until:
            attempt = self._try("GET", asked, None, None)
            if attempt is not None and attempt.status == 200:
                return attempt.body
            if attempt is not None and attempt.status not in {None, 503}:
                self.history.note(f"GET {asked}: {attempt.status} {attempt.body}")
            time.sleep(PAUSE)
        raise Unanswered(f"GET {asked}")

    def _look(self, operation: Operation, attempt: Attempt) -> None:
        if attempt.status is not None and attempt.status >= 500:
            self.history.note(f"{operation.name} {operation.kind}: {attempt.status} {attempt.body}")

    def _try(self, method: str, path: str, body: dict[str, Any] | None, key: str | None) -> Attempt | None:
        """One request to one node; None if nobody was there to take it."""
        node: Node = self.chance.choice(self.town.web)
        line = http.client.HTTPConnection("127.0.0.1", node.port, timeout=LONGEST)
        began = time.monotonic()
        try:
            line.connect()
        except OSError:
            self.history.miss()
            return None
        headers = {"Authorization": f"Bearer {self.town.secrets[self.person]}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body).encode(), headers)
            answer = line.getresponse()
            status, found = answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError):
            return Attempt(node.name, began, time.monotonic())
        finally:
            line.close()
        return Attempt(node.name, began, time.monotonic(), status, found)

    def _key(self) -> str:
        return f"{self.chance.getrandbits(64):016x}"
