"""Publishing from files and writing back: what comes out goes in again and changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

from cli.commands import DIAGRAM, Run, one_line

ROOT = Path(__file__).parent.parent.parent
SHIPPED = [str(path) for folder in ("processes", "forms") for path in sorted((ROOT / folder).iterdir())]


def test_a_published_file_is_a_version_and_again_it_is_none(run: Run, diagram: Path) -> None:
    first = run("publish", str(diagram), "--why", "Første utgave")
    assert (first.exit_code, first.stdout) == (0, "small versjon 1 er publisert.\n")
    again = run("publish", str(diagram), "--why", "Det samme")
    assert (again.exit_code, again.stdout) == (0, "small er som før: versjon 1 gjelder fortsatt.\n")
    diagram.write_text(DIAGRAM.replace("Gjør det", "Gjør det nå"))
    assert run("publish", str(diagram), "--why", "Nytt navn").stdout == "small versjon 2 er publisert.\n"


def test_what_has_an_error_is_listed_and_nothing_is_published(run: Run, diagram: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.bpmn"
    other.write_text(DIAGRAM.replace('id="small"', 'id="other"').replace('"hr"', '"nobody"'))
    refused = run("publish", str(diagram), str(other), "--why", "Begge")
    assert refused.exit_code == 1
    assert refused.stdout.startswith(f"{other}#u: feil [")
    assert refused.stderr.endswith("Ingenting er publisert. Rett feilene over og prøv igjen.\n")
    assert run("export", str(tmp_path / "out")).stderr == "Ingenting er publisert ennå, så ingenting er skrevet.\n"


def test_a_reason_and_readable_files_are_wanted(run: Run, diagram: Path) -> None:
    blank = run("publish", str(diagram), "--why", " ")
    assert blank.exit_code == 1
    assert "why: " in blank.stderr
    without = run("publish", str(diagram))
    assert (without.exit_code, one_line(without.stderr)) == (2, True)
    gone = run("publish", "/gone.bpmn", "--why", "x")
    assert (gone.exit_code, one_line(gone.stderr), "/gone.bpmn" in gone.stderr) == (1, True, True)


def test_what_is_written_back_is_what_was_published(run: Run, tmp_path: Path) -> None:
    assert run("publish", *SHIPPED, "--why", "Alt").exit_code == 0
    out = tmp_path / "out"
    done = run("export", str(out))
    written = sorted(path for path in out.rglob("*") if path.is_file())
    assert done.exit_code == 0
    assert sorted(done.stdout.split()) == [str(path) for path in written]
    assert {path.read_bytes() for path in written} == {Path(path).read_bytes() for path in SHIPPED}
    again = run("publish", *map(str, written), "--why", "Tilbake")
    assert all("er som før: versjon 1" in line for line in again.stdout.splitlines())
    assert len(again.stdout.splitlines()) == len(SHIPPED)


def test_a_place_that_cannot_be_written_is_told_in_a_line(run: Run, diagram: Path) -> None:
    assert run("publish", str(diagram), "--why", "x").exit_code == 0
    refused = run("export", "/proc/nowhere")
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
    refused = run("export", str(diagram))
    assert (refused.exit_code, one_line(refused.stderr)) == (2, True)


def test_a_step_is_added_in_the_four_moves_of_the_readme(run: Run, tmp_path: Path) -> None:
    assert run("publish", *SHIPPED, "--why", "Alt").exit_code == 0
    out = tmp_path / "out"
    assert run("export", str(out)).exit_code == 0
    drawn, form = out / "processes" / "unit.bpmn", out / "forms" / "my-form.json"
    text = drawn.read_text()
    flow = re.search(r'<bpmn:sequenceFlow id="([^"]+)" sourceRef="B1" targetRef="B2" ?/>', text)
    assert flow is not None
    step = (
        '<bpmn:userTask id="mine" name="Snakk med noen"><bpmn:extensionElements><zeebe:userTask />'
        '<zeebe:formDefinition formId="my-form" /><zeebe:assignmentDefinition candidateGroups="manager" />'
        '<zeebe:taskSchedule dueDate="=deadline.discussion" /></bpmn:extensionElements></bpmn:userTask>'
        f'<bpmn:sequenceFlow id="{flow[1]}" sourceRef="B1" targetRef="mine" />'
        '<bpmn:sequenceFlow id="mine-to-B2" sourceRef="mine" targetRef="B2" />'
    )
    drawn.write_text(text.replace(flow[0], step))
    form.write_text((out / "forms" / "proposal-review.json").read_text().replace('"proposal-review"', '"my-form"'))
    files = [str(path) for path in sorted(out.rglob("*")) if path.is_file()]
    checked = run("check", *files)
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.output
    done = run("publish", str(drawn), str(form), "--why", "Et steg til")
    assert done.stdout.splitlines() == ["unit versjon 2 er publisert.", "my-form versjon 1 er publisert."]
