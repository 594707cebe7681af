"""What an event node waits for or throws: one class for every kind. SpiffWorkflow's own definitions are not used."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from komp_flow import feel
from komp_flow.engine.memory import scopes, timers
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.values import as_text


@dataclass(frozen=True)
class Event:
    """`kind` is none, timer, message, signal, error, escalation or terminate.

    `name` is the message's or signal's; `code` the error's or escalation's, None catches all; `text` the timer's
    expression or the message's correlation key, as drawn.
    """

    kind: str = "none"
    name: str = ""
    code: str | None = None
    text: str | None = None

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names that the timer or key reads."""
        return feel.names_of(self.text) if self.text and self.text.startswith("=") else frozenset()

    def wait(self, task: Token) -> dict[str, Any]:
        """The wait of a task that has just been reached, as data. Raises what the expression raises."""
        if self.kind == "timer":
            now: datetime = task.workflow.top_workflow.host.moment.now
            return {"due": self.due(task, now), "since": now.isoformat()}
        if self.kind == "message":
            return {"message": self.name, "key": self.key(task)}
        return {"signal": self.name} if self.kind == "signal" else {}

    def due(self, task: Token, since: datetime, *, known: bool = False) -> list[str] | None:
        """When the timer fires, as text; None while that is not known. `known`: it was known before now."""
        moment = task.workflow.top_workflow.host.moment
        found = timers.instants(scopes.value(self.text, task), since, moment.now, moment.zone, known=known)
        return [instant.isoformat() for instant in found] if found else None

    def key(self, task: Token) -> str:
        """The receiver's correlation key, over its data."""
        return as_text(scopes.value(self.text, task))

    def sent_key(self, task: Token, payload: dict[str, object]) -> str:
        """The sender's correlation key, over the payload and what the host knows; not over the sender's variables."""
        host: Any = task.workflow.top_workflow.host
        if self.text is None or not self.text.startswith("="):
            return as_text(self.text)
        return as_text(feel.evaluate(self.text[1:], ChainMap[str, object](payload, host.names), host.moment))
