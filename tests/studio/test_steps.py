"""A step is put in where it belongs: from the pad, from the panel and by the keyboard alone, with its lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from journeys.conftest import (
    Served,
    axe,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["axe", "base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]

Be = Callable[[str], Page]
INTO = Path(__file__).with_name("into-every-line.js").read_text().split("\n", 1)[1].rstrip().rstrip(";")
ROUND = """id => { const of = kompStudio.modeler.get('elementRegistry').get(id);
  return [of.incoming.map(({source}) => source.id), of.outgoing.map(({target}) => target.id)]; }"""


@pytest.mark.parametrize("process", ["unit", "cycle", "talk", "measure", "reading"])
def test_into_any_line_of_what_is_shipped_a_step_fits_and_is_taken_back_in_one(
    be: Be, served: Served, process: str
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, process=process)
    found = editor.page.evaluate(INTO)
    assert found["lines"] > 2
    assert not found["wrong"], "\n".join(found["wrong"])


def test_a_task_from_the_pad_comes_between_a_step_and_the_next(be: Be, served: Served) -> None:
    editor = Editor(be(OWNER)).begin(served.url, process="unit")
    before = set(editor.ids("bpmn:UserTask"))
    editor.pick("B1")
    expect(editor.pad("append.end-event")).to_have_count(0)  # it leads on already
    editor.pad("append.user-task").click()
    (made,) = set(editor.ids("bpmn:UserTask")) - before
    assert editor.page.evaluate(ROUND, made) == [["B1"], ["B2"]]
    editor.group("Hvem gjør oppgaven").get_by_label("Leder", exact=True).check()
    expect(editor.tab("Å rette")).to_contain_text("Ingenting å rette")
    editor.page.get_by_role("button", name="Angre", exact=True).click()
    editor.page.get_by_role("button", name="Angre", exact=True).click()
    assert set(editor.ids("bpmn:UserTask")) == before


def test_by_the_keyboard_alone_a_step_is_put_in_and_given_to_somebody_else(
    be: Be, served: Served, axe: Callable[[Page], None]
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, process="reading")
    page = editor.page
    press = page.keyboard.press
    page.get_by_role("toolbar", name="Diagrammet").get_by_role("button", name="Legg til et steg …").focus()
    press("Enter")
    expect(page.get_by_label("Hva skal gjøres?")).to_be_focused()
    page.keyboard.type("Snakk sammen om det")
    press("Enter")  # the browser asks for who
    expect(page.get_by_label("Hvem skal gjøre det?")).to_be_focused()
    page.keyboard.type("Leder")
    press("Tab")
    expect(page.get_by_label("Etter hvilket steg?")).to_be_focused()
    press("ArrowDown")
    press("Tab")
    press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    tab_to(page, "Navn")
    expect(page.get_by_label("Navn", exact=True)).to_have_value("Snakk sammen om det")
    tab_to(page, "Medarbeider")
    press("Space")
    tab_to(page, "Leder", back=True)
    press("Space")
    tab_to(page, "Fristen er")
    page.keyboard.type("regnet fra oppgaven")
    editor.saved()
    file = editor.file()
    assert re.search(
        r'name="Snakk sammen om det">.*?candidateGroups="employee".*?dueDate="=add working', file, re.DOTALL
    )
    page.emulate_media(color_scheme="dark")
    axe(page)


def tab_to(page: Page, label: str, *, back: bool = False) -> None:
    """Press Tab until the cursor stands in the field that is called so."""
    wanted = page.get_by_label(label, exact=True).first
    for _press in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if wanted.count() and wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"the cursor never came to {label}")


def test_what_is_drawn_is_there_after_a_reload_and_after_the_form_and_the_browsers_way_back(
    be: Be, served: Served
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, process="reading")
    page = editor.page
    (task,) = editor.ids("bpmn:UserTask")
    editor.pick(task)
    editor.group("Navn").get_by_label("Navn", exact=True).fill("Les nøye og bekreft")
    editor.group("Skjema og veiledning").get_by_role("button", name="Endre skjemaet").click()
    page.locator("body[data-ready='1'] .fjs-palette").wait_for()
    first = page.url
    page.go_back()
    editor.ready()
    expect(editor.group("Navn").get_by_label("Navn", exact=True)).to_have_value("Les nøye og bekreft")
    editor.group("Skjema og veiledning").get_by_role("button", name="Endre skjemaet").click()
    page.locator("body[data-ready='1'] .fjs-palette").wait_for()
    assert page.url == first  # the same draft of the form, not another
    page.get_by_role("link", name="Tilbake til «Les og bekreft»").click()
    editor.ready()
    page.reload()
    editor.ready()
    expect(editor.shape(task)).to_have_class(re.compile("selected"))
    assert "Les nøye og bekreft" in editor.drawn()
