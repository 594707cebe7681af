"""A manager with fifteen employees, by keyboard alone: invites them all, holds the talks, registers them one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from komp_flow.registers import talks
from processes.test_talk_rounds import begun, hire, proposed
from processes.walking import Walk

EMPLOYEES = [f"medarbeider {n:02}" for n in range(1, 14)]  # and Nils and Ola, who are there already
MOST_TABS = 60


class Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        pass


class Office:
    """A unit of fifteen whose talks have begun, its manager at a browser, and a clock."""

    def __init__(self, walk: Walk, app: Flask, clock_file: Path, page: Page) -> None:
        hire(walk, *EMPLOYEES)
        self.walk, self.page, self.clock_file = walk, page, clock_file
        self.unit = proposed(walk)
        self.days(0)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        page.context.request.post(f"{self.url}/sign-in/persona", form={"person": "kari"})

    def days(self, number: int) -> None:
        if number:
            self.walk.days(number)
        self.clock_file.write_text(self.walk.now.isoformat())

    def talks(self) -> list[Any]:
        with self.walk.database.reading() as db:
            found = list(talks.of_unit(db, "it", "2027"))
            db.expunge_all()
            return found

    # The keyboard.

    def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab until the cursor is on what is called so."""
        for _press in range(MOST_TABS * len(EMPLOYEES)):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if self.here().startswith(name):
                return
        raise AssertionError(f"Tab never came to «{name}»: {self.page.url}")

    def here(self) -> str:
        """What a screen reader would call the place where the cursor is."""
        return str(
            self.page.evaluate(
                """() => {
                    const at = document.activeElement;
                    const said = at.labels?.length ? at.labels[0].textContent : at.getAttribute('aria-label');
                    return (said || at.textContent || '').trim().replace(/\\s+/g, ' ');
                }"""
            )
        )

    def press(self, name: str, key: str = "Enter") -> None:
        """Go to what is called so, and press it."""
        self.tab_to(name)
        self.page.keyboard.press(key)
        self.page.wait_for_load_state()
        self.page.wait_for_selector("body[data-ready='1']")


@pytest.fixture
def office(walk: Walk, app: Flask, clock_file: Path, page: Page) -> Iterator[Office]:
    made = Office(walk, app, clock_file, page)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def walk(database: Any) -> Walk:
    from processes import test_talk_rounds

    return test_talk_rounds.walk.__wrapped__(database)  # type: ignore[no-any-return, attr-defined]


def test_fifteen_are_invited_talked_with_and_registered_by_keyboard(office: Office, axe: Any, fits: Any) -> None:
    page = office.page
    page.goto(f"{office.url}/talks")
    expect(page.get_by_role("heading", level=1, name="Samtaler")).to_be_visible()
    expect(page.get_by_text("For 15 medarbeidere.")).to_be_visible()
    axe(page)

    # Everyone is invited from one page, with times that are suggested and a place that is typed once.
    office.press("Inviter alle fra én side")
    axe(page)
    page.set_viewport_size({"width": 375, "height": 800})
    fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    office.tab_to("Sted eller lenke til møtet")
    page.keyboard.type("Kontoret mitt")
    office.press("Send invitasjonene")
    expect(page.get_by_text("15 invitasjoner er sendt.")).to_be_visible()
    found = office.talks()
    assert [talk.status for talk in found] == ["invited"] * 15
    times = {talk.talk_at for talk in found}
    assert len(times) == 15
    assert all(time.weekday() < 5 for time in times)

    # The talks are held; the manager writes down what they agreed on, one after the other.
    office.days(21)
    page.goto(f"{office.url}/talks")
    office.press("Ta dem én etter én: Registrer det dere ble enige om")
    for left in range(15, 0, -1):
        expect(page.get_by_text(f"Nummer 1 av {left} som gjenstår.")).to_be_visible()
        register(office)
    expect(page.get_by_text("Du har ikke flere av disse nå.")).to_be_visible()
    assert {talk.status for talk in office.talks()} == {"held"}

    # The employees confirm, and the unit's round ends by itself.
    for talk in begun(office.walk).values():
        office.walk.do(talk, "C5")
    office.days(1)
    assert office.walk.here(office.unit) == []


