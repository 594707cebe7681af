"""Two who change the same draft, a diagram or a form: the later is told, neither is written over, nothing is lost."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Error, Page, Route, expect

from journeys.conftest import (
    Served,
    base_url,
    be,
    become,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "be", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]

Be = Callable[[str], Page]
OTHER = "Administrator av komp-flow"
FIRST_FIELD = """() => {
  const [selection, registry] = ['selection', 'formFieldRegistry'].map((name) => kompStudio.editor.get(name));
  selection.set(registry.getAll().find(({ key }) => key));
}"""
CONTEXT = {"locale": "nb-NO", "timezone_id": "Europe/Oslo", "viewport": {"width": 1280, "height": 900}}


@dataclass
class Desk(Editor):
    """A diagram or a form, open for change."""

    kind: str = "diagram"

    def open(self, url: str) -> Desk:
        self.page.goto(url)
        return self.stands()

    def stands(self) -> Desk:
        self.page.locator("body[data-ready='1'] #studio .studio-status").wait_for(state="attached")
        self.page.wait_for_function("globalThis.kompStudio && kompStudio.saving")
        self.page.locator("#studio .djs-container .djs-element, #studio .fjs-palette").first.wait_for()
        return self

    def change(self, text: str) -> Desk:
        """The name of the first step, or the question of the first field."""
        if self.kind == "diagram":
            self.select("first")
            self.group("Navn").get_by_label("Navn", exact=True).fill(text)
        else:
            self.page.evaluate(FIRST_FIELD)
            self.group("Generelt").get_by_label("Spørsmål").fill(text)
        return self

    def held(self) -> str:
        """What stands in the editor now."""
        return str(self.page.evaluate("kompStudio.saving.text()"))

    def asked(self) -> Any:
        return self.page.get_by_role("dialog")


@pytest.fixture(params=["diagram", "form"])
def drawn(be: Be, served: Served, request: Any) -> Desk:
    """A blank process or form, open."""
    kind = request.param
    page = be(OWNER)
    token = page.request.get(f"{served.url}/studio").text().split('name="csrf-token" content="')[1].split('"')[0]
    answer = page.request.post(
        f"{served.url}/studio/drawings", form={"blank": kind, "name": f"Ny ordning {kind}", "csrf_token": token}
    )
    assert answer.ok, answer.text()
    return Desk(page, kind).open(answer.url)


@pytest.fixture
def other(browser: Browser, served: Served, drawn: Desk) -> Iterator[Desk]:
    """The same draft, open in a colleague's browser."""
    context = browser.new_context(**CONTEXT)
    page = become(context.new_page(), served, OTHER)
    yield Desk(page, drawn.kind).open(drawn.page.url)
    context.close()


def away(page: Page) -> Callable[[], None]:
    """The server takes nothing from this browser until what comes back is called."""
    closed = True

    def line(route: Route) -> None:
        route.abort() if closed and route.request.method == "PUT" else route.fallback()

    page.context.route("**/studio/drawings/*", line)

    def back() -> None:
        nonlocal closed
        closed = False

    return back


def test_the_later_is_told_who_and_when_and_what_both_did_and_looks_at_both(drawn: Desk, other: Desk) -> None:
    other.change("Les reglementet").saved()
    drawn.change("Skriv reglementet")
    asked = drawn.asked()
    expect(asked).to_contain_text("Noen andre har endret det samme")
    expect(asked).to_contain_text(" lagret ")
    expect(asked).not_to_contain_text("tegnet")
    theirs, mine = asked.get_by_role("region").all()
    expect(theirs).to_contain_text("Les reglementet")
    expect(mine).to_contain_text("Skriv reglementet")

    asked.get_by_role("button", name="Se på begge").click()
    for text in ("Les", "Skriv"):
        expect(drawn.asked()).to_contain_text(text)
    expect(drawn.asked().locator(".studio-both-one").first).to_contain_text("Les")
    drawn.asked().get_by_role("button", name="Behold min som egen kladd").click()
    drawn.page.wait_for_url(lambda url: url != other.page.url)
    drawn.stands()
    assert "Skriv reglementet" in drawn.file()
    assert "Les reglementet" in other.file()
    expect(drawn.page.locator(".studio-notice")).to_have_count(0)


def test_one_who_takes_the_other_s_goes_on_from_there_and_can_still_have_their_own(drawn: Desk, other: Desk) -> None:
    other.change("Les reglementet").saved()
    drawn.change("Skriv reglementet")
    drawn.asked().get_by_role("button", name="Hent deres").click()
    expect(drawn.page.locator(".studio-status")).to_contain_text("Hentet")
    assert "Les reglementet" in drawn.held()
    drawn.change("Les reglementet to ganger").saved()
    first = drawn.page.url
    assert "to ganger" in drawn.file()
    drawn.page.get_by_role("button", name="Lag et eget utkast av mitt").click()
    drawn.page.wait_for_url(lambda url: url != first)
    drawn.stands()
    assert "Skriv reglementet" in drawn.file()


def test_one_who_decides_nothing_loses_nothing(drawn: Desk, other: Desk) -> None:
    other.change("Les reglementet").saved()
    drawn.change("Skriv reglementet")
    drawn.asked().press("Escape")
    url = drawn.page.url
    drawn.page.on("dialog", lambda dialog: dialog.accept())
    drawn.page.goto("about:blank")
    drawn.open(url)
    offer = drawn.page.locator(".studio-notice", has_text="som ikke ble lagret")
    expect(offer).to_contain_text("Etterpå har")
    offer.get_by_role("button", name="Ta dem fram").click()
    expect(drawn.asked()).to_contain_text("Les reglementet")
    assert "Les reglementet" in drawn.file()


