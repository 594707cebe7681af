"""The same people at work as behind the use cases."""

from __future__ import annotations

from work.conftest import office

__all__ = ["office"]