def register(office: Office) -> None:
    """One plan with one goal."""
    page = office.page
    office.tab_to("Mål")
    page.keyboard.type("Skrive klart for innbyggerne")
    office.tab_to("Kompetanseområde")
    page.keyboard.press("ArrowDown")
    office.tab_to("Hva skal skje?")
    page.keyboard.type("Kurs og øving")
    office.tab_to("Ferdig innen")
    for _part in range(3):  # day, month and year, in whatever order the browser has them
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
    office.press("Send inn")


def test_a_row_that_is_wrong_stops_only_its_own_invitation(office: Office) -> None:
    page = office.page
    page.goto(f"{office.url}/talks/invite")
    wrong = (office.walk.now + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    page.get_by_label("Når for medarbeider 03").fill(wrong)
    page.get_by_role("button", name="Send invitasjonene").click()
    expect(page.get_by_role("heading", name="1 invitasjon er ikke sendt")).to_be_visible()
    expect(page.get_by_label("Når for medarbeider 03")).to_have_value(wrong)
    assert sorted(talk.status for talk in office.talks()) == ["invited"] * 14 + ["started"]
    page.reload()
    page.goto(f"{office.url}/talks/invite")
    assert page.get_by_role("row").count() == 2  # the heading, and the one that is left


def test_the_page_left_open_in_another_tab_sends_nothing_twice(office: Office) -> None:
    page, other = office.page, office.page.context.new_page()
    for each in (page, other):
        each.goto(f"{office.url}/talks/invite")
    page.get_by_role("button", name="Send invitasjonene").click()
    expect(page.get_by_text("15 invitasjoner er sendt.")).to_be_visible()
    before = {talk.id: talk.talk_at for talk in office.talks()}
    other.get_by_role("button", name="Send invitasjonene").click()
    expect(other.get_by_role("heading", level=1, name="Samtaler")).to_be_visible()
    assert {talk.id: talk.talk_at for talk in office.talks()} == before


def test_one_may_skip_and_come_back_and_what_is_typed_is_kept(office: Office) -> None:
    page = office.page
    page.goto(f"{office.url}/talks/invite")
    page.get_by_role("button", name="Send invitasjonene").click()
    expect(page.get_by_text("15 invitasjoner er sendt.")).to_be_visible()
    page.get_by_role("link", name="Forbered samtalen").first.click()
    first = page.url
    page.locator("textarea").first.fill("Husk kurset")
    page.get_by_role("button", name="Lagre utkast").click()
    expect(page.get_by_text("Nummer 1 av 15 som gjenstår.")).to_be_visible()
    page.get_by_role("link", name="Hopp til den neste").click()
    expect(page.get_by_text("Nummer 2 av 15 som gjenstår.")).to_be_visible()
    page.go_back()
    page.go_back()
    page.goto(first)
    expect(page.locator("textarea").first).to_have_value("Husk kurset")


def test_a_talk_is_moved_and_begun_from_the_sheet(office: Office) -> None:
    page = office.page
    page.goto(f"{office.url}/talks/invite")
    page.get_by_role("button", name="Send invitasjonene").click()
    expect(page.get_by_text("15 invitasjoner er sendt.")).to_be_visible()
    first = next(talk for talk in office.talks() if talk.person_id == "nils")
    row = page.get_by_role("row", name="Nils")
    row.locator("summary").click()
    row.get_by_label("Ny tid").fill("2027-02-01T12:30")
    row.get_by_role("button", name="Flytt samtalen").click()
    expect(page.get_by_text("Samtalen er flyttet.")).to_be_visible()
    (moved,) = [talk for talk in office.talks() if talk.id == first.id]
    assert moved.talk_at.isoformat() == "2027-02-01T11:30:00+00:00"
    row.locator("summary").click()
    row.get_by_role("button", name="Vi snakker sammen nå").click()
    expect(row.get_by_role("link", name="Registrer det dere ble enige om")).to_be_visible()
