"""All rules over one file, in this process; `child.py` runs it where it can be killed."""

from __future__ import annotations

import json

from komp_flow import forms
from komp_flow.engine.checks import data, elements, flow, names, paths, timing, who, wiring
from komp_flow.engine.checks.around import Around, Outline
from komp_flow.engine.checks.diagram import Diagram
from komp_flow.engine.checks.findings import Findings, clipped
from komp_flow.engine.checks.reading import Unreadable, kind_of, read
from komp_flow.engine.errors import Refused
from komp_flow.engine.memory import program
from komp_flow.engine.problems import Problem, SourceFile
from komp_flow.errors import Invalid

# Beyond this many nodes nothing can run, and listing each is of no use to anybody.
TOO_MANY_TO_LIST = 3_000


def outline(file: SourceFile) -> Outline:
    """What other files must know of this one; empty for what cannot be read."""
    kind = kind_of(file.name, file.data)
    if kind == "form":
        return _form_outline(file)
    if kind != "diagram":
        return Outline()
    try:
        diagram = Diagram(read(file.data))
    except Unreadable:
        return Outline()
    if len(diagram.executable) != 1:
        return Outline()
    process = diagram.processes[0]
    return Outline(
        process=process.element.get("id", ""),
        calls=wiring.calls_of(process),
        has_plain_start=any(start.kind == "none" for start in process.starts),
        waits=any(paths.waits(node) for node in process.nodes),
    )


def _form_outline(file: SourceFile) -> Outline:
    try:
        form = forms.parse(file.data)
    except Invalid:
        # It is there, and its own problems are listed: the diagrams that use it need not say that it is missing.
        try:
            document = json.loads(file.data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return Outline()
        form_id = document.get("id") if isinstance(document, dict) else None
        return Outline(form=form_id if isinstance(form_id, str) else "")
    return Outline(form=form.id, keys=frozenset(form.keys))


def with_wants(file: SourceFile, found: Outline, around: Around) -> Outline:
    """The outline of a called process with the names that it wants; needs the forms' keys, so it comes second."""
    diagram = Diagram(read(file.data))
    return Outline(**{**vars(found), "wants": names.wants(diagram.processes[0], diagram, around)})


def check_file(file: SourceFile, around: Around) -> list[Problem]:
    """The problems of one file. Raises nothing that the file's content could bring about, but what runs out."""
    findings = Findings(file.name)
    kind = kind_of(file.name, file.data)
    if not file.data.strip():
        findings.add("empty-file")
    elif kind == "form":
        return [
            Problem(
                file.name, clipped(p.element, 200), p.severity, p.rule, clipped(p.message, 500), clipped(p.fix, 500)
            )
            for p in forms.problems(file.data)
        ]
    elif kind == "diagram":
        _diagram(file, around, findings)
    else:
        findings.add("unknown-file")
    return findings.problems


def _diagram(file: SourceFile, around: Around, findings: Findings) -> None:
    try:
        diagram = Diagram(read(file.data))
    except Unreadable as refusal:
        findings.add(refusal.rule, "", **refusal.values)
        return
    elements.check(diagram, findings)
    if sum(1 for process in diagram.processes for _node in process.all_nodes()) > TOO_MANY_TO_LIST:
        return
    flow.check(diagram, findings)
    paths.check(diagram, findings, around.never_wait)
    timing.check(diagram, findings)
    who.check(diagram, around, findings)
    wiring.check(diagram, around, findings)
    data.check(diagram, findings)
    names.check(diagram, around, findings)
    if not findings.has_errors():
        _compile(file, findings)


def _compile(file: SourceFile, findings: Findings) -> None:
    """What the engine itself says, once the rules have nothing to say."""
    try:
        program.compile(file.data, "check")
    except Refused as refused:
        for element, text in refused.problems:
            findings.add("cannot-compile", clipped(element, 200), reason=text)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the one who drew it must be told, not shown a traceback
        findings.add("cannot-compile", "", reason=f"{type(error).__name__}: {error}")
