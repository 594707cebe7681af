"""The database's upkeep, the trail, the doctor, and settings that are wrong."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from cli.commands import Run, invoked, one_line
from komp_flow.db import driver


def change(home: Path, statement: str) -> None:
    with closing(driver().connect(home / "komp-flow.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()


def test_an_upgrade_may_be_repeated_and_says_no_more_than_that(tmp_path: Path) -> None:
    for _again in range(2):
        done = invoked(tmp_path / "new", "database", "upgrade")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "Databasen er oppdatert.\n", "")


def test_a_whole_database_is_called_whole(run: Run) -> None:
    done = run("database", "check")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Databasen er hel.\n", "")
    done = run("audit", "verify")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "Sporet er helt.\n", "")


def test_a_database_without_tables_is_told_what_to_do(tmp_path: Path) -> None:
    done = invoked(tmp_path / "new", "database", "check")
    assert (done.exit_code, "komp-flow database upgrade" in done.stderr) == (1, True)
    done = invoked(tmp_path / "new", "doctor")
    assert (done.exit_code, "komp-flow database upgrade" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    "tampering",
    ["UPDATE event SET what = 'nothing' WHERE seq = 1", "DELETE FROM event", "UPDATE event SET seq = 99 WHERE seq = 1"],
)
@pytest.mark.parametrize("command", [("audit", "verify"), ("database", "check")], ids=" ".join)
def test_a_trail_that_was_tampered_with_is_found(
    run: Run, home: Path, tampering: str, command: tuple[str, ...]
) -> None:
    assert run("role", "grant", "e2", "hr").exit_code == 0
    change(home, tampering)
    done = run(*command)
    assert done.exit_code == 1
    assert done.stderr
    assert "Broken(" not in done.stderr


def test_a_copy_is_put_back(run: Run, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "a copy? 100% #1.sqlite"
    done = run("database", "backup", str(copy))
    assert (done.exit_code, done.stdout) == (0, f"{copy}\n")
    assert run("account", "create", "e1").exit_code == 0
    assert run("database", "restore", str(copy)).exit_code == 0
    assert run("database", "check").exit_code == 0
    assert run("account", "lock", "e1").exit_code == 1  # the account was made after the copy
    assert not list(home.glob("*.partial"))


def test_a_copy_is_refused_where_it_cannot_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for target in (tmp_path / "there", tmp_path / "gone" / "copy"):
        refused = run("database", "backup", str(target))
        assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
    assert run("database", "backup", str(tmp_path)).exit_code == 2
    assert (tmp_path / "there").read_text() == "mine"


def test_what_is_no_copy_is_not_put_back(run: Run, tmp_path: Path, home: Path) -> None:
    before = (home / "komp-flow.sqlite").read_bytes()
    (tmp_path / "text").write_text("hello" * 1000)
    (tmp_path / "empty").touch()
    with closing(driver().connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE mine (id)")
    for name in ("text", "empty", "other"):
        refused = run("database", "restore", str(tmp_path / name))
        assert (refused.exit_code, one_line(refused.stderr), "Ingenting er endret" in refused.stderr) == (1, True, True)
    assert run("database", "restore", str(tmp_path / "gone")).exit_code == 2
    assert (home / "komp-flow.sqlite").read_bytes() == before


def test_the_doctor_says_what_this_runs_on(run: Run, home: Path) -> None:
    done = run("doctor")
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert done.exit_code == 0
    assert said["migrations"] == "ok"
    assert said["home"] == str(home)
    assert said["database"].startswith("SQLite 3.")


def test_what_is_due_is_done_once(run: Run) -> None:
    done = run("worker", "--once")
    assert (done.exit_code, done.stdout) == (0, "0 rader er utført.\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEZONE", "Mars/Base"), ("TIMEZONE", "/etc/passwd"), ("TIMEZONE", "Europe"), ("QUEUE", "redis"),
        ("QUEUE", "procrastinate"),
        ("LOCALE", "de"), ("DEMO", "perhaps"), ("DATABASE", "mysql://there/db"), ("DATABASE", "nonsense"),
        ("DATABASE", "postgresql://there:port/db"), ("CLOCK", "tomorrow"), ("CLOCK", "file:/gone/clock"),
    ],
)  # fmt: skip
def test_a_setting_that_is_wrong_is_named(run: Run, name: str, value: str) -> None:
    refused = run("worker", "--once", **{name: value})
    assert (refused.exit_code, refused.stdout, one_line(refused.stderr)) == (1, "", True)
    assert f"KOMP_FLOW_{name}" in refused.stderr


@pytest.mark.parametrize("text", [b"", b"soon", b"\xff\xfe", b"2027-01-04T08:00:00"])
def test_a_clock_without_an_instant_is_told(run: Run, tmp_path: Path, text: bytes) -> None:
    (tmp_path / "clock").write_bytes(text)
    refused = run("worker", "--once", CLOCK=f"file:{tmp_path / 'clock'}")
    assert (refused.exit_code, one_line(refused.stderr), "KOMP_FLOW_CLOCK" in refused.stderr) == (1, True, True)


def test_a_database_that_does_not_answer_is_told_in_a_line_without_its_password(run: Run) -> None:
    refused = run("database", "upgrade", DATABASE="postgresql://me:hidden-word@127.0.0.1:1/db")
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
    assert "hidden-word" not in refused.output


def test_a_file_that_is_no_database_is_told_in_a_line(run: Run, home: Path) -> None:
    (home / "komp-flow.sqlite").write_text("hello" * 1000)
    for command in ("upgrade", "check"):
        refused = run("database", command)
        assert (refused.exit_code, one_line(refused.stderr)) == (1, True)


def test_a_home_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = invoked(tmp_path / "file" / "home", "database", "upgrade")
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)


def test_the_secret_is_for_its_owner_alone(home: Path) -> None:
    assert os.stat(home / "secret-key").st_mode & 0o077 == 0
