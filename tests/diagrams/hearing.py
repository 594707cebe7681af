"""Understands the words of a diagram as a reader would, from the sentences alone: what follows what, who gets what.

Every element must have a name of its own, which is how the sentences tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from komp_flow.diagrams.words import Line, Section

NAME = r"«[^»]*»"
ONE = rf"(?:{NAME}|starten|fasen|denne delen)"
NUMBERS = {
    word: number
    for number, word in enumerate(
        ["null", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv", "tretten",
         "fjorten", "femten"]
    )
} | {"ett": 1}  # fmt: skip
UNITS = {"uke": 10080, "uker": 10080, "dag": 1440, "dager": 1440, "time": 60, "timer": 60, "minutt": 1, "minutter": 1}
MONTHS = ["januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
          "desember"]  # fmt: skip
CATCHES = ("intermediateCatchEvent", "receiveTask")


@dataclass
class Heard:
    """What was understood. `follows` are pairs of elements, `choices` what each choice says in turn: a condition or
    None for «ellers», and where it leads; `tasks` who gets a task and when it is due; `beside` what a boundary event
    leads to, with the sentence's beginning and whether its host goes away.
    """

    follows: set[tuple[str, str]] = field(default_factory=set)
    choices: dict[str, list[tuple[str | None, str]]] = field(default_factory=dict)
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    beside: dict[str, tuple[str, bool]] = field(default_factory=dict)
    waits: dict[str, str] = field(default_factory=dict)
    first: dict[str, set[str]] = field(default_factory=dict)  # by heading, what comes first


class Listener:
    """Goes through the lines one by one. `ids` are the elements by name, `events` those that sit on another."""

    def __init__(self, ids: Mapping[str, str], kinds: Mapping[str, str]) -> None:
        self.ids, self.kinds = ids, kinds
        self.heard = Heard()
        self.last = self.group = ""

    def listen(self, sections: Sequence[Section]) -> Heard:
        for section in sections:
            self.last = self.group = ""
            for line in section.lines:
                self.line(line, section.heading)
        return self.heard

    def line(self, line: Line, heading: str) -> None:
        text, subject = line.text, line.element
        goes = re.search(rf"går det (?:videre|tilbake) til ({NAME})\.", text)
        if self.kinds.get(subject) == "startEvent":
            self.heard.waits[subject] = text
            return
        if subject not in self.kinds and not goes:
            return  # what holds for the whole
        if text.endswith("er ferdig når alle veiene er slutt.") or text.startswith("Stemmer ingenting"):
            return
        boundary = next((id_ for id_ in (*line.also, subject) if self.kinds.get(id_) == "boundaryEvent"), "")
        raced = ""
        if not boundary and re.match("(Kommer|Skjer) .*? først,", text):
            raced = next(id_ for id_ in (*line.also, subject) if self.kinds.get(id_) in CATCHES)
        target = self.ids[goes[1][1:-1]] if goes else subject
        self.heard.follows |= {(source, target) for source in self.sources(text, subject, heading, boundary or raced)}
        if boundary:
            self.heard.beside[boundary] = (text, "faller da bort" in text or "avbrytes da" in text)
        elif raced:
            self.heard.follows.add((self.group, raced))
            self.heard.waits[raced] = text
        ends = {(subject, id_) for id_ in line.also if self.kinds.get(id_) == "endEvent"}  # told with what they end
        self.heard.follows |= ends
        if goes is None:
            self.last = subject
            self.about(text, subject)

    def sources(self, text: str, subject: str, heading: str, event: str) -> list[str]:
        if event:
            return [event]
        if text.startswith(("Det går ikke videre før", "Det går videre når")):
            clause = text.split(".", maxsplit=1)[0]
            return [self.ids[name[1:-1]] for name in re.findall(NAME, clause)] + [self.last] * ("fasen" in clause)
        if text.startswith("Først "):
            self.heard.first.setdefault(heading, set()).add(subject)
            return []
        if text.startswith(("Deretter ", "Da ")):
            return [self.last]
        if text.startswith(("Hvis ", "Ellers ")):
            return [self.group] if self.chosen(text, subject) else []
        if text.startswith("På den "):
            return [self.group]
        if found := re.match(rf"Når ({ONE}) (?:er gjort|er ferdig|har skjedd),", text):
            return [self.ids[found[1][1:-1]]]
        if text.startswith(("Etter ", "Når løpet begynner")):
            names = re.match(rf"Etter ({ONE}(?:(?:, | eller ){ONE})*) ", text)
            assert names, text
            return [self.ids[name[1:-1]] for name in re.findall(NAME, names[1])]
        raise AssertionError(f"not understood: {text}")

    def chosen(self, text: str, subject: str) -> bool:
        found = re.match(r"Hvis (.*?), (?=\w)", text)
        goes = re.search(rf"går det (?:videre|tilbake) til ({NAME})\.", text)
        target = self.ids[goes[1][1:-1]] if goes else subject
        self.heard.choices.setdefault(self.group, []).append((found[1] if found else None, target))
        return True

    def about(self, text: str, subject: str) -> None:
        """What the sentence says of its own element, and whether several ways part there."""
        if self.kinds[subject].endswith("Gateway") or ("går det" in text and "veier samtidig" in text):
            self.group = subject
        if given := re.search(rf"får (.*?) {NAME}\.", text):
            due = re.search(r"Fristen er (.*?)\.(?: |$)", re.sub(r"(\d)\. (?=[a-z])", r"\1# ", text))
            self.heard.tasks[subject] = (given[1], due[1].replace("#", ".") if due else "")
        elif "venter løpet" in text:
            self.heard.waits[subject] = text


def number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word]


def minutes(said: str) -> int:
    """«to dager, én time og 8 minutter»"""
    parts = re.findall(r"(\w+) (uker?|dag(?:er)?|timer?|minutt(?:er)?)\b", said)
    assert parts, said
    return sum(number(count) * UNITS[unit] for count, unit in parts)


def due(said: str, since: date, dates: Mapping[str, date]) -> date:
    """The day that a due date's words mean."""
    if said in dates:
        return dates[said]
    if found := re.fullmatch(r"(\d+)\. (\w+) (\d{4})", said):
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    if found := re.fullmatch(r"(\w+) virkedag(?:er)? etter at oppgaven kom", said):
        day = since
        for _n in range(number(found[1])):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
        return day
    found = re.fullmatch(r"(.*) etter at oppgaven kom", said)
    assert found, said
    return since + timedelta(minutes=minutes(found[1]))
