"""Where the problems of one file are gathered, each at the nearest element that a person can click."""

from __future__ import annotations

from lxml import etree

from komp_flow.engine.bpmn import BPMN, NODES
from komp_flow.engine.checks.rules import RULES, said
from komp_flow.engine.checks.words import words
from komp_flow.engine.problems import Problem

LIMIT = 1_000
LONGEST = 200

# What a person sees as a thing with an id: not event definitions, expressions, lane sets and the like.
PLACES = NODES | words(
    "scriptTask complexGateway transaction adHocSubProcess callChoreography choreographyTask subChoreography "
    "implicitThrowEvent event sequenceFlow process participant collaboration choreography lane message signal error "
    "escalation messageFlow textAnnotation group association dataObject dataObjectReference dataStore "
    "dataStoreReference"
)


def clipped(text: object, limit: int = 80) -> str:
    """A text from a file, short enough for a sentence and without control characters."""
    plain = "".join(c if c.isprintable() else " " for c in str(text)[: limit * 4])
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def place(element: etree._Element | None) -> str:
    """The id of the element, or of the nearest one around it that has one; "" for the file."""
    while element is not None:
        tag = element.tag
        if isinstance(tag, str) and tag.startswith(BPMN) and tag.removeprefix(BPMN) in PLACES and element.get("id"):
            return str(element.get("id"))[:LONGEST]
        element = element.getparent()
    return ""


class Findings:
    """The problems of one file, without repeats, in the order in which they were found; bounded."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: dict[Problem, None] = {}
        self.is_full = False

    def add(self, rule: str, where: etree._Element | str | None = None, **values: object) -> None:
        """One more problem. `where` is the element, or an id; the values are cut to what a sentence can hold."""
        if self.is_full:
            return
        known = RULES[rule]
        short = {name: clipped(value, 300) for name, value in values.items()}
        at = where if isinstance(where, str) else place(where)
        problem = Problem(self.file, at, known.severity, rule, said(known.message, short), said(known.fix, short))  # type: ignore[arg-type]
        self._problems[problem] = None
        if len(self._problems) >= LIMIT:
            self.is_full = True
            full = RULES["too-many-problems"]
            text = said(full.message, {"limit": LIMIT})
            self._problems[Problem(self.file, "", full.severity, full.id, text, str(full.fix))] = None

    @property
    def problems(self) -> list[Problem]:
        """What was found."""
        return list(self._problems)

    def has_errors(self) -> bool:
        """True when something must be mended before the file can be published."""
        return any(problem.severity == "error" for problem in self._problems)
