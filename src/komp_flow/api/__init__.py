"""REST under /api/v1: the same use cases as the pages, for programs."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect


def register(app: Flask, csrf: CSRFProtect) -> None:
    """Hang the API on the application."""
