"""All functions of the language, registered by importing the modules that hold them."""

from __future__ import annotations

from komp_flow.feel import lists, numbers, texts, times, working_days
from komp_flow.feel.registry import FUNCTIONS
from komp_flow.feel.times import temporal_literal

__all__ = ["FUNCTIONS", "lists", "numbers", "temporal_literal", "texts", "times", "working_days"]
