"""The command: `python -m bench step`, and what else there is to measure."""

from __future__ import annotations

import sys

from bench.command import main

if __name__ == "__main__":
    sys.exit(main())
