"""`check`: every problem of every file, listed for people or as JSON. Needs no database and leaves no folder behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from komp_flow import engine, forms, operations, shipped
from komp_flow.cli.edge import clean, patience, said
from komp_flow.engine import Known, Problem, SourceFile
from komp_flow.engine.memory.bpmn import MAX_BYTES
from komp_flow.errors import Invalid
from komp_flow.i18n import _, ngettext

UNREADABLE: Final = 2
COLUMNS: Final = ("file", "element", "severity", "rule", "message", "fix")


def read(path: str) -> SourceFile:
    """The file under its name as text. Reads no more than it takes to see that it is too large. Raises OSError."""
    with open(path, "rb") as file:
        return SourceFile(click.format_filename(path), file.read(MAX_BYTES + 1))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@said
def check(files: tuple[str, ...], form: str) -> None:
    """Check diagrams and forms; list every problem of every file.

    Exit status 0 without errors, 1 with errors, 2 when a file could not be read.

    Example: komp-flow check processes/unit.bpmn forms/*.json
    """
    sources, unreadable = [], False
    for path in files:
        try:
            sources.append(read(path))
        except OSError as error:
            unreadable = True
            click.echo(_("Kan ikke lese %(path)s: %(why)s.", path=clean(path), why=error.strerror), err=True)
    with patience(ngettext("Sjekker én fil", "Sjekker %(num)s filer", len(sources))):
        problems = engine.check(sources, known(shipped.folder()))
    if form == "json":
        rows = [{column: getattr(problem, column) for column in COLUMNS} for problem in problems]
        # Bytes: JSON is UTF-8 whatever the terminal speaks.
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode("utf-8", "replace"))
    else:
        show(problems)
    if unreadable:
        sys.exit(UNREADABLE)
    sys.exit(1 if any(problem.severity == "error" for problem in problems) else 0)


def show(problems: Sequence[Problem]) -> None:
    """One line a problem on stdout, the count on stderr."""
    for problem in problems:
        where = f"{problem.file}#{problem.element}" if problem.element else problem.file
        kind = _("feil") if problem.severity == "error" else _("advarsel")
        click.echo(clean(f"{where}: {kind} [{problem.rule}] {problem.message} {problem.fix}".rstrip()))
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(_("%(errors)s feil, %(warnings)s advarsler.", errors=errors, warnings=len(problems) - errors), err=True)


def known(folder: Path) -> Known:
    """What exists around files where no database is asked: the operations, and the processes and forms in `folder`."""
    found = [form for path in sorted((folder / "forms").glob("*.json")) if (form := _readable(path)) is not None]
    return Known(
        processes=frozenset(path.stem for path in (folder / "processes").glob("*.bpmn")),
        forms=frozenset(form.id for form in found),
        operations=operations.registry(),
        form_keys={form.id: frozenset(form.keys) for form in found},
    )


def _readable(path: Path) -> forms.Form | None:
    try:
        return forms.parse(path.read_bytes())
    except (Invalid, OSError):
        return None  # what is wrong with it is told when that file itself is checked
