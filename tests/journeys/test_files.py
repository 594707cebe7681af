"""Files in a real browser: chosen, sent at once, taken out, refused, and fetched by those who are to read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from files import samples
from journeys.filling import fill
from journeys.test_manager import LATE, TODAY, Be, Check, open_task, send
from komp_flow.forms.attachments import LARGEST

Make = Callable[[str, bytes], str]
LONG = "Årsplan for Seksjon for HR og organisasjon 2027 med et ganske langt navn.docx"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return made


def test_files_go_with_an_invitation(be: Be, make: Make, axe: Check, fits: Check) -> None:
    page: Page = be(LATE)
    open_task(page, "Gjennomgå grunnlaget")
    fill(page, TODAY)
    send(page)
    open_task(page, "Forbered drøftingen og del materialet")
    choose = page.locator("input[type=file]")
    said = page.get_by_label("Noen ord til medarbeiderne")
    said.fill("Ta med gode ideer.")
    plan = samples.office("docx")

    choose.set_input_files([make("strategi.pdf", samples.PDF), make(LONG, plan)])
    listed = page.locator(".form-files-list li")
    expect(listed).to_have_count(2)
    expect(said).to_have_value("Ta med gode ideer.")
    assert choose.evaluate("each => each.files.length") == 0  # it is not sent once more
    axe(page)
    page.set_viewport_size({"width": 375, "height": 800})
    fits(page)
    axe(page)

    choose.set_input_files(make("side.pdf", samples.HTML))
    expect(page.get_by_role("alert")).to_contain_text("noe annet enn det navnet sier")
    expect(listed).to_have_count(2)
    choose.set_input_files(make("stor.pdf", samples.PDF + b"\0" * LARGEST))
    expect(page.locator(".form-files-sending")).to_contain_text("ble ikke sendt")
    page.get_by_role("button", name="Fjern strategi.pdf").click()
    expect(listed).to_have_count(1)
    expect(page.locator("[data-autosave]")).to_contain_text("Lagret kl.")
    page.reload()
    expect(listed).to_have_count(1)
    expect(said).to_have_value("Ta med gode ideer.")

    page.set_viewport_size({"width": 1280, "height": 900})
    with page.expect_download() as kept:
        page.get_by_role("link", name=re.compile("^Årsplan")).click()
    assert kept.value.suggested_filename == LONG
    assert Path(kept.value.path()).read_bytes() == plan
    fill(page, TODAY)
    send(page)
