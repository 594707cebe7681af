"""Bytes of a CSV file to rows with the line they stand on, and all that is wrong with the file itself."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from komp_flow.i18n import _

MAX_BYTES = 50_000_000
MAX_ROWS = 200_000
MAX_LINES = 1_000_000  # empty ones and those of texts over several lines too
DELIMITERS = ";,"
SHOWN = 40
# Norwegian letters of UTF-8 read as Windows-1252: the file mixes the two, or was converted twice.
_GARBLED = re.compile("Ã[¦¸¥†˜…]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """One thing to mend. `line` is the line of the file where the row begins; `field` the column, empty for the row."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record: every column of the file's kind, trimmed; empty where the file lacks an optional one."""

    line: int
    cells: dict[str, str]


@dataclass
class Table:
    """A file as read. `whole` is false where rows may be missing, so that nothing follows from their absence."""

    file: str
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    whole: bool = True

    def wrong(self, line: int, column: str, reason: str) -> None:
        """Note one thing to mend."""
        self.errors.append(RowError(self.file, line, column, reason))

    def fail(self, line: int, reason: str) -> Table:
        """Note that the file cannot be read on from here."""
        self.wrong(line, "", reason)
        self.whole = False
        return self


def read(file: str, data: bytes, required: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Read one file. Never raises: what is wrong is in `errors`."""
    table = Table(file)
    text = _text(table, data)
    if text is None:
        return table
    for number, written in enumerate(text.split("\n"), 1):
        if _GARBLED.search(written):
            table.wrong(number, "", _("Linjen blander tegnsett. Lagre filen på nytt som UTF-8."))
    known = (*required, *optional)
    records = _Records(table, text, _delimiter(text, known))
    first = next(records, None)
    if first is None:
        return table.fail(1, _("Filen er tom.")) if table.whole else table
    header = _header(table, first, required, known)
    if header is None:
        return table
    for line, cells in records:
        if len(table.rows) >= MAX_ROWS:
            return table.fail(line, _("Filen har flere enn %(number)s rader. Er det riktig fil?", number=MAX_ROWS))
        _row(table, header, known, line, cells)
    if not table.rows and not table.errors:
        table.fail(first[0], _("Filen har overskrifter, men ingen rader."))
    return table


def shown(value: str) -> str:
    """A value as an error message repeats it: short, on one line."""
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def _text(table: Table, data: bytes) -> str | None:
    if len(data) > MAX_BYTES:
        table.fail(1, _("Filen er større enn %(number)s MB.", number=MAX_BYTES // 1_000_000))
    elif max(data.count(b"\n"), data.count(b"\r")) > MAX_LINES:
        table.fail(1, _("Filen har flere enn %(number)s linjer. Er det riktig fil?", number=MAX_LINES))
    elif data.startswith(_UTF16):
        table.fail(1, _("Filen er i UTF-16. Lagre den på nytt som CSV i UTF-8."))
    elif b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        table.fail(line, _("Filen har tegn som ikke er tekst. Er det en CSV-fil?"))
    else:
        return _decoded(table, data)
    return None


def _decoded(table: Table, data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error
    if not data.startswith(_BOM):
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError as error:
            broken = error
    line = data[: broken.start].count(b"\n") + 1
    table.fail(line, _("Linjen er verken UTF-8 eller Windows-1252. Lagre filen på nytt som UTF-8."))
    return None


def _delimiter(text: str, known: Iterable[str]) -> str:
    """The delimiter that makes the most known columns of the first line."""
    start = text.lstrip("\r\n ")
    first = re.split("[\r\n]", start, maxsplit=1)[0]
    return max(DELIMITERS, key=lambda d: len({_column(cell) for cell in first.split(d)} & set(known)))


def _column(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


class _Records:
    """The records with the line where each begins; empty ones are passed over.

    A lenient reader finds where records end; one with quotes is read again strictly, so that a stray quote is told.
    """

    def __init__(self, table: Table, text: str, delimiter: str) -> None:
        self.table = table
        self.delimiter = delimiter
        self.raw: list[str] = []
        self.reader = csv.reader(self._lines(text), delimiter=delimiter, skipinitialspace=True)
        self.space_after_quote = re.compile(rf'"[ \t]+(?=[{delimiter}\r\n]|$)')

    def _lines(self, text: str) -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            self.raw.append(line)
            yield line

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        while True:
            line = self.reader.line_num + 1
            self.raw.clear()
            try:
                cells = next(self.reader)
                if any('"' in raw for raw in self.raw):
                    cells = self._strictly("".join(self.raw))
            except csv.Error as error:
                self._tell(line, str(error))
                continue
            if any(cell.strip() for cell in cells):
                return line, cells

    def _strictly(self, record: str) -> list[str]:
        def parsed(text: str) -> list[str]:
            lines = io.StringIO(text, newline="")
            return next(csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True))

        try:
            return parsed(record)
        except csv.Error:
            return parsed(self.space_after_quote.sub('"', record))

    def _tell(self, line: int, error: str) -> None:
        if "unexpected end" in error:
            self.table.fail(line, _("Et anførselstegn på linjen lukkes aldri. Resten av filen kan ikke leses."))
        elif "field larger" in error:
            self.table.fail(line, _("Et felt er altfor langt. Lukkes alle anførselstegn?"))
        else:
            self.table.wrong(line, "", _("Raden har et anførselstegn på feil sted."))
            self.table.whole = False


def _header(
    table: Table, first: tuple[int, list[str]], required: Sequence[str], known: Sequence[str]
) -> list[str] | None:
    """The columns in the file's order; None if the file is of another kind."""
    line, cells = first
    columns = [cell.strip().strip("\ufeff").casefold() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()  # a delimiter at the end of every line
    if not set(columns) & set(known):
        if len(columns) == 1 and re.search("[\t|]", columns[0]):
            table.fail(
                line, _("Kolonnene er skilt på en annen måte enn med ; eller ,. Lagre filen med ; mellom kolonnene.")
            )
        else:
            table.fail(line, _("Første linje skal ha overskriftene %(columns)s.", columns=", ".join(known)))
        return None
    for column in required:
        if column not in columns:
            table.wrong(line, column, _("Kolonnen mangler."))
            table.whole = False
    for column in dict.fromkeys(columns):
        if column not in known:
            reason = _(
                "Kolonnen %(name)s er ukjent. Kolonnene er %(columns)s.", name=shown(column), columns=", ".join(known)
            )
            table.wrong(line, shown(column), reason)
        elif columns.count(column) > 1:
            table.wrong(line, column, _("Kolonnen står flere ganger."))
    return columns


def _row(table: Table, header: list[str], known: Sequence[str], line: int, cells: list[str]) -> None:
    extra = any(cell.strip() for cell in cells[len(header) :])
    if extra or len(cells) < len(header):
        numbers = {"found": len(cells), "wanted": len(header)}
        table.wrong(line, "", _("Raden har %(found)s felt, men overskriften har %(wanted)s.", **numbers))
    values = dict.fromkeys(known, "")
    for column, cell in zip(header, cells, strict=False):
        if column in values:
            values[column] = unicodedata.normalize("NFC", cell).strip()
    table.rows.append(Row(line, values))
