"""A form that loses a field can break diagrams that are not at hand: those are found before it is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from komp_flow import engine, feel, forms
from komp_flow.engine import Known, Problem, SourceFile
from komp_flow.engine.checks import names
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.diagram import Diagram
from komp_flow.engine.checks.findings import place
from komp_flow.engine.checks.formulas import reads
from komp_flow.engine.checks.reading import Unreadable, kind_of, read
from komp_flow.errors import Invalid
from komp_flow.i18n import _

Keys = Mapping[str, frozenset[str]]
Read = tuple[str, str]  # an element's id, and a name that is read there


def check(db: Session, files: Sequence[SourceFile], known: Known) -> list[Problem]:
    """What `engine.check` says, and an error wherever a field is read that one of these forms no longer has.

    A name that nothing writes is else at most a warning, since whoever starts an instance, or a message, may bring it.
    Here it is known who brought it until now.
    """
    found = engine.check(files, known)
    wrong = {problem.file for problem in found if problem.severity == "error"}
    keys = _keys([file for file in files if file.name not in wrong])
    lost = {form: gone for form, new in keys.items() if (gone := known.form_keys.get(form, frozenset()) - new)}
    if not lost:
        return found
    diagrams = [file for file in files if kind_of(file.name, file.data) == "diagram"]
    at_hand = {process for file in diagrams for process in _processes(file.data)}
    users = [
        SourceFile(f"processes/{version.process}.bpmn", version.source)
        for version in engine.newest_versions(db)
        if set(lost) & set(version.forms) and version.process not in at_hand
    ]
    broken: list[Problem] = []
    for file in (*(file for file in diagrams if file.name not in wrong), *users):
        broken += _broken(file, known, replace(known, form_keys={**known.form_keys, **keys}), lost)
    doubled = {(problem.file, problem.element) for problem in broken}
    kept = [p for p in found if not (p.rule.startswith("name-") and (p.file, p.element) in doubled)]
    return [*kept, *broken]


def _keys(files: Sequence[SourceFile]) -> dict[str, frozenset[str]]:
    """The keys of the answers of each form among the files."""
    found = {}
    for file in files:
        if kind_of(file.name, file.data) == "form":
            try:
                form = forms.parse(file.data)
            except Invalid:
                continue
            found[form.id] = frozenset(form.keys)
    return found


def _processes(data: bytes) -> list[str]:
    try:
        return [process.element.get("id", "") for process in Diagram(read(data)).processes]
    except Unreadable:
        return []


def _broken(file: SourceFile, before: Known, after: Known, lost: Keys) -> list[Problem]:
    """The places of a diagram that read what a form brought before and does not bring now."""
    diagram, gone = Diagram(read(file.data)), frozenset(name for keys in lost.values() for name in keys)
    missing = _brought(diagram, Around(before), gone) - _brought(diagram, Around(after), gone)
    return [_problem(file.name, element, name, lost) for element, name in sorted(missing)]


def _brought(diagram: Diagram, around: Around, wanted: Collection[str]) -> set[Read]:
    """Where one of these names is read that something in the diagram writes."""
    found = set()
    for process in diagram.processes:
        writes = names.written(process, around)
        for use in names.uses(process, diagram, around):
            try:
                read_here = reads(use.text).names
            except feel.FeelError:
                continue
            found |= {
                (place(use.element), name)
                for name in read_here & set(wanted)
                if name in use.also or writes.reaches(name, use.scope)
            }
    return found


def _problem(file: str, element: str, name: str, lost: Keys) -> Problem:
    form = next(form for form, keys in sorted(lost.items()) if name in keys)
    message = _("Skjemaet «%(form)s» har ikke lenger feltet «%(field)s», som leses her.", form=form, field=name)
    fix = _("La feltet stå i skjemaet, eller endre diagrammet og publiser de to sammen.")
    return Problem(file, element, "error", "name-never-written", message, fix)
