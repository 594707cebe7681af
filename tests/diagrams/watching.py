"""Sees every token that the engine makes, and from which element it came."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import pytest

from komp_flow.engine.memory.token import Token


class Watch:
    """`came` are the pairs of elements that tokens went between. `passed` are only bends in the road."""

    def __init__(self) -> None:
        self.came: set[tuple[str, str]] = set()
        self.passed: Set[str] = frozenset()

    def on(self, passed: Set[str]) -> None:
        """From now on, in a diagram with these bends."""
        self.came, self.passed = set(), passed

    def made(self, spec: Any, parent: Token | None) -> None:
        """A token of this specification."""
        id_ = spec.bpmn_id
        if id_ and id_ not in self.passed and not getattr(spec, "is_boundary", False):
            source = self._came_from(parent)
            if source and source != id_:
                self.came.add((source, id_))

    def _came_from(self, parent: Token | None) -> str:
        """The nearest element before it that the words tell of; nothing where its scope begins."""
        while parent is not None:
            spec = parent.task_spec
            if spec.bpmn_id and spec.is_hidden:
                return ""
            if spec.bpmn_id and spec.bpmn_id not in self.passed:
                return "" if type(spec).__name__ == "StartEvent" else str(spec.bpmn_id)
            parent = parent.parent
        return ""


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watches all tokens of the test."""
    seen, make = Watch(), Token.__init__

    def made(self: Token, scope: Any, spec: Any, parent: Token | None, *more: Any, **others: Any) -> None:
        make(self, scope, spec, parent, *more, **others)
        seen.made(spec, parent)

    monkeypatch.setattr(Token, "__init__", made)
    return seen
