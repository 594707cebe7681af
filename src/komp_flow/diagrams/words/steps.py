"""What happens at an activity: who gets which task with which form and deadline, what happens by itself, how often."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from komp_flow import feel
from komp_flow.diagrams.words.labels import Labels, due_of
from komp_flow.diagrams.words.names import parsed
from komp_flow.diagrams.words.said import both, either, length, ordinal, quoted, tidy
from komp_flow.engine.checks.diagram import Node
from komp_flow.engine.memory.bpmn import BPMN, extensions, formula, properties
from komp_flow.feel import syntax
from komp_flow.i18n import _, ngettext

SERVICES: Final = frozenset({"serviceTask", "businessRuleTask"})


class Steps(Labels):
    """The sentences of activities."""

    def step(self, node: Node, lead: str) -> list[str]:
        """All that is said of an activity. `lead` is the adverbial that the first sentence begins with."""
        return [*self._does(node, lead), *self.repeated(node)]

    def _does(self, node: Node, lead: str) -> list[str]:
        what = self.label(node)
        match node.tag:
            case "userTask" if self.runs or self._is_given(node):
                return list(self._task(node, lead))
            case "userTask" | "task" | "manualTask" if not self.runs:
                return [_("%(lead)s skal %(task)s gjøres.", lead=lead, task=what), self._nobody(node)]
            case "task" | "manualTask":
                return [_("%(lead)s passeres %(task)s, uten at noen får en oppgave.", lead=lead, task=what)]
            case "callActivity":
                return self._call(node, lead)
            case "subProcess" | "transaction" | "adHocSubProcess":
                said = [_("%(lead)s begynner %(what)s.", lead=lead, what=what)]
                return said if node.tag == "subProcess" else [*said, self.refused(node)]
            case tag if tag in SERVICES or (tag in ("sendTask", "intermediateThrowEvent") and node.operation):
                return self._service(node, lead)
        return [_("%(lead)s kommer %(what)s.", lead=lead, what=what), self.refused(node)]

    def refused(self, node: Node) -> str:
        """That the dialect does not have such an element."""
        return _("Det er et slags element (%(kind)s) som ikke kan kjøres her.", kind=node.tag)

    # tasks of people

    def _is_given(self, node: Node) -> bool:
        found = extensions(node.element, "assignmentDefinition")
        return bool(found and (found[0].get("candidateGroups") or found[0].get("assignee")))

    def _nobody(self, node: Node) -> str:
        lane = self.lane(node)
        if lane:
            return _("Hvem som gjør det, er ikke bestemt. Den er tegnet hos %(lane)s.", lane=quoted(lane))
        return _("Hvem som gjør det, er ikke bestemt.")

    def _task(self, node: Node, lead: str) -> Iterator[str]:
        who, several = self.who(node)
        if who:
            yield _("%(lead)s får %(who)s %(task)s.", lead=lead, who=who, task=self.label(node))
            if several:
                yield _("Det er nok at én av dem gjør den.")
        else:
            yield _("%(lead)s skal %(task)s gjøres.", lead=lead, task=self.label(node))
            yield self._nobody(node)
        yield from self._form(node)
        yield from self._schedule(node)

    def who(self, node: Node) -> tuple[str, bool]:
        """Who gets a task, as they are called inside a sentence, and whether it is more than one role."""
        found = extensions(node.element, "assignmentDefinition")
        groups = (found[0].get("candidateGroups") or "").strip() if found else ""
        person = (found[0].get("assignee") or "").strip() if found else ""
        said = self._roles(groups) if groups else []
        if person:
            said = [*said, self._person(node, person)]
        return either(said), len(said) > 1

    def _roles(self, text: str) -> list[str]:
        roles: list[object] = [part.strip() for part in text.split(",") if part.strip()]
        if text.startswith("="):
            match parsed(text):
                case syntax.Listing(items) if all(isinstance(item, syntax.Literal) for item in items):
                    roles = [item.value for item in items if isinstance(item, syntax.Literal)]
                case syntax.Literal(str() as value):
                    return self._roles(value) if not value.startswith("=") else [quoted(value)]
                case _:
                    return [_("rollen som regnes ut av %(text)s", text=quoted(text[1:]))]
        return [self.role(str(role)) for role in roles]

    def role(self, role: str) -> str:
        """What a role is called inside a sentence."""
        said = self.around.roles.get(role)
        return str(said) if said is not None else _("rollen %(role)s", role=quoted(role))

    def _person(self, node: Node, text: str) -> str:
        if not text.startswith("="):
            return _("den som har ansattnummer %(number)s", number=quoted(text))
        tree, names = parsed(text), self.names
        found = names.field_of(tree, node)
        if found is not None:
            return _("den som er valgt i %(field)s", field=quoted(found.label))
        return _("den som %(name)s peker ut", name=self.times(node, "", "").value(tree))

    def _form(self, node: Node) -> Iterator[str]:
        ids = [each.get("formId", "").strip() for each in extensions(node.element, "formDefinition")]
        if not any(ids):
            yield _("Den har ikke noe skjema.")
        for form in filter(None, ids):
            known = self.around.forms.get(form)
            if known is None:
                yield _("Skjemaet %(form)s finnes ikke ennå.", form=quoted(form))
            elif tidy(known.title) != self.name(node):
                yield _("Skjemaet er %(form)s.", form=quoted(known.title))

    def _schedule(self, node: Node) -> Iterator[str]:
        due, found = due_of(node), extensions(node.element, "taskSchedule")
        times = self.times(node, _("at oppgaven kom"), _("dagen oppgaven kom"))
        if due:
            yield _("Fristen er %(when)s.", when=times.moment(due))
        else:
            yield _("Den har ingen frist.")
        later = (found[0].get("followUpDate") or "").strip() if found else ""
        if later:
            times = self.times(node, _("at oppgaven kom"), _("dagen oppgaven kom"), about=node)
            yield _("Den vises i innboksen fra %(when)s.", when=times.moment(later))
        reminders = properties(node.element).get("reminders")
        if due and reminders is not None:
            yield self.reminded(tuple(part.strip() for part in reminders.split(",")))

    def reminded(self, before: tuple[str, ...]) -> str:
        """When one is reminded of a task."""
        said = [self.before_due(part) for part in before if part and part != "none"]
        return _("Påminnelse sendes %(when)s.", when=both(said)) if said else _("Det sendes ingen påminnelse.")

    def before_due(self, text: str) -> str:
        """How long before the due date, from an ISO duration."""
        try:
            span = feel.duration(text)
        except feel.FeelError:
            return quoted(text)
        if not span.months and not span.total_seconds:
            return _("på dagen for fristen")
        return _("%(length)s før fristen", length=length(span))

    # what happens by itself

    def _service(self, node: Node, lead: str) -> list[str]:
        what, operation = self.label(node), node.operation
        if not operation:
            return [
                _("%(lead)s skal %(what)s skje av seg selv.", lead=lead, what=what),
                _("Hva systemet skal gjøre, er ikke bestemt."),
            ]
        inputs = {target: parsed(source) for source, target in node.mappings("input")}
        if operation == "escalate":
            return [_("%(lead)s varsles %(who)s.", lead=lead, who=self._ladder(inputs.get("level")))]
        if operation == "notify" and isinstance(role := inputs.get("role"), syntax.Literal):
            return [_("%(lead)s varsles %(who)s.", lead=lead, who=either(self._roles(str(role.value))))]
        said = _("%(lead)s skjer %(what)s av seg selv.", lead=lead, what=what)
        if operation not in self.around.operations:
            return [said, _("Systemet kjenner ikke %(operation)s, som skal gjøre det.", operation=quoted(operation))]
        return [said, str(self.around.operations[operation])]

    def _ladder(self, level: syntax.Node | None) -> str:
        """Whom a step of the ladder tells: the same roles in turn as the timer fires, or one."""
        told = self.around.told
        if isinstance(level, syntax.Literal) and isinstance(level.value, int | Decimal):
            return self.role(told[min(max(1, int(level.value)), len(told)) - 1])
        return both(
            _("%(who)s %(ordinal)s gang", who=self.role(role), ordinal=ordinal(at)) for at, role in enumerate(told, 1)
        )

    def _call(self, node: Node, lead: str) -> list[str]:
        if not node.called:
            return [
                _("%(lead)s kjøres en annen prosess: %(what)s.", lead=lead, what=self.label(node)),
                _("Hvilken prosess det er, er ikke bestemt."),
            ]
        process = self.around.processes.get(node.called)
        return [
            _("%(lead)s kjøres %(what)s, som er prosessen %(process)s.", lead=lead, what=self.label(node),
              process=quoted(process or node.called))
        ]  # fmt: skip

    # several times

    def repeated(self, node: Node) -> list[str]:
        """For each of what, and how many at a time."""
        if node.element.find(BPMN + "standardLoopCharacteristics") is not None:
            return [_("Det er tegnet at det skal gjentas, på en måte som ikke kan kjøres her.")]
        loop = node.loop
        if loop is None:
            return []
        found = extensions(loop, "loopCharacteristics")
        collection = (found[0].get("inputCollection") or "").strip() if found else ""
        if not collection:
            return [_("Det skal gjøres flere ganger, men for hva er ikke bestemt.")]
        row = self._row(node, collection)
        if loop.get("isSequential") == "true":
            said = [_("Det gjøres én gang for hver i %(list)s, én om gangen.", list=row)]
        else:
            said = [_("Det gjøres én gang for hver i %(list)s, alle samtidig.", list=row)]
        until = formula(loop.find(BPMN + "completionCondition"))
        if until:
            said.append(_("Resten faller bort når %(condition)s.", condition=self.condition(node, until)))
        return said

    def _row(self, node: Node, text: str) -> str:
        tree = parsed(text)
        if isinstance(tree, syntax.Listing):
            count = len(tree.items)
            return ngettext("en liste med én", "en liste med %(num)s", count) if count else _("en tom liste")
        return self.times(node, "", "").value(tree)
