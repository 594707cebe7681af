"""The page of all rules, as Markdown: the end of `docs/dialect.md` is this and nothing else."""

from __future__ import annotations

import re

from komp_flow.engine.checks.rule import Rule
from komp_flow.engine.checks.rules import RULES
from komp_flow.i18n import speaking

MARK = "<!-- The rest is made from the code: python -m komp_flow.engine.checks -->"
_PLACE = re.compile(r"%\((\w+)\)s")


def page() -> str:
    """Every rule with its severity, in the order of the code; `‹…›` stands for what is filled in."""
    with speaking("nb"):
        rows = [_row(rule) for rule in RULES.values()]
    return "\n".join([MARK, "", "| rule | severity | what it says | what one does |", "|---|---|---|---|", *rows, ""])


def _row(rule: Rule) -> str:
    sentences = (_PLACE.sub(r"‹\1›", str(sentence)).replace("|", "\\|") for sentence in (rule.message, rule.fix))
    return f"| `{rule.id}` | {rule.severity} | {' | '.join(sentences)} |"
