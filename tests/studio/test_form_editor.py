"""The form editor in a real browser against a real server: a field by clicking, as it will look, and in bokmål."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

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
OURS: Final = {
    "textfield", "textarea", "number", "select", "radio", "checklist", "checkbox", "datetime", "filepicker", "text",
    "table", "group", "dynamiclist", "separator",
}  # fmt: skip
# Words that English has and bokmål has not.
ENGLISH: Final = re.compile(
    r"\b(the|and|of|this|with|field|select|list|add|create|value|default|label|description|key|required|minimum|maximum"
    r"|length|layout|general|validation|custom|properties|read|only|disabled|options|source|static|group|text area"
    r"|number|date|time|file|picker|checkbox|radio|table|column|header|condition|columns|search|components|serialization)\b",
    re.IGNORECASE,
)


def form_editor(be: Be, served: Served, form: str) -> Editor:
    page = be(OWNER)
    token = page.request.get(f"{served.url}/studio").text().split('name="csrf-token" content="')[1].split('"')[0]
    answer = page.request.post(f"{served.url}/studio/drawings", form={"form": form, "csrf_token": token})
    assert answer.ok, answer.text()
    page.goto(answer.url)
    page.locator("body[data-ready='1'] .fjs-palette").wait_for()
    return Editor(page)


def test_a_text_field_is_added_by_clicking_shown_as_it_will_look_and_saved(be: Be, served: Served) -> None:
    editor = form_editor(be, served, "discussion-minutes")
    page = editor.page
    preview = page.get_by_role("region", name="Slik blir skjemaet")
    expect(preview.get_by_role("button", name="Fullfør")).to_be_visible()

    page.locator(".fjs-palette-field[data-field-type=textfield]").click()
    label = editor.group("Generelt").get_by_label("Spørsmål")
    label.fill("Hva ble sagt om budsjettet?")
    expect(preview.get_by_label("Hva ble sagt om budsjettet?")).to_be_visible()
    editor.saved()
    assert "Hva ble sagt om budsjettet?" in editor.file()

    rules = editor.tab("Regler")
    rules.get_by_label("Svaret må stemme med (uttrykk)").fill("=1 +")
    rules.get_by_label("Svaret må stemme med (uttrykk)").press("Tab")
    expect(page.locator(".studio-problems [data-severity=error]")).to_have_count(1)
    expect(page.locator(".form-canvas [data-problem=error]")).to_have_count(1)
    expect(preview).to_contain_text("Skjemaet kan ikke vises før dette er rettet")
    page.get_by_role("button", name="Angre").click()
    expect(preview.get_by_label("Hva ble sagt om budsjettet?")).to_be_visible()
    expect(editor.tab("Brukes i").get_by_role("listitem").first).to_contain_text("·")


def test_only_our_components_are_offered_and_nothing_is_said_in_english(be: Be, served: Served) -> None:
    editor = form_editor(be, served, "measures")
    page = editor.page
    offered = set(page.locator(".fjs-palette-field").evaluate_all("all => all.map(one => one.dataset.fieldType)"))
    assert offered == OURS
    said = {page.locator(".form-palette").inner_text()}
    for kind in sorted(OURS):
        page.locator(f".fjs-palette-field[data-field-type={kind}]").click()
        expect(page.locator(".fjs-properties-panel")).to_have_attribute("data-field", re.compile("."))
        page.locator(".bio-properties-panel-group-header:not(.open)").evaluate_all(
            "all => all.forEach(one => one.click())"
        )
        said.add(page.locator(".form-properties-panel").inner_text())
    words = {line.strip() for text in said for line in text.splitlines()}
    assert not {line for line in words if ENGLISH.search(line)}
