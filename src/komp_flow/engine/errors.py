"""What the in-memory engine refuses or reports; everything is part of the tree in `komp_flow.errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from komp_flow.errors import Conflict, Invalid, KompFlowError
from komp_flow.i18n import _


class Refused(Invalid):
    """A diagram cannot be compiled. `problems` are pairs of element id and sentence."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{element}: {text}" if element else text for element, text in problems))
        self.problems = tuple(problems)


class CannotMove(Conflict):
    """An instance cannot go on by another version, or a token not to that element. Nothing was changed."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{element}: {text}" for element, text in problems))
        self.problems = tuple(problems)


class NotOpen(Conflict, LookupError):
    """The task, or the wait, is not open (any more). Nothing was changed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("Oppgaven er ikke åpen lenger. Ingenting er endret. Hent listen på nytt."))


class Fault(KompFlowError):
    """A task cannot go on: an expression, a bound or a mapping does not hold. It becomes an incident on that task."""


class BpmnError(Exception):
    """An operation says that what it was asked to do did not succeed, with a code that the diagram may catch."""

    def __init__(self, code: str, variables: Mapping[str, object] | None = None, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.variables = dict(variables or {})


class TaskDone(Conflict):
    """The task was completed by somebody, or taken away by the diagram. `state` says which."""

    def __init__(self, task_id: UUID, state: str, closed_by: str | None, closed_at: datetime | None) -> None:
        if state == "completed":
            said = _(
                "Oppgaven er allerede fullført. Det du skrev nå, er ikke sendt inn, men kladden din er tatt vare på. "
                "Åpne saken for å se hva som ble sendt inn."
            )
        else:
            said = _(
                "Oppgaven gjelder ikke lenger. Det du skrev nå, er ikke sendt inn, men kladden din er tatt vare på. "
                "Åpne saken for å se hva som skjer videre."
            )
        super().__init__(said)
        self.task_id, self.state, self.closed_by, self.closed_at = task_id, state, closed_by, closed_at


class NotRunning(Conflict):
    """The instance is suspended or has ended, so nothing can be done in it. `state` says which."""

    def __init__(self, instance_id: UUID, state: str) -> None:
        if state == "suspended":
            said = _("Saken er satt på pause. Ingenting er endret. Vent til den er i gang igjen, og prøv på nytt.")
        else:
            said = _("Saken er avsluttet. Ingenting er endret.")
        super().__init__(said)
        self.instance_id, self.state = instance_id, state


class NotUndoable(Conflict):
    """What a move to another version did cannot be taken back: the instance has gone on. Nothing was changed."""
