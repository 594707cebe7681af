"""Where the problems of one file are gathered, each at the nearest element that a person can click."""

from __future__ import annotations

from lxml import etree

from komp_flow.engine.checks.rules import RULES, said
from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, NODES
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
            return clipped(element.get("id"), LONGEST)
        element = element.getparent()
    return ""


class Findings:
    """The problems of one file, without repeats, in the order in which they were found; bounded."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._seen: set[tuple[str, ...]] = set()

    def add(self, rule: str, where: etree._Element | str | None = None, **values: object) -> None:
        """One more problem. `where` is the element, or an id; the values are cut to what a sentence can hold."""
        if len(self.problems) > LIMIT:
            return
        at = where if isinstance(where, str) else place(where)
        texts = [str(value)[:1200] for value in values.values()]
        if (rule, at, *texts) in self._seen:
            return
        self._seen.add((rule, at, *texts))
        self._tell(rule, at, dict(zip(values, (clipped(text, 300) for text in texts), strict=True)))
        if len(self.problems) == LIMIT:
            self._tell("too-many-problems", "", {"limit": str(LIMIT)})

    def _tell(self, rule: str, at: str, values: dict[str, str]) -> None:
        known = RULES[rule]
        message, fix = said(known.message, values), said(known.fix, values)
        self.problems.append(Problem(self.file, at, known.severity, rule, message, fix))

    def has_errors(self) -> bool:
        """True when something must be mended before the file can be published."""
        return any(problem.severity == "error" for problem in self.problems)
