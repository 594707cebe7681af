"""Which names can exist where: who writes them, how far that reaches, and who reads what nobody writes.

A variable may be brought by whoever starts an instance, so a name that nothing in the diagram writes is only a warning.
It is an error where the diagram itself shows that it cannot be meant so: it is read only after an element in which it
is local, or whose form has it as a field that the output mapping leaves out, or that writes a name which differs by a
slip; or it is read where no variable exists (a timer start, the key of a message whose payload does not have it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from komp_flow import feel
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.data import texts
from komp_flow.engine.checks.diagram import Diagram, Node, Scope
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.formulas import is_feel, members, reads
from komp_flow.engine.checks.paths import forward
from komp_flow.engine.checks.rules import listed
from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, extensions, formula
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.i18n import _

# The cycle's calendar (process.md, Time); the ladders of `escalation` have the names of what they are for.
DEADLINES = words(
    "preparation discussion talks merge recommendation decision distribution implementation action_plan evaluation"
)
_MEMBERS = {"deadline": DEADLINES, "escalation": DEADLINES}
_COUNTERS = frozenset(
    {"numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances", "numberOfTerminatedInstances"}
)
_COUNTING = frozenset({"occurrence", "loopCounter"})
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass
class Use:
    """One expression at one place. `also` are the names that only this place sees; with `anything` all may be there."""

    text: str
    element: etree._Element
    scope: Scope
    node: Node
    also: frozenset[str] = frozenset()
    anything: bool = False
    no_variables: bool = False


@dataclass
class Writes:
    """What a process writes: `regions` are the scopes where a name can be seen, with the node that writes it.

    `homes` are the nodes in which a name is local, `unmapped` the user tasks that leave a form's field behind.
    `is_open`: something in it, such as a message's payload, may write any name.
    """

    regions: dict[str, list[tuple[Scope, Node]]] = field(default_factory=dict)
    homes: dict[str, list[Node]] = field(default_factory=dict)
    unmapped: dict[str, list[Node]] = field(default_factory=dict)
    is_open: bool = False
    counts: bool = False

    def add(self, names: Iterable[str], node: Node) -> None:
        """The node writes these names from its own scope outwards."""
        for name in names:
            region = _region(node.scope, name)
            self.regions.setdefault(name, []).append((region, node))
            if region.owner is not None:
                self.homes.setdefault(name, []).append(region.owner)

    def keep_home(self, names: Iterable[str], node: Node) -> None:
        """These names are local to the node."""
        for name in names:
            self.homes.setdefault(name, []).append(node)

    def reaches(self, name: str, scope: Scope) -> bool:
        """Some write of the name can be seen in the scope."""
        around = list(scope.outwards())
        if any(region in around for region, _node in self.regions.get(name, ())):
            return True
        return any(outer.owner is not None and name in _locals(outer.owner) for outer in around)


def check(diagram: Diagram, around: Around, findings: Findings) -> None:
    """Every expression of every process that is to run."""
    for process in diagram.processes:
        writes = written(process, around)
        unwritten: dict[str, list[Use]] = {}
        for use in uses(process, diagram, around):
            try:
                found = reads(use.text)
            except feel.FeelError:
                continue  # said of the expression
            for name in sorted(found.names - HOST_NAMES - use.also):
                if use.no_variables:
                    findings.add("name-unknown", use.element, name=name)
                elif not use.anything and not writes.reaches(name, use.scope):
                    unwritten.setdefault(name, []).append(use)
            for root, member in members(found.paths, _MEMBERS):
                findings.add("deadline-unknown", use.element, name=f"{root}.{member}", names=listed(DEADLINES))
        for name, places in unwritten.items():
            _unwritten(name, places, process, writes, findings)


def wants(process: Scope, diagram: Diagram, around: Around) -> frozenset[str]:
    """The names that the process reads and that nothing in it writes."""
    writes = written(process, around)
    found: set[str] = set()
    for use in uses(process, diagram, around):
        try:
            names = reads(use.text).names - HOST_NAMES - _COUNTING - use.also
        except feel.FeelError:
            continue
        if not use.anything and not use.no_variables:
            found |= {name for name in names if not writes.reaches(name, use.scope)}
    return frozenset(found)


def _unwritten(name: str, places: list[Use], process: Scope, writes: Writes, findings: Findings) -> None:
    """Nothing that these places can see writes the name. What can it have been meant to be?"""
    rule, values = _verdict(name, places, process, writes)
    for use in places if rule else ():
        findings.add(rule, use.element, name=name, **values)


def _verdict(name: str, places: list[Use], process: Scope, writes: Writes) -> tuple[str, dict[str, str]]:
    """The rule and its values; no rule where any name may come from outside without a word."""
    if name == "occurrence" and not writes.counts:
        return "name-impossible", {"home": _("grenen etter en tidshendelse som ikke avbryter")}
    if name == "loopCounter":
        return "name-impossible", {"home": _("en gjentakelse over en liste")}
    homes = writes.homes.get(name, [])
    if homes and _all_after(places, homes):
        # An input may shadow a variable that the instance was started with: that is a doubt, not a mistake.
        shadows = all(name in _inputs(node) for node in homes)
        rule = "name-elsewhere" if shadows or writes.is_open else "name-impossible"
        return rule, {"home": listed({node.id for node in homes}, 3)}
    if writes.is_open:
        return "", {}
    left_behind = writes.unmapped.get(name, [])
    if left_behind and _all_after(places, left_behind):
        return "name-not-mapped", {"home": listed({node.id for node in left_behind}, 3)}
    other = _slip_of(name, writes.regions)
    if other and _all_after(places, [node for _region, node in writes.regions[other]]):
        return "name-misspelt", {"other": other}
    can_be_given = not process.starts or any(start.kind != "timer" for start in process.starts)
    return "name-never-written" if can_be_given else "name-unknown", {}


def _all_after(places: list[Use], nodes: list[Node]) -> bool:
    """Each place is reached only through one of these nodes. Elsewhere the name must have been known from outside."""
    return all(any(_is_after(use.node, node) for node in nodes) for use in places)


def _is_after(later: Node, earlier: Node) -> bool:
    """Every way to the one goes through the other; looked at in the innermost scope that holds both."""
    around = {scope: node for node, scope in _chain(earlier)}
    for node, scope in _chain(later):
        if scope in around:
            first = around[scope]
            is_reached = node in forward(scope, scope.starts)
            return node is not first and is_reached and node not in forward(scope, scope.starts, without=first)
    return False


def _chain(node: Node) -> Iterator[tuple[Node, Scope]]:
    """The node and those around it, each with the scope that it is in."""
    at: Node | None = node
    while at is not None:
        yield at, at.scope
        at = at.scope.owner


def _region(scope: Scope, name: str) -> Scope:
    """Where an assignment from this scope can land at the farthest: the nearest scope that has the name, or an item."""
    for around in scope.outwards():
        owner = around.owner
        if owner is None or owner.loop is not None or name in _locals(owner):
            return around
    return scope


def _locals(node: Node) -> frozenset[str]:
    """The names of the node's own scope: its inputs, and its item."""
    return _inputs(node) | _item(node)


