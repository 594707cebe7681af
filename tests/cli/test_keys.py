"""The commands about keys and erasing: a copy that lives apart, a new lock, a store that is lost, a person erased."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.commands import PEOPLE, UNITS, Run, one_line
from komp_flow import vault
from komp_flow.db import Database
from komp_flow.schema import open_database
from komp_flow.settings import Settings

TEXT = "hemmelig"
HERE = "draft/1"


@pytest.fixture
def written(home: Path) -> bytes:
    """Something about e3, sealed."""
    with database(home) as opened, opened.transaction() as db:
        return vault.seal(db, "e3", TEXT, HERE)


@contextmanager
def database(home: Path, **more: str) -> Iterator[Database]:
    environ = {f"KOMP_FLOW_{name}": value for name, value in {"HOME": str(home), **more}.items()}
    with closing(open_database(Settings.from_env(environ))) as opened:
        yield opened


def read(home: Path, sealed: bytes, **more: str) -> object:
    with database(home, **more) as opened, opened.reading() as db:
        return vault.opened(db, "e3", sealed, HERE)


def lose(home: Path) -> None:
    for path in home.glob("keys.sqlite*"):
        path.unlink()


def test_the_keys_are_copied_apart_and_put_back_together(run: Run, home: Path, tmp_path: Path, written: bytes) -> None:
    copy = tmp_path / "copy.sqlite"
    done = run("database", "backup", str(copy))
    assert (done.exit_code, done.stdout) == (0, f"{copy}\n")
    assert "30 dager" in done.stderr
    assert (tmp_path / "copy.sqlite.keys").stat().st_mode & 0o077 == 0
    lose(home)
    (home / "komp-flow.sqlite").unlink()
    done = run("database", "restore", str(copy))
    assert (done.exit_code, done.stderr) == (0, "")
    assert read(home, written) == TEXT
    assert run("database", "check").exit_code == 0


def test_a_server_s_database_is_put_back_elsewhere_with_its_keys(
    run: Run, home: Path, tmp_path: Path, another_postgresql: Callable[[], str], postgresql_tools: None
) -> None:
    here, there, copy = another_postgresql(), another_postgresql(), tmp_path / "copy"
    for name, content in (("units.csv", UNITS), ("people.csv", PEOPLE)):
        (tmp_path / name).write_text(content)
    files = ("--units", str(tmp_path / "units.csv"), "--people", str(tmp_path / "people.csv"))
    assert run("import-organisation", *files, DATABASE=here).exit_code == 0
    with database(home, DATABASE=here) as opened, opened.transaction() as db:
        sealed = vault.seal(db, "e3", TEXT, HERE)
    done = run("database", "backup", str(copy), DATABASE=here)
    assert (done.exit_code, done.stdout) == (0, f"{copy}\n"), done.stderr
    done = run("database", "restore", str(copy), DATABASE=there)
    assert done.exit_code == 0, done.stderr
    assert run("database", "check", DATABASE=there).exit_code == 0
    assert run("account", "create", "e1", DATABASE=there).exit_code == 0
    assert read(home, sealed, DATABASE=there) == TEXT


def test_neither_copy_is_ever_written_over(run: Run, tmp_path: Path, written: bytes) -> None:
    (tmp_path / "copy.sqlite.keys").write_text("mine")
    done = run("database", "backup", str(tmp_path / "copy.sqlite"))
    assert (done.exit_code, one_line(done.stderr)) == (1, True)
    assert not (tmp_path / "copy.sqlite").exists()
    assert (tmp_path / "copy.sqlite.keys").read_text() == "mine"


def test_a_restore_does_not_bring_back_who_was_erased(run: Run, home: Path, tmp_path: Path, written: bytes) -> None:
    copy = tmp_path / "copy.sqlite"
    assert run("database", "backup", str(copy)).exit_code == 0
    assert run("erase", "--person", "e3", "--reason", "bedt om").exit_code == 0
    done = run("database", "restore", str(copy))
    assert done.exit_code == 0
    assert "1 sletting" in done.stdout
    with pytest.raises(vault.Erased):
        read(home, written)
    assert "1 sletting" not in run("database", "restore", str(tmp_path / "copy.sqlite")).stderr


def test_a_lost_store_is_told_by_the_doctor_and_nothing_serves(run: Run, home: Path, written: bytes) -> None:
    assert run("worker", "--once").exit_code == 0
    with database(home) as opened, opened.transaction() as db:
        vault.seal(db, "e2", TEXT, HERE)
    lose(home)
    for command in (["doctor"], ["database", "check"], ["worker", "--once"], ["serve", "--port", "1"]):
        refused = run(*command)
        assert refused.exit_code == 1, command
        assert "keys restore" in refused.stderr or "--port" in refused.stderr
    assert not (home / "keys.sqlite").exists() or (home / "keys.sqlite").stat().st_size == 0
    assert run("keys", "abandon").exit_code == 2
    assert run("keys", "abandon", "--yes").exit_code == 0
    assert run("doctor").exit_code == 0
    with pytest.raises(vault.Erased):
        read(home, written)


def test_the_keys_alone_are_put_back(run: Run, home: Path, tmp_path: Path, written: bytes) -> None:
    copy = tmp_path / "copy.keys"
    assert run("keys", "backup", str(copy)).stdout == f"{copy}\n"
    lose(home)
    assert run("keys", "restore", str(copy)).exit_code == 0
    assert read(home, written) == TEXT
    refused = run("keys", "restore", str(home / "units.csv"))
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)


def test_where_nothing_is_sealed_there_are_no_keys_to_copy(run: Run, tmp_path: Path) -> None:
    done = run("database", "backup", str(tmp_path / "copy.sqlite"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert not (tmp_path / "copy.sqlite.keys").exists()
    assert run("keys", "backup", str(tmp_path / "copy.keys")).exit_code == 0
    assert not (tmp_path / "copy.keys").exists()


def test_a_new_lock_is_made_and_put_on(run: Run, home: Path, written: bytes) -> None:
    new = run("keys", "new").stdout.strip()
    assert new != run("keys", "new").stdout.strip()
    old = (home / "key-encryption-key").read_text().strip()
    assert "1 nøkkel" in run("keys", "rotate", KEY_ENCRYPTION_KEY=f"{new},{old}").stdout
    assert read(home, written, KEY_ENCRYPTION_KEY=new) == TEXT
    wrong = run("doctor")
    assert wrong.exit_code == 1
    assert "KOMP_FLOW_KEY_ENCRYPTION_KEY" in wrong.stderr
    assert run("doctor", KEY_ENCRYPTION_KEY=new).exit_code == 0
    assert run("worker", "--once").exit_code == 1


@pytest.mark.parametrize("wrong", ["hei", "ikke base64!", "QUJD", ",", "A" * 44 + ","])
def test_a_lock_that_is_none_is_told_in_a_line(run: Run, wrong: str) -> None:
    refused = run("doctor", KEY_ENCRYPTION_KEY=wrong)
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
    assert "keys new" in refused.stderr
    assert len(wrong) < 2 or wrong not in refused.stderr


@pytest.mark.parametrize("where", ["mysql://x/y", "sqlite://", "nonsense"])
def test_a_key_store_must_be_somewhere_we_can_use(run: Run, where: str) -> None:
    refused = run("doctor", KEYS=where)
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)


def test_the_keys_do_not_lie_in_the_database_itself(run: Run, home: Path) -> None:
    refused = run("doctor", KEYS=f"sqlite:///{home / 'komp-flow.sqlite'}")
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)


def test_the_key_store_may_lie_elsewhere(run: Run, home: Path, tmp_path: Path, written: bytes) -> None:
    elsewhere = tmp_path / "elsewhere" / "keys.sqlite"
    elsewhere.parent.mkdir()
    shutil.copy(home / "keys.sqlite", elsewhere)
    lose(home)
    assert read(home, written, KEYS=f"sqlite:///{elsewhere}") == TEXT
    assert run("doctor", KEYS=f"sqlite:///{elsewhere}").exit_code == 0


@pytest.mark.parametrize("months", ["0", "-1", "121", "to", "1.5", "٣"])
def test_how_long_is_a_number_of_months(run: Run, months: str) -> None:
    refused = run("doctor", ERASE_TEXTS_MONTHS=months)
    assert (refused.exit_code, one_line(refused.stderr)) == (1, True)
    assert run("doctor", ERASE_LEFT_MONTHS="12").exit_code == 0


def test_a_person_is_erased_from_the_command_line(run: Run, home: Path, written: bytes) -> None:
    done = run("erase", "--person", "e3", "--reason", "bedt om")
    assert (done.exit_code, one_line(done.stderr)) == (0, True)
    with pytest.raises(vault.Erased):
        read(home, written)
    assert run("audit", "verify").exit_code == 0
    for refused in (run("erase", "--person", "e9", "--reason", "x"), run("erase", "--person", "e3", "--reason", " ")):
        assert refused.exit_code == 1
        assert "Ingenting er slettet" in refused.stderr


def test_the_secrets_are_in_no_printout_of_the_settings(home: Path) -> None:
    settings = Settings.from_env({"KOMP_FLOW_HOME": str(home), "KOMP_FLOW_KEY_ENCRYPTION_KEY": vault.wrapping_key()})
    assert settings.key_encryption_key is not None
    assert settings.key_encryption_key not in repr(settings)
    assert settings.secret_key not in repr(settings)
