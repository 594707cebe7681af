"""The diagram editor in a real browser: drawing, the panel in plain words, and what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from journeys.conftest import (
    Served,
    axe,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    fits,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = [
    "axe",
    "base_url",
    "browser_context_args",
    "browser_type_launch_args",
    "fits",
    "no_script_or_policy_errors",
]

Be = Callable[[str], Page]


def opened(be: Be, served: Served, **sent: str) -> Editor:
    return Editor(be(OWNER)).begin(served.url, **sent)


def test_a_step_with_a_form_and_a_deadline_is_put_in_by_clicking(be: Be, served: Served) -> None:
    editor = opened(be, served, process="unit")
    before = set(editor.ids("bpmn:UserTask"))

    editor.pick("B1-to-B2")
    editor.pad("insert.user-task").click()
    editor.group("Navn").get_by_label("Navn", exact=True).fill("Sjekk budsjettet")
    editor.group("Hvem gjør oppgaven").get_by_label("Leder", exact=True).check()
    editor.group("Skjema og veiledning").get_by_label("Skjema", exact=True).select_option("preparation")
    deadline = editor.group("Frist og påminnelse")
    deadline.get_by_label("Fristen er").select_option("name")
    deadline.get_by_label("Antall dager etter").fill("3")
    deadline.get_by_label("Påminnelser").select_option("days")
    editor.group("Eskalering").get_by_role("button", name="Varsle når fristen er passert").click()
    expect(editor.group("Eskalering").get_by_label("Virkedager etter fristen")).to_have_value("5")
    editor.saved()

    (made,) = set(editor.ids("bpmn:UserTask")) - before
    file = editor.file()
    task = file[file.index(f'<bpmn:userTask id="{made}"') :]
    task = task[: task.index("</bpmn:userTask>")]
    for part in (
        'name="Sjekk budsjettet"',
        "<zeebe:userTask />",
        'candidateGroups="manager"',
        'formId="preparation"',
        'dueDate="=add working days(deadline.preparation, 3)"',
        'name="reminders" value="P7D, P0D"',
    ):
        assert part in task, task
    assert "=add working days(deadline.preparation, 8)" in file  # the warning, five working days after
    editor.tab("Å rette")
    expect(editor.page.locator(".studio-problems [data-severity=error]")).to_have_count(0)
    words = editor.tab("Med ord")
    expect(words).to_contain_text("Sjekk budsjettet")
    words.get_by_role("button", name=re.compile("Sjekk budsjettet")).first.click()
    expect(editor.shape(made)).to_have_class(re.compile("selected"))


def test_a_condition_is_built_from_the_forms_own_answers(be: Be, served: Served) -> None:
    editor = opened(be, served, process="unit")
    editor.select("review-back-to-areas")
    asked = editor.group("Hvilket svar fører hit?")
    expect(asked.get_by_label("Svar", exact=True).first).to_have_value("return")

    asked.get_by_label("Svar", exact=True).nth(1).select_option("measures")
    expect(asked.get_by_label("Som uttrykk")).to_have_value('review = "return" and return_to = "measures"')
    asked.get_by_label("Hvordan svarene hører sammen").select_option("or")
    expect(asked.get_by_label("Som uttrykk")).to_have_value('review = "return" or return_to = "measures"')
    asked.get_by_label("Ellers: når ingen av de andre passer").check()
    expect(asked.get_by_label("Som uttrykk")).to_have_count(0)
    editor.saved()
    assert 'id="proposal-accepted" name="Godtatt?" default="review-back-to-areas"' in editor.file()

    editor.select("proposal-accepted")
    ways = editor.group("Veiene videre")
    expect(ways).to_contain_text("Ellers → Kartlegg kritiske kompetanseområder")
    ways.get_by_role("button", name=re.compile("Velg svar")).click()
    expect(asked.get_by_label("Spørsmål")).to_have_value("")
    asked.get_by_label("Spørsmål").select_option("review")
    editor.saved()


def test_names_that_exist_at_a_place_are_offered_and_a_slip_is_said_at_once(be: Be, served: Served) -> None:
    editor = opened(be, served, process="unit")
    editor.select("B1")
    due = editor.group("Frist og påminnelse")
    due.get_by_label("Fristen er").select_option("own")
    field = due.get_by_label("Uttrykk", exact=True)
    field.fill("=deadline.dis")
    expect(editor.page.locator(".studio-status")).to_contain_text("Lagre")
    offered = editor.page.get_by_role("listbox", name="Navn som finnes her").get_by_role("option")
    expect(offered.filter(has_text="deadline.discussion").first).to_be_visible()
    expect(field).to_be_focused()  # though what was written is in the drawing by now, and the panel drawn again
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("=deadline.discussion")
    field.fill("=add working days(today(), 3")
    expect(due.get_by_text("Det mangler «)».")).to_be_visible()
    field.fill("=add working days(today() 3)")
    expect(due.locator(".expression-wrong")).to_contain_text("Uttrykket kan ikke leses")


def test_a_problem_stands_on_its_element_and_in_the_list_that_leads_there(be: Be, served: Served) -> None:
    editor = opened(be, served, process="reading")
    (task, *_) = editor.ids("bpmn:UserTask")
    editor.pick(task)
    editor.group("Hvem gjør oppgaven").get_by_label("Medarbeider", exact=True).uncheck()
    badge = editor.page.locator(f".djs-overlays[data-container-id='{task}'] .studio-badge[data-severity=error]")
    expect(badge).to_be_visible()
    expect(badge).to_have_attribute("title", re.compile("hvem som skal gjøre den"))
    expect(editor.group("Må ses på")).to_contain_text("Kryss av for en rolle")

    editor.page.evaluate("kompStudio.modeler.get('selection').select([])")
    editor.tab("Å rette").get_by_role("button", name=re.compile("hvem som skal gjøre den")).click()
    expect(editor.shape(task)).to_have_class(re.compile("selected"))
    editor.page.get_by_role("button", name="Angre", exact=True).click()


def test_what_is_drawn_is_taken_back_copied_searched_and_seen_on_a_map(be: Be, served: Served) -> None:
    editor = opened(be, served, blank="diagram", name="Kopiering")
    page = editor.page
    tasks = editor.ids("bpmn:UserTask")
    editor.pick(tasks[0])
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    page.mouse.move(420, 700)
    page.mouse.move(430, 720)
    page.mouse.click(430, 720)
    assert len(editor.ids("bpmn:UserTask")) == len(tasks) + 1
    copied = page.evaluate(
        "kompStudio.modeler.get('selection').get()[0].businessObject.extensionElements.values.map(v => v.$type)"
    )
    assert "zeebe:UserTask" in copied
    page.keyboard.press("Control+z")
    assert len(editor.ids("bpmn:UserTask")) == len(tasks)
    page.get_by_role("button", name="Gjør om", exact=True).click()
    assert len(editor.ids("bpmn:UserTask")) == len(tasks) + 1
    page.get_by_role("button", name="Angre", exact=True).click()

    page.get_by_role("button", name="Søk", exact=True).click()
    page.get_by_label("Søk i diagrammet").press_sequentially("opp")
    expect(page.locator(".djs-search-result").first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".djs-minimap .toggle").click()
    expect(page.locator(".djs-minimap.open .viewport")).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()


def test_a_blank_process_is_drawn_from_start_to_end_from_the_pad(be: Be, served: Served) -> None:
    editor = opened(be, served, blank="diagram", name="Ny ordning")
    (start,) = editor.ids("bpmn:StartEvent")
    if not editor.ids("bpmn:UserTask"):
        editor.pick(start)
        editor.pad("append.user-task").click()
    (task,) = editor.ids("bpmn:UserTask")
    editor.pick(task)
    editor.pad("append.service-task").click()
    editor.group("Hva skjer automatisk").get_by_label("Dette gjøres").select_option("notify")
    expect(editor.group("Hva skjer automatisk").get_by_label("Rolle")).to_be_visible()
    editor.group("Hva skjer automatisk").get_by_label("Rolle").fill('"hr"')
    editor.saved()
    file = editor.file()
    assert (
        'type="notify"' in file and 'source="=&#34;hr&#34;" target="role"' in file
    ) or 'source="=&quot;hr&quot;" target="role"' in file
    assert 'isExecutable="true"' in file
    assert 'executionPlatform="Camunda Cloud"' in file


def test_on_a_telephone_it_is_read_and_not_drawn(be: Be, served: Served, fits: Callable[[Page], None]) -> None:
    editor = opened(be, served, process="reading")
    editor.page.set_viewport_size({"width": 375, "height": 700})
    editor.open(editor.page.url)
    expect(editor.page.get_by_text("Å tegne trenger en større skjerm")).to_be_visible()
    expect(editor.page.locator(".studio-words li").first).to_be_visible()
    assert not editor.page.locator(".djs-palette").count()
    fits(editor.page)


def test_the_editor_is_accessible_as_far_as_a_machine_can_tell(
    be: Be, served: Served, axe: Callable[[Page], None], fits: Callable[[Page], None]
) -> None:
    editor = opened(be, served, process="reading")
    editor.pick(editor.ids("bpmn:UserTask")[0])
    axe(editor.page)
    fits(editor.page)
    editor.tab("Med ord")
    expect(editor.page.locator(".studio-words li").first).to_be_visible()
    axe(editor.page)