def test_in_two_tabs_one_is_told_that_it_was_oneself_and_neither_forgets_for_the_other(drawn: Desk) -> None:
    url = drawn.page.url
    second = Desk(drawn.page.context.new_page(), drawn.kind).open(url)
    back = away(drawn.page)
    drawn.change("I den første fanen")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Ingen forbindelse")
    third = Desk(drawn.page.context.new_page(), drawn.kind).open(url)
    expect(third.page.locator(".studio-notice")).to_have_count(0)  # the first tab lives, and has it itself
    third.page.close()
    back()
    second.change("I den andre fanen").saved()
    expect(drawn.asked()).to_contain_text("Du har endret det samme et annet sted", timeout=15_000)
    with drawn.page.expect_event("crash"), contextlib.suppress(Error):
        drawn.page.goto("chrome://crash")
    second.open(url)
    offer = second.page.locator(".studio-notice", has_text="som ikke ble lagret")
    offer.get_by_role("button", name="Lag et eget utkast av dem").click()
    second.page.wait_for_url(lambda now: now != url)
    second.stands()
    assert "I den første fanen" in second.file()


def test_a_draft_that_somebody_threw_away_meanwhile_leaves_what_one_has(drawn: Desk, other: Desk) -> None:
    other.page.get_by_role("button", name="Forkast").click()
    other.asked().get_by_role("button", name="Forkast").click()
    other.page.wait_for_url("**/studio")
    drawn.change("Skrevet for sent")
    asked = drawn.asked()
    expect(asked).to_contain_text("Utkastet ble forkastet av")
    url = drawn.page.url
    asked.press("Escape")
    drawn.page.on("dialog", lambda dialog: dialog.accept())
    drawn.page.goto("about:blank")

    drawn.page.goto(url.rsplit("/drawings", 1)[0])
    drawn.page.get_by_role("link", name="Se på dem").click()
    expect(drawn.page.get_by_role("alert")).to_contain_text("forkastet av")
    drawn.page.get_by_role("button", name="Lag et nytt utkast av dem").click()
    drawn.page.wait_for_url(lambda now: now != url)
    drawn.stands()
    assert "Skrevet for sent" in drawn.file()


def test_one_who_is_signed_out_signs_in_elsewhere_and_it_is_saved(drawn: Desk, served: Served) -> None:
    drawn.page.wait_for_load_state("networkidle")  # an answer on its way would sign in again
    drawn.page.context.clear_cookies()
    drawn.change("Tegnet for sent")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Du er logget ut")
    second = become(drawn.page.context.new_page(), served, OWNER)
    drawn.page.bring_to_front()
    drawn.page.evaluate("dispatchEvent(new Event('focus'))")
    drawn.saved()
    second.close()
    assert "Tegnet for sent" in drawn.file()


def test_somebody_else_who_signs_in_there_does_not_save_in_one_s_stead(drawn: Desk, served: Served) -> None:
    drawn.page.wait_for_load_state("networkidle")  # an answer on its way would sign in again
    drawn.page.context.clear_cookies()
    drawn.change("Mitt eget")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Du er logget ut")
    become(drawn.page.context.new_page(), served, OTHER)
    with drawn.page.expect_response(lambda answer: answer.request.method == "GET" and answer.url == drawn.page.url):
        drawn.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Du er logget ut")
    assert "Mitt eget" not in drawn.file()


def test_a_server_that_dies_while_one_draws_has_what_it_said_it_saved_and_gets_the_rest(
    drawn: Desk, served: Served
) -> None:
    drawn.change("Før strømmen gikk").saved()
    drawn.change("Mens strømmen gikk")
    drawn.page.evaluate("kompStudio.saving.soon.now() && undefined")  # on its way when the power goes
    served.kill()
    drawn.change("Etter at strømmen gikk")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Ingen forbindelse")
    served.start()
    expect(drawn.page.locator(".studio-status[data-kind=saved]")).to_contain_text("Lagret", timeout=30_000)
    expect(drawn.asked()).to_have_count(0)
    assert "Etter at strømmen gikk" in drawn.file()


@pytest.mark.parametrize("kind", ["diagram", "form"])
def test_a_browser_that_is_killed_with_the_server_away_offers_it_next_time(
    kind: str, served: Served, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> None:
    url = ""
    with (
        contextlib.suppress(Error),
        browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args, **CONTEXT) as context,
    ):
        page = become(context.new_page(), served, OWNER)
        page.goto(f"{served.url}/studio")
        token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
        answer = page.request.post(
            f"{served.url}/studio/drawings", form={"blank": kind, "name": "Knust", "csrf_token": token}
        )
        desk = Desk(page, kind).open(answer.url)
        away(page)
        desk.change("Det som nesten ble borte")
        expect(page.locator(".studio-status")).to_contain_text("Ingen forbindelse")
        url = page.url
        for mine in running_in(tmp_path):
            with contextlib.suppress(ProcessLookupError):
                os.kill(mine, signal.SIGKILL)
    assert url
    with browser_type.launch_persistent_context(tmp_path, **browser_type_launch_args, **CONTEXT) as context:
        page = become(context.new_page(), served, OWNER)
        page.goto(f"{served.url}/studio")
        expect(page.locator("[data-left]")).to_contain_text("«Knust» fra i dag kl.")
        desk = Desk(page, kind).open(url)
        page.get_by_role("button", name="Ta dem fram").click()
        desk.saved()
        assert "Det som nesten ble borte" in desk.file()


def running_in(home: Path) -> list[int]:
    """The browser's own processes, by the folder that it was begun with."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if f"--user-data-dir={home}".encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found
