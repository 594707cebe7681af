"""Checks many files together: an outline of each first, then each in the light of all; a bad file hurts only itself."""

from __future__ import annotations

import atexit
import os
import threading
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from komp_flow.engine.checks.around import Around, Outline
from komp_flow.engine.checks.findings import LONGEST, Findings, clipped
from komp_flow.engine.memory.bpmn import MAX_BYTES
from komp_flow.engine.problems import Known, Problem, SourceFile
from komp_flow.engine.sandbox import Killed, Sandbox
from komp_flow.i18n import _, language

SECONDS = 2.0  # of the processor, for all jobs of a file: with what starting takes, an answer comes within five
_HELPER = Path(__file__).parent / "helper.py"

_idle: list[Sandbox] = []
_guard = threading.Lock()
_owner = os.getpid()


def check(files: Sequence[SourceFile], known: Known) -> list[Problem]:
    """Every problem of every file, in the order of the files. Never raises for what a file holds.

    Errors of a file must be mended before it can be published. Takes a few seconds for one file at most, and the work
    is done in a process of its own with bounded memory.
    """
    sandbox = _taken()
    try:
        return _Batch(files, known, sandbox).run()
    finally:
        _given_back(sandbox)


class _Sheet:
    """One file on its way through the check."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.findings = Findings(file.name)
        self.problems: list[Problem] = []
        self.outline = Outline()
        self.left = SECONDS
        self.is_over = False


class _Batch:
    """One call of `check`."""

    def __init__(self, files: Sequence[SourceFile], known: Known, sandbox: Sandbox) -> None:
        self.sheets = [_Sheet(file) for file in files]
        self.around = Around(known)
        self.sandbox = sandbox

    def run(self) -> list[Problem]:
        """Outlines, then what is called, then the rules."""
        self._tell()
        for sheet in self.sheets:
            if len(sheet.file.data) > MAX_BYTES:
                sheet.findings.add("too-large")
                sheet.is_over = True
            elif (plain := self._job(sheet, "outline")) is not None:
                sheet.outline = Outline.from_json(plain)
        self._same_twice()
        called = {name for sheet in self.sheets for name in sheet.outline.calls}
        for sheet in self.sheets:
            if sheet.outline.process in called:
                plain = self._job(sheet, "wants", outline=sheet.outline.to_json())
                if plain is not None:
                    self.around.processes[sheet.outline.process] = Outline.from_json(plain)
        self._tell()
        for sheet in self.sheets:
            rows = self._job(sheet, "check")
            for element, severity, rule, message, fix in rows or ():
                sheet.problems.append(Problem(sheet.file.name, element, severity, rule, message, fix))
        return [problem for sheet in self.sheets for problem in (*sheet.findings.problems, *sheet.problems)]

    def _same_twice(self) -> None:
        """The first file with an id counts; the others are told."""
        first: dict[tuple[str, str], _Sheet] = {}
        for sheet in self.sheets:
            process, form = sheet.outline.process, sheet.outline.form
            if process and (other := first.setdefault(("process", process), sheet)) is not sheet:
                sheet.findings.add("process-twice", clipped(process, LONGEST), process=process, other=other.file.name)
            if form and (other := first.setdefault(("form", form), sheet)) is not sheet:
                sheet.findings.add("form-twice", "", form=form, other=other.file.name)
            self.around.add(sheet.outline)

    def _job(self, sheet: _Sheet, job: str, **more: Any) -> Any:
        """The answer; None when the file did not get through, which is then said."""
        if sheet.is_over:
            return None
        data = b64encode(sheet.file.data).decode()
        request = {"do": job, "name": sheet.file.name, "data": data, "language": language(), **more}
        try:
            answer = self.sandbox.call(request, max(0.05, sheet.left))
        except Killed as killed:
            if killed.reason == "time":
                return self._over(sheet, "too-slow", seconds=round(SECONDS))
            if killed.reason == "memory":
                return self._over(sheet, "too-much-memory")
            return self._over(sheet, "check-failed", reason=killed)
        sheet.left -= answer.get("spent", 0)
        if "failed" in answer:
            if answer["failed"] == "depth":
                return self._over(sheet, "cannot-compile", reason=_("Elementene ligger for dypt inni hverandre."))
            return self._over(sheet, "check-failed", reason=answer["failed"])
        return answer["answer"]

    def _tell(self) -> None:
        """The surroundings as they are known now; the helper may have another batch's."""
        self.sandbox.tell({"do": "around", "around": self.around.to_json()})

    def _over(self, sheet: _Sheet, rule: str, **values: object) -> None:
        sheet.findings.add(rule, "", **values)
        sheet.is_over = True


def _taken() -> Sandbox:
    """A helper for this call alone: one that is warm, if there is."""
    global _owner  # noqa: PLW0603 - after a fork the pipes belong to the parent
    with _guard:
        if _owner != os.getpid():
            _idle.clear()
            _owner = os.getpid()
        return _idle.pop() if _idle else Sandbox(_HELPER)


def _given_back(sandbox: Sandbox) -> None:
    with _guard:
        if not _idle:
            _idle.append(sandbox)
            return
    sandbox.close()


def close(sandboxes: Iterable[Sandbox] | None = None) -> None:
    """End the helpers that wait for work."""
    with _guard:
        for sandbox in list(sandboxes if sandboxes is not None else _idle):
            sandbox.close()
        _idle.clear()


atexit.register(close)
