"""Two versions of a diagram, or of a form, compared in words: what is new, gone, changed, renamed or only redrawn.

Elements are the same when they have the same id. Nothing is left out: what has no words of its own is still said to
have changed. An empty list says that the two are the same to whoever runs or looks at them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from komp_flow.diagrams.differences.of_diagrams import Compared
from komp_flow.diagrams.differences.of_forms import compared
from komp_flow.diagrams.differences.said import Change
from komp_flow.diagrams.words.around import Words
from komp_flow.i18n import _, ngettext

__all__ = ["Change", "differences", "form_differences", "summary"]


def differences(old: bytes, new: bytes, around: Words) -> list[Change]:
    """From one diagram to another. Refused: one of them cannot be read."""
    return Compared.of(old, new, around).changes()


def form_differences(old: str, new: str) -> list[Change]:
    """From one form to another; `element` is the field's id. Never raises: what is no form has no fields."""
    return compared(old, new)


def summary(changes: Sequence[Change]) -> str:
    """All of it in one sentence: «Tre ting er endret og én er ny.», or that nothing is."""
    meant = [change for change in changes if change.kind != "redrawn"]
    if not changes:
        return _("Ingenting er endret.")
    if not meant:
        return _("Bare tegningen er flyttet på. Alt går som før.")
    return " ".join(_counted(meant))


def _counted(changes: Sequence[Change]) -> Iterator[str]:
    added = sum(change.kind == "added" for change in changes)
    removed = sum(change.kind == "removed" for change in changes)
    rest = len(changes) - added - removed
    if rest:
        yield ngettext("Én endring.", "%(num)s endringer.", rest)
    if added:
        yield ngettext("Én ting er ny.", "%(num)s ting er nye.", added)
    if removed:
        yield ngettext("Én ting er tatt bort.", "%(num)s ting er tatt bort.", removed)
