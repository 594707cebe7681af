"""A form that changes can break diagrams and forms that are not at hand: those are found before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree
from sqlalchemy.orm import Session

from komp_flow import engine, feel, forms
from komp_flow.engine import Known, Problem, SourceFile
from komp_flow.engine.checks import names
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.diagram import Diagram, Scope
from komp_flow.engine.checks.findings import clipped, place
from komp_flow.engine.checks.formulas import reads
from komp_flow.engine.checks.reading import Unreadable, kind_of, read
from komp_flow.engine.memory.bpmn import BPMN, extensions
from komp_flow.errors import Invalid
from komp_flow.work.running import brought
from komp_flow.work.running.brought import Difference

RULES: Mapping[str, str] = {"lost": "name-never-written", "kind": "answer-other-kind", "option": "answer-gone"}
Place = tuple[str, str, str]  # an element's id, an expression there, a name that it reads
Differences = Mapping[str, Sequence[Difference]]  # by the name that is read


@dataclass(frozen=True)
class _Side:
    """What is known on one side of the change. `gives`: the names that a called process may have from its forms."""

    around: Around
    gives: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, db: Session, known: Known) -> _Side:
        return cls(
            Around(known),
            {
                version.process: frozenset[str]().union(*(known.form_keys.get(form, ()) for form in version.forms))
                for version in engine.newest_versions(db)
            },
        )


@dataclass(frozen=True)
class Reader:
    """A diagram that may read what a form brings, and its places as they are published now."""

    file: SourceFile
    diagram: Diagram
    published: frozenset[tuple[str, str]] = frozenset()  # elements' ids with their expressions


def check(db: Session, files: Sequence[SourceFile], known: Known) -> list[Problem]:
    """What `engine.check` says, and an error wherever something counts on what one of these forms no longer brings.

    A name that nothing writes is else at most a warning, since whoever starts an instance, or a message, may bring it.
    Here it is known who brought it until now. A place that was changed together with the form is believed, unless the
    field is not there at all.
    """
    found = engine.check(files, known)
    wrong = {problem.file for problem in found if problem.severity == "error"}
    sound = [file for file in files if file.name not in wrong]
    at_hand = _forms(sound)
    gone: dict[str, list[Difference]] = {}
    for one in _changed(db, at_hand):
        gone.setdefault(one.name, []).append(one)
    if not gone:
        return found
    after = replace(known, form_keys={**known.form_keys, **{form.id: frozenset(form.keys) for form in at_hand}})
    changed = frozenset(one.form for all_ in gone.values() for one in all_)
    sides = (_Side.of(db, known), _Side.of(db, after))
    broken: dict[Problem, None] = {}
    for reader in _readers(db, sound, changed):
        broken |= dict.fromkeys(_broken(reader, *sides, gone))
        broken |= dict.fromkeys(_broken_forms(db, reader, *sides, gone, at_hand))
    doubled = {(problem.file, problem.element) for problem in broken}
    kept = [p for p in found if not (p.rule.startswith("name-") and (p.file, p.element) in doubled)]
    return [*kept, *broken]


def _forms(files: Sequence[SourceFile]) -> list[forms.Form]:
    found = []
    for file in files:
        if kind_of(file.name, file.data) == "form":
            try:
                found.append(forms.parse(file.data))
            except Invalid:
                continue
    return found


def _changed(db: Session, at_hand: Sequence[forms.Form]) -> list[Difference]:
    """What these forms do not bring as those that are published do."""
    published = {version.form: version.id for version in engine.newest_forms(db)} if at_hand else {}
    return [
        difference
        for form in at_hand
        if form.id in published
        for difference in brought.differences(engine.form(db, published[form.id]), form)
    ]


# ---- who reads ---------------------------------------------------------------------------------------------------


def _readers(db: Session, files: Sequence[SourceFile], changed: frozenset[str]) -> Iterator[Reader]:
    """The diagrams at hand; then those that are published and use one of the forms, or call one that does."""
    versions = {version.process: version for version in engine.newest_versions(db)}
    at_hand: set[str] = set()
    for file in files:
        if kind_of(file.name, file.data) != "diagram":
            continue
        diagram = _diagram(file.data)
        if diagram is None:
            continue
        ids = {process.element.get("id", "") for process in diagram.processes}
        at_hand |= ids
        old = [before for one in ids & set(versions) if (before := _diagram(versions[one].source)) is not None]
        yield Reader(file, diagram, frozenset(spot for before in old for spot in _spots(before)))
    users = {process for process, version in versions.items() if changed & set(version.forms)}
    users |= {process for process, version in versions.items() if users & set(version.calls)}
    for process in sorted(users - at_hand):
        diagram = _diagram(versions[process].source)
        if diagram is not None:
            file = SourceFile(f"processes/{process}.bpmn", versions[process].source)
            yield Reader(file, diagram, frozenset(_spots(diagram)))


def _diagram(data: bytes) -> Diagram | None:
    try:
        return Diagram(read(data))
    except Unreadable:
        return None


def _spots(diagram: Diagram) -> Iterator[tuple[str, str]]:
    for process in diagram.processes:
        for use in names.uses(process, diagram, Around(Known())):
            yield place(use.element), use.text


def _broken(reader: Reader, before: _Side, after: _Side, gone: Differences) -> Iterator[Problem]:
    """The places of a diagram that count on what a form brought before and does not bring now."""
    was, now = _brought(reader.diagram, before, gone), _brought(reader.diagram, after, gone)
    labels, process = _labels(reader.diagram), _process_name(reader.diagram)
    for element, text, name in sorted(was):
        for difference in gone[name]:
            if difference.is_whole:
                if (element, text, name) in now:
                    continue  # something else brings it too
            elif (element, text) not in reader.published or not difference.reaches(text):
                continue  # this place was drawn for the form as it is now, or does not count on what is gone
            message, fix = brought.said(difference, process, labels.get(element, element))
            yield Problem(reader.file.name, element, "error", RULES[difference.rule], message, fix)


def _brought(diagram: Diagram, side: _Side, wanted: Differences) -> set[Place]:
    """Where one of these names is read that something in the diagram writes, or a process that it calls gives back."""
    found = set()
    for process in diagram.processes:
        writes = names.written(process, side.around)
        for use in names.uses(process, diagram, side.around):
            try:
                read_here = reads(use.text).names & set(wanted)
            except feel.FeelError:
                continue
            back = side.gives.get(use.node.called, frozenset()) if _is_output(use) else frozenset()
            found |= {
                (place(use.element), use.text, name)
                for name in read_here
                if name in use.also or writes.reaches(name, use.scope) or name in back
            }
    return found


def _is_output(use: names.Use) -> bool:
    """Whether it is what a call takes from the called process when that is done."""
    return bool(use.node.called) and any(source == use.text for source, _target in use.node.mappings("output"))


def _broken_forms(  # noqa: PLR0917
    db: Session, reader: Reader, before: _Side, after: _Side, gone: Differences, at_hand: Sequence[forms.Form]
) -> Iterator[Problem]:
    """The other forms of a diagram that read what one of its forms brought."""
    published = {version.form: version.id for version in engine.newest_forms(db)}
    new = {form.id: form for form in at_hand}
    for process in reader.diagram.processes:
        was, now = (frozenset(names.written(process, side.around).regions) & set(gone) for side in (before, after))
        for form_id in _forms_of(process):
            older = engine.form(db, published[form_id]) if form_id in published else None
            form = new.get(form_id, older)
            if form is None or not was:
                continue
            old = {spot for spots in brought.reads_outside(older).values() for spot in spots} if older else set()
            for name, spots in brought.reads_outside(form).items():
                for difference in gone[name] if name in was else ():
                    for element, label, text in spots:
                        is_hit = name not in now if difference.is_whole else difference.reaches(text)
                        if is_hit and (difference.is_whole or (element, label, text) in old):
                            message, fix = brought.said(difference, form.title or form.id, label)
                            yield Problem(
                                f"forms/{form.id}.json", element, "error", RULES[difference.rule], message, fix
                            )


def _forms_of(process: Scope) -> list[str]:
    found = (
        form.get("formId", "") for node in process.all_nodes() for form in extensions(node.element, "formDefinition")
    )
    return sorted(set(found) - {""})


def _labels(diagram: Diagram) -> dict[str, str]:
    """What a person calls each element: its name; of a flow, where it leads."""
    found: dict[str, str] = {}
    flows = []
    for process in diagram.processes:
        for scope in process.walk():
            for node in scope.nodes:
                found[node.id] = _plain(node.element.get("name")) or node.id
            flows += scope.flows
    for flow in flows:
        ends = [found.get(one.id, "") if one is not None else "" for one in (flow.source, flow.target)]
        name = _plain(flow.element.get("name"))
        found[flow.element.get("id", "")] = " → ".join(filter(None, [ends[0], name, ends[1]]))
    return found


def _process_name(diagram: Diagram) -> str:
    process: Scope | None = next(iter(diagram.processes), None)
    if process is None:
        return ""
    root: etree._Element = process.element.getroottree().getroot()
    pools = (pool.get("name") for pool in root.iter(BPMN + "participant"))
    own = process.element.get("name") or next(filter(None, pools), None) or process.element.get("id")
    return _plain(own)


def _plain(name: str | None) -> str:
    return clipped(" ".join((name or "").split()))
