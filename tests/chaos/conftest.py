"""A database with its organisation and processes, made once and copied for each run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.topology import Layout, Town, settled, town


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The embedded database as it is before anybody has done anything, and the people's tokens."""
    home = tmp_path_factory.mktemp("ready")
    return home, settled(home)


@pytest.fixture
def alone(ready: tuple[Path, dict[str, str]], tmp_path: Path) -> Callable[..., Town]:
    """Puts up one process on SQLite, with a mistake or none, with mail or none."""

    def put_up(mistake: str = "", *, mail: bool = False) -> Town:
        made, secrets = ready
        home = tmp_path / f"home-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(made, home)
        return town(home, Layout(mistake=mistake, mail=mail), secrets)

    return put_up
