"""What is drawn is kept: as one draws, when two draw at once, without a connection, and when the browser dies."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from journeys.conftest import (
    Served,
    base_url,
    become,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]

Be = Callable[[str], Page]


@pytest.fixture
def drawn(be: Be, served: Served) -> Editor:
    """A blank process, open in the editor."""
    return Editor(be(OWNER)).begin(served.url, blank="diagram", name="Ny ordning")


@pytest.fixture
def other(browser: Browser, served: Served, drawn: Editor) -> Iterator[Editor]:
    """The same drawing, open in a colleague's browser."""
    context = browser.new_context(locale="nb-NO", timezone_id="Europe/Oslo", viewport={"width": 1280, "height": 900})
    page = become(context.new_page(), served, OWNER)
    yield Editor(page).open(drawn.page.url)
    context.close()


def rename(editor: Editor, name: str) -> None:
    editor.pick("first")
    editor.group("Navn").get_by_label("Navn", exact=True).fill(name)


def test_the_later_of_two_is_told_who_and_what_and_neither_overwrites(drawn: Editor, other: Editor) -> None:
    rename(other, "Les reglementet")
    other.saved()
    rename(drawn, "Skriv reglementet")

    asked = drawn.page.get_by_role("dialog")
    expect(asked).to_contain_text(f"{OWNER} lagret")
    expect(asked).to_contain_text("Les reglementet")
    assert "Les reglementet" in other.file()
    assert "Skriv reglementet" not in other.file()

    asked.get_by_role("button", name="Behold min som egen kladd").click()
    drawn.page.wait_for_url(lambda url: url != other.page.url)
    drawn.page.locator("#studio[data-ready='1'] .djs-container").wait_for()
    assert "Skriv reglementet" in drawn.file()
    assert "Les reglementet" in other.file()


def test_the_later_of_two_can_take_what_the_other_saved(drawn: Editor, other: Editor) -> None:
    rename(other, "Les reglementet")
    other.saved()
    rename(drawn, "Skriv reglementet")
    drawn.page.get_by_role("dialog").get_by_role("button", name="Hent deres").click()
    expect(drawn.shape("first")).to_contain_text("reglementet")
    assert "Les reglementet" in drawn.drawn()
    rename(drawn, "Les reglementet to ganger")
    drawn.saved()
    assert "Les reglementet to ganger" in drawn.file()


def test_a_browser_that_dies_loses_nothing(drawn: Editor) -> None:
    context, url = drawn.page.context, drawn.page.url
    away = True

    def line(route: Route) -> None:
        route.abort() if away and route.request.method == "PUT" else route.fallback()

    context.route("**/studio/drawings/*", line)
    rename(drawn, "Det som nesten ble borte")
    expect(drawn.page.locator(".studio-status")).to_contain_text("Ingen forbindelse")
    with drawn.page.expect_event("crash"), contextlib.suppress(Error):
        drawn.page.goto("chrome://crash")
    away = False

    page = context.new_page()
    again = Editor(page).open(url)
    assert "nesten ble borte" not in again.drawn()
    page.get_by_role("button", name="Ta dem fram").click()
    again.saved()
    assert "Det som nesten ble borte" in again.file()
    again.open(url)
    assert not page.get_by_role("button", name="Ta dem fram").count()


def test_what_is_drawn_just_before_the_page_is_left_is_not_lost(drawn: Editor) -> None:
    page, url = drawn.page, drawn.page.url
    drawn.pick("first")
    page.get_by_title("Slett", exact=True).click()
    page.goto("about:blank")
    drawn.open(url)
    offered = page.get_by_role("button", name="Ta dem fram")  # where the page opened before the last saving was done
    if offered.count():
        offered.click()
    expect(drawn.shape("begin")).to_be_visible()
    expect(drawn.shape("first")).to_have_count(0)


def test_without_a_connection_it_says_so_and_saves_when_it_is_back(drawn: Editor) -> None:
    page = drawn.page
    page.context.set_offline(True)
    rename(drawn, "Tegnet på toget")
    expect(page.locator(".studio-status")).to_contain_text("Ingen forbindelse")
    page.context.set_offline(False)
    drawn.saved()
    assert "Tegnet på toget" in drawn.file()


def test_one_who_is_signed_out_is_told_and_keeps_what_is_drawn(drawn: Editor, served: Served) -> None:
    page, url, context = drawn.page, drawn.page.url, drawn.page.context
    page.wait_for_load_state("networkidle")  # an answer on its way would sign in again
    context.clear_cookies()
    rename(drawn, "Tegnet for sent")
    expect(page.locator(".studio-status")).to_contain_text(re.compile("logget ut"))
    assert url == page.url
    page.close()
    again = Editor(become(context.new_page(), served, OWNER)).open(url)
    again.page.get_by_role("button", name="Ta dem fram").click()
    again.saved()
    assert "Tegnet for sent" in again.file()
