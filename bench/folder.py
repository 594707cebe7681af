"""Diagrams from a folder: each is started with what its own variables need, and its forms are filled in."""

from __future__ import annotations

import json
from pathlib import Path

from lxml import etree

from bench.drawing import ANSWERS, Process
from bench.plain import BPMN


def processes(folder: Path) -> list[Process]:
    """Each diagram's process, with all forms of the folder. `variables.json` there may say what they start with."""
    forms = {file.name: file.read_bytes() for file in sorted(folder.glob("*.json")) if file.name != "variables.json"}
    given = folder / "variables.json"
    variables = json.loads(given.read_text()) if given.exists() else {}
    found = []
    for file in sorted(folder.glob("*.bpmn")):
        root = etree.fromstring(file.read_bytes()).find(f"{BPMN}process")
        found.append(Process(file.stem, root.get("id"), file.read_bytes(), forms, variables, ANSWERS))
    return found
