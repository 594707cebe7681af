"""Fixtures of the words' tests."""

from diagrams.watching import watch

__all__ = ["watch"]
