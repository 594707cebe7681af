"""Two versions compared: each change is said once, on its element, and nothing that changed goes unsaid."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from lxml import etree

from diagrams.surroundings import PROCESSES, shipped, shipped_words
from engine.random_diagrams import Builder
from engine.random_drawing import draw
from komp_flow.diagrams.differences import differences, form_differences, summary
from komp_flow.diagrams.words import Words
from komp_flow.shipped import folder

AROUND = shipped_words()
UNIT = shipped("unit").decode()
FORM = json.loads((folder() / "forms" / "proposal-review.json").read_text("utf-8"))
Told = list[tuple[str, str, str]]


def told(old: str, new: str, around: Words = AROUND) -> Told:
    return [(change.element, change.kind, change.text) for change in differences(old.encode(), new.encode(), around)]


def changed(old: str, new: str) -> Told:
    """What is different in the unit's year when this stands instead of that."""
    assert old in UNIT
    return told(UNIT, UNIT.replace(old, new, 1))


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
def test_the_same_diagram_is_not_different(name: str) -> None:
    assert differences(shipped(name), shipped(name), AROUND) == []
    other = (
        etree.tostring(etree.fromstring(shipped(name)), pretty_print=True)
        .replace(b"bpmn:", b"b2:")
        .replace(b"xmlns:bpmn=", b"xmlns:b2=")
    )
    assert differences(shipped(name), other, AROUND) == []
    assert summary([]) == "Ingenting er endret."


def test_who_when_and_with_what() -> None:
    assert changed('candidateGroups="superior"', 'candidateGroups="hr"') == [
        ("B7", "changed", "«Kvalitetssjekk»: den som får den, er nå HR. Før: overordnet leder.")
    ]
    assert changed('dueDate="=deadline.preparation"', 'dueDate="=add working days(today(), 5)"') == [
        ("B1", "changed", ("«Gjennomgå grunnlaget og tenk gjennom behovene»: fristen er nå fem virkedager etter "
         "at oppgaven kom. Før: datoen for forarbeidet, til vanlig 21 dager etter at syklusen starter."))
    ]  # fmt: skip
    assert changed('dueDate="=deadline.preparation"', 'dueDate=""')[0][2].endswith("fristen er nå ikke bestemt. Før: "
        "datoen for forarbeidet, til vanlig 21 dager etter at syklusen starter.")  # fmt: skip
    assert changed('formId="measures"', 'formId="conclusion"')[0][:2] == ("B5", "changed")
    assert (
        "veiledningen er nå «other»"
        in changed('name="guidance" value="measures"', 'name="guidance" value="other"')[0][2]
    )


def test_names_conditions_messages_timers_and_operations() -> None:
    assert changed('name="Kvalitetssjekk"', 'name="Sjekk"') == [("B7", "renamed", "«Kvalitetssjekk» heter nå «Sjekk».")]
    assert changed("=unit.employees = 0", "=unit.employees &lt; 2") == [
        ("employees-no", "changed", ("Veien fra «Har enheten medarbeidere?» til «Ingen samtaler»: betingelsen er nå "
         "antallet medarbeidere i enheten er mindre enn 2. Før: antallet medarbeidere i enheten er 0."))
    ]  # fmt: skip
    assert changed('name="strategy.decided"', 'name="strategy.done"') == [
        ("strategy-decided", "changed",
         "«Kompetansestrategien er vedtatt»: det som meldes, er nå «strategy.done». Før: «strategy.decided».")
    ]  # fmt: skip
    assert changed("=escalation.talks<", "=deadline.talks<")[0][:2] == ("P3-late", "changed")
    assert "det som skjer av seg selv" in changed('type="count-talks"', 'type="close-cycle"')[0][2]
    assert "følgen er nå at det andre avbrytes" in changed(
        'name="Én til er avklart" cancelActivity="false"', 'name="Én til er avklart" cancelActivity="true"'
    )[0][2]  # fmt: skip
    assert (
        "det som går inn"
        in changed('source="=deadline.talks" target="talks_due"', 'source="=today()" target="talks_due"')[0][2]
    )


