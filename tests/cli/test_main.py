"""The commands as a list: each has help with an example, answers soon, and says one line for what it does not know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.commands import COMMAND, Run, one_line, process
from komp_flow.cli import COMMANDS, main


def every(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, name
            yield from every(found, (*path, name))


ALL = dict(every(main))


def test_the_commands_are_those_of_the_interface() -> None:
    assert {path for path, command in ALL.items() if not isinstance(command, click.Group)} == {
        ("serve",), ("worker",), ("check",), ("publish",), ("export",), ("import-organisation",), ("doctor",),
        ("database", "upgrade"), ("database", "check"), ("database", "backup"), ("database", "restore"),
        ("account", "create"), ("account", "lock"), ("account", "reset"), ("role", "grant"), ("role", "revoke"),
        ("token", "create"), ("audit", "verify"), ("erase",),
        ("keys", "new"), ("keys", "rotate"), ("keys", "backup"), ("keys", "restore"), ("keys", "abandon"),
    }  # fmt: skip


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, path: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        done = run(*path, flag)
        assert done.exit_code == 0
        assert f"Example: komp-flow {' '.join(path)}".rstrip() in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    says = (ALL[name,].help or "").split(". ")[0].split("\n")[0].rstrip(".")
    assert COMMANDS[name][2].rstrip(".") in says or says.startswith(COMMANDS[name][2].rstrip(".").split(";")[0])


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["account", "nope"], ["serve", "--nope"], ["serve", "--port", "0"], ["serve", "--port", "x"], ["check"],
     ["check", "--format", "xml", "x"], ["role", "grant"], ["token", "create"], ["simulate"]],
    ids=" ".join,
)  # fmt: skip
def test_a_mistake_is_one_line_that_says_where_the_help_is(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout, one_line(done.stderr)) == (2, "", True)
    assert "--help" in done.stderr


def test_help_and_check_import_only_what_they_need(tmp_path: Path) -> None:
    seen = (
        "import sys; from komp_flow.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    for arguments, unwanted in (
        (["--help"], {"flask", "sqlalchemy", "alembic", "lxml", "SpiffWorkflow", "structlog"}),
        (["check", "/gone"], {"flask", "alembic", "waitress"}),
    ):
        done = subprocess.run(
            [sys.executable, "-c", seen, *arguments], capture_output=True, text=True, check=True, timeout=60
        )
        assert unwanted & set(done.stdout.splitlines()[-1].split()) == set()


def test_nobody_who_stops_listening_gets_a_traceback(tmp_path: Path, diagram: Path) -> None:
    diagram.write_text("no")
    done = subprocess.run(
        ["bash", "-c", f"'{COMMAND}' check {' '.join([str(diagram)] * 50)} | true"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_the_version_is_told(tmp_path: Path) -> None:
    done = process(tmp_path, "--version")
    assert (done.returncode, done.stdout.startswith("komp-flow, version ")) == (0, True)
