"""Where the diagrams, forms and guidance lie that komp-flow comes with."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def folder() -> Path:
    """The folder with `processes`, `forms` and `guidance`: inside an installed wheel, else the checkout's root."""
    inside = PACKAGE / "shipped"
    return inside if inside.exists() else PACKAGE.parent.parent
