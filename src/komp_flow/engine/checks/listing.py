"""How problems are shown on the command line: as text for people, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from komp_flow.engine.problems import Problem
from komp_flow.i18n import _, ngettext


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects with file, element, severity, rule, message and fix."""
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2)


def as_text(problems: Sequence[Problem]) -> str:
    """One paragraph a problem, gathered by file, and a last line that counts."""
    lines: list[str] = []
    file: str | None = None
    for problem in problems:
        if problem.file != file:
            file = problem.file
            lines += ["", _plain(file)] if lines else [_plain(file)]
        word = _("feil") if problem.severity == "error" else _("advarsel")
        at = f"{_plain(problem.element)}: " if problem.element else ""
        lines += [f"  {word} · {at}{_plain(problem.message)} [{problem.rule}]", f"    → {_plain(problem.fix)}"]
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        return _("Ingen feil.")
    counted = ngettext("%(num)s feil", "%(num)s feil", errors)
    return "\n".join([*lines, "", f"{counted}, " + ngettext("%(num)s advarsel", "%(num)s advarsler", warnings) + "."])


def _plain(text: str) -> str:
    """Nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)
