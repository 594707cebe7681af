"""Diagrams from elsewhere in the editor: taken in after asking, asked about, laid out, and refused in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from journeys.conftest import (
    Served,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]

# As a conceptual tool writes it: no platform, no roles, nothing executable, and nothing drawn.
CONCEPTUAL = """<?xml version="1.0"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">
  <process id="hiring" name="Ansettelse">
    <startEvent id="s" name="Behov meldt"/>
    <task id="write" name="Skriv utlysningen"/>
    <endEvent id="e" name="Ferdig"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="write"/>
    <sequenceFlow id="f2" sourceRef="write" targetRef="e"/>
  </process>
</definitions>"""


def bring(editor: Editor, name: str, text: str) -> None:
    editor.page.locator(".studio-bar input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/xml", "buffer": text.encode()}
    )


def test_a_file_comes_in_after_asking_is_laid_out_and_can_be_taken_back(
    be: Callable[[str], Page], served: Served
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Henting")
    bring(editor, "ansettelse.bpmn", CONCEPTUAL)
    editor.page.get_by_role("dialog").get_by_role("button", name="Avbryt").click()
    expect(editor.shape("first")).to_be_visible()

    bring(editor, "ansettelse.bpmn", CONCEPTUAL)
    editor.page.get_by_role("dialog").get_by_role("button", name="Bytt ut").click()
    expect(editor.shape("write")).to_be_visible()
    editor.saved()
    assert "Skriv utlysningen" in editor.file()
    editor.page.locator(".studio-notice").get_by_role("button", name="Angre").click()
    expect(editor.shape("first")).to_be_visible()

    with editor.page.expect_download() as kept:
        editor.page.get_by_role("button", name="Last ned").click()
    assert kept.value.suggested_filename.endswith(".bpmn")
    assert 'id="first"' in kept.value.path().read_text()


def test_what_a_drawing_does_not_say_is_asked_and_the_answers_make_it_run(
    be: Callable[[str], Page], served: Served
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Spørsmål")
    bring(editor, "ansettelse.bpmn", CONCEPTUAL)
    editor.page.get_by_role("dialog").get_by_role("button", name="Bytt ut").click()
    asked = editor.tab("Spørsmål")
    expect(asked).to_contain_text("Skriv utlysningen")
    assert len(editor.page.locator(".djs-connection").all()) == 2  # the flows are drawn as well
    for _round in range(4):  # an answer may lead to another question
        if not asked.locator("fieldset").count():
            break
        for question in asked.locator("fieldset").all():
            answer(question)
        asked.get_by_role("button", name="Sett svarene inn i diagrammet").click()
        expect(editor.page.locator(".studio-questions-panel")).to_have_attribute("aria-busy", "false")
    editor.saved()
    expect(editor.page.get_by_role("tab", name="Å rette").locator(".studio-count[data-kind=error]")).to_be_hidden()


def answer(question: object) -> None:
    """The role HR where one asks who, the first choice otherwise; a number where days are asked for."""
    box = question.locator("input[value=hr]")  # type: ignore[attr-defined]
    choice = question.locator("input[type=radio], input[type=checkbox]")  # type: ignore[attr-defined]
    if box.count():
        box.first.check()
    elif choice.count():
        choice.first.check()
    elif question.locator("select").count():  # type: ignore[attr-defined]
        question.locator("select").select_option(index=1)  # type: ignore[attr-defined]
    elif question.locator("input[type=number]").count():  # type: ignore[attr-defined]
        question.locator("input[type=number]").fill("5")  # type: ignore[attr-defined]


def test_what_is_no_diagram_is_refused_in_words_and_changes_nothing(be: Callable[[str], Page], served: Served) -> None:
    editor = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Avvist")
    for text in ("<html/>", "ikke xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        bring(editor, "rart.bpmn", text)
        editor.page.get_by_role("dialog").get_by_role("button", name="Bytt ut").click()
        expect(editor.page.locator(".studio-notice")).to_contain_text(re.compile("«rart.bpmn» kan ikke tegnes"))
        expect(editor.shape("first")).to_be_visible()
        editor.page.locator(".studio-notice").get_by_role("button", name="Lukk").click()
