"""A process that knows nothing but the diagrams: it loads a state, looks at it and dumps it again.

`Elsewhere` keeps one such process alive. It speaks JSON, a line for each question and each answer.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.harness import World
from komp_flow.engine.memory import actions, codec


class Elsewhere:
    """Context manager. `read` is asked of the process with what `know` told it last."""

    def __init__(self) -> None:
        tests = Path(__file__).parents[1]
        code = f"import sys; sys.path.insert(0, {str(tests)!r}); from engine.other_process import serve; serve()"
        command = [sys.executable, "-c", code]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def know(self, documents: Sequence[bytes]) -> None:
        self.ask({"documents": [_text(document) for document in documents]})

    def read(self, blob: bytes) -> tuple[str, bytes]:
        """What the other process sees in the state, and the state as it dumps it."""
        answer = self.ask({"blob": _text(blob)})
        return answer["view"], base64.b64decode(answer["blob"])

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def serve() -> None:
    """Answer until the other end is closed."""
    world = World()
    for line in sys.stdin:
        question = json.loads(line)
        if "documents" in question:
            world = World(*(base64.b64decode(document) for document in question["documents"]))
            answer: dict[str, str] = {}
        else:
            instance = codec.load(base64.b64decode(question["blob"]), world)
            answer = {"view": repr(actions.view(instance)), "blob": _text(codec.dump(instance))}
        print(json.dumps(answer), flush=True)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
