"""komp-flow runs an organisation's yearly cycle of strategic competence development."""

__version__ = "0.1.0"
