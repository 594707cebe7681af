"""Reads the components that are answered: each form-js type to its rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import re2

from komp_flow.forms import attachments, limits
from komp_flow.forms.components import (
    Choice,
    Component,
    Input,
    NumberInput,
    Option,
    Reference,
    TextInput,
    Tick,
    When,
    contents,
)
from komp_flow.forms.sheet import Sheet
from komp_flow.i18n import _

_VALIDATE = frozenset(
    {"required", "min", "max", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}
)
# What a browser may fill in about the one who answers (WCAG 1.3.5); anything else is about others.
_HINTS = ("", "name", "email", "tel", "organization", "organization-title", "url", "off")


def columns(components: tuple[Component, ...]) -> list[str]:
    """The register columns that a list's own fields write, in their order."""
    found: list[str] = []
    for part in components:
        if isinstance(part, Input) and part.column:
            found.append(part.column)
        elif not isinstance(part, Input) and part.kind == "group":
            found.extend(columns(contents(part)))
    return found


def common(sheet: Sheet, key: str) -> dict[str, Any]:
    """What every component that is answered has."""
    rules, properties = sheet.inner("validate"), sheet.inner("properties")
    for name in sorted(set(rules.data) - _VALIDATE):
        sheet.findings.warning(
            sheet.element,
            "validate",
            _("Regelen «%(name)s» kjennes ikke og gjør ingenting.", name=name[:50]),
            _("Ta den bort, eller skriv regelen som et uttrykk i egenskapen «check»."),
        )
    return {
        "key": key,
        "required": rules.flag("required"),
        "readonly": sheet.flag_or_expression("readonly"),
        "disabled": sheet.flag("disabled"),
        "default_from": properties.expression("default"),
        "check": properties.expression("check"),
        "check_message": properties.text("check-message"),
        "column": properties.text("column", 100) or None,
        "hint": properties.one_of("autocomplete", _HINTS, ""),
    }


def _adorners(sheet: Sheet) -> dict[str, Any]:
    look = sheet.inner("appearance")
    return {"prefix": look.wording("prefixAdorner", 50), "suffix": look.wording("suffixAdorner", 50)}


def _text(sheet: Sheet, shared: Mapping[str, Any]) -> TextInput:
    rules = sheet.inner("validate")
    shortest, longest = rules.length("minLength"), rules.length("maxLength")
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        sheet.findings.error(sheet.element, "range", _("«minLength» er større enn «maxLength»."), _("Bytt om på dem."))
    return TextInput(
        **shared,
        many_lines=shared["kind"] == "textarea",
        shortest=shortest,
        longest=longest,
        pattern=_pattern(rules),
        pattern_message=rules.text("patternErrorMessage", 500),
        format=rules.one_of("validationType", ("email", "phone", "custom"), "").replace("custom", ""),
        default=sheet.text("defaultValue", limits.TEXT) or None,
        **_adorners(sheet),
    )


def _pattern(rules: Sheet) -> str | None:
    pattern = rules.text("pattern", limits.PATTERN)
    if not pattern:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        rules.findings.error(
            rules.element,
            "pattern",
            _("Mønsteret «%(pattern)s» kan ikke brukes.", pattern=pattern[:100]),
            _("Skriv det uten «(?=», «(?!» og tilbakehenvisninger; det skal følge RE2."),
        )
        return None
    return pattern


def _number(sheet: Sheet, shared: Mapping[str, Any]) -> NumberInput:
    rules = sheet.inner("validate")
    least, most = rules.bound("min"), rules.bound("max")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        sheet.findings.error(sheet.element, "range", _("«min» er større enn «max»."), _("Bytt om på dem."))
    step = sheet.number("increment")
    if step is not None and not step > 0:
        sheet.findings.error(sheet.element, "wrong-type", _("«increment» skal være større enn null."),
                             _("Rett verdien av «increment»."))  # fmt: skip
        step = None
    return NumberInput(
        **shared,
        least=least,
        most=most,
        decimals=sheet.whole("decimalDigits", 0, limits.DECIMALS),
        step=None if step is None else str(Decimal(str(step))),
        as_text=sheet.flag("serializeToString"),
        default=sheet.number("defaultValue"),
        **_adorners(sheet),
    )


