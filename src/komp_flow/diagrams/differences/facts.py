"""What can be said of one element, aspect by aspect: who, when, with what, how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from komp_flow.diagrams.words.labels import due_of, timer_of
from komp_flow.diagrams.words.said import both, quoted, tidy
from komp_flow.diagrams.words.story import Story
from komp_flow.engine.checks.diagram import Node
from komp_flow.engine.memory.bpmn import BPMN, ZEEBE, extensions, formula, properties
from komp_flow.i18n import _


@dataclass(frozen=True)
class Fact:
    """One aspect: what it is called, what stands in the file, and what that says."""

    name: str = ""
    raw: str = ""
    said: str = ""


def facts(story: Story, node: Node) -> dict[str, Fact]:
    """All that the element says, by a key for each aspect."""
    return {key: fact for key, fact in _all(story, node) if fact.raw}


def _all(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    yield (
        "tag",
        Fact(_("hva slags element det er,"), f"{node.tag} {node.kind}", quoted(f"{node.tag} {node.kind}".strip())),
    )
    yield from _who(story, node)
    yield from _when(story, node)
    yield from _how(story, node)
    yield from _event(story, node)
    yield from _often(story, node)
    for way, name in (("input", _("det som går inn,")), ("output", _("det som kommer ut,"))):
        pairs = [f"{target} = {source.removeprefix('=')}" for source, target in node.mappings(way)]
        yield way, Fact(name, "\n".join(pairs), both(quoted(pair) for pair in pairs))
    owner = node.scope.owner
    if owner is not None:
        yield "scope", Fact(_("det den er en del av,"), owner.id, story.label(owner))
    note = formula(node.element.find(BPMN + "documentation")) or ""
    yield "note", Fact(_("forklaringen"), note, quoted(note))


def _who(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    for found in extensions(node.element, "assignmentDefinition"):
        raw = " ".join(f"{k}={found.get(k, '')}" for k in sorted(map(str, found.attrib)))
        yield "who", Fact(_("den som får den,"), raw, story.who(node)[0])
    for found in extensions(node.element, "formDefinition"):
        form = (found.get("formId") or "").strip()
        known = story.around.forms.get(form)
        yield "form", Fact(_("skjemaet"), form, quoted(known.title if known else form))
    guidance = properties(node.element).get("guidance", "")
    yield "guidance", Fact(_("veiledningen"), guidance, quoted(story.around.guidance.get(guidance, guidance)))


def _when(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    times = story.times(node, _("at oppgaven kom"), _("dagen oppgaven kom"))
    due = due_of(node) or ""
    yield "due", Fact(_("fristen"), due, times.moment(due) if due else "")
    for found in extensions(node.element, "taskSchedule"):
        later = (found.get("followUpDate") or "").strip()
        times = story.times(node, _("at oppgaven kom"), _("dagen oppgaven kom"), about=node)
        yield "later", Fact(_("tiden den vises fra,"), later, times.moment(later) if later else "")
    reminders = properties(node.element).get("reminders", "")
    said = story.reminded(tuple(part.strip() for part in reminders.split(","))) if reminders else ""
    yield "reminders", Fact(_("påminnelsen"), reminders, quoted(said.rstrip(".")) if said else "")
    for found in extensions(node.element, "priorityDefinition"):
        yield "priority", Fact(_("prioriteten"), found.get("priority") or "", quoted(found.get("priority")))


def _how(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    operation = node.operation or ""
    yield "operation", Fact(_("det som skjer av seg selv,"), operation,
                            quoted(str(story.around.operations.get(operation, operation)).rstrip(".")))  # fmt: skip
    headers = [
        f"{item.get('key')} = {item.get('value')}"
        for group in extensions(node.element, "taskHeaders")
        for item in group.findall(ZEEBE + "header")
    ]
    yield "headers", Fact(_("det systemet får vite,"), "\n".join(headers), both(quoted(each) for each in headers))
    yield "called", Fact(_("prosessen som kjøres,"), node.called,
                         quoted(story.around.processes.get(node.called, node.called)))  # fmt: skip
    default = node.element.get("default", "").strip()
    target = next((flow.target for flow in node.outs if flow.element.get("id") == default), None)
    yield "default", Fact(_("veien ellers"), default, story.label(target) if target is not None else quoted(default))
    keep = properties(node.element).get("keep", "")
    yield "keep", Fact(_("hvor lenge meldingen ligger,"), keep, quoted(keep))
    phase = properties(node.element).get("phase", "")
    yield "phase", Fact(_("fasen"), phase, quoted(phase))


def _event(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    if node.kind == "timer":
        found = story.timing(node, _("at det begynte"), _("dagen det begynte"))
        yield "timer", Fact(_("tidspunktet"), " ".join(filter(None, timer_of(node))), found.text)
    name = story.event_name(node)
    yield "event", Fact(_("det som meldes,"), name, quoted(name))
    message = story.diagram.message(node)
    if message is not None:
        key = next((each.get("correlationKey", "") for each in extensions(message, "subscription")), "")
        yield "key", Fact(_("nøkkelen som meldingen kjennes på,"), key, quoted(key.removeprefix("=")))
    if node.tag == "boundaryEvent":
        host = node.host
        yield "host", Fact(_("det den hører til,"), host.id if host else "", story.label(host) if host else "")
    if node.tag == "boundaryEvent" or (node.tag == "startEvent" and node.scope.owner is not None):
        stops = _("at det andre avbrytes") if node.interrupts else _("at det andre går videre")
        yield "interrupts", Fact(_("følgen"), str(node.interrupts), stops)


def _often(story: Story, node: Node) -> Iterator[tuple[str, Fact]]:
    loop = node.loop
    if loop is None:
        return
    written = [
        f"{k}={found.get(k, '')}"
        for found in extensions(loop, "loopCharacteristics")
        for k in sorted(map(str, found.attrib))
    ]
    raw = " ".join((loop.get("isSequential", ""), *written, formula(loop.find(BPMN + "completionCondition")) or ""))
    said = " ".join(story.repeated(node))
    yield "loop", Fact(_("gjentakelsen"), tidy(raw), quoted(said.rstrip(".")))
