"""Rules of the house that no linter knows: guarded routes, plain URLs, listed settings, no addresses in the tree."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from komp_flow.settings import Settings

ROOT = Path(__file__).parent.parent
# Each name with a letter in brackets, so that this file does not hold what it looks for.
REGISTRY = re.compile(rb"https?://[^\s\"']*(p[y]pi|python[h]osted|npm[j]s|deb[i]an)\.")
KEBAB = re.compile(r"^(/|(/(<(uuid|int|path|string):[a-z_]+>|[a-z0-9.]+(-[a-z0-9]+)*))+)$")


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_view_says_who_may_come_in(app: Flask) -> None:
    unguarded = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not getattr(app.view_functions[rule.endpoint], "guard", None)
    ]
    assert unguarded == []


def test_every_address_is_kebab_case_and_typed(app: Flask) -> None:
    odd = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and not KEBAB.match(rule.rule)]
    assert odd == []


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    missing = [f.name for f in fields(Settings) if f"KOMP_FLOW_{f.name.upper()}" not in readme]
    assert missing == []


def test_only_settings_reads_the_environment() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("src/*.py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    ]
    assert readers == ["src/komp_flow/cli/__init__.py"]  # the edge, which hands it to Settings.from_env


def test_only_edges_commit() -> None:
    committing = {
        path.relative_to(ROOT / "src/komp_flow").as_posix()
        for path in tracked("src/*.py")
        if re.search(r"\.commit\(\)", path.read_text())
    }
    the_way_to_commit = {"db/database.py"}
    assert committing - the_way_to_commit <= {"app.py", "requests.py"}


def test_no_address_of_a_registry_is_committed() -> None:
    told = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("*")
        if path.suffix not in {".png", ".woff2"} and re.search(REGISTRY, path.read_bytes())
    ]
    assert told == []


@pytest.mark.parametrize("host", ["registry.npm" + "js.org/x", "files.python" + "hosted.org/x", "deb.deb" + "ian.org"])
def test_the_guard_against_addresses_knows_one(host: str) -> None:
    assert REGISTRY.search(f"https://{host}".encode())


@pytest.mark.parametrize("path", tracked("src/*.py"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_opens_with_what_it_is_for(path: Path) -> None:
    first = path.read_text().lstrip()
    assert first.startswith('"""'), path
