"""What an import found and did, in lines that a person reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from komp_flow.i18n import _, _l, ngettext
from komp_flow.organisation.csv_files import RowError

Kind = Literal["new", "changed", "left", "returned", "closed", "reopened"]
What = Literal["unit", "person"]

LISTED = 20  # of each kind, in the summary

KINDS: Mapping[tuple[What, Kind], str] = {
    ("unit", "new"): _l("Nye enheter"),
    ("unit", "changed"): _l("Endrede enheter"),
    ("unit", "closed"): _l("Enheter som stenges"),
    ("unit", "reopened"): _l("Enheter som åpnes igjen"),
    ("person", "new"): _l("Nye medarbeidere"),
    ("person", "changed"): _l("Endrede medarbeidere"),
    ("person", "left"): _l("Medarbeidere som har sluttet"),
    ("person", "returned"): _l("Medarbeidere som er tilbake"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One unit or person that is not as before. `fields`: of those that changed, as before and as now."""

    what: What
    kind: Kind
    id: str
    name: str
    fields: Mapping[str, tuple[str, str]]

    def __str__(self) -> str:
        told = ", ".join(f"{name}: {old or '–'} → {new or '–'}" for name, (old, new) in self.fields.items())
        return f"{self.id} {self.name}" + (f" ({told})" if told else "")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`written` is true only where something was changed in the database: no errors, no dry run, not all the same."""

    units: int
    people: int
    changes: tuple[Change, ...] = ()
    errors: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False
    written: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind, as `person-new`."""
        return dict(Counter(f"{change.what}-{change.kind}" for change in self.changes))

    def summary(self, listed: int = LISTED) -> list[str]:
        """The lines to show: what was read, what changes with at most `listed` of each kind, what to look at."""
        if self.errors:
            number = len(self.errors)
            return [ngettext("Fant én feil i filene.", "Fant %(num)s feil i filene.", number)]
        lines = [_("Lest: %(units)s enheter og %(people)s medarbeidere.", units=self.units, people=self.people)]
        for (what, kind), title in KINDS.items():
            found = [change for change in self.changes if (change.what, change.kind) == (what, kind)]
            if found:
                lines.append(f"{title}: {len(found)}")
                lines += [f"  {change}" for change in found[:listed]]
            if len(found) > listed:
                lines.append("  " + _("… og %(number)s til", number=len(found) - listed))
        lines += [_("Merk: %(warning)s", warning=warning) for warning in self.warnings]
        return [*lines, self._outcome()]

    def _outcome(self) -> str:
        if not self.changes:
            return _("Alt er som før. Ingenting er endret.")
        if self.dry_run:
            return _("Dette var en prøve. Ingenting er endret.")
        return _("Endringene er lagret.")
