"""One stranger's file through everything that the studio's server does with a drawing, as the use cases do it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from diagrams.surroundings import shipped_words
from komp_flow import engine, operations
from komp_flow.diagrams import differences, words
from komp_flow.diagrams.answers import answered
from komp_flow.diagrams.keeping import kept
from komp_flow.diagrams.naming import names_at
from komp_flow.diagrams.questions import Choices, Question, questions
from komp_flow.engine import Known, SourceFile
from komp_flow.engine.memory import bpmn
from komp_flow.errors import Invalid, KompFlowError
from komp_flow.revising import texts

LONGEST: Final = 2.0  # CPU seconds of any one thing that is done with a file
ROUNDS: Final = 12  # an answer may lead to another question
ENDINGS: Final = (".bpmn", ".bpmn2", ".xml", ".xpdl")
AROUND: Final = shipped_words()
KNOWN: Final = Known(
    processes=frozenset({"unit"}),
    forms=frozenset(AROUND.forms),
    form_keys={form: frozenset(known.fields) for form, known in AROUND.forms.items()},
    operations=operations.registry(),
)
CHOICES: Final = Choices(AROUND, dict(operations.registry()))
T = TypeVar("T")
_EXPORTER: Final = re.compile(r"""exporter\s*=\s*["']([^"']*)["']""")


@dataclass
class Went:
    """How it went with one file. `faults` are ours; `refused` is the sentence a person is given instead."""

    name: str
    exporter: str = ""
    text: str = ""
    refused: str = ""
    errors: int = 0
    warnings: int = 0
    asked: int = 0
    left: int = 0  # errors after all questions are answered
    lines: int = 0
    slowest: tuple[float, str] = (0.0, "")
    faults: list[str] = field(default_factory=list)

    def says_what_is_missing(self) -> bool:
        """What does not run says why: something to mend, to answer, or a sentence for the whole file."""
        return bool(self.refused or self.errors or self.asked or not self.left)


def files(folder: Path) -> Iterator[Path]:
    """Every file in it, and below it, that a drawing may lie in."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name.lower().endswith(ENDINGS))


def through(name: str, data: bytes) -> Went:
    """Opens, checks, asks, answers, says and compares. Never raises: what should not be is a fault."""
    went = Went(name)
    try:
        written = _timed(went, "open", lambda: texts.written(name, data))
    except KompFlowError as error:
        went.refused = " ".join([str(error), *(one.message for one in getattr(error, "fields", ()))])
        if len(went.refused) < 20:
            went.faults.append(f"refused without a sentence: {went.refused!r}")
        return went
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a fault that is told)
        went.faults.append(f"open: {error!r}")
        return went
    went.text = written.text
    found = _EXPORTER.search(written.text[:4000])
    went.exporter = found[1] if found else ""
    steps = (_checked, _said, _named, _compared, _kept, _answered)
    for step in steps:
        try:
            step(went, went.text.encode("utf-8", "surrogatepass"))
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a fault that is told)
            went.faults.append(f"{step.__name__.strip('_')}: {type(error).__name__}: {error}")
    if went.slowest[0] > LONGEST:
        went.faults.append(f"{went.slowest[1]} took {went.slowest[0]:.1f} s")
    return went


def _timed(went: Went, what: str, do: Callable[[], T]) -> T:
    began = time.process_time()
    try:
        return do()
    finally:
        went.slowest = max(went.slowest, (time.process_time() - began, what))


def _checked(went: Went, data: bytes) -> None:
    found = _timed(went, "check", lambda: engine.check([SourceFile(went.name, data)], KNOWN))
    went.errors = sum(one.severity == "error" for one in found)
    went.warnings = len(found) - went.errors
    went.asked = len(_timed(went, "questions", lambda: questions(data, found, CHOICES)))


def _said(went: Went, data: bytes) -> None:
    told = _timed(went, "words", lambda: words.sections(data, AROUND))
    went.lines = sum(len(section.lines) for section in told)
    if not went.lines:
        went.faults.append("words: nothing is said")


def _named(went: Went, data: bytes) -> None:
    nodes = [one.get("id", "") for one in bpmn.read(data).iter() if bpmn.local(one) in bpmn.NODES]
    for element in [*nodes[:: max(1, len(nodes) // 3)][:3], "nowhere", ""]:
        _timed(went, "names", lambda at=element: names_at(data, at, KNOWN, AROUND))


def _compared(went: Went, data: bytes) -> None:
    found = _timed(went, "differences", lambda: differences.differences(data, data, AROUND))
    if found:
        went.faults.append(f"differences: it differs from itself: {found[0].text}")


def _kept(went: Went, data: bytes) -> None:
    if _timed(went, "keep", lambda: kept(data, data)) != data:
        went.faults.append("keep: saved unchanged, it is another text")


def _answered(went: Went, data: bytes) -> None:
    """The first answers that are offered, until nothing is asked or nothing changes."""
    before: set[str] = set()
    for _round in range(ROUNDS):
        problems = engine.check([SourceFile(went.name, data)], KNOWN)
        open_ = questions(data, problems, CHOICES)
        given = {one.id: first(one) for one in open_}
        if not given or set(given) == before:
            break
        before = set(given)
        data = _put_in(went, data, open_, given)
        texts.diagram(data.decode("utf-8", "surrogatepass"))
        words.sections(data, AROUND)
    went.left = sum(one.severity == "error" for one in engine.check([SourceFile(went.name, data)], KNOWN))


def _put_in(went: Went, data: bytes, open_: list[Question], given: dict[str, list[str]]) -> bytes:
    """All that can go in; an answer that cannot is named, and only that one is left out."""
    for _again in range(2):
        try:
            return bytes(_timed(went, "answers", partial(answered, data, open_, given)))
        except Invalid as refused:
            wrong = {one.field for one in refused.fields}
            if not wrong <= set(given):
                raise
            given = {id_: values for id_, values in given.items() if id_ not in wrong}
    return data


def first(question: Question) -> list[str]:
    """What somebody answers who takes what stands first."""
    if question.options:
        return [question.options[0].value]
    return {"number": ["5"], "date": ["2027-03-01"]}.get(question.free or "", ["svar"])
