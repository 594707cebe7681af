"""The database's tables, all of them together, and how a database comes to have them."""

from __future__ import annotations

import importlib
import pkgutil

import komp_flow

# Each feature keeps its tables in a module of one of these names.
TABLE_MODULES = ("tables", "models", "accounts", "tokens", "audit")


def load_tables() -> None:
    """Import every module that defines tables, so that the metadata knows them."""
    for found in pkgutil.walk_packages(komp_flow.__path__, "komp_flow."):
        if found.name.rsplit(".", 1)[-1] in TABLE_MODULES:
            importlib.import_module(found.name)
