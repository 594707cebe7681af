"""What can go wrong with an expression: it cannot be read, or it would do more than one expression may."""

from __future__ import annotations


class FeelError(ValueError):
    """The evaluation would pass a bound (work, size, depth), or a value came in that FEEL has no kind for.

    Wrong kinds inside an expression never raise: they give null, as FEEL says.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class FeelSyntaxError(FeelError):
    """The text cannot be read as FEEL. `position` counts from 0 in the text without its leading `=`."""
