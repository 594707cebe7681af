"""Reads the components of a form-js document (dialect.md Forms); finds all that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from komp_flow.forms import inputs, limits
from komp_flow.forms.components import (
    Column,
    Component,
    Divider,
    Group,
    Prose,
    Rows,
    Table,
)
from komp_flow.forms.problems import Findings
from komp_flow.forms.sheet import IDENTIFIER, WORDS, Sheet
from komp_flow.i18n import _, _l

# Registers that a repeating group may write to (dialect.md Forms).
REGISTERS = frozenset(
    {
        "actions",
        "areas",
        "decisions",
        "documents",
        "effects",
        "glossary",
        "goals",
        "implementations",
        "input",
        "measures",
        "ranking",
        "unit-goals",
    }
)

# What form-js has and we refuse, with what to use instead.
INSTEAD: Final[Mapping[str, str]] = {
    "taglist": _l("Bruk en avkryssingsliste (checklist)."),
    "expression": _l("Bruk en tekst (text) med et uttrykk som begynner med =."),
    "html": _l("Bruk en tekst (text) med Markdown."),
    "iframe": _l("Legg en lenke i en tekst (text)."),
    "image": _l("Beskriv innholdet i en tekst (text)."),
    "documentPreview": _l("Legg en lenke i en tekst (text)."),
    "button": _l("Ta knappen bort: komp-flow lager knappene selv."),
    "spacer": _l("Bruk en skillelinje (separator) eller en gruppe (group)."),
}
SUPPORTED = (
    "textfield textarea number select radio checkbox checklist datetime filepicker text group dynamiclist separator "
    "table"
)


class Keys:
    """The names that are taken where answers stand beside each other."""

    def __init__(self, *, top: bool = False) -> None:
        self.top = top
        self.taken: set[str] = set()

    def claim(self, name: str, value: str, element: str, findings: Findings) -> bool:
        """Whether `value` may be a key here; says what is wrong with it otherwise."""
        if not value:
            findings.error(element, "missing-key", _("Feltet mangler «%(name)s».", name=name),
                           _("Gi feltet en nøkkel, for eksempel «begrunnelse»."))  # fmt: skip
            return False
        if not IDENTIFIER.fullmatch(value) or value in WORDS:
            findings.error(
                element,
                "bad-key",
                _("Nøkkelen «%(key)s» kan ikke brukes i et uttrykk.", key=value[:100]),
                _("Bruk bokstaver, tall og understrek, begynn med en bokstav, og unngå ord som FEEL selv bruker."),
            )
            return False
        reserved = limits.PAGE_NAMES | (limits.HOST_NAMES if self.top else frozenset())
        if value in reserved or value.startswith("__"):
            findings.error(element, "reserved-key", _("Nøkkelen «%(key)s» er opptatt av systemet.", key=value),
                           _("Velg et annet navn."))  # fmt: skip
            return False
        if value in self.taken:
            findings.error(element, "duplicate-key", _("Nøkkelen «%(key)s» er brukt av to felt.", key=value),
                           _("Gi det ene feltet en annen nøkkel."))  # fmt: skip
            return False
        self.taken.add(value)
        return True


class Reader:
    """Reads one document. Everything that is found wrong goes to `findings`; what is right is returned."""

    def __init__(self, findings: Findings, form_id: str) -> None:
        self.findings = findings
        self.count = 0
        # form-js keeps the form and its components in one registry, and does not open a form where two share an id.
        self.elements = {form_id}
        self._containers: dict[str, Callable[[Sheet, Mapping[str, Any], Keys, int, int], Component | None]] = {
            "group": self._group,
            "dynamiclist": self._rows,
        }
        self._plain: dict[str, Callable[[Sheet, Mapping[str, Any]], Component | None]] = {
            "text": self._prose,
            "separator": lambda _sheet, common: Divider(**common),
            "table": self._table,
        }

    def components(self, sheet: Sheet, keys: Keys, depth: int, lists: int) -> tuple[Component, ...]:
        """The components of a form, group or list. `lists` is how many lists they are inside."""
        if depth > limits.DEPTH:
            self.findings.error(
                sheet.element,
                "too-deep",
                _("Komponentene ligger i mer enn %(most)s nivåer.", most=limits.DEPTH),
                _("Flytt dem lenger ut."),
            )
            return ()
        found = []
        for item in sheet.items("components", limits.COMPONENTS):
            self.count += 1
            if self.count > limits.COMPONENTS:
                break
            component = self._component(item, keys, depth, lists)
            if component is not None:
                found.append(component)
        return tuple(found)

    def _component(self, item: object, keys: Keys, depth: int, lists: int) -> Component | None:
        if not isinstance(item, dict):
            self.findings.error("", "wrong-type", _("En komponent er ikke et objekt."), _("Ta den bort."))
            return None
        sheet = Sheet(item, self._element(item), self.findings, in_row=lists > 0)
        kind = item.get("type")
        if not isinstance(kind, str) or kind not in SUPPORTED.split():
            self._unsupported(sheet, kind)
            return None
        common = self._common(sheet, kind)
        if kind in self._containers:
            return self._containers[kind](sheet, common, keys, depth, lists)
        if kind in self._plain:
            return self._plain[kind](sheet, common)
        key = sheet.text("key")
        claimed = keys.claim("key", key, sheet.element, self.findings)
        component = inputs.READERS[kind](sheet, {**common, **inputs.common(sheet, key)})
        return component if claimed else None

    def _element(self, item: Mapping[str, object]) -> str:
        given = item.get("id")
        if isinstance(given, str) and given:
            element = given[:100]
            if element in self.elements:
                self.findings.error(
                    element,
                    "duplicate-id",
                    _("Id-en «%(id)s» er brukt før, eller er skjemaets egen.", id=element),
                    _("Gi den ene en annen id."),
                )
                element = f"{element}-{self.count}"
        else:
            key = item.get("key")
            element = f"{key[:80] if isinstance(key, str) and key else item.get('type', '')}"[:90]
            element = element if element and element not in self.elements else f"{element}-{self.count}"
        self.elements.add(element)
        return element

    def _unsupported(self, sheet: Sheet, kind: object) -> None:
        named = str(kind)[:50] if isinstance(kind, str) else ""
        if not named:
            self.findings.error(sheet.element, "component", _("Komponenten mangler «type»."),
                                _("Velg en av disse: %(kinds)s.", kinds=SUPPORTED))  # fmt: skip
            return
        self.findings.error(
            sheet.element,
            "component",
            _("Komponenten «%(kind)s» støttes ikke.", kind=named),
            str(INSTEAD[named]) if named in INSTEAD else _("Velg en av disse: %(kinds)s.", kinds=SUPPORTED),
        )

    def _common(self, sheet: Sheet, kind: str) -> dict[str, Any]:
        layout = sheet.inner("layout")
        row = layout.data.get("row")
        return {
            "element": sheet.element,
            "kind": kind,
            "label": sheet.wording("label"),
            "description": sheet.wording("description"),
            "hide": sheet.inner("conditional").expression("hide"),
            "line": row if isinstance(row, str) else "",
        }

    def _prose(self, sheet: Sheet, common: Mapping[str, Any]) -> Prose:
        return Prose(**common, text=sheet.wording("text", limits.PROSE))

    def _table(self, sheet: Sheet, common: Mapping[str, Any]) -> Table | None:
        source = sheet.expression("dataSource")
        columns = []
        for item in sheet.items("columns", 20):
            column = Sheet(item if isinstance(item, dict) else {}, sheet.element, self.findings, in_row=sheet.in_row)
            key = column.text("key")
            if not key:
                self.findings.error(sheet.element, "missing-key", _("En kolonne i tabellen mangler «key»."),
                                    _("Skriv hvilken verdi kolonnen viser."))  # fmt: skip
                continue
            columns.append(Column(key, column.text("label") or key))
        computed = sheet.expression("columnsExpression")
        if source is None:
            if not sheet.text("dataSource"):
                self.findings.error(sheet.element, "no-source", _("Tabellen mangler «dataSource»."),
                                    _("Skriv hva den viser, for eksempel =context.areas."))  # fmt: skip
            return None
        if not columns and computed is None:
            self.findings.error(sheet.element, "no-columns", _("Tabellen har ingen kolonner."),
                                _("Legg til minst én kolonne."))  # fmt: skip
        return Table(**common, source=source, columns=tuple(columns), columns_from=computed)

    def _group(self, sheet: Sheet, common: Mapping[str, Any], keys: Keys, depth: int, lists: int) -> Group | None:
        if sheet.flag("isRepeating"):
            self.findings.error(sheet.element, "component", _("En gruppe kan ikke gjentas."),
                                _("Bruk en liste (dynamiclist)."))  # fmt: skip
        path = sheet.text("path") or None
        if path and not keys.claim("path", path, sheet.element, self.findings):
            path = None
        inside = Keys() if path else keys
        return Group(**common, path=path, components=self.components(sheet, inside, depth + 1, lists))

    def _rows(self, sheet: Sheet, common: Mapping[str, Any], keys: Keys, depth: int, lists: int) -> Rows | None:
        key = sheet.text("path") or sheet.text("key")
        claimed = keys.claim("path", key, sheet.element, self.findings)
        if lists >= 2:
            self.findings.error(sheet.element, "too-deep", _("Lista ligger inne i to andre lister."),
                                _("Ha høyst én liste inne i en annen."))  # fmt: skip
            return None
        properties = sheet.inner("properties")
        inner = Sheet(sheet.data, sheet.element, self.findings, in_row=True)
        components = self.components(inner, Keys(), depth + 1, lists + 1)
        if not components:
            self.findings.error(sheet.element, "empty-list", _("Lista har ingen felt."),
                                _("Legg minst ett felt i lista."))  # fmt: skip
        most = properties.whole("max-rows", 1, limits.ROWS) or limits.ROWS
        least = properties.whole("min-rows", 0, limits.ROWS) or 0
        if least > most:
            self.findings.error(sheet.element, "range", _("«min-rows» er større enn «max-rows»."),
                                _("Bytt om på dem."))  # fmt: skip
        first = sheet.whole("defaultRepetitions", 0, limits.ROWS)
        fixed = not sheet.flag("allowAddRemove", otherwise=True)
        rows = Rows(
            **common,
            key=key,
            components=components,
            register=self._register(properties, components),
            row_label=properties.text("row-label", 200),
            first=1 if first is None else min(first, most),
            least=min(least, most),
            most=most,
            fixed=fixed,
            default_from=properties.expression("default"),
            check=properties.expression("check"),
            check_message=properties.text("check-message"),
        )
        return rows if claimed else None

    def _register(self, properties: Sheet, components: tuple[Component, ...]) -> str | None:
        register = properties.text("register") or None
        if register is None:
            return None
        if register not in REGISTERS:
            self.findings.error(
                properties.element,
                "register",
                _("Registeret «%(register)s» finnes ikke.", register=register[:100]),
                _("Velg et av disse: %(registers)s.", registers=", ".join(sorted(REGISTERS))),
            )
            return None
        columns = inputs.columns(components)
        if not columns:
            self.findings.error(
                properties.element,
                "register",
                _("Lista skriver til et register, men ingen felt sier hvilken kolonne de hører til."),
                _("Sett egenskapen «column» på feltene i lista."),
            )
        for column in sorted({name for name in columns if columns.count(name) > 1}):
            self.findings.error(properties.element, "register", _("To felt skriver til kolonnen «%(c)s».", c=column),
                                _("Gi det ene en annen kolonne."))  # fmt: skip
        return register