def test_a_new_step_is_said_with_who_and_after_what() -> None:
    flow = '<bpmn:sequenceFlow id="B1-to-B2" sourceRef="B1" targetRef="B2" />'
    step = (
        '<bpmn:userTask id="N" name="Snakk med HR"><bpmn:extensionElements><zeebe:assignmentDefinition '
        'candidateGroups="manager"/></bpmn:extensionElements></bpmn:userTask>'
        '<bpmn:sequenceFlow id="B1-to-B2" sourceRef="B1" targetRef="N" />'
        '<bpmn:sequenceFlow id="N-to-B2" sourceRef="N" targetRef="B2" />'
    )
    found = changed(flow, step)
    assert (
        "N",
        "added",
        "Nytt: Deretter får lederen «Snakk med HR». Den har ikke noe skjema. Den har ingen frist.",
    ) in found
    moved = ("B2", "changed", ("«Forbered drøftingen og del materialet» kommer nå etter «Snakk med HR». Før: "
             "etter «Gjennomgå grunnlaget og tenk gjennom behovene»."))  # fmt: skip
    assert moved in found
    assert len(found) == 2
    assert (
        summary(differences(UNIT.encode(), UNIT.replace(flow, step).encode(), AROUND)) == "Én endring. Én ting er ny."
    )
    back = told(UNIT.replace(flow, step), UNIT)
    assert ("N", "removed", "«Snakk med HR» er tatt bort.") in back


def test_layout_alone_is_only_moved_in_the_drawing() -> None:
    shape = re.search(r'<bpmndi:BPMNShape [^>]*bpmnElement="B1"[^>]*>\s*<dc:Bounds x="', UNIT)
    assert shape
    found = changed(shape[0], shape[0] + "1")
    assert found == [("B1", "redrawn", "«Gjennomgå grunnlaget og tenk gjennom behovene» er flyttet på tegningen.")]
    drawn = differences(UNIT.encode(), UNIT.replace(shape[0], shape[0] + "1").encode(), AROUND)
    assert summary(drawn) == "Bare tegningen er flyttet på. Alt går som før."


def test_what_has_no_words_is_still_said_to_have_changed() -> None:
    found = changed('<zeebe:property name="covers" value="P2.R1" />', '<zeebe:property name="covers" value="P2.R2" />')
    assert found == [("B7", "changed", "«Kvalitetssjekk»: noe som ikke har egne ord, er endret.")]


def mutated(document: bytes, pick: random.Random) -> bytes:
    """The same diagram with one thing changed that is not an id, a drawing or a reference to an id."""
    root = etree.fromstring(document)
    while True:
        element = pick.choice([each for each in root.iter() if isinstance(each.tag, str)])
        if "/DI" in str(element.tag) or "/DD/" in str(element.tag):
            continue
        names = [name for name in element.attrib if name not in ("id", "exporter", "exporterVersion", "bpmnElement")]
        names = [name for name in names if not str(name).endswith(("Ref", "type", "default")) and element is not root]
        if names:
            name = pick.choice(sorted(map(str, names)))
            now = str(element.get(name))
            element.set(name, {"true": "false", "false": "true"}.get(now, now + "x"))
            return etree.tostring(root)
        if (element.text or "").strip() and not str(element.tag).endswith(("incoming", "outgoing", "flowNodeRef")):
            element.text = (element.text or "") + "x"
            return etree.tostring(root)


@pytest.mark.parametrize("name", [path.stem for path in PROCESSES])
def test_nothing_that_is_changed_goes_unsaid(name: str) -> None:
    pick = random.Random(name)
    for _time in range(25):
        other = mutated(shipped(name), pick)
        assert differences(shipped(name), other, AROUND), other


