"""Files as other tools write them in the editor: opened, moved in and saved, nothing of what they said is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from corpus.canvas import draw
from corpus.comparing import lost
from corpus.strangers import PLAIN, STRANGERS, UNDRAWABLE
from corpus.tools import HANDS, TOOLS, UNSHOWN
from journeys.conftest import (
    Served,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from komp_flow.revising import texts
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]


def test_nothing_is_lost_of_strangers_files_and_none_breaks_the_editor(
    be: Callable[[str], Page], served: Served
) -> None:
    page = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Fremmede").page
    page.route("**/studio/**", lambda route: route.abort())  # the drawing on the server is not theirs
    tools = {name: texts.written("x.bpmn", data).text for name, data in TOOLS.items()}
    drawn = {trait: draw(page, text) for trait, text in {**STRANGERS, **tools}.items()}
    assert {trait: one.faults for trait, one in drawn.items() if one.faults} == {}
    assert {name for name in tools if not drawn[name].shapes} == set()
    assert draw(page, UNDRAWABLE).is_undrawable
    assert draw(page, PLAIN).faults == []


def test_what_is_not_drawn_is_told_with_its_name_and_what_to_do(be: Callable[[str], Page], served: Served) -> None:
    page = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Ikke vist").page
    page.route("**/studio/**", lambda route: route.abort())
    for tool, name in UNSHOWN.items():
        draw(page, TOOLS[tool].decode())
        page.evaluate("text => kompStudio.draw(text)", TOOLS[tool].decode())
        told = page.locator(".studio-notice", has_text="vises ikke her")
        expect(told).to_contain_text(f"Én ting i filen vises ikke her: {name}")
        expect(told).to_contain_text("Ingenting er borte")
        expect(told).to_contain_text("hent den inn på nytt")
    page.evaluate("text => kompStudio.draw(text)", PLAIN)
    expect(page.locator(".studio-notice", has_text="vises ikke her")).to_have_count(0)


@pytest.mark.parametrize("tool", ["Enterprise Architect", "jBPM", "Signavio", "stylesheets and comments", "ours"])
def test_a_file_goes_in_by_the_front_page_is_changed_by_hand_and_comes_out_whole(
    be: Callable[[str], Page], served: Served, tool: str, tmp_path: Path
) -> None:
    data = STRANGERS["an id in our own letters"].encode() if tool == "ours" else TOOLS[tool]
    file = tmp_path / "fremmed.bpmn"
    file.write_bytes(data)
    page = be(OWNER)
    page.goto(f"{served.url}/studio")
    page.locator("#new-file").set_input_files(file)
    page.locator("form", has=page.locator("#new-file")).get_by_role("button", name="Hent inn").click()
    editor = Editor(page).ready()
    before = editor.file()
    assert lost(texts.written("x.bpmn", data).text.encode(), before.encode()) == []

    step = "søknad" if tool == "ours" else HANDS[tool].ids[1]
    editor.pick(step)
    page.keyboard.press("ArrowDown")
    editor.saved()
    assert lost(before.encode(), editor.file().encode(), routes=False) == []
    assert lost(before.encode(), editor.file().encode()) != []  # it did move
    with page.expect_download() as kept:
        page.get_by_role("button", name="Last ned").click()
    assert lost(editor.file().encode(), kept.value.path().read_bytes()) == []


def test_a_file_that_is_brought_into_a_drawing_keeps_what_its_tool_wrote(
    be: Callable[[str], Page], served: Served, tmp_path: Path
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Inn")
    file = tmp_path / "fremmed.bpmn"
    file.write_bytes(TOOLS["Enterprise Architect"])
    editor.page.locator(".studio-bar input[type=file]").set_input_files(file)
    editor.page.get_by_role("dialog").get_by_role("button", name="Bytt ut").click()
    expect(editor.shape(HANDS["Enterprise Architect"].ids[1])).to_be_visible()
    editor.saved()
    was = texts.written("x.bpmn", TOOLS["Enterprise Architect"]).text
    assert lost(was.encode(), editor.file().encode()) == []
