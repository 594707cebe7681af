"""What a cycle asks of an employee, in words: on the cycle's page and on the start page."""

from __future__ import annotations

from flask import g

from komp_flow.i18n import _
from komp_flow.monitor.told import when
from komp_flow.pages import day, moment
from komp_flow.work.watching.part import DISCUSSION, FOLLOW_UP, READ_MATERIAL, READ_STRATEGY, TALKS, MyPart, Part


def name(line: Part) -> str:
    """What one thing is called that the cycle asks of an employee."""
    return {
        READ_MATERIAL: _("Les strategigrunnlaget"),
        DISCUSSION: _("Vær med på kompetansedrøftingen"),
        TALKS: line.task_name or _("Ha mål- og utviklingssamtalen din"),
        READ_STRATEGY: _("Les den vedtatte strategien"),
        FOLLOW_UP: line.task_name or _("Følg opp utviklingsplanen"),
    }[line.id]


def status(line: Part) -> str:
    """As the board colours it."""
    return {"done": "done", "now": "under-way"}.get(line.state, "not-started")


def state(line: Part) -> str:
    """How it stands, in a word or two."""
    if line.state == "done":
        return _("gjort %(day)s", day=day(line.at)) if line.at else _("gjort")
    if line.state == "now":
        return _("nå")
    return _("faller bort") if line.state == "dropped" else _("kommer")


def about(line: Part, mine: MyPart) -> str:
    """One or two sentences: what it is, and by when."""
    if line.id == TALKS:
        return _talk(line)
    if line.id == DISCUSSION:
        return _discussion(line, mine)
    return _others(line.id, line.state, when(line.by) if line.by else "")


def _others(part: str, state: str, by: str) -> str:
    """Reading and following up. What is done needs no more words than its date."""
    said = {
        (READ_MATERIAL, "now"): _(
            "Les, og si gjerne hva du vil ha med i drøftingen. Frist %(day)s.", day=by),
        (READ_MATERIAL, "ahead"): _(
            "Du får det når lederen din deler materialet, før drøftingen."),
        (READ_MATERIAL, "dropped"): _(
            "Du rakk det ikke i tide. Det stopper ingenting. Dokumentene står under «Strategien»."),
        (READ_STRATEGY, "now"): _(
            "Den er vedtatt. Les hva den betyr for deg og enheten. Frist %(day)s.", day=by),
        (READ_STRATEGY, "ahead"): _(
            "Den sendes ut etter at toppledelsen har besluttet, etter planen %(day)s.", day=by)
        if by else _("Den sendes ut etter at toppledelsen har besluttet."),
        (READ_STRATEGY, "dropped"): _(
            "Du rakk det ikke i tide. Det stopper ingenting. Den står under «Strategien»."),
        (FOLLOW_UP, "now"): _("Du og lederen ser på planen sammen. Frist %(day)s.", day=by),
        (FOLLOW_UP, "ahead"): _("To ganger i året ser du og lederen på planen sammen."),
    }  # fmt: skip
    return said.get((part, state), "")


def _discussion(line: Part, mine: MyPart) -> str:
    if line.state == "done":
        return _("Enheten har drøftet og sendt inn forslagene sine.")
    return _(
        "%(unit)s snakker om hvilken kompetanse dere trenger, og foreslår tiltak. Ferdig innen %(day)s.",
        unit=mine.unit_name,
        day=when(line.by),
    )


def _talk(line: Part) -> str:
    at = line.talk.talk_at if line.talk else None
    by = when(line.by) if line.by else ""
    if line.state == "done":
        return _("Planen din er ferdig. Den følger du opp sammen med lederen.")
    if line.state == "dropped":
        return _("Du har ingen samtale i denne syklusen.")
    if at is not None and at > g.now:
        return _("Samtalen er %(when)s.", when=moment(at))
    if line.task_name:
        return _("Frist %(day)s.", day=by)
    if line.talk is not None and line.talk.status == "held":
        return _("Samtalen er holdt. Lederen skriver ned det dere ble enige om.")
    return _("Lederen din avtaler en tid med deg. Samtalene skal være holdt innen %(day)s.", day=by)
