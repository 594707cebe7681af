"""Writes the rules anew at the end of a page: `python -m komp_flow.engine.checks docs/dialect.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from komp_flow.engine.checks.page import MARK, page


def main(path: Path) -> None:
    """Keep what is written by hand, and replace the rest."""
    by_hand, _mark, _made = path.read_text(encoding="utf-8").partition(MARK)
    path.write_text(by_hand + page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
