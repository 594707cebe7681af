"""`check` answers for any file: exit codes, text and JSON; it leaves nothing behind and never falls."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from cli.commands import COMMAND, DIAGRAM, Run, clean_environment, one_line, process

ROOT = Path(__file__).parent.parent.parent
KEYS = ["file", "element", "severity", "rule", "message", "fix"]
SHIPPED = [str(path) for folder in ("processes", "forms") for path in sorted((ROOT / folder).iterdir())]


def test_a_sound_file_ends_with_0_and_an_empty_list(run: Run, diagram: Path) -> None:
    done = run("check", str(diagram), "--format", "json")
    assert (done.exit_code, json.loads(done.stdout), done.stderr) == (0, [], "")


def test_what_is_shipped_has_no_error(run: Run) -> None:
    done = run("check", *SHIPPED, "--format", "json")
    assert done.exit_code == 0
    assert [row for row in json.loads(done.stdout) if row["severity"] == "error"] == []


def test_every_problem_of_every_file_is_listed_with_the_same_keys(run: Run, tmp_path: Path, diagram: Path) -> None:
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text(DIAGRAM.replace('candidateGroups="hr"', 'candidateGroups="nobody"').replace("small", "other"))
    form = tmp_path / "form.json"
    form.write_text("{")
    done = run("check", str(wrong), str(diagram), str(form), "--format", "json")
    rows = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {row["file"] for row in rows} == {str(wrong), str(form)}
    assert all(list(row) == KEYS and all(isinstance(value, str) for value in row.values()) for row in rows)
    assert {row["element"] for row in rows if row["file"] == str(wrong)} == {"u"}
    assert {row["severity"] for row in rows} <= {"error", "warning"}


def test_text_is_one_line_a_problem_and_the_count_goes_to_stderr(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text(DIAGRAM.replace('candidateGroups="hr"', 'candidateGroups="nobody"'))
    done = run("check", str(wrong))
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"{wrong}#u: feil [")
    assert done.stderr == "1 feil, 0 advarsler.\n"


def test_warnings_alone_end_with_0(run: Run, tmp_path: Path) -> None:
    users = tmp_path / "users.bpmn"
    users.write_text(DIAGRAM.replace("candidateGroups", 'candidateUsers="e1" candidateGroups'))
    done = run("check", str(users), "--format", "json")
    assert {row["severity"] for row in json.loads(done.stdout)} == {"warning"}
    assert done.exit_code == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 5000, bytes(range(256)) * 40, b"<", b"<?xml version='1.0'?>", b"{}", b"[]", b"null", b"hello",
     b"\xff\xfe<\x00", b"<html/>", b"%PDF-1.7", b"PK\x03\x04", b"[" * 100_000, b"<a>" * 50_000, b"x" * 2_000_000],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".bpmn", ".json", ".png"])
def test_what_is_no_diagram_is_an_error_of_the_file(run: Run, tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"file{suffix}"
    path.write_bytes(data)
    done = run("check", str(path), "--format", "json")
    rows = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {row["file"] for row in rows} == {str(path)}
    assert "error" in {row["severity"] for row in rows}


def test_files_that_cannot_be_read_are_each_told_and_the_others_checked(
    run: Run, tmp_path: Path, diagram: Path
) -> None:
    other = tmp_path / "other.bpmn"
    other.write_text("no")
    done = run("check", str(tmp_path), str(diagram), str(tmp_path / "gone.bpmn"), str(other), "--format", "json")
    assert done.exit_code == 2
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        f"Kan ikke lese {tmp_path}",
        f"Kan ikke lese {tmp_path / 'gone.bpmn'}",
    ]
    assert {row["file"] for row in json.loads(done.stdout)} == {str(other)}


def test_a_file_without_an_end_is_too_large(run: Run) -> None:
    done = run("check", "/dev/zero", "--format", "json")
    assert (done.exit_code, [row["rule"] for row in json.loads(done.stdout)]) == (1, ["too-large"])


def test_a_name_with_a_line_break_is_one_line_of_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "two\nlines\x1b[31m.bpmn"
    path.write_text("no")
    done = run("check", str(path))
    assert len(done.stdout.splitlines()) == 1
    assert "\x1b" not in done.stdout
    as_json = run("check", str(path), "--format", "json")
    assert json.loads(as_json.stdout)[0]["file"] == str(path)
    gone = run("check", str(path) + "gone")
    assert one_line(gone.stderr.removesuffix("0 feil, 0 advarsler.\n"))


def test_a_name_that_is_no_text_is_shown_as_well_as_can_be(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xe5\xff.bpmn"
    Path(os.fsdecode(name)).write_text("no")
    for form in ("text", "json"):
        done = process(tmp_path / "home", "check", name, b"/gone/\xff", "--format", form)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "\N{REPLACEMENT CHARACTER}.bpmn" in done.stdout
    json.loads(done.stdout)


def test_a_terminal_that_speaks_ascii_gets_an_answer(tmp_path: Path, diagram: Path) -> None:
    diagram.write_text("no")
    environment = clean_environment(tmp_path) | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [str(COMMAND), "check", str(diagram), "--format"]
    done = subprocess.run([*command, "json"], env=environment, capture_output=True, check=False, timeout=60)
    assert json.loads(done.stdout)[0]["file"] == str(diagram)
    done = subprocess.run([*command, "text"], env=environment, capture_output=True, check=False, timeout=60)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


def test_it_needs_no_home_and_leaves_none(tmp_path: Path, diagram: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KOMP_FLOW_")}
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run([str(COMMAND), "check", str(diagram)], env=environment, cwd=empty, check=False, timeout=60)
    assert done.returncode == 0
    assert list(empty.iterdir()) == []


def test_many_files_are_checked_together_and_progress_is_for_terminals_only(tmp_path: Path) -> None:
    paths = []
    for number in range(300):
        path = tmp_path / f"{number}.bpmn"
        path.write_text(DIAGRAM.replace('id="small"', f'id="p{number}"'))
        paths.append(str(path))
    done = process(tmp_path, "check", *paths)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 feil, 0 advarsler.\n")
    told, terminal = pty.openpty()
    on_terminal = subprocess.Popen(
        [str(COMMAND), "check", *paths], env=clean_environment(tmp_path), stdout=subprocess.DEVNULL, stderr=terminal
    )
    os.close(terminal)
    said = b""
    while on_terminal.poll() is None or not said.endswith(b"advarsler.\r\n"):
        try:
            said += os.read(told, 1024)
        except OSError:  # the other end is closed
            break
    os.close(told)
    assert on_terminal.wait(60) == 0
    assert b"Sjekker 300 filer" in said
    assert said.endswith(b"\x1b[K0 feil, 0 advarsler.\r\n")
