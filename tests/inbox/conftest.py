"""People at work behind the pages: Kari has «Skriv», then Dag has «Les»."""

from __future__ import annotations

from work.conftest import office

__all__ = ["office"]
