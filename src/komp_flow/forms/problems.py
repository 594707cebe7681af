"""What is wrong with a form's document, told so that the one who drew it can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class FormProblem:
    """One thing to mend. `element` is the component's id or key, or empty for the whole form."""

    element: str
    severity: Severity
    rule: str
    message: str
    fix: str


class Findings:
    """Collects problems while a document is read, so that all of them can be told at once."""

    def __init__(self) -> None:
        self.problems: list[FormProblem] = []

    def error(self, element: str, rule: str, message: str, fix: str) -> None:
        """Something that the form cannot be published with."""
        self.problems.append(FormProblem(element, "error", rule, message, fix))

    def warning(self, element: str, rule: str, message: str, fix: str) -> None:
        """Something that runs, but hardly as it was meant."""
        self.problems.append(FormProblem(element, "warning", rule, message, fix))

    @property
    def hold(self) -> bool:
        """Whether no error was found."""
        return not any(problem.severity == "error" for problem in self.problems)
