"""Real commands: most in this process through click, those about processes and terminals in one of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import Result

from cli.commands import DIAGRAM, PEOPLE, UNITS, Run, invoked


@pytest.fixture(scope="session")
def ready_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three people in it, made by the commands themselves."""
    home = tmp_path_factory.mktemp("home")
    units, people = home / "units.csv", home / "people.csv"
    units.write_text(UNITS)
    people.write_text(PEOPLE)
    done = invoked(home, "import-organisation", "--units", str(units), "--people", str(people))
    assert done.exit_code == 0, done.output
    return home


@pytest.fixture
def home(ready_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ready_home, tmp_path / "home"))


@pytest.fixture
def run(home: Path) -> Run:
    """`run("role", "grant", "e1", "hr", stdin=…, LOCALE="nb")`: the command on the test's own home."""

    def call(*arguments: str, stdin: str | bytes = "", **settings: str) -> Result:
        return invoked(home, *arguments, stdin=stdin, **settings)

    return call


@pytest.fixture
def diagram(tmp_path: Path) -> Path:
    path = tmp_path / "small.bpmn"
    path.write_text(DIAGRAM)
    return path
