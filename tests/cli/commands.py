"""Ways to run real commands, and small files to run them on."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from click.testing import CliRunner, Result

from komp_flow import logs
from komp_flow.cli import main

COMMAND = Path(sys.executable).with_name("komp-flow")
INSTANT = "2027-01-04T08:00:00Z"
UNITS = """\
unit_id;parent_id;name;org_number;manager_id;deputy_id
top;;Direktoratet;123456785;e1;e2
a;top;Avdeling Å;;e2;
"""
PEOPLE = """\
employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles
e1;Kari Nes;kari.nes@fjord.example;top;;Direktør;100;;;;;nb;top_management
e2;Åse Øye;ase@fjord.example;a;;Avdelingsdirektør;100;;;;;nn;
e3;Per Ås;per@fjord.example;a;;Rådgiver;100;;;;;en;hr
"""
# A process without a form: it can be checked and published alone.
DIAGRAM = """\
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:test">
  <bpmn:process id="small" name="Liten" isExecutable="true">
    <bpmn:startEvent id="s"/>
    <bpmn:userTask id="u" name="Gjør det"><bpmn:extensionElements><zeebe:userTask/>
      <zeebe:assignmentDefinition candidateGroups="hr"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="u"/><bpmn:sequenceFlow id="f2" sourceRef="u" targetRef="e"/>
  </bpmn:process>
</bpmn:definitions>
"""

Run = Callable[..., Result]


def clean_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOMP_FLOW_")}
    return kept | {"KOMP_FLOW_HOME": str(home), "PYTHONWARNINGS": "ignore"}


def process(home: Path, *arguments: str | bytes, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        env=clean_environment(home),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def invoked(home: Path, *arguments: str, stdin: str | bytes = "", **settings: str) -> Result:
    environment = {name: None for name in os.environ if name.startswith("KOMP_FLOW_")}
    given = {f"KOMP_FLOW_{name}": value for name, value in ({"HOME": str(home)} | settings).items()}
    with logged_as_before():
        result = CliRunner().invoke(main, list(arguments), input=stdin, env={**environment, **given})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@contextmanager
def logged_as_before() -> Iterator[None]:
    """A command says how its process logs; this process goes on as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text
