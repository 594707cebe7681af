"""What the templates draw: the parts of a form with every sentence already said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from komp_flow.forms.attachments import LARGEST, Attached
from komp_flow.forms.components import Form


@dataclass(frozen=True)
class OptionView:
    """One of the answers to choose among."""

    id: str
    label: str
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Part:
    """Anything that is drawn. `draw` is the template's macro."""

    draw: str
    id: str = ""
    label: str = ""
    description: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldPart(Part):
    """One field. `attributes` are those of its input element."""

    name: str
    value: str = ""  # as it stands in the input
    said: str = ""  # as it is read
    optional: bool = False
    ticked: bool = False
    options: tuple[OptionView, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    suffix: str = ""
    counted: int | None = None  # characters; a counter is shown
    focus: bool = False


@dataclass(frozen=True, kw_only=True)
class FilesPart(FieldPart):
    """Files that are there, and a place for more. `accept` is the browser's; without `room` there is none."""

    files: tuple[Attached, ...] = ()
    lost: tuple[str, ...] = ()  # ids that no file has any more
    accept: str = ""
    many: bool = False
    room: bool = True
    largest: int = LARGEST  # bytes
    too_large: str = ""  # what is said of one that is larger


Line = tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class GroupPart(Part):
    """Fields under one heading."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class RowPart(Part):
    """One row of a list. `name` is its path, its label says which one it is."""

    name: str
    row_id: str
    lines: tuple[Line, ...]
    remove: str = ""  # what the button says; empty: no button


@dataclass(frozen=True, kw_only=True)
class RowsPart(Part):
    """A list with its rows."""

    name: str
    rows: tuple[RowPart, ...]
    add: str = ""  # what the button says; empty: no button
    limit: str = ""  # why there is no button
    focus: bool = False


@dataclass(frozen=True, kw_only=True)
class ProsePart(Part):
    """Text, or the value of an expression."""

    html: Markup


@dataclass(frozen=True, kw_only=True)
class KeptPart(Part):
    """A field that may not be filled in, with its answer."""

    text: str
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TablePart(Part):
    """Rows from before. `numeric` says which columns hold numbers."""

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str | tuple[Attached, ...], ...], ...]
    more: int = 0


@dataclass(frozen=True)
class SummaryLine:
    """One error in the summary, with where it leads."""

    field: str
    message: str
    href: str


@dataclass(frozen=True)
class FormView:
    """A whole form as it is drawn."""

    form: Form
    lines: tuple[Line, ...]
    summary: tuple[SummaryLine, ...]
    heading: str  # of the summary
    notice: str
    marked: bool  # whether some fields are marked as optional, which wants a word on the others
    live: bool  # whether what is shown depends on what is answered
    uploads: bool = False  # whether files may be sent with it
