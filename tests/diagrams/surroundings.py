"""What is around the shipped diagrams when they are said in words: their forms, the operations, the calendar."""

from __future__ import annotations

from komp_flow import operations
from komp_flow import shipped as files
from komp_flow.diagrams.words import FormWords, Offset, Words
from komp_flow.registers import calendar

FOLDER = files.folder()
PROCESSES = sorted((FOLDER / "processes").glob("*.bpmn"))
OFFSETS = {
    **{name: Offset(days) for name, days in calendar.FROM_START.items()},
    **{name: Offset(days, of_decision=True) for name, days in calendar.FROM_DECISION.items()},
}


def shipped_words() -> Words:
    return Words(
        forms={path.stem: FormWords.of(path.read_bytes()) for path in sorted((FOLDER / "forms").glob("*.json"))},
        operations={type_: spec.sentence for type_, spec in operations.registry().items()},
        offsets=OFFSETS,
    )


def shipped(name: str) -> bytes:
    return (FOLDER / "processes" / f"{name}.bpmn").read_bytes()
