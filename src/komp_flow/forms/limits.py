"""How big a form and its answers may be: what comes from outside is bounded, also where a form says nothing."""

from __future__ import annotations

from decimal import Decimal

DOCUMENT_BYTES = 256 * 1024
COMPONENTS = 200
DEPTH = 10
OPTIONS = 2_000  # as many as there may be rows of a register under one name
WORDING = 2_000  # characters of a label, description or message
PROSE = 20_000  # characters of a text component
PATTERN = 500  # characters of a regular expression

ROWS = 100  # rows of one repeating group
LINE = 500  # characters of a textfield that says nothing itself
TEXT = 20_000  # characters of a textarea, and of anything that is typed
NUMBER = Decimal(10) ** 15
DECIMALS = 10

SUBMISSION = 256 * 1024  # characters of all that is answered at once
POSTED_FIELDS = 5_000
NODES = 20_000  # values in one submission
ANSWER_DEPTH = 12
YEARS = (1900, 2200)
TABLE_ROWS = 500

# Values that the host gives a name at every point (dialect.md Data); no answer may take one of them.
HOST_NAMES = frozenset({"cycle", "unit", "person", "measure", "deadline", "escalation"})
# Names with a meaning of their own in a form's expressions.
LOCAL_NAMES = frozenset({"context", "row", "this", "parent", "item"})
# Names that no key may be: SpiffWorkflow's own mark, what expressions call the surroundings, what pages post.
PAGE_NAMES = frozenset({"typename", "context", "row", "csrf_token"}) | {
    f"_{name}" for name in ("add", "remove", "save", "part", "shown", "told", "file", "upload", "drop")
}

ROW_ID = "row-id"
