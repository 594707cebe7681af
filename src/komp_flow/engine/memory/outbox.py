"""What a step throws to other instances: messages and signals, delivered by the store after the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Thrown:
    """`key` is text ("" for none, and for signals); `keep` the raw property: an ISO duration, `cycle`, or None."""

    kind: str
    name: str
    key: str
    payload: Mapping[str, Any]
    element: str
    task_id: UUID
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: str | None = None