def _inputs(node: Node) -> frozenset[str]:
    return frozenset(target for _source, target in node.mappings("input"))


def _item(node: Node) -> frozenset[str]:
    if node.loop is None:
        return frozenset()
    found = extensions(node.loop, "loopCharacteristics")
    element = found[0].get("inputElement", "") if found else ""
    return frozenset({"loopCounter", element} - {""})


# ---- who writes ---------------------------------------------------------------------------------------------------


def written(process: Scope, around: Around) -> Writes:
    """All writes of a process."""
    writes = Writes()
    for node in process.all_nodes():
        if _counts(node):
            writes.counts = True
            writes.regions.setdefault("occurrence", []).append((process, node))
    for node in process.all_nodes():
        _written_by(node, around, writes)
    return writes


def _counts(node: Node) -> bool:
    """A timer that fires beside what it sits on, and counts."""
    starts_beside = node.tag == "startEvent" and node.scope.owner is not None
    return node.kind == "timer" and (node.tag == "boundaryEvent" or starts_beside) and not node.interrupts


def _written_by(node: Node, around: Around, writes: Writes) -> None:
    # `=x` to `x` says that x is known outside too: then it is not only local.
    own = (target for source, target in node.mappings("input") if target not in _names(source))
    writes.keep_home(_item(node).union(own), node)
    outputs = frozenset(target for _source, target in node.mappings("output"))
    results = _results(node, around)
    if node.loop is not None:
        found = extensions(node.loop, "loopCharacteristics")
        writes.add({found[0].get("outputCollection", "")} - {""} if found else (), node)
        writes.keep_home((outputs or results or frozenset()), node)
        return
    if outputs:
        writes.add(outputs, node)
        if results and node.tag == "userTask":
            for name in results - outputs:
                writes.unmapped.setdefault(name, []).append(node)
    elif results is None:
        writes.is_open = True
    else:
        writes.add(results, node)
    if node.tag == "boundaryEvent" and node.kind == "error" and not outputs:
        writes.is_open = True  # an operation may send variables with its error


def _names(text: str) -> set[str]:
    try:
        return reads(text).names
    except feel.FeelError:
        return set()


