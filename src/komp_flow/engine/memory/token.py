"""A token: one passage of one element in a running instance. Its specification is what SpiffWorkflow's parser made.

The tree is ours, not SpiffWorkflow's `Task`: parents and children are held themselves, not looked up by id, and
nothing is kept that no step reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from komp_flow.engine.ids import fresh

if TYPE_CHECKING:
    from komp_flow.engine.memory.instance import Scope


class Token:
    """`task_spec` says what it does, `workflow` is its scope, `_state` one of those of `tree`.

    `internal_data` is what the engine knows of it, `data` what a branch takes along: only `occurrence`. `triggered`: it
    is an item of a multi-instance, or was put where it stands by something else than a flow.
    """

    __slots__ = ("_state", "children", "data", "id", "internal_data", "parent", "task_spec", "triggered", "workflow")

    def __init__(  # noqa: PLR0917
        self,
        scope: Scope,
        spec: Any,
        parent: Token | None,
        state: int,
        token_id: UUID | None = None,
        internal_data: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        self.id = token_id or fresh()
        self.workflow = scope
        self.task_spec = spec
        self._state = state
        self.triggered = False
        self.internal_data: dict[str, Any] = internal_data or {}
        self.data: dict[str, Any] = data or {}
        self.children: list[Token] = []
        self.parent: Any = parent  # None on the root alone, whose parent nobody asks for
        if parent is not None:
            parent.children.append(self)
        scope.tasks.append(self)

    def add_child(self, spec: Any, state: int) -> Token:
        """A new token after this one, or beside what follows it."""
        return Token(self.workflow, spec, self, state)

    def move_to(self, parent: Token) -> None:
        """It hangs on another one from now on."""
        if self.parent is not None:
            self.parent.children.remove(self)
        self.parent = parent
        parent.children.append(self)

    def __repr__(self) -> str:
        return f"<{self.task_spec.name} in state {self._state}>"
