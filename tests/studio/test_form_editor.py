"""The form editor in a real browser against a real server: a field by clicking, as it will look, and in bokmål."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import (
    Served,
    axe,
    base_url,
    be,
    become,
    browser_context_args,
    browser_type_launch_args,
    fits,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor
from studio.poison import FORMS

__all__ = [
    "axe",
    "base_url",
    "be",
    "browser_context_args",
    "browser_type_launch_args",
    "fits",
    "no_script_or_policy_errors",
]

Be = Callable[[str], Page]
WISH: Final = {
    "type": "default", "id": "onske", "schemaVersion": 19, "components": [
        {"type": "checkbox", "id": "w", "key": "wants", "label": "Ønsker du noe?"},
        {"type": "textfield", "id": "x", "key": "what", "label": "Hva ønsker du?", "validate": {"required": True},
         "conditional": {"hide": "=not(wants)"}},
        {"type": "table", "id": "t", "label": "Fra før", "dataSource": "=context.areas",
         "columns": [{"key": "name", "label": "Navn"}]},
        {"type": "datetime", "id": "d", "subtype": "date", "dateLabel": "Når?", "key": "day"},
    ],
}  # fmt: skip
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


def opened(be: Be, served: Served, name: str, data: bytes) -> Editor:
    """A form from a file."""
    page = be(OWNER)
    token = page.request.get(f"{served.url}/studio").text().split('name="csrf-token" content="')[1].split('"')[0]
    file: Any = {"name": name, "mimeType": "application/json", "buffer": data}
    answer = page.request.post(f"{served.url}/studio/drawings", multipart={"file": file, "csrf_token": token})
    assert answer.ok, answer.text()
    page.goto(answer.url)
    page.locator("body[data-ready='1'] .fjs-palette").wait_for()
    return Editor(page)


def test_the_form_beside_is_tried_out_with_its_conditions_and_examples_of_what_was_before(
    be: Be, served: Served
) -> None:
    page = opened(be, served, "onske.json", json.dumps(WISH).encode()).page
    shown = page.get_by_role("region", name="Slik blir skjemaet")
    expect(shown.get_by_role("cell", name="Eksempel 1")).to_be_visible()
    expect(shown.get_by_label("Hva ønsker du?")).to_have_count(0)
    shown.get_by_label("Ønsker du noe?").check()
    expect(shown.get_by_label("Hva ønsker du?")).to_be_visible()
    shown.get_by_role("button", name="Fullfør").click()
    expect(shown.get_by_label("Hva ønsker du?")).to_have_attribute("aria-invalid", "true")
    shown.get_by_label("Hva ønsker du?").fill("Et kurs")
    shown.get_by_role("button", name="Fullfør").click()
    expect(shown).to_contain_text("Alt er fylt ut slik skjemaet ber om.")


def test_it_is_done_by_the_keyboard_alone(be: Be, served: Served) -> None:
    editor = opened(be, served, "onske.json", json.dumps(WISH).encode())
    page = editor.page
    fields = page.locator(".form-canvas .fjs-element[data-id]:not([data-id=''])")
    order = "kompStudio.editor.saveSchema().components.map(({id}) => id).join()"
    assert page.evaluate(order) == "w,x,t,d"
    page.locator(".fjs-element[data-id=x]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+ArrowUp")
    assert page.evaluate(order) == "x,w,t,d"
    page.keyboard.press("Delete")
    assert page.evaluate(order) == "w,t,d"
    for _each in range(2):
        page.keyboard.press("Control+z")
    assert page.evaluate(order) == "w,x,t,d"
    page.keyboard.press("Control+y")
    assert page.evaluate(order) == "x,w,t,d"
    page.locator(".fjs-palette-field[data-field-type=textfield]").focus()
    page.keyboard.press("Enter")
    expect(fields).to_have_count(6)  # the form itself is one
    editor.saved()


def test_an_expression_is_offered_the_names_that_are_there(be: Be, served: Served) -> None:
    editor = opened(be, served, "onske.json", json.dumps(WISH).encode())
    page = editor.page
    page.locator(".fjs-element[data-id=x]").click()
    check = editor.tab("Regler").get_by_role("combobox", name="Svaret må stemme med (uttrykk)")
    check.fill("=wan")
    names = page.get_by_role("listbox", name="Navn som finnes her")
    expect(names.get_by_role("option").first).to_contain_text("Svaret på «Ønsker du noe?»")
    check.press("ArrowDown")
    check.press("Enter")
    expect(check).to_have_value("=wants")
    check.press("Tab")
    editor.saved()
    assert '"check": "=wants"' in editor.file()
    editor.tab("Egenskaper")
    hide = editor.group("Når feltet vises").get_by_role("combobox").first
    hide.fill("not(wan")
    expect(names.get_by_role("option").first).to_contain_text("wants")


def test_the_form_editor_is_accessible_as_far_as_a_machine_can_tell(
    be: Be, served: Served, axe: Callable[[Page], None], fits: Callable[[Page], None]
) -> None:
    editor = opened(be, served, "onske.json", json.dumps(WISH).encode())
    editor.page.locator(".fjs-element[data-id=d]").click()
    axe(editor.page)
    fits(editor.page)
    for tab in ("Regler", "Å rette", "Brukes i"):
        editor.tab(tab)
        axe(editor.page)


def test_on_a_telephone_a_form_is_tried_out_and_not_changed(
    be: Be, served: Served, fits: Callable[[Page], None]
) -> None:
    editor = form_editor(be, served, "measures")
    editor.page.set_viewport_size({"width": 375, "height": 700})
    editor.page.reload()
    expect(editor.page.get_by_text("Å endre skjemaet trenger en større skjerm")).to_be_visible()
    expect(editor.page.get_by_role("button", name="Fullfør")).to_be_visible()
    assert not editor.page.locator(".fjs-palette").count()
    fits(editor.page)


def test_dates_are_as_here_also_in_a_browser_that_speaks_english(browser: Browser, served: Served) -> None:
    context = browser.new_context(locale="en-US")
    page = become(context.new_page(), served, OWNER)
    page = opened(lambda _name: page, served, "onske.json", json.dumps(WISH).encode()).page
    expect(page.locator(".form-canvas").get_by_placeholder("dd.mm.åååå")).to_be_visible()
    assert (
        "mandag"
        in str(page.evaluate("document.querySelector('.flatpickr-input')._flatpickr.l10n.weekdays.longhand")).lower()
    )
    context.close()


def test_a_file_that_is_no_form_is_refused_with_the_reason_and_one_that_is_can_be_taken_back(
    be: Be, served: Served
) -> None:
    editor = opened(be, served, "onske.json", json.dumps(WISH).encode())
    page = editor.page
    deep = b'{"components":' + b"[" * 500 + b"]" * 500 + b"}"
    for name, data, why in (
        ("liste.json", b"[]", "mangler «components»"),
        ("halv.json", b'{"components": [', "ikke gyldig JSON"),
        ("dyp.json", deep, "altfor mange nivåer"),
        ("stor.json", b" " * 1_100_000, "for stor"),
    ):
        page.locator(".studio-bar input[type=file]").set_input_files(
            [{"name": name, "mimeType": "application/json", "buffer": data}]
        )
        asked = page.get_by_role("dialog")
        expect(asked).to_contain_text("Bytte ut skjemaet?")
        asked.get_by_role("button", name="Bytt ut").click()
        expect(page.locator(".studio-notice")).to_contain_text(why)
        page.locator(".studio-notice").get_by_role("button", name="Lukk").click()
        expect(page.locator(".fjs-element[data-id=x]")).to_be_visible()
    other = {**WISH, "components": [{"type": "textfield", "id": "only", "key": "only", "label": "Bare dette"}]}
    page.locator(".studio-bar input[type=file]").set_input_files(
        [{"name": "ny.json", "mimeType": "application/json", "buffer": json.dumps(other).encode()}]
    )
    page.get_by_role("button", name="Bytt ut").click()
    editor.saved()
    assert "Bare dette" in editor.file()
    page.locator(".studio-notice").get_by_role("button", name="Angre").click()
    editor.saved()
    expect(page.locator(".fjs-element[data-id=x]")).to_be_visible()


@pytest.mark.parametrize("name", ["components of everything", "an id twice", "a key twice", "options of everything"])
def test_a_strange_form_opens_or_says_why_not_and_is_never_written_over(be: Be, served: Served, name: str) -> None:
    page = be(OWNER)
    token = page.request.get(f"{served.url}/studio").text().split('name="csrf-token" content="')[1].split('"')[0]
    file: Any = {"name": "gift.json", "mimeType": "application/json", "buffer": FORMS[name]}
    answer = page.request.post(f"{served.url}/studio/drawings", multipart={"file": file, "csrf_token": token})
    page.goto(answer.url)
    page.locator("body[data-ready='1'] #studio").wait_for()
    expect(page.locator(".studio-problems [data-severity=error]").first).to_be_attached()
    if page.locator(".studio-notice", has_text="kan ikke vises her").count():
        assert page.evaluate("document.querySelector('.form-canvas').inert")
    assert page.request.get(f"{page.url}/file").body() == FORMS[name]
