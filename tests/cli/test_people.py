"""The organisation's files, accounts, roles and tokens, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.commands import PEOPLE, UNITS, Run, one_line

GOOD = "hest batteri stift korrekt"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "units.csv").write_text(UNITS)
    (tmp_path / "people.csv").write_text(PEOPLE)
    return ["--units", str(tmp_path / "units.csv"), "--people", str(tmp_path / "people.csv")]


def test_a_trial_shows_and_changes_nothing(run: Run, files: list[str], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE + "e4;Ola Bø;ola@fjord.example;a;;Rådgiver;50;;;;;;\n")
    for _again in range(2):
        trial = run("import-organisation", *files, "--dry-run")
        assert (trial.exit_code, trial.stderr) == (0, "")
        assert "e4 Ola Bø" in trial.stdout
        assert trial.stdout.endswith("Dette var en prøve. Ingenting er endret.\n")
    real = run("import-organisation", *files)
    assert (real.exit_code, "e4 Ola Bø" in real.stdout) == (0, True)
    assert "Alt er som før" in run("import-organisation", *files).stdout


def test_every_bad_row_is_told_and_nothing_is_changed(run: Run, files: list[str], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        PEOPLE + "e4;Ola Bø;;a;;Rådgiver;50;;;;;;\ne5;Ola Bø;ola@fjord.example;gone;;Rådgiver;150;;;;;;\n"
    )
    refused = run("import-organisation", *files)
    lines = refused.stderr.splitlines()
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert [line.split(": ")[:2] for line in lines[:3]] == [
        [f"{files[3]}:5", "email"],
        [f"{files[3]}:6", "percent"],
        [f"{files[3]}:6", "unit_id"],
    ]
    assert lines[-2:] == ["Fant 3 feil i filene.", "Ingenting er endret. Rett radene over og prøv igjen."]
    assert run("account", "create", "e4").exit_code == 1


def test_a_file_that_is_not_there_is_told_in_a_line(run: Run, files: list[str]) -> None:
    for path in ("/gone.csv", "/"):
        refused = run("import-organisation", "--units", path, *files[2:])
        assert (refused.exit_code, one_line(refused.stderr), "--units" in refused.stderr) == (2, True, True)


def test_an_account_is_made_with_a_password_that_is_shown_once(run: Run) -> None:
    made = run("account", "create", "e1")
    assert (made.exit_code, made.stdout.startswith("Passordet er ")) == (0, True)
    again = run("account", "create", "e1")
    assert (again.exit_code, again.stdout, one_line(again.stderr)) == (1, "", True)


def test_a_password_is_read_from_standard_input_and_not_shown(run: Run) -> None:
    made = run("account", "create", "e1", "--password-stdin", stdin=f"{GOOD}\r\n")
    assert (made.exit_code, made.stdout, GOOD in made.stderr) == (0, "", False)
    assert run("account", "reset", "e1", "--password-stdin", stdin=f"{GOOD} igjen\n").exit_code == 0


@pytest.mark.parametrize("typed", ["", "\n", "kort\n", "kari.nes@fjord.example\n", b"\xff\xfe" * 12, b"x" * 100_000])
def test_a_weak_password_is_refused(run: Run, typed: str | bytes) -> None:
    refused = run("account", "create", "e1", "--password-stdin", stdin=typed)
    assert (refused.exit_code, "Traceback" in refused.stderr) == (1, False)
    assert run("account", "lock", "e1").exit_code == 1  # there is no account


def test_an_account_is_locked_and_opened_by_a_new_password(run: Run) -> None:
    run("account", "create", "e1")
    assert run("account", "lock", "e1").exit_code == 0
    assert run("account", "lock", "e1").exit_code == 0
    assert run("account", "reset", "e1").stdout.startswith("Passordet er ")


@pytest.mark.parametrize(
    "command",
    [("account", "create"), ("account", "reset"), ("account", "lock"),
     ("token", "create", "--scope", "tasks", "--person")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("person", ["nobody", "", "x" * 5_000, "\udcff", "e1\n"])
def test_nobody_is_told_in_a_line(run: Run, command: tuple[str, ...], person: str) -> None:
    refused = run(*command, person)
    assert (refused.exit_code, refused.stdout, one_line(refused.stderr)) == (1, "", True)


def test_a_role_is_given_and_taken_back(run: Run) -> None:
    assert run("role", "grant", "e2", "process_owner").exit_code == 0
    assert run("role", "revoke", "e2", "process_owner").exit_code == 0


def test_an_unknown_role_lists_the_known(run: Run) -> None:
    for command in ("grant", "revoke"):
        refused = run("role", command, "e2", "boss")
        assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
        assert "administrator, hr, process_owner, top_management, union_rep" in refused.stderr


def test_a_token_is_shown_alone_on_stdout(run: Run) -> None:
    made = run("token", "create", "--person", "e1", "--scope", "tasks,instances", "--scope", "registers")
    assert (made.exit_code, len(made.stdout.split()), made.stderr) == (0, 1, "")


@pytest.mark.parametrize("scope", ["everything", "", ",", "tasks,everything"])
def test_an_unknown_scope_lists_the_known(run: Run, scope: str) -> None:
    refused = run("token", "create", "--person", "e1", "--scope", scope)
    assert (refused.exit_code, refused.stdout, one_line(refused.stderr)) == (1, "", True)
    assert "admin, instances, processes, registers, tasks" in refused.stderr
