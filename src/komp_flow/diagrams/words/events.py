"""What happens at an event: waited for, sent, begun, ended; and what may happen to an activity while it is open."""

from __future__ import annotations

from typing import Final

from komp_flow import feel
from komp_flow.diagrams.words.labels import BY_HAND, timer_of
from komp_flow.diagrams.words.said import capital, length, quoted
from komp_flow.diagrams.words.steps import Steps
from komp_flow.diagrams.words.times import Timing
from komp_flow.engine.checks.diagram import Node, Scope
from komp_flow.engine.memory.bpmn import properties
from komp_flow.i18n import _

SEND: Final = "send-message"


class Events(Steps):
    """The sentences of events."""

    def timing(self, node: Node, since: str, day: str, about: Node | None = None) -> Timing:
        """When a timer event comes."""
        return self.times(node, since, day, about).timer(*timer_of(node))

    # on the way

    def event(self, node: Node, lead: str) -> list[str]:
        """A catch, a throw or a receive task on the way."""
        if node.tag in ("intermediateThrowEvent", "sendTask"):
            return self._throws(node, lead)
        what = self.label(node)
        match "message" if node.tag == "receiveTask" else node.kind:
            case "timer":
                return self._waits(node, lead)
            case "message" | "signal":
                return [_("%(lead)s venter løpet på %(what)s.", lead=lead, what=self.thing(node))]
        said = [_("%(lead)s venter løpet på %(what)s.", lead=lead, what=what)]
        return [*said, _("Hva som gjør at det går videre, er ikke bestemt.")]

    def _waits(self, node: Node, lead: str) -> list[str]:
        found = self.timing(node, _("at løpet kom hit"), _("dagen løpet kom hit"))
        what = self.label(node)
        if found.kind == "unknown":
            return [
                _("%(lead)s venter løpet på tidspunktet %(what)s.", lead=lead, what=what),
                _("Når det er, er ikke bestemt."),
            ]
        if found.kind == "every":
            return [_("%(lead)s venter løpet, %(when)s.", lead=lead, when=found.text)]
        if self.name(node):
            return [_("%(lead)s venter løpet på %(what)s: %(when)s.", lead=lead, what=what, when=found.text)]
        return [_("%(lead)s venter løpet til %(when)s.", lead=lead, when=found.text)]

    def _throws(self, node: Node, lead: str) -> list[str]:
        what, operation = self.label(node), node.operation
        kind = "message" if node.tag == "sendTask" else node.kind
        if operation not in (None, SEND) and kind in ("message", "none"):
            return self._service(node, lead)
        match kind:
            case "message" | "signal":
                return [self._sent(node, lead), *self._kept(node)]
            case "escalation":
                return [_("%(lead)s meldes det oppover: %(what)s. Løpet går videre.", lead=lead, what=what)]
            case "none":
                return [_("%(lead)s er dette nådd: %(what)s.", lead=lead, what=what)]
        return [_("%(lead)s kommer %(what)s.", lead=lead, what=what), self.refused(node)]

    def _sent(self, node: Node, lead: str) -> str:
        if not self.name(node):
            return _("%(lead)s sendes %(what)s.", lead=lead, what=self.thing(node))
        if node.kind == "signal":
            return _("%(lead)s sendes et signal: %(what)s.", lead=lead, what=self.label(node))
        return _("%(lead)s sendes en melding: %(what)s.", lead=lead, what=self.label(node))

    def _kept(self, node: Node) -> list[str]:
        keep = properties(node.element).get("keep", "").strip()
        if keep == "cycle":
            return [_("Meldingen ligger til syklusen lukkes, for dem som kommer senere.")]
        try:
            return [_("Meldingen ligger i %(length)s.", length=length(feel.duration(keep)))] if keep else []
        except feel.FeelError:
            return []

    # beginnings and ends

    def begins(self, node: Node) -> list[str]:
        """How a process begins."""
        what = quoted(self.name(node)) if self.name(node) else ""
        match node.kind:
            case "message" | "signal":
                return [_("Et løp begynner når %(what)s kommer.", what=self.thing(node))]
            case "timer":
                found = self.timing(node, _("at prosessen ble tatt i bruk"), _("dagen prosessen ble tatt i bruk"))
                if found.kind == "unknown":
                    return [_("Et løp begynner av seg selv. Når det er, er ikke bestemt.")]
                return [_("Et løp begynner av seg selv: %(when)s.", when=found.text)]
            case "none":
                return [_("Et løp begynner slik: %(what)s.", what=what) if what else _("Et løp begynner.")]
        return [_("Et løp begynner slik: %(what)s.", what=self.label(node)), self.refused(node)]

    def ends(self, node: Node, lead: str, *, alone: bool) -> list[str]:
        """An end. `alone`: no other way of the scope can still be under way."""
        what, scope = self.name(node), self.scope(node.scope)
        named = quoted(what) if what else self.label(node)
        match node.kind:
            case "terminate":
                return [
                    _("%(lead)s avsluttes %(scope)s med en gang, med alt som er i gang der.", lead=lead, scope=scope)
                ]
            case "error":
                return [_("%(lead)s avbrytes %(scope)s med feilen %(what)s.", lead=lead, scope=scope, what=named)]
            case "escalation":
                return [_("%(lead)s meldes det oppover: %(what)s. Denne veien er slutt.", lead=lead, what=named)]
            case "message" | "signal":
                return [self._sent(node, lead), *self._kept(node), self._over(scope, alone=alone)]
            case "none":
                if alone and what:
                    return [_("%(lead)s er %(scope)s ferdig: %(what)s.", lead=lead, scope=scope, what=named)]
                if alone:
                    return [_("%(lead)s er %(scope)s ferdig.", lead=lead, scope=scope)]
                if what:
                    return [_("%(lead)s er denne veien slutt: %(what)s.", lead=lead, what=named)]
                return [_("%(lead)s er denne veien slutt.", lead=lead)]
        return [_("%(lead)s er denne veien slutt: %(what)s.", lead=lead, what=named), self.refused(node)]

    def _over(self, scope: str, *, alone: bool) -> str:
        return _("Da er %(scope)s ferdig.", scope=scope) if alone else _("Da er denne veien slutt.")

    # beside something

    def beside(self, node: Node, host: Node | None) -> str:
        """The beginning of the sentence for a boundary event: what happens, and to what."""
        what = self.label(host) if host is not None else _("noe som ikke er tegnet")
        by_hand = host is not None and host.tag in BY_HAND
        return self.happens(node, what, host, by_hand=by_hand)

    def within(self, node: Node, scope: Scope) -> str:
        """The same for the start of an event sub-process in this scope."""
        return self.happens(node, self.scope(scope), None, by_hand=False)

    def happens(self, node: Node, what: str, host: Node | None, *, by_hand: bool) -> str:
        """«Er X ikke gjort …,», «Kommer meldingen Y mens X pågår,»"""
        name = self.label(node)
        match node.kind:
            case "timer":
                return self._late(node, what, host, by_hand=by_hand)
            case "message" | "signal" if by_hand:
                return _("Kommer %(event)s mens %(what)s står åpen,", event=self.thing(node), what=what)
            case "message" | "signal":
                return _("Kommer %(event)s mens %(what)s pågår,", event=self.thing(node), what=what)
            case "error" if self.event_name(node):
                return _("Oppstår feilen %(name)s i %(what)s,", name=name, what=what)
            case "error":
                return _("Oppstår en feil i %(what)s,", what=what)
            case "escalation" if self.event_name(node):
                return _("Meldes %(name)s oppover fra %(what)s,", name=name, what=what)
            case "escalation":
                return _("Meldes noe oppover fra %(what)s,", what=what)
        return _("Skjer %(name)s mens %(what)s pågår,", name=name, what=what)

    def _late(self, node: Node, what: str, host: Node | None, *, by_hand: bool) -> str:
        since = _("at den kom") if by_hand else _("at %(what)s begynte", what=what)
        day = _("dagen den kom") if by_hand else _("dagen %(what)s begynte", what=what)
        found = self.timing(node, since, day, about=host)
        match found.kind, by_hand:
            case "unknown", True:
                return _("Er %(what)s ikke gjort i tide (når det er, er ikke bestemt),", what=what)
            case "unknown", False:
                return _("Er %(what)s ikke ferdig i tide (når det er, er ikke bestemt),", what=what)
            case "every", True:
                return _("Så lenge %(what)s ikke er gjort, %(when)s,", what=what, when=found.text)
            case "every", False:
                return _("Så lenge %(what)s ikke er ferdig, %(when)s,", what=what, when=found.text)
            case "after", True:
                return _("Er %(what)s ikke gjort %(when)s,", what=what, when=found.text)
            case "after", False:
                return _("Er %(what)s ikke ferdig %(when)s,", what=what, when=found.text)
            case _, True:
                return _("Er %(what)s ikke gjort innen %(when)s,", what=what, when=found.text)
        return _("Er %(what)s ikke ferdig innen %(when)s,", what=what, when=found.text)

    def first(self, node: Node) -> str:
        """The beginning of the sentence for one of the events after an event-based gateway."""
        what = self.label(node)
        match "message" if node.tag == "receiveTask" else node.kind:
            case "message" | "signal":
                return _("Kommer %(what)s først,", what=self.thing(node))
            case "timer":
                found = self.timing(node, _("at løpet kom hit"), _("dagen løpet kom hit"))
                if found.kind in ("date", "after") and self.name(node):
                    return _("Kommer %(what)s (%(when)s) først,", what=what, when=found.text)
                if found.kind in ("date", "after"):
                    return _("Kommer %(when)s først,", when=found.text)
        return _("Skjer %(what)s først,", what=what)

    def kept_open(self, node: Node, host: Node | None) -> str:
        """What becomes of that which a boundary event sits on."""
        what = self.label(host) if host is not None else _("noe som ikke er tegnet")
        if node.kind == "error" or node.interrupts:
            if host is not None and host.tag in BY_HAND:
                return _("%(what)s faller da bort.", what=capital(what))
            return _("%(what)s avbrytes da.", what=capital(what))
        if host is not None and host.tag in BY_HAND:
            return _("%(what)s blir stående åpen.", what=capital(what))
        return _("%(what)s går videre som før.", what=capital(what))
