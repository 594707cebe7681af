"""Forms as people meet them: in a browser on a phone, with scripts and without."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from forms.conftest import Desk
from forms.filling import REQUIRED, ROOT, choice, form, hidden_when, listed, number, text
from komp_flow import forms

AXE = Path(ROOT / "frontend/node_modules/axe-core/axe.min.js")
FORM = form(
    text("navn", **REQUIRED),
    choice("enig", "ja", "nei", **REQUIRED),
    text("hvorfor", **REQUIRED, **hidden_when('enig != "nei"')),
    listed("rader", text("tittel", **REQUIRED), number("nivå", validate={"min": 1, "max": 4}), row_label="Område"),
)


@pytest.fixture
def opened(desk: Desk, page: Page):
    def open_(made: forms.Form = FORM) -> Page:
        desk.form = made
        page.goto(desk.url)
        page.wait_for_selector("body[data-ready='1']")
        return page

    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return open_


def test_with_scripts_fields_open_at_once_and_what_was_typed_stays(opened, desk):
    page = opened()
    page.get_by_label("Navn").fill("Klarspråk")
    page.get_by_role("group", name="Enig").or_(page.get_by_role("radiogroup", name="Enig")).get_by_label("Nei").check()
    expect(page.get_by_label("Hvorfor")).to_be_visible()
    expect(page.get_by_label("Navn")).to_have_value("Klarspråk")
    expect(page.get_by_label("Nei")).to_be_checked()
    page.get_by_label("Ja").check()
    expect(page.get_by_label("Hvorfor")).to_have_count(0)
    assert desk.looks == 3  # the name, no, yes


def test_with_scripts_rows_come_and_go_without_leaving_the_page(opened, desk):
    page = opened()
    page.evaluate("document.body.dataset.same = 'page'")
    page.get_by_label("Tittel").fill("Første")
    page.get_by_role("button", name="Legg til område").click()
    second = page.get_by_role("group", name="Rader Område 2")
    expect(second.get_by_label("Tittel")).to_be_focused()
    second.get_by_label("Tittel").fill("Andre")
    page.get_by_role("button", name="Fjern område 1").click()
    expect(page.get_by_label("Tittel")).to_have_count(1)
    expect(page.get_by_label("Tittel")).to_have_value("Andre")
    assert page.locator("body[data-same='page']").count() == 1


def test_errors_take_the_cursor_and_lead_to_their_fields(opened, desk):
    page = opened()
    page.get_by_label("Nivå").fill("fem")
    page.get_by_role("button", name="Fullfør").click()
    summary = page.get_by_role("group", name="Du må rette 4 svar")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Område 1, Nivå: Skriv et tall mellom 1 og 4.").click()
    expect(page.get_by_label("Nivå")).to_be_focused()
    assert page.get_by_label("Nivå").get_attribute("aria-invalid") == "true"
    expect(page.get_by_label("Nivå")).to_have_value("fem")
    assert desk.done is None


def test_enter_in_a_field_does_not_take_a_row_away(opened, desk):
    page = opened(form(listed("rader", text("tittel")), text("navn")))
    page.get_by_label("Tittel").fill("x")
    page.get_by_label("Tittel").press("Enter")
    page.wait_for_load_state()
    assert desk.done is not None
    assert [row["tittel"] for row in desk.done["rader"]] == ["x"]


def test_without_scripts_everything_can_be_done(desk: Desk, browser: Browser):
    desk.form = FORM
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.url)
    page.get_by_label("Navn").fill("Klarspråk")
    page.get_by_label("Nei").check()
    page.get_by_label("Tittel").fill("Første")
    page.get_by_role("button", name="Legg til område").click()
    page.get_by_label("Tittel").nth(1).fill("Andre")
    page.get_by_label("Hvorfor").fill("Fordi")
    page.get_by_role("button", name="Fullfør").click()
    assert page.get_by_role("main").inner_text().endswith("Takk")
    assert desk.done is not None
    assert [row["tittel"] for row in desk.done["rader"]] == ["Første", "Andre"]
    assert desk.done["hvorfor"] == "Fordi"
    context.close()


def test_without_scripts_fields_that_answers_open_come_when_sent(desk: Desk, browser: Browser):
    desk.form = FORM
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(desk.url)
    page.get_by_label("Navn").fill("Klarspråk")
    page.get_by_label("Nei").check()
    page.get_by_role("button", name="Fullfør").click()
    assert "Svarene dine åpnet flere felt" in page.get_by_role("status").inner_text()
    page.get_by_label("Hvorfor").fill("Fordi")
    page.get_by_role("button", name="Fullfør").click()
    assert desk.done is not None
    assert desk.done["rader"] == []
    context.close()


SAMPLES = [Path(__file__).parent / "samples/everything.json", *sorted((ROOT / "forms").glob("*.json"))]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_form_fits_a_phone_and_is_accessible_with_and_without_errors(file, opened, desk):
    page = opened(forms.parse(file.read_bytes()))
    reads_well(page)
    page.get_by_role("button", name="Fullfør").click()
    page.wait_for_selector("body[data-ready='1']")
    if desk.done is None:  # else the form asks for nothing
        reads_well(page)


def reads_well(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]] == []
