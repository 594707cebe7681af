"""One component's JSON, read property by property: wrong types become problems, never exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from komp_flow import feel
from komp_flow.forms import limits
from komp_flow.forms.components import Bound, Expression, Wording
from komp_flow.forms.problems import Findings
from komp_flow.i18n import _

# As in FEEL (dialect.md Forms): letters of any script, digits and underscores.
IDENTIFIER = re.compile(r"[^\W\d]\w{0,99}")
# Words of FEEL itself cannot be names in an expression.
WORDS = frozenset(
    {"and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "not", "null"}
    | {"of", "or", "return", "satisfies", "some", "then", "true"}
)


class Sheet:
    """A JSON object of the document, with the element to blame when something in it does not hold."""

    def __init__(self, data: Mapping[str, object], element: str, findings: Findings, *, in_row: bool = False) -> None:
        self.data = data
        self.element = element
        self.findings = findings
        self.in_row = in_row

    def inner(self, name: str) -> Sheet:
        """The object under `name`; an empty one where there is none."""
        value = self.data.get(name)
        if value is not None and not isinstance(value, dict):
            self._wrong(name, _("et objekt"))
        return Sheet(value if isinstance(value, dict) else {}, self.element, self.findings, in_row=self.in_row)

    def items(self, name: str, most: int) -> list[object]:
        """The list under `name`, at most `most` long."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong(name, _("en liste"))
            return []
        if len(value) > most:
            self.findings.error(
                self.element,
                "too-many",
                _("«%(name)s» har %(num)s verdier, og kan ha %(most)s.", name=name, num=len(value), most=most),
                _("Ta bort noen, eller hent dem fra et register med et uttrykk."),
            )
        return value[:most]

    def text(self, name: str, longest: int = limits.WORDING) -> str:
        """Text that may not be computed."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(name, _("tekst"))
            return ""
        if len(value) > longest:
            self.findings.error(
                self.element,
                "too-long",
                _("«%(name)s» er lengre enn %(most)s tegn.", name=name, most=longest),
                _("Gjør teksten kortere."),
            )
            return value[:longest]
        return value

    def wording(self, name: str, longest: int = limits.WORDING) -> Wording:
        """Text, or an expression that makes it."""
        value = self.text(name, longest)
        if value.startswith("="):
            return self.expression(name) or ""
        if "{{" in value:
            self.findings.error(
                self.element,
                "template",
                _("«%(name)s» bruker en mal med {{ … }}, som ikke støttes.", name=name),
                _('Skriv hele teksten som et FEEL-uttrykk som begynner med =, for eksempel ="Syklus " + cycle.name.'),
            )
        return value

    def expression(self, name: str) -> Expression | None:
        """A FEEL expression; it has to begin with `=`, as in form-js."""
        value = self.text(name)
        if not value.strip():
            return None
        if not value.startswith("="):
            self.findings.error(
                self.element,
                "not-an-expression",
                _("«%(name)s» skal være et FEEL-uttrykk, og det begynner med =.", name=name),
                _("Sett = foran uttrykket."),
            )
            return None
        return self._feel(name, value[1:])

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """True or false."""
        value = self.data.get(name)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            self._wrong(name, "true/false")
            return otherwise
        return value

    def flag_or_expression(self, name: str) -> bool | Expression:
        """True, false, or an expression that says which."""
        if isinstance(self.data.get(name), str):
            return self.expression(name) or False
        return self.flag(name)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number between two ends; also as text, as form-js's custom properties are."""
        value = self.data.get(name)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value.strip()[:18])
        if value is None or value == "":
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self._wrong(name, _("et helt tall fra %(least)s til %(most)s", least=least, most=most))
            return None
        return value

    def number(self, name: str) -> int | float | None:
        """A number, also as text."""
        value = self.data.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", value.strip(), re.ASCII):
            value = float(value) if "." in value else int(value)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= limits.NUMBER:
            self._wrong(name, _("et tall"))
            return None
        return value

    def length(self, name: str) -> Bound:
        """A number of characters, or an expression that gives it."""
        if isinstance(self.data.get(name), str) and str(self.data[name]).startswith("="):
            return self.expression(name)
        return self.whole(name, 0, limits.TEXT)

    def bound(self, name: str) -> Bound | float:
        """A number, or an expression that gives it."""
        if isinstance(self.data.get(name), str) and str(self.data[name]).startswith("="):
            return self.expression(name)
        return self.number(name)

    def one_of(self, name: str, allowed: tuple[str, ...], otherwise: str) -> str:
        """One of a few words."""
        value = self.data.get(name)
        if value is None or value == "":
            return otherwise
        if value not in allowed:
            self._wrong(name, _("en av %(words)s", words=", ".join(allowed)))
            return otherwise
        return str(value)

    def _feel(self, name: str, text: str) -> Expression | None:
        try:
            names = frozenset(feel.names(text))
        except feel.FeelError as error:
            place = _(" (tegn %(at)s)", at=error.position + 1) if error.position is not None else ""
            self.findings.error(
                self.element,
                "feel",
                _("Uttrykket i «%(name)s» kan ikke leses%(place)s: %(why)s",
                  name=name, place=place, why=error.message),
                _("Rett uttrykket: =%(text)s", text=text[:100]),
            )  # fmt: skip
            return None
        if "row" in names and not self.in_row:
            self.findings.error(
                self.element,
                "feel-name",
                _("Uttrykket i «%(name)s» leser «row», som bare finnes inne i en liste.", name=name),
                _("Les svaret ved navnet sitt, eller flytt feltet inn i lista."),
            )
        return Expression(text, names)

    def _wrong(self, name: str, wanted: str) -> None:
        self.findings.error(
            self.element,
            "wrong-type",
            _("«%(name)s» skal være %(wanted)s.", name=name, wanted=wanted),
            _("Rett verdien av «%(name)s».", name=name),
        )
