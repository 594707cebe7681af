"""The script that the helper process runs: the check without the stored engine, which takes twice as long to import."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType


def main() -> None:
    """Put a bare package in the place of `komp_flow.engine`, so that only what the check needs is imported."""
    engine = ModuleType("komp_flow.engine")
    engine.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["komp_flow.engine"] = engine
    import_module("komp_flow.engine.checks.child").main()


if __name__ == "__main__":
    main()
