"""One cell of an organisation file to a value, or to the reason why it cannot be one."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from komp_flow.i18n import LANGUAGES, _
from komp_flow.organisation import numbers, roles
from komp_flow.organisation.csv_files import Row, Table, shown
from komp_flow.organisation.models import EMAIL, ID, NAME

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,62}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERCENT = re.compile(r"\d{1,3}(?:[.,]\d{1,4})?", re.ASCII)
_SPACE = re.compile(r"\s+")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf"} and sign not in "\r\n\t"


class Cells:
    """The cells of one row. Each method notes what is wrong and answers an empty value instead of raising."""

    def __init__(self, table: Table, row: Row) -> None:
        self.table = table
        self.row = row
        self.refused = {column for column, value in row.cells.items() if self._refused(column, value)}

    def wrong(self, column: str, reason: str) -> None:
        """Note what is wrong with a column of this row."""
        self.table.wrong(self.row.line, column, reason)

    def _refused(self, column: str, value: str) -> bool:
        # The reason never repeats the number: it would end up in logs and on screens.
        if numbers.has_identity_number(value):
            self.wrong(column, _("Feltet ser ut til å ha et fødselsnummer. Det skal ikke stå i filen. Fjern det."))
            return True
        if not value.isprintable() and any(_is_control(sign) for sign in value):
            self.wrong(column, _("Feltet har usynlige styretegn. Skriv det på nytt."))
            return True
        return False

    def _text(self, column: str, longest: int, *, required: bool) -> str:
        value = _SPACE.sub(" ", self.row.cells[column])
        if column in self.refused:
            return ""
        if required and not value:
            self.wrong(column, _("Feltet mangler."))
        if len(value) > longest:
            self.wrong(column, _("Feltet er for langt. Det kan ha høyst %(number)s tegn.", number=longest))
            return value[:longest]
        return value

    def name(self, column: str, *, required: bool = True) -> str:
        """A name or title, its white space made plain."""
        return self._text(column, NAME, required=required)

    def key(self, column: str) -> str:
        """The id of the row itself. Answered also where it is refused, so that rows that name it are not blamed."""
        self._text(column, ID, required=True)
        return self.row.cells[column]

    def reference(self, column: str) -> str | None:
        """The id of another row, or None."""
        return self._text(column, ID, required=False) or None

    def email(self, column: str) -> str:
        """An e-mail address."""
        value = self._text(column, EMAIL, required=True)
        if value and not _ADDRESS.fullmatch(value):
            self.wrong(column, _("%(value)s er ikke en e-postadresse.", value=shown(value)))
            return ""
        return value

    def organisation_number(self, column: str) -> str | None:
        """Nine digits with a check digit, or None."""
        value = self._text(column, NAME, required=False).replace(" ", "")
        if value and not numbers.is_organisation_number(value):
            self.wrong(column, _("%(value)s er ikke et gyldig organisasjonsnummer.", value=shown(value)))
            return None
        return value or None

    def day(self, column: str) -> date | None:
        """An ISO date, or None."""
        value = self._text(column, NAME, required=False)
        if not value:
            return None
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.wrong(column, _("%(value)s er ikke en dato. Skriv for eksempel 2027-01-31.", value=shown(value)))
            return None
        return day

    def percent(self, column: str) -> float:
        """From 0 to 100; empty is 100."""
        value = self._text(column, NAME, required=False)
        if not value:
            return 100.0
        number = float(value.replace(",", ".")) if _PERCENT.fullmatch(value) else -1
        if not 0 <= number <= 100:
            self.wrong(column, _("%(value)s er ikke en prosent fra 0 til 100.", value=shown(value)))
            return 0.0
        return number

    def language(self, column: str) -> str:
        """One of the product's languages, or empty."""
        value = self._text(column, NAME, required=False).casefold()
        if value and value not in LANGUAGES:
            self.wrong(column, _("Språket %(value)s er ukjent. Skriv nb, nn eller en.", value=shown(value)))
        return value if value in LANGUAGES else ""

    def roles(self, column: str) -> frozenset[str]:
        """A comma list of roles."""
        value = self._text(column, NAME, required=False)
        named = {part.strip().casefold() for part in value.split(",") if part.strip()}
        for unknown in sorted(named - roles.GLOBAL):
            known = ", ".join(sorted(roles.GLOBAL))
            self.wrong(
                column, _("Rollen %(value)s er ukjent. Rollene er %(known)s.", value=shown(unknown), known=known)
            )
        return frozenset(named & roles.GLOBAL)
