"""An employee's year in a real browser: reads, prepares, shares, confirms, comments, follows up, takes it all along."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from journeys.filling import fill
from journeys.test_many_talks import Quiet
from privacy.conftest import House, house

__all__ = ["house"]
Check = Callable[[Page], None]
COMMENT = "Jeg vil gjerne begynne i mai."


@pytest.fixture
def url(house: House) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


def done(page: Page, url: str, house: House, name: str, **choose: str) -> None:
    """Open the task from the front page, fill it in and send it."""
    page.goto(url)
    page.locator(".task-list").get_by_role("link", name=name).first.click()
    page.wait_for_selector("body[data-ready]")
    fill(page, house.now.date(), choose)
    share = page.locator('form.form [name="share"][type=checkbox]')
    if share.count():
        share.uncheck()
    page.locator(".form-buttons").get_by_role("button", name="Send inn").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("er sendt inn")


def test_an_employees_year(house: House, url: str, page: Page, axe: Check, fits: Check) -> None:
    page.context.request.post(f"{url}/sign-in/persona", form={"person": "nils"})
    page.goto(f"{url}/plan")
    expect(page.get_by_role("heading", name="Ingen plan ennå")).to_be_visible()
    house.start("reading", "nils")
    done(page, url, house, "Les og bekreft")

    talk = house.start("talk", "nils")
    at = house.now + timedelta(days=14)
    house.write("kari", talk, "C1", talk_at=at.isoformat())
    done(page, url, house, "Forbered deg til samtalen")
    page.get_by_role("link", name="Min utviklingsplan").first.click()
    expect(page.get_by_text("Ikke delt")).to_be_visible()
    page.get_by_role("button", name="Del med lederen din").click()
    expect(page.get_by_text("Ikke delt")).to_have_count(0)
    expect(page.get_by_text("Delt 4. januar 2027")).to_be_visible()

    house.write("kari", talk, "C3", share=True)
    house.at(at + timedelta(hours=3))
    house.write("kari", talk, "C4")
    done(page, url, house, "Bekreft eller kommenter planen", agreement="agree")
    page.goto(f"{url}/plan")
    expect(page.get_by_text("Enig i planen")).to_be_visible()
    page.get_by_text("Skriv en kommentar til planen").click()
    page.get_by_role("button", name="Lagre kommentaren").click()
    expect(page.get_by_text("Skriv en kommentar på høyst")).to_be_visible()
    page.get_by_label("Kommentaren din").fill(COMMENT)
    page.get_by_role("button", name="Lagre kommentaren").click()
    expect(page.locator("li").get_by_text(COMMENT)).to_be_visible()

    assert COMMENT in house.browser("kari").get("/plan/nils").text
    page.reload()
    expect(page.get_by_text("Kari Nordmann leste").first).to_be_visible()

    house.at(house.now + timedelta(days=200))
    done(page, url, house, "Følg opp planen", status="done", effect="4")
    page.goto(f"{url}/plan")
    expect(page.get_by_text("Effekt: 4 av 5, stor").first).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 375, "height": 800})
    fits(page)
    axe(page)

    for name, begins in (("Hent som PDF", b"%PDF"), ("Hent som JSON", b"{")):
        with page.expect_download() as kept:
            page.get_by_role("link", name=name).click()
        content = Path(kept.value.path()).read_bytes()
        assert content.startswith(begins)
    found = json.loads(content)
    assert [line["text"] for line in found["comments"]] == [COMMENT]
    assert found["follow_ups"][0]["effect"] == 4