def _results(node: Node, around: Around) -> frozenset[str] | None:
    """The names that the node's own result has, before any output mapping; None when they can be any."""
    if node.tag == "userTask":
        found: frozenset[str] = frozenset()
        for form in extensions(node.element, "formDefinition"):
            keys = around.keys(form.get("formId", ""))
            if keys is None:
                return None
            found |= keys
        return found
    if node.tag in ("serviceTask", "businessRuleTask", "sendTask"):
        spec = around.known.operations.get(node.operation or "")
        return spec.outputs if spec is not None else None
    if node.tag == "callActivity":
        called = extensions(node.element, "calledElement")
        return None if called and called[0].get("propagateAllChildVariables") == "true" else frozenset()
    if node.tag == "receiveTask" or (node.tag in _CATCHING and node.kind in ("message", "signal")):
        return None
    return frozenset()


# ---- who reads ----------------------------------------------------------------------------------------------------


def uses(process: Scope, diagram: Diagram, around: Around) -> Iterator[Use]:
    """Every expression of the process, with what its place sees beyond the scope's variables."""
    for scope in process.walk():
        for flow in scope.flows:
            text = formula(flow.condition)
            if text is not None and is_feel(text) and flow.source is not None:
                yield Use(text, flow.element, scope, flow.source)
        for node in scope.nodes:
            for use in _uses(node, diagram, around):
                if is_feel(use.text):
                    yield use


def _uses(node: Node, diagram: Diagram, around: Around) -> Iterator[Use]:
    outside = _outside(node)
    seen = _item(node)
    for source, target in node.mappings("input"):
        yield Use(source, node.element, outside, node, seen)
        seen |= {target}
    starts_process = node.tag == "startEvent" and node.scope.is_process
    for text in texts(node):
        yield Use(text or "", node.element, outside, node, seen, no_variables=starts_process)
    message = diagram.message(node)
    if message is not None:
        yield from _key(node, message, seen, outside)
    results = _results(node, around)
    anything = results is None or node.tag == "callActivity"
    seen |= results or frozenset()
    inner = node.inside if node.inside is not None else node.scope
    for source, target in node.mappings("output"):
        yield Use(source, node.element, inner, node, seen, anything)
        seen |= {target}
    if node.loop is not None:
        yield from _loop(node, inner, seen, anything)


def _outside(node: Node) -> Scope:
    """The start of an event sub-process is waited for by those around it."""
    owner = node.scope.owner
    return owner.scope if node.tag == "startEvent" and owner is not None and owner.is_event_subprocess else node.scope


def _key(node: Node, message: etree._Element, seen: frozenset[str], outside: Scope) -> Iterator[Use]:
    """The receiver's key is over its data, the sender's over its payload, a message start's over what comes in."""
    throws = node.tag in ("intermediateThrowEvent", "endEvent", "sendTask")
    if node.tag == "startEvent" and node.scope.is_process:
        return
    for subscription in extensions(message, "subscription"):
        key = subscription.get("correlationKey", "")
        payload = frozenset(target for _source, target in node.mappings("input"))
        yield Use(key, node.element, outside, node, payload if throws else seen, no_variables=throws)


def _loop(node: Node, inner: Scope, seen: frozenset[str], anything: bool) -> Iterator[Use]:
    loop = node.loop
    found = extensions(loop, "loopCharacteristics") if loop is not None else []
    if found:
        yield Use(found[0].get("inputCollection", ""), node.element, node.scope, node)
        yield Use(found[0].get("outputElement", ""), node.element, inner, node, seen, anything)
    until = formula(loop.find(BPMN + "completionCondition")) if loop is not None else None
    yield Use(until or "", node.element, inner, node, seen | _COUNTERS, anything)


# ---- slips --------------------------------------------------------------------------------------------------------


def _slip_of(name: str, known: Iterable[str]) -> str | None:
    """A written name that differs from this by one letter inside, or two that changed places: hardly another name."""
    if len(name) < 5:
        return None
    return next((other for other in sorted(known) if _is_slip(name, other)), None)


def _is_slip(name: str, other: str) -> bool:
    if len(other) < 5 or abs(len(name) - len(other)) > 1 or name.startswith(other) or other.startswith(name):
        return False
    at = next(i for i, (a, b) in enumerate(zip(name, other, strict=False)) if a != b)
    if name[at].isdigit() or other[at].isdigit():
        return False  # goal1 and goal2 are two names
    rest, other_rest = name[at:], other[at:]
    same_length = len(name) == len(other) and rest[1:] == other_rest[1:]
    swapped = rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]
    return same_length or swapped or rest[1:] == other_rest or rest == other_rest[1:]
