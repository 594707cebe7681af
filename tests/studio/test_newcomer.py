"""One who has never seen BPMN gives the managers a new step with a form and a deadline, by clicking alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Page, expect

from journeys.conftest import (
    Served,
    axe,
    base_url,
    be,
    browser_context_args,
    browser_type_launch_args,
    fits,
    no_script_or_policy_errors,
    served,
)
from journeys.filling import fill
from journeys.test_manager import comes, open_task, send
from studio.drawing import OWNER, Editor

__all__ = [
    "axe",
    "base_url",
    "be",
    "browser_context_args",
    "browser_type_launch_args",
    "fits",
    "no_script_or_policy_errors",
    "served",
]

Be = Callable[[str], Page]
Check = Callable[[Page], None]
TODAY = date(2027, 3, 1)  # a Monday
HR = "HR-rådgiver"
BEFORE = "Leder for Seksjon for HR og organisasjon"  # stands at the first step of the year that is running
ANEW = "Leder for Seksjon for stier og hytter"  # whose unit begins a year of its own
STEP = "Sjekk budsjettet"
FIRST = "Gjennomgå grunnlaget og tenk gjennom behovene"
DUE = "5. mars 2027"  # four working days after
ASKED = "Hvor mye er igjen?"
FOUND = "Hva fant du?"


def test_a_new_step_with_a_form_and_a_deadline_comes_to_the_managers(
    be: Be, served: Served, axe: Check, fits: Check
) -> None:
    draws(be(OWNER), axe, fits)
    moves_those_who_have_begun(be(OWNER), axe, fits)
    gets_it(be(BEFORE), "Har 120 000 igjen.")
    begins_a_year(be)
    gets_it(be(ANEW), "Har 90 000 igjen.")


def draws(page: Page, axe: Check, fits: Check) -> None:
    """The process owner puts the step in, makes its form, sets its deadline, reads it in words, and publishes."""
    page.get_by_text("Mer", exact=True).click()
    page.get_by_role("link", name="Studio").click()
    page.get_by_role("button", name="Endre Enhetens årsløp").click()
    editor = Editor(page)
    editor.ready()
    page.get_by_role("button", name="Legg til et steg …").first.click()
    asked = page.get_by_role("dialog", name="Legg til et steg")
    expect(asked.get_by_label("Hva skal gjøres?")).to_be_focused()
    axe(page)
    asked.get_by_label("Hva skal gjøres?").fill(STEP)
    asked.get_by_label("Hvem skal gjøre det?").select_option(label="Leder")
    asked.get_by_label("Etter hvilket steg?").select_option(label=f"«{FIRST}»")
    asked.get_by_role("button", name="Legg til", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=f"Steget «{STEP}» er satt inn")).to_be_visible()
    expect(editor.group("Hvem gjør oppgaven").get_by_label("Leder", exact=True)).to_be_checked()
    editor.group("Skjema og veiledning").get_by_role("button", name="Lag nytt skjema").click()

    makes_a_form(page)

    editor.ready()
    form = editor.group("Skjema og veiledning")
    expect(form.get_by_label("Skjema", exact=True).locator("option:checked")).to_have_text(STEP)
    expect(form).to_contain_text(f"Spør om «{FOUND}», «{ASKED}»")
    deadline = editor.group("Frist og påminnelse")
    deadline.get_by_label("Fristen er").select_option(label="regnet fra oppgaven oppstår")
    deadline.get_by_label("Antall dager etter").fill("4")
    expect(deadline.get_by_label("Slags dager").locator("option:checked")).to_have_text("virkedager")
    words = editor.tab("Med ord")
    expect(words).to_contain_text(f"Deretter får lederen «{STEP}». Fristen er fire virkedager etter at oppgaven kom.")
    axe(page)
    expect(editor.tab("Å rette")).to_contain_text("Ingenting å rette")
    page.get_by_role("button", name="Publiser …").click()

    expect(page.get_by_text(f"Nytt: Deretter får lederen «{STEP}».")).to_be_visible()
    expect(page.locator("[data-beside][data-shown]")).to_have_count(2)
    expect(page.locator(".djs-element.beside-added")).to_have_count(1)
    expect(page.get_by_role("checkbox", name=re.compile(rf"^{STEP} .*\(nytt\)"))).to_be_checked()
    fits(page)
    page.get_by_label("Hva er endret, og hvorfor?").fill("Ingen visste hva de hadde å bruke")
    page.get_by_role("button", name="Publiser", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Versjon 2 av «Enhetens årsløp» er publisert.")


def makes_a_form(page: Page) -> None:
    """Two questions: the one that stands there gets words, and a number comes after it."""
    page.locator("body[data-ready='1'] .fjs-palette").wait_for()
    expect(page.get_by_role("heading", level=1, name=STEP)).to_be_visible()
    editor = Editor(page)
    preview = page.get_by_role("region", name="Slik blir skjemaet")
    page.locator(".form-canvas .fjs-element[data-field-type=textarea]").click()
    editor.group("Generelt").get_by_label("Spørsmål").fill(FOUND)
    page.locator(".fjs-palette-field[data-field-type=number]").click()
    expect(page.locator(".form-properties-panel .bio-properties-panel-header-type")).to_have_text("Tall")
    editor.group("Generelt").get_by_label("Spørsmål").fill(ASKED)
    expect(preview.get_by_label(ASKED)).to_be_visible()
    expect(preview.get_by_label(FOUND)).to_be_visible()
    page.get_by_role("link", name="Tilbake til «Enhetens årsløp»").click()


def moves_those_who_have_begun(page: Page, axe: Check, fits: Check) -> None:
    """Those who are under way are told of, and moved when one has seen what it means."""
    page.get_by_text("Mer", exact=True).click()
    page.get_by_role("link", name="Studio").click()
    page.get_by_role("link", name="Enhetens årsløp").click()
    expect(page.get_by_text(re.compile(r"^\d+ løp følger en eldre versjon"))).to_be_visible()
    page.get_by_role("link", name="Flytt løp som er i gang").click()
    page.get_by_label("Hvorfor skal de flyttes?").fill("Alle skal ha det samme")
    page.get_by_role("button", name="Vis hva som vil skje").click()
    run = page.get_by_role("button", name="Flytt løpene")
    expect(run).to_be_visible(timeout=30_000)  # the page looks again by itself
    axe(page)
    fits(page)
    run.click()
    expect(page.get_by_role("heading", name="Dette er gjort")).to_be_visible(timeout=30_000)


def begins_a_year(be: Be) -> None:
    """A new cycle for one unit: the process owner and HR do what comes before."""
    page = be(OWNER)
    page.get_by_text("Mer", exact=True).click()
    page.get_by_role("link", name="Årsløp").click()
    page.get_by_role("button", name="Start en ny syklus").click()
    page.wait_for_selector("body[data-ready]")
    page.get_by_role("radio", name="Bare noen enheter").check()
    page.get_by_role("group", name="Velg enhetene").get_by_label("Seksjon for stier og hytter").check()
    fill(page, TODAY, {"name": "Syklus for stiene", "end": "2028-02-28", "consultation": "no", "units": "-"})
    send(page)
    page = be(HR)
    open_task(page, "Legg inn strategigrunnlag og målnedbryting")
    fill(page, TODAY, {"goals_from": "managers"})
    send(page)


def gets_it(page: Page, found: str) -> None:
    """The manager does the step before, gets the new one with its deadline, answers it, and the answer is kept."""
    open_task(page, FIRST)
    fill(page, TODAY)
    send(page)
    card = page.get_by_role("article").filter(has=page.get_by_role("link", name=STEP))
    comes(page, "/", card)
    expect(card).to_contain_text(DUE)
    card.get_by_role("link", name=STEP).click()
    page.wait_for_selector("body[data-ready]")
    expect(page.get_by_role("region", name="Om oppgaven")).to_contain_text(DUE)
    page.get_by_label(FOUND).fill(found)
    page.get_by_label(ASKED).fill("120000")
    task = page.url
    send(page)
    page.goto(task)
    expect(page.get_by_role("main")).to_contain_text(found)
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"120\s?000"))
