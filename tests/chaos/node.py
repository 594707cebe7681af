"""Starts one komp-flow process for the oracle: `python -m chaos.node [--mistake NAME] [--dies before:17] serve …`.

The product knows nothing of this: a mistake is planted, and the moment of death chosen, before its command line runs.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import Dialect

from komp_flow.cli import main


def die_at(edge: str) -> None:
    """End as a power cut would, right before or right after the n-th commit of this process."""
    side, _, number = edge.partition(":")
    commits = itertools.count(1)

    def watch(cls: type[Dialect]) -> None:
        commit = cls.do_commit

        def watched(self: Any, connection: Any) -> None:
            last = next(commits) == int(number)
            if last and side == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            commit(self, connection)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)

        cls.do_commit = watched  # type: ignore[method-assign]

    watch(DefaultDialect)


def run(words: list[str]) -> None:
    """The options of this launcher come first, the command's words after them."""
    while words and words[0] in {"--mistake", "--dies"}:
        option, value, *words = words
        if option == "--mistake":
            from chaos import mistakes  # it imports half the product

            mistakes.plant(value)
        else:
            die_at(value)
    sys.argv = ["komp-flow", *words]
    main()


if __name__ == "__main__":
    run(sys.argv[1:])
