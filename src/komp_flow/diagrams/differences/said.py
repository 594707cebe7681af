"""What a difference is, and how one is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from komp_flow.i18n import _

Kind = Literal["added", "removed", "changed", "renamed", "redrawn"]


@dataclass(frozen=True)
class Change:
    """One difference, in a sentence. `element` is in the new version, or in the old one where it is gone."""

    element: str
    kind: Kind
    text: str


def changed(element: str, what: str, aspect: str, old: str, new: str) -> Change:
    """Something about an element is another than it was; what is empty was not there."""
    missing = _("ikke bestemt")
    return Change(
        element,
        "changed",
        _("%(what)s: %(aspect)s er nå %(new)s. Før: %(old)s.", what=what, aspect=aspect, new=new or missing,
          old=old or missing),
    )  # fmt: skip


def renamed(element: str, old: str, new: str) -> Change:
    """The same element under another name."""
    return Change(element, "renamed", _("%(old)s heter nå %(new)s.", old=old, new=new))