def test_random_diagrams_are_not_different_from_themselves_and_are_from_each_other() -> None:
    for seed in range(20):
        one, other = (draw(Builder(random.Random(seed + by).choice).build(3))[0] for by in (0, 500))
        assert differences(one, one, Words()) == []
        assert (differences(one, other, Words()) == []) == (one == other)


# forms


def form(change: Any = None) -> str:
    document = json.loads(json.dumps(FORM))
    if change is not None:
        change(document["components"])
    return json.dumps(document)


def form_told(change: Any) -> Told:
    return [(each.element, each.kind, each.text) for each in form_differences(form(), form(change))]


def at(key: str, components: list[dict[str, Any]]) -> dict[str, Any]:
    return next(part for part in components if part.get("key") == key)


def test_the_same_form_is_not_different() -> None:
    assert form_differences(form(), json.dumps(FORM, indent=4, sort_keys=True)) == []


def test_a_new_field_one_that_is_gone_and_one_that_must_be_filled_in() -> None:
    new = {"type": "textfield", "id": "n", "key": "n", "label": "Nytt", "validate": {"required": True}}
    assert form_told(lambda parts: parts.append(new)) == [("n", "added", "Nytt felt: «Nytt». Det må fylles ut.")]
    assert form_told(lambda parts: parts.remove(at("comment", parts))) == [
        ("comment", "removed", "«Hva bør enheten se på?» er tatt bort.")
    ]
    assert form_told(lambda parts: at("comment", parts)["validate"].pop("required")) == [
        ("comment", "changed", "«Hva bør enheten se på?»: om det må fylles ut, er nå nei. Før: ja.")
    ]


def test_labels_options_conditions_and_order() -> None:
    assert form_told(lambda parts: at("comment", parts).update(label="Hva nå?")) == [
        ("comment", "renamed", "«Hva bør enheten se på?» heter nå «Hva nå?».")
    ]
    maybe = {"label": "Vet ikke", "value": "maybe"}
    assert form_told(lambda parts: at("review", parts)["values"].append(maybe)) == [
        ("review", "changed", "«Er forslaget klart til å sendes HR?»: nye svar å velge: «Vet ikke».")
    ]
    assert "svaret «Tiltakene» heter nå «Tiltak»" in form_told(
        lambda parts: at("return_to", parts)["values"][2].update(label="Tiltak")
    )[0][2]  # fmt: skip
    assert "når det er skjult" in form_told(lambda parts: at("comment", parts).pop("conditional"))[0][2]
    assert form_told(lambda parts: parts.insert(0, parts.pop())) == [
        ("comment", "changed", "«Hva bør enheten se på?» har fått en annen plass i rekkefølgen.")
    ]


def test_the_key_of_a_field() -> None:
    assert form_told(lambda parts: at("comment", parts).update(key="note"))[0][2] == (
        "«Hva bør enheten se på?»: nøkkelen er nå «note». Før: «comment»."
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"components": 5}', '{"components": [5, {"id": []}]}', '{"a": NaN}'])
def test_what_is_no_form_is_compared_without_a_crash(text: str) -> None:
    assert form_differences(text, text) == []
    form_differences(form(), text)
    form_differences(text, form())


def test_no_change_of_a_form_goes_unsaid() -> None:
    pick = random.Random(5)
    places: list[tuple[Any, Any]] = []

    def collect(part: Any) -> None:
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, value in items:
            if isinstance(value, dict | list):
                collect(value)
            elif isinstance(value, str) and key not in (
                "version",
                "name",
                "executionPlatform",
                "executionPlatformVersion",
                "id",
            ):
                places.append((part, key))

    for _time in range(40):
        document = json.loads(form())
        places.clear()
        collect(document)
        part, key = pick.choice(places)
        part[key] += "x"
        assert form_differences(form(), json.dumps(document)), (key, part)