def option_text(value: object) -> str:
    """How a web form sends an option: `true`, `false`, a number's shortest form, or the text itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)


def option(item: object) -> Option | None:
    """An option as form-js writes it: `{label, value}`, or a bare value. None where it is neither."""
    label = item.get("label") if isinstance(item, Mapping) else None
    value = item.get("value") if isinstance(item, Mapping) else item
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if not isinstance(value, str | int | float | bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if value == "" or (isinstance(value, int) and abs(value) > limits.NUMBER):
        return None
    text = option_text(value)
    return Option(label if isinstance(label, str) and label else text, value, text)


def _choice(sheet: Sheet, shared: Mapping[str, Any]) -> Choice:
    many = shared["kind"] == "checklist"
    options_from, options_key = sheet.expression("valuesExpression"), sheet.text("valuesKey", 100) or None
    options = () if options_from or options_key else _options(sheet)
    default = sheet.data.get("defaultValue")
    if default in (None, "", []):
        default = None
    elif not _may_be_chosen(default, many, {each.text for each in options}):
        sheet.findings.error(
            sheet.element,
            "default",
            _("«defaultValue» er ikke et av valgene."),
            _("Bruk verdien til et av valgene, eller ta «defaultValue» bort."),
        )
        default = None
    return Choice(
        **shared, many=many, options=options, options_from=options_from, options_key=options_key, default=default
    )


def _may_be_chosen(default: object, many: bool, texts: set[str]) -> bool:
    """Whether a value can stand in the form to begin with; computed options are not known yet."""
    if many != isinstance(default, list):
        return False
    given = default if isinstance(default, list) else [default]
    return all(
        isinstance(each, str | int | float | bool) and (not texts or option_text(each) in texts) for each in given
    )


def _options(sheet: Sheet) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for item in sheet.items("values", limits.OPTIONS):
        each = option(item)
        if each is None:
            sheet.findings.error(
                sheet.element,
                "option",
                _("Et av valgene mangler en verdi som er tekst, tall eller true/false."),
                _("Gi hvert valg både «label» og «value»."),
            )
        elif len(each.text) > limits.LINE or len(each.label) > limits.WORDING:
            sheet.findings.error(sheet.element, "option", _("Et av valgene er for langt."), _("Gjør det kortere."))
        elif each.text in found:
            sheet.findings.error(
                sheet.element,
                "option",
                _("To av valgene har verdien «%(v)s».", v=each.text),
                _("Gi dem ulike verdier."),
            )
        else:
            found[each.text] = each
    if not found:
        sheet.findings.error(
            sheet.element,
            "no-options",
            _("Feltet har ingen valg."),
            _("Legg inn «values», eller hent valgene med «valuesExpression», for eksempel =context.areas."),
        )
    return tuple(found.values())


def _tick(sheet: Sheet, shared: Mapping[str, Any]) -> Tick:
    return Tick(**shared, default=sheet.flag("defaultValue") or None)


def _when(sheet: Sheet, shared: Mapping[str, Any]) -> When:
    part = sheet.one_of("subtype", ("date", "time", "datetime"), "date")
    label = shared["label"] or sheet.wording("timeLabel" if part == "time" else "dateLabel")
    return When(
        **{**shared, "label": label},
        part=part,
        not_past=sheet.flag("disallowPassedDates"),
        interval=sheet.whole("timeInterval", 1, 1440),
        offset=sheet.one_of(
            "timeSerializingFormat",
            ("utc_offset", "utc_normalized", "no_timezone"),
            "utc_offset" if part == "datetime" else "no_timezone",
        ),
        default=sheet.text("defaultValue", 40) or None,
    )


def _reference(sheet: Sheet, shared: Mapping[str, Any]) -> Reference:
    many = sheet.data.get("multiple")
    kinds, unknown = attachments.accepted(sheet.text("accept", limits.LINE))
    if unknown:
        sheet.findings.warning(
            sheet.element,
            "accept",
            _("«accept» nevner typer som vi ikke tar imot: %(types)s.", types=", ".join(unknown)[:200]),
            _("Velg blant disse: %(types)s.", types=", ".join(attachments.BY_ENDING)),
        )
    if not kinds:
        sheet.findings.error(sheet.element, "accept", _("«accept» nevner bare typer som vi ikke tar imot."),
                             _("Velg blant disse: %(types)s.", types=", ".join(attachments.BY_ENDING)))  # fmt: skip
    return Reference(
        **{**shared, "default_from": None},
        many=many is True or (isinstance(many, str) and bool(many)),
        kinds=kinds or frozenset(attachments.KINDS),
        readers=sheet.inner("properties").one_of("readers", ("", "unit", "everyone"), ""),
    )


READERS: Final[Mapping[str, Callable[[Sheet, Mapping[str, Any]], Input]]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "select": _choice,
    "radio": _choice,
    "checklist": _choice,
    "checkbox": _tick,
    "datetime": _when,
    "filepicker": _reference,
}
