"""A manager's year in a real browser: from the inbox through the four phases, with all that goes wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Browser, Page, expect

from journeys.conftest import Served, become
from journeys.filling import fill

LATE = "Leder for Seksjon for HR og organisasjon"  # has not begun, and is escalated
PATHS = "Leder for Seksjon for stier og hytter"
MOUNTAIN = "Avdelingsdirektør, som også dekker"  # leads one unit and covers another
HR, OWNER, DIRECTOR = "HR-rådgiver", "Prosesseier", "Direktør: beslutter"
TODAY = date(2027, 3, 1)

Be = Callable[[str], Page]
Check = Callable[[Page], None]


def open_task(page: Page, name: str | re.Pattern[str]) -> None:
    """Open it from the inbox, when it has come."""
    link = page.locator(".task-list").get_by_role("link", name=name).first
    comes(page, "/", link)
    link.click()
    page.wait_for_selector("body[data-ready]")


def comes(page: Page, path: str, wanted: object) -> None:
    """Look again until it is there: what is sent from one process to another arrives with the next tick."""
    home = page.url.split("/", 3)
    for _look in range(60):
        page.goto("/".join(home[:3]) + path)
        if wanted.count():  # type: ignore[attr-defined]
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"never came: {wanted}")


def send(page: Page) -> None:
    page.locator(".form-buttons").get_by_role("button", name="Send inn").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("er sendt inn"))).to_be_visible()


def test_a_manager_sees_what_to_do_makes_mistakes_and_sends(be: Be, axe: Check, fits: Check) -> None:
    page = be(LATE)
    card = page.get_by_role("region", name=re.compile("Over fristen")).get_by_role("article").first
    expect(card.get_by_role("link", name="Gjennomgå grunnlaget og tenk gjennom behovene")).to_be_visible()
    expect(card).to_contain_text("over fristen")
    expect(card).to_contain_text("Du er leder for Seksjon for HR og organisasjon")
    axe(page)
    open_task(page, "Gjennomgå grunnlaget")
    about = page.get_by_role("region", name="Om oppgaven")
    for said in ("27. januar 2027", "Du er leder for", "Forbered drøftingen"):
        expect(about).to_contain_text(said)
    axe(page)

    # Mistakes: the summary takes the cursor, and what was typed stays.
    unit = page.get_by_label("Hva slags kompetanse vil enheten vår trenge?")
    unit.fill("Folk som kan datagrunnlag.")
    page.get_by_role("button", name="Send inn").click()
    summary = page.get_by_role("group", name=re.compile("Du må rette"))
    expect(summary).to_be_focused()
    expect(unit).to_have_value("Folk som kan datagrunnlag.")
    axe(page)
    page.set_viewport_size({"width": 375, "height": 800})
    fits(page)
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    summary.get_by_role("link", name=re.compile("virksomheten trenge")).click()
    expect(page.get_by_label("Hva slags kompetanse vil virksomheten trenge")).to_be_focused()
    assert 'checkbox "Visjon' in page.get_by_role("group", name="Jeg har gått gjennom").aria_snapshot()

    # Rows come and go, and the rest of the page stays as it is.
    goals = page.get_by_role("group", name=re.compile(r"Sannsynlige mål for enheten Mål \d"))
    for count in (1, 2):
        page.get_by_role("button", name="Legg til mål").click()
        expect(goals).to_have_count(count)
    goals.nth(0).get_by_label("Mål", exact=True).fill("Bort")
    goals.nth(1).get_by_label("Mål", exact=True).fill("Bedre svar til lederne")
    page.get_by_role("button", name="Fjern mål 1").click()
    expect(goals).to_have_count(1)
    expect(goals.get_by_label("Mål", exact=True)).to_have_value("Bedre svar til lederne")
    expect(unit).to_have_value("Folk som kan datagrunnlag.")

    # A draft waits; then it is sent, and the receipt says what comes.
    page.get_by_role("button", name="Lagre utkast").last.click()
    expect(page.get_by_role("status").first).to_contain_text("Utkastet er lagret")
    page.get_by_role("link", name="Mine oppgaver").first.click()
    expect(page.get_by_role("article").first).to_contain_text("Du har et utkast")
    open_task(page, "Gjennomgå grunnlaget")
    expect(unit).to_have_value("Folk som kan datagrunnlag.")
    fill(page, TODAY)
    send(page)
    expect(page.get_by_role("heading", name="Neste steg er også ditt")).to_be_visible()
    expect(page.get_by_role("link", name="Forbered drøftingen og del materialet")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Se det du sendte").click()
    expect(page.get_by_text("Bedre svar til lederne")).to_be_visible()
    axe(page)


def test_without_scripts_a_row_is_added_and_the_step_is_sent(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, locale="nb-NO")
    page = become(context.new_page(), served, MOUNTAIN)
    page.get_by_role("link", name="Kartlegg kritiske kompetanseområder").click()
    before = page.locator("fieldset.form-rows > .form-row").count()
    page.get_by_role("button", name="Legg til område").click()
    rows = page.locator("fieldset.form-rows > .form-row")
    expect(rows).to_have_count(before + 1)
    new = rows.last
    new.get_by_label("Kompetanseområde", exact=True).fill("Forvaltningsrett")
    new.get_by_label("Enheten vår").check()
    new.get_by_label("Hvorfor er det kritisk?").fill("Flere klager enn før.")
    new.get_by_label("Nivå i dag").fill("2")
    new.get_by_label("Ønsket nivå").fill("1")
    new.get_by_label("Hva trengs?").select_option("lære")
    new.get_by_label("Når trenger vi det?").select_option("now")
    new.get_by_label("Hvor kritisk er det?").fill("3")
    page.get_by_role("button", name="Send inn").last.click()
    expect(page.get_by_role("group", name=re.compile("Du må rette"))).to_contain_text("kan ikke være lavere")
    rows.last.get_by_label("Ønsket nivå").fill("4")
    page.get_by_role("button", name="Send inn").last.click()
    expect(page.get_by_role("heading", level=1, name=re.compile("er sendt inn"))).to_be_visible()
    page.get_by_role("link", name="Se det du sendte").click()
    expect(page.get_by_text("Forvaltningsrett")).to_be_visible()
    context.close()


def test_two_tabs_neither_lose_text_nor_send_twice(be: Be, served: Served) -> None:
    first = be(MOUNTAIN)
    open_task(first, "Oppsummer og send inn")
    second = first.context.new_page()
    second.goto(first.url)
    second.wait_for_selector("body[data-ready]")
    first.get_by_label("Konklusjon").fill("Skrevet i den første fanen.")
    first.get_by_role("button", name="Lagre utkast").last.click()
    expect(first.get_by_role("status").first).to_contain_text("Utkastet er lagret")
    second.get_by_label("Konklusjon").fill("Skrevet i den andre fanen.")
    second.get_by_role("button", name="Lagre utkast").last.click()
    expect(second.get_by_role("alert")).to_contain_text("lagret et annet sted")
    expect(second.get_by_label("Konklusjon")).to_have_value("Skrevet i den andre fanen.")
    second.get_by_text("Vis det andre utkastet").click()
    expect(second.get_by_text("Skrevet i den første fanen.")).to_be_visible()

    fill(first, TODAY)
    send(first)
    fill(second, TODAY)
    with second.expect_navigation() as answered:
        second.locator(".form-buttons").get_by_role("button", name="Send inn").click()
    assert answered.value.status == 409
    expect(second.get_by_role("alert")).to_contain_text("allerede")
    expect(second.get_by_text("Skrevet i den andre fanen.")).to_be_visible()

    # The back button after sending: an old page, which says what has become of it.
    first.go_back()
    first.reload()
    expect(first.get_by_text("Dette ble sendt inn")).to_be_visible()
    assert not first.get_by_role("button", name="Send inn").count()


def test_the_server_dies_while_somebody_types(be: Be, served: Served) -> None:
    page = be(LATE)
    open_task(page, re.compile("."))
    here = page.url
    area = page.locator("form.form textarea").first
    area.fill("Dette skrev jeg før strømmen gikk.")
    expect(page.locator("[data-autosave]")).to_contain_text("Lagret", timeout=10_000)
    served.kill()
    served.start()
    page.goto(here)
    page.wait_for_selector("body[data-ready]")
    expect(area).to_have_value("Dette skrev jeg før strømmen gikk.")


def test_a_double_click_sends_once(be: Be) -> None:
    page = be(PATHS)
    open_task(page, "Avslutt samtalerunden")
    name = page.get_by_role("heading", level=1).inner_text()
    fill(page, TODAY)
    page.locator(".form-buttons").get_by_role("button", name="Send inn").dblclick()
    expect(page.get_by_role("heading", level=1, name=re.compile("er sendt inn"))).to_be_visible()
    page.get_by_role("link", name="Min enhet").click()
    page.get_by_role("link", name="Se årsløpet på diagrammet").click()
    expect(page.locator(".trail").get_by_text(f"leverte «{name}»")).to_have_count(1)


def test_after_signing_out_elsewhere_what_was_typed_is_not_lost(be: Be) -> None:
    page = be(LATE)
    open_task(page, re.compile("."))
    here = page.url
    other = page.context.new_page()
    other.goto(here)
    other.get_by_role("button", name="Logg ut").click()
    area = page.locator("form.form textarea").first
    area.fill("Skrevet etter at økten var over.")
    page.locator(".form-buttons").get_by_role("button", name="Send inn").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er logget ut")
    expect(page.get_by_text("Skrevet etter at økten var over.")).to_be_visible()


def act(be: Be, who: str, task: str, today: date, rows: tuple[str, ...] = (), **choose: str) -> Page:
    """One person does one task: opens it, adds the rows that it needs, fills it in and sends it."""
    page = be(who)
    open_task(page, task)
    for button in rows:
        if not page.get_by_role("group", name=re.compile(rf"{button} 1$")).count():
            page.get_by_role("button", name=f"Legg til {button.lower()}").click()
            page.get_by_role("group", name=re.compile(rf"{button} 1$")).first.wait_for()
    fill(page, today, choose)
    send(page)
    return page


def test_a_unit_goes_through_its_four_phases(be: Be, served: Served) -> None:
    """B2–B10 of the unit that was late, with the superior, HR and the top management in between."""
    act(be, LATE, "Forbered drøftingen og del materialet", TODAY)
    act(be, LATE, "Gjennomfør kompetansedrøftingen", TODAY)
    act(be, LATE, "Kartlegg kritiske kompetanseområder", TODAY, ("Område",))
    act(be, LATE, "Foreslå kompetansetiltak", TODAY, ("Tiltak",))
    receipt = act(be, LATE, "Oppsummer og send inn", TODAY)
    expect(receipt.get_by_role("main")).to_contain_text("Kvalitetssjekk")
    act(be, OWNER, "Kvalitetssjekk", TODAY, review="return", return_to="conclusion")
    page = be(LATE)
    open_task(page, "Oppsummer og send inn")
    expect(page.get_by_role("main")).to_contain_text("brukerne slipper å ringe")  # the comment, and what was written
    send(page)
    act(be, OWNER, "Kvalitetssjekk", TODAY, review="accept")
    act(be, LATE, "Avslutt samtalerunden", TODAY)

    merge = date(2027, 4, 1)
    served.at(f"{merge}T08:00:00Z")
    act(be, HR, "Sammenstill enhetenes forslag", merge, ("Område",))
    act(be, HR, "Utarbeid innstilling", merge, ("Område", "Tiltak"))
    act(be, HR, "Drøft innstillingen med tillitsvalgte", merge)
    act(be, DIRECTOR, "Beslutt kompetansestrategi", merge)
    act(be, HR, "Publiser og distribuer", merge)

    act(be, LATE, "Sett strategien ut i livet i enheten", merge)
    act(be, LATE, "Oppdater lokal handlingsplan", merge, plan_relevant="no")
    page = be(HR)
    page.get_by_role("link", name="Oversikt").click()
    row = page.get_by_role("row", name=re.compile("Seksjon for HR og organisasjon"))
    expect(row.get_by_text("Ferdig", exact=True)).to_have_count(4)
    row.get_by_role("link").click()
    page.wait_for_selector("[data-shown]")
    expect(page.locator(".mark-done[data-element-id=B10]")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("leverte «Oppdater lokal handlingsplan»")
