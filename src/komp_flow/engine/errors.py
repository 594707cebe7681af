"""What the in-memory engine refuses or reports; everything is part of the tree in `komp_flow.errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from komp_flow.errors import Conflict, Invalid, KompFlowError
from komp_flow.i18n import _


class Refused(Invalid):
    """A diagram cannot be compiled. `problems` are pairs of element id and sentence."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{element}: {text}" if element else text for element, text in problems))
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
