"""An independent token game over the random builder's graph: what must happen, told without SpiffWorkflow or XML."""

from __future__ import annotations

from engine.token_rules import Rules
from engine.tokens import Token, Wait


class Tied(Exception):
    """Two timers are due at one moment: which fires first is nobody's promise."""


class Game(Rules):
    """What is seen of a process, and what can be done to it."""

    def resting(self, how: str) -> list[Token]:
        return [token for scope in self.scopes() for token in scope.tokens if token.rests == how]

    def tasks(self) -> list[tuple[str, int | None]]:
        """The open tasks of persons, an item's with its number from 1; the oldest first."""
        return [(t.node.id, t.item + 1 if t.whole else None) for t in self.resting("person")]

    def stuck(self) -> list[str]:
        return [token.node.id for token in self.resting("stuck")]

    def awaited(self, kind: str, repeated: bool) -> list[Wait]:
        """Those that wait; without the `repeated`, only those whose token goes on with it."""
        waits = [wait for _order, _scope, _host, wait in self.waiting() if wait.event.kind == kind]
        return [wait for wait in waits if repeated or wait.node.interrupts]

    def messages(self, *, repeated: bool = True) -> list[tuple[str, str]]:
        return [(wait.event.name, wait.key) for wait in self.awaited("message", repeated)]

    def signals(self, *, repeated: bool = True) -> list[str]:
        return [wait.event.name for wait in self.awaited("signal", repeated)]

    def timers(self) -> list[tuple[str, int]]:
        """Element and the minute at which it fires next. An event sub-process waits by its start event."""
        waits = [wait for _order, _scope, _host, wait in self.waiting() if wait.due]
        return [(w.node.inside.start.id if w.node.inside else w.node.id, w.due[0]) for w in waits]

    def complete(self, place: int, answer: int) -> None:
        """The task at this place of `tasks`."""
        self.trace = []
        token = self.resting("person")[place]
        token.rests, token.brought = "", answer
        self.on_their_way.append(token)
        self.run()

    def tell(self, name: str, key: str, brought: int) -> None:
        """A message, for the first that waits for it."""
        self.trace = []
        found = [item for item in self.waiting() if (item[3].event.kind, item[3].event.name) == ("message", name)]
        _order, scope, host, wait = next(item for item in found if item[3].key == key)
        self.fire(scope, host, wait, brought)
        self.run()

    def call_out(self, name: str) -> None:
        """A signal from outside."""
        self.trace = []
        for _order, scope, host, wait in self.waiting():
            heard = (wait.event.kind, wait.event.name) == ("signal", name)
            if heard and self.is_waiting(scope, host, wait):
                self.fire(scope, host, wait)
                self.run()

    def undated(self) -> bool:
        """Whether something waits for the calendar's date, and that is not known."""
        return self.date is None and any(
            found[3].event.kind == "timer" and not found[3].due for found in self.waiting()
        )

    def set_date(self, minute: int) -> None:
        self.trace, self.date = [], minute
        for _order, _scope, _host, wait in self.waiting():
            if wait.event.kind == "timer" and wait.event.name:
                wait.due = [minute]

    def mend(self, element: str) -> None:
        self.trace = []
        self.broken.discard(element)
        for token in [token for token in self.resting("stuck") if token.node.id == element]:
            if token.rests == "stuck" and token in token.scope.tokens:
                token.rests = ""
                self.on_their_way.append(token)
                self.run()

    def tick(self, minutes: int) -> None:
        self.trace = []
        self.now += minutes
        while due := [found for found in self.waiting() if found[3].due and found[3].due[0] <= self.now]:
            first = min(found[3].due[0] for found in due)
            due = [found for found in due if found[3].due[0] == first]
            if len({found[3].node.id for found in due}) > 1:
                raise Tied
            _order, scope, host, wait = due[0]
            wait.due = [instant for instant in wait.due if instant > self.now]
            self.fire(scope, host, wait)
            self.run()


__all__ = ["Game", "Tied", "Token"]
