"""Notifications in words: one sentence for each, in the reader's language. None says what anybody has written."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date

from komp_flow.i18n import _, language, ngettext
from komp_flow.notifications.models import Notification
from komp_flow.organisation import Directory

LOCALES: Final = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}


def sentence(directory: Directory, notice: Notification) -> str:
    """What the reader is told on their own page."""
    return known(directory, notice) or notice.text or _("Du har fått en beskjed.")


def mailed(directory: Directory, notice: Notification, *, private: bool) -> str:
    """The same as it may leave the house: no person's name, and of what is about a person only that there is news."""
    said = known(directory, notice)
    if said is None and notice.kind == "notice" and not private:
        said = notice.text
    return said or _("Du har fått en beskjed. Den står under «Varsler» i komp-flow.")


def known(directory: Directory, notice: Notification) -> str | None:
    """The sentence of a kind that has words of its own; None: its words are those of the diagram or the sender."""
    unit = directory.unit(notice.unit_id)
    name = unit.name if unit else _("En enhet")
    match notice.kind:
        case "escalation":
            return _("%(unit)s er over fristen. Du får vite det fordi du kan hjelpe enheten videre.", unit=name)
        case "strategy":
            return _("Kompetansestrategien er vedtatt og sendt ut.")
        case "vacancy":
            return _("%(unit)s har ingen leder til stede. Stedfortreder, den over eller HR har oppgavene.", unit=name)
        case "unit-closed":
            return _("%(unit)s er stengt mens arbeidet er i gang. Si hvor det skal gå videre.", unit=name)
        case "plan-transfer":
            return _("Du er i %(unit)s nå. Si om utviklingsplanen din skal følge deg dit.", unit=name)
        case "next-cycle":
            return _("Syklusen er evaluert. Neste kan settes i gang.")
    return None


def reminder(task: str, count: int, due: date, today: date, unit: str | None) -> str:
    """A task, or several of the same name, with the first of their dates."""
    what = _("«%(task)s» i %(unit)s", task=task, unit=unit) if unit else _("«%(task)s»", task=task)
    if count > 1:
        what = ngettext("%(what)s, %(num)s oppgave", "%(what)s, %(num)s oppgaver", count, what=what)
    return _("%(what)s: %(due)s.", what=what, due=_due(due, today, first=count > 1))


def _due(due: date, today: date, *, first: bool) -> str:
    if due < today:
        return _("den første fristen var %(day)s", day=day(due)) if first else _("fristen var %(day)s", day=day(due))
    if due == today:
        return _("den første fristen er i dag") if first else _("fristen er i dag")
    return _("den første fristen er %(day)s", day=day(due)) if first else _("fristen er %(day)s", day=day(due))


def day(value: date) -> str:
    """«4. januar 2027»."""
    return format_date(value, "long", locale=LOCALES[language()])


def weekday(value: date) -> str:
    """«mandag 4. januar»."""
    pattern = "EEEE d MMMM" if language() == "en" else "EEEE d. MMMM"
    return format_date(value, pattern, locale=LOCALES[language()])
