"""Every page, wide and on a phone, light and dark: nothing that a machine can fault, nothing that sticks out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from journeys.conftest import Served

HR, OWNER, MANAGER = "HR-rådgiver", "Prosesseier", "Leder for Seksjon for HR og organisasjon"
DIRECTOR, DEPUTY, EMPLOYEE = "Direktør", "Stedfortreder", "Medarbeider i Seksjon for fjordkunnskap"
CYCLE = ["/cycle", "/cycle/phases", "/cycle/strategy", "/cycle/glossary"]
STUDIO = ["/studio", "/studio/processes/unit", "/studio/forms/measures"]
WIDTHS = (1280, 375)
PAGES = {
    HR: ["/", "/board", "/board?late=1", "/instances", "/calendar", "/notices", "/nothing-here"],
    OWNER: ["/instances", "/processes", "/calendar", "/notices", "/api/v1/docs", *STUDIO],
    MANAGER: ["/", "/board", "/unit"],  # the second is refused
    DIRECTOR: ["/unit", "/units/110", "/unit"],
    DEPUTY: ["/unit", "/cycle"],
    EMPLOYEE: ["/", *CYCLE, "/unit"],
}

Be = Callable[[str], Page]
Check = Callable[[Page], None]


def look(page: Page, axe: Check, fits: Check) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)
        axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_page_to_sign_in_on(page: Page, served: Served, axe: Check, fits: Check) -> None:
    page.goto(f"{served.url}/sign-in")
    look(page, axe, fits)
    page.get_by_label("E-post").fill("ingen@fjord.example")
    page.get_by_label("Passord", exact=True).fill("feil")
    page.get_by_role("button", name="Logg inn", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, axe, fits)


@pytest.mark.parametrize("who", PAGES)
def test_pages_that_list_and_watch(who: str, be: Be, served: Served, axe: Check, fits: Check) -> None:
    page = be(who)
    for path in PAGES[who]:
        page.goto(served.url + path)
        look(page, axe, fits)
    page.emulate_media(color_scheme="dark")
    page.goto(served.url + PAGES[who][1])
    axe(page)


def test_an_instance_on_its_diagram(be: Be, served: Served, axe: Check, fits: Check) -> None:
    page = be(HR)
    page.goto(f"{served.url}/board?late=1")
    page.locator(".board-unit a").first.click()
    page.wait_for_selector("[data-shown]")
    expect(page.locator(".mark-late[data-element-id=B1]")).to_be_visible()
    expect(page.get_by_role("region", name="Nå", exact=True)).to_contain_text("Ligger hos leder")
    look(page, axe, fits)


SAVE = """async () => {
  const { drawing, urls } = JSON.parse(document.getElementById('studio-data').textContent);
  const text = drawing.text.replace('name="Les og bekreft">', 'name="Les nøye og bekreft">');
  const token = document.querySelector('meta[name=csrf-token]').content;
  const body = JSON.stringify({ revision: drawing.revision, text });
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
  return (await fetch(urls.save, { method: 'PUT', headers, body })).status;
}"""


def test_what_would_change_is_told_and_marked_on_the_two_diagrams(
    be: Be, served: Served, axe: Check, fits: Check
) -> None:
    page = be(OWNER)
    page.goto(f"{served.url}/studio")
    page.get_by_role("button", name="Endre Les og bekreft").first.click()
    page.wait_for_selector("body[data-ready]")
    drawing = page.url
    assert page.evaluate(SAVE) == 200
    page.goto(f"{drawing}/publish")
    page.wait_for_selector("body[data-ready]")
    expect(page.locator(".beside-renamed[data-element-id=read-and-confirm]")).to_have_count(2)
    page.get_by_role("button", name=re.compile("Les nøye og bekreft")).click()
    expect(page.locator(".beside-here[data-element-id=read-and-confirm]")).to_have_count(2)
    look(page, axe, fits)
    page.get_by_role("button", name="Publiser", exact=True).click()  # the browser asks for the reason
    expect(page).to_have_url(f"{drawing}/publish")
    page.get_by_label("Hva er endret, og hvorfor?").fill("Noen leste for fort")
    page.get_by_role("button", name="Publiser", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Versjon 2 av «Les og bekreft» er publisert.")
    look(page, axe, fits)
    page.get_by_role("button", name="Vis ved siden av hverandre").click()
    page.wait_for_selector("body[data-ready]")
    look(page, axe, fits)
    page.goto(f"{served.url}/studio/processes/reading/again/1")
    page.wait_for_selector("body[data-ready]")
    look(page, axe, fits)


def test_a_form_names_its_groups_for_those_who_do_not_see_it(be: Be, served: Served) -> None:
    page = be(OWNER)
    page.get_by_text("Mer", exact=True).click()
    page.get_by_role("link", name="Årsløp").click()
    page.get_by_role("button", name="Start en ny syklus").click()
    page.wait_for_selector("body[data-ready]")
    seen = page.get_by_role("main").aria_snapshot()
    for group in ("Hvilke enheter er med?", "Skal medarbeiderne bekrefte at de har lest?"):
        assert re.search(rf'radiogroup "{re.escape(group)}"', seen), seen
    page.get_by_role("radiogroup", name="Hvilke enheter er med?").get_by_role("radio").last.check()
    units = page.get_by_role("group", name="Velg enhetene")
    expect(units.get_by_role("checkbox", name="Avdeling for fjell")).to_be_visible()


def test_with_the_keyboard_alone(be: Be, served: Served) -> None:
    page = be(MANAGER)
    page.goto(served.url + "/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Gå til innholdet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.locator(".task-card a").first
    expect(first).to_be_focused()
    assert first.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Gjennomgå grunnlaget")).to_be_visible()


def test_an_employee_comes_from_the_start_page_to_what_the_cycle_asks(be: Be, served: Served) -> None:
    page = be(EMPLOYEE)
    mine = page.get_by_role("region", name=re.compile("^Din del i "))
    expect(mine.get_by_role("listitem")).to_have_count(5)
    mine.get_by_role("link", name=re.compile("^Se hele syklusen")).click()
    expect(page.get_by_role("heading", name="Min del i det")).to_be_visible()
    page.get_by_role("link", name="Hvem gjør hva").click()
    page.get_by_text("Forbered deg til samtalen").click()
    expect(page.get_by_text("Dette er samtalen om deg.")).to_be_visible()


def test_the_rest_of_the_menu_opens_and_closes_by_keyboard(be: Be, served: Served) -> None:
    page = be(HR)
    more = page.get_by_text("Mer", exact=True)
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Hovedmeny").locator("details a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("details.site-more")).not_to_have_attribute("open", "")
    expect(more).to_be_focused()


def test_the_open_menu_on_a_phone(be: Be, served: Served, axe: Check, fits: Check) -> None:
    page = be(HR)
    page.set_viewport_size({"width": 375, "height": 900})
    page.get_by_text("Mer", exact=True).click()
    axe(page)
    fits(page)


def test_a_deputy_sees_why_the_unit_is_theirs_and_its_people(be: Be, served: Served) -> None:
    page = be(DEPUTY)
    page.get_by_role("link", name="Min enhet").click()
    expect(page.get_by_role("main")).to_contain_text("Du er stedfortreder for")
    expect(page.get_by_role("region", name="Medarbeiderne").get_by_role("row").nth(1)).to_be_visible()


def test_the_language_is_chosen_at_the_foot_of_the_page(be: Be, served: Served) -> None:
    page = be(MANAGER)
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Bokmål").click()
    assert page.locator("html").get_attribute("lang") == "nb"


def test_the_checks_catch_what_they_are_there_for(page: Page, axe: Check, fits: Check) -> None:
    page.set_content("<html><body><img src='data:,'><div style='width: 3000px'>a</div></body></html>")
    for check in (axe, fits):
        with pytest.raises(AssertionError):
            check(page)
