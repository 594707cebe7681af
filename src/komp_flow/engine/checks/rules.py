"""Every rule of the check, by its id, and how sentences are filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from komp_flow.engine.checks.rule import Rule
from komp_flow.engine.checks.rules_of_meaning import MEANING
from komp_flow.engine.checks.rules_of_shape import SHAPE
from komp_flow.i18n import _

RULES: dict[str, Rule] = SHAPE | MEANING


def said(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence in the reader's language, with its values."""
    text = str(sentence)
    return text % values if values else text


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Names for a sentence, in order, cut when there are many."""
    ordered = sorted(names)
    if len(ordered) > limit:
        return ", ".join(ordered[:limit]) + _(" og %(count)s til", count=len(ordered) - limit)
    return ", ".join(ordered)
