"""A diagram said in words: who gets what when, in the order in which things happen, under headings.

`sections` answers for whatever diagram can be read, also one that cannot run: what is missing is said plainly. What it
says is what the engine does: tests play the words beside the engine.
"""

from __future__ import annotations

from komp_flow.diagrams.words.around import FieldWords, FormWords, Offset, Words
from komp_flow.diagrams.words.story import Line, Section, Story
from komp_flow.engine.checks.diagram import Diagram
from komp_flow.engine.memory import bpmn
from komp_flow.i18n import _

__all__ = ["FieldWords", "FormWords", "Line", "Offset", "Section", "Words", "sections"]


def sections(data: bytes, around: Words) -> list[Section]:
    """The diagram in words. Refused: what is not XML, has a document type, or is larger than check allows."""
    diagram = Diagram(bpmn.read(data))
    found = [section for process in diagram.processes for section in Story(diagram, process, around).told()]
    if found:
        return found
    element = next((process.get("id", "") for process in diagram.all_processes), "")
    return [Section(_("Tegningen"), (Line(element, _("Det er ikke tegnet noe her ennå.")),))]
