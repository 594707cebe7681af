"""The documents agree with the code: paths and links exist, and so do the commands that they tell people to run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from komp_flow.cli import main

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)(#[^)]*)?\)")
IN_CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
COMMAND = re.compile(r"(?<![\w/.-])komp-flow ((?:[a-z]+(?:-[a-z]+)*(?: |$|\n|`))+)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def unknown_command(words: list[str]) -> str | None:
    """The first word that no command is called, read from the left as the shell would."""
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            return None
        found = command.get_command(click.Context(command), word)
        if found is None:
            return word
        command = found
    return None


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    missing = [link for link, _anchor in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_is_there(page: Path) -> None:
    said = " ".join(code.strip("`") + "\n" for code in IN_CODE.findall(page.read_text()))
    unknown = [found for words in COMMAND.findall(said) if (found := unknown_command(words.strip("` \n").split()))]
    assert unknown == []


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert unknown_command(["simulate"]) == "simulate"
    assert unknown_command(["database", "mend"]) == "mend"
    assert unknown_command(["publish", "whatever"]) is None


def test_the_tree_of_the_readme_is_the_tree() -> None:
    readme = (ROOT / "README.md").read_text()
    (tree,) = re.findall(r"## The tree\n+```\n(.*?)```", readme, re.DOTALL)
    top, inside = tree.split("src/komp_flow/\n")
    listed = subprocess.run(["git", "ls-files", "src/komp_flow"], cwd=ROOT, capture_output=True, text=True, check=True)
    real = {path.split("/")[2] for path in listed.stdout.split()} - {"__init__.py", "py.typed"}
    told = {word.strip("/") for line in inside.splitlines() for word in line.split("   ")[0].split()}
    told |= set(re.findall(r"\b(\w+)/(?= |\))", inside)) | set(re.findall(r"\b\w+\.py\b", inside))
    assert real - told == set()
    assert {
        word
        for word in re.findall(r"(?<!\S)(\w+)/", top)
        if not (ROOT / word).exists() and not (ROOT / "tests" / word).exists()
    } == set()


def test_the_way_of_a_task_names_what_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    (way,) = re.findall(r"## One task's way through the code\n(.*?)\n## ", readme, re.DOTALL)
    files = re.findall(r"`(\w+/\w+\.py)`(?: `(\w+)`)?", way)
    assert files[0] == ("inbox/views.py", "complete_task")
    for file, function in files:
        text = (ROOT / "src/komp_flow" / file).read_text()
        assert not function or f"def {function}(" in text, (file, function)


def test_no_two_decisions_have_one_number() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs/decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("*.md")), ids=name)
def test_every_decision_has_its_number_and_its_parts_on_a_page(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences"))
    assert len(text.split()) < 600
