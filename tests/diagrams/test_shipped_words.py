"""The words of the diagrams that komp-flow comes with, kept as text that somebody has read.

`python tests/diagrams/test_shipped_words.py` writes them anew; read what changed before it is committed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagrams.surroundings import PROCESSES, shipped, shipped_words
from komp_flow import i18n
from komp_flow.diagrams.words import sections
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import BPMN, local

SAID = Path(__file__).parent / "said"


def said(name: str) -> str:
    """One process as a page of text, each line with its element."""
    told = sections(shipped(name), shipped_words())
    return "\n".join(
        f"## {section.heading}\n\n" + "".join(f"- {line.text} [{line.element}]\n" for line in section.lines)
        for section in told
    )


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
def test_the_shipped_diagrams_are_said_as_they_were_read(name: str) -> None:
    assert said(name) == (SAID / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
def test_every_task_step_and_event_is_told_of(name: str) -> None:
    root = bpmn.read(shipped(name))
    told = {id_ for section in sections(shipped(name), shipped_words()) for line in section.lines
            for id_ in (line.element, *line.also)}  # fmt: skip
    drawn = {
        node.get("id")
        for node in root.iter(BPMN + "*")
        if local(node) in bpmn.ACTIVITIES | bpmn.EVENTS and node.getparent().tag != BPMN + "subProcess"
    }
    assert drawn <= told


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
@pytest.mark.parametrize("language", ["nn", "en"])
def test_they_are_said_in_the_readers_language(name: str, language: str) -> None:
    with i18n.speaking(language):
        told = [
            re.sub("[«“][^»”]*[»”]", "", line.text)
            for s in sections(shipped(name), shipped_words())
            for line in s.lines
        ]
    words = set(re.findall(r"\w+", " ".join(told)))
    foreign = {"nn": {"ikke", "kommer", "lederen", "hvis", "Hvis", "Hvert", "oppgaven", "begynner"},
               "en": {"får", "og", "eller", "deretter", "Deretter", "hvis", "ikke", "etter", "er"}}  # fmt: skip
    assert not words & foreign[language]


if __name__ == "__main__":
    for path in PROCESSES:
        (SAID / f"{path.stem}.md").write_text(said(path.stem), "utf-8")
