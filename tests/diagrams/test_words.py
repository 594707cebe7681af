"""Sentences one by one: who, when, how often, what may happen, what is missing; in drawings of all kinds."""

from __future__ import annotations

import random
from pathlib import Path
from time import process_time

import pytest
from lxml import etree

from diagrams.surroundings import shipped, shipped_words
from engine.drawing import (
    ERROR,
    ESCALATION,
    HEAD,
    SIGNAL,
    TERMINATE,
    boundary,
    call,
    catch,
    doc,
    el,
    end,
    event_sub,
    flows,
    gw,
    message,
    mi,
    properties,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from komp_flow.diagrams.differences import differences
from komp_flow.diagrams.words import FieldWords, FormWords, Words, sections
from komp_flow.engine import Refused

FORM = FormWords(
    "Hjelp",
    {
        "help": FieldWords("help", "Trenger enheten hjelp?", "radio", {"yes": "Ja", "no": "Nei"}),
        "sure": FieldWords("sure", "Jeg er sikker", "checkbox"),
        "on": FieldWords("on", "Møtedato", "date"),
        "cost": FieldWords("cost", "Kostnad", "number"),
        "kinds": FieldWords("kinds", "Slags hjelp", "checklist", {"a": "Råd", "b": "Kurs"}),
        "rows": FieldWords("rows", "Tiltak", "dynamiclist", {}, {"state": FieldWords("state", "Status", "select",
                                                                                     {"done": "Ferdig"})}),
    },
)  # fmt: skip
AROUND = Words(forms={"help": FORM}, operations={"notify": "Varsler.", "mend": "Retter opp."},
               processes={"talk": "Samtalen"})  # fmt: skip


def said(document: bytes, around: Words = AROUND) -> str:
    return "\n".join(line.text for section in sections(document, around) for line in section.lines)


def task(name: str, id_: str = "u", roles: str = "manager", ext: str = "", inner: str = "") -> str:
    who = f'<zeebe:assignmentDefinition candidateGroups="{roles}"/>' if roles else ""
    return user(id_, inner, ext=who + ext, name=name)


def alone(*elements: str, top: str = "", path: str = "s>u>e") -> str:
    return said(doc(start(), *elements, end(), flows(path), top=top))


def due(text: str) -> str:
    written = text.replace('"', "&quot;").replace("<", "&lt;")
    told = alone(task("Svar", ext=f'<zeebe:taskSchedule dueDate="{written}"/><zeebe:formDefinition formId="help"/>'))
    return told.split("Fristen er ")[1].split(".\n")[0]


def when(condition: str) -> str:
    """What a condition behind the form says."""
    drawn = doc(
        start(), task("Svar", "f", ext='<zeebe:formDefinition formId="help"/>'), gw("exclusive", "g", default="g_e"),
        task("Hjelp", roles="hr"), end(), flows("s>f>g>e", f"g>u:={condition}", "u>e"),
    )  # fmt: skip
    return said(drawn).split("Hvis ")[1].split(", får HR")[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("=deadline.discussion", "datoen for kompetansedrøftingen"),
        ("=add working days(today(), 10)", "ti virkedager etter at oppgaven kom"),
        ("=add working days(deadline.talks, -1)", "én virkedag før datoen for samtalene"),
        ('=today() + duration("P7D")', "sju dager etter at oppgaven kom"),
        ('=deadline.evaluation - duration("P30D")', "30 dager før datoen for evalueringen"),
        ("=today()", "dagen oppgaven kom"),
        ("P14D", "to uker etter at oppgaven kom"),
        ("2027-03-01", "1. mars 2027"),
        ('=date("2027-03-01")', "1. mars 2027"),
        ('=@"2027-03-01T10:30:00"', "1. mars 2027 kl. 10.30"),
        ("=on", "datoen i «Møtedato»"),
        ('=date and time(on, time("12:00:00"))', "datoen i «Møtedato» kl. 12.00"),
        ('=date and time(on, @"23:59:59")', "slutten av datoen i «Møtedato»"),
        ("=if sure then deadline.talks else on",
         "datoen for samtalene hvis det er krysset av for «Jeg er sikker», og ellers datoen i «Møtedato»"),
        ("=if sure then on else null", "datoen i «Møtedato», men bare hvis det er krysset av for «Jeg er sikker»"),
        ("=if sure then null else on", "datoen i «Møtedato», men bare hvis det ikke er krysset av for «Jeg er sikker»"),
        ("=min([on, deadline.talks])", "det første av datoen i «Møtedato» og datoen for samtalene"),
        ('=add working days(on + duration("P89D"), 1)', "90 dager etter datoen i «Møtedato», eller neste virkedag"),
        ("=given_elsewhere", "«given elsewhere»"),
        ("=string(x)", "det som regnes ut av «string(x)»"),
        ("=((", "det som regnes ut av «((»"),
        ("${due}", "«${due}», som ikke kan leses her"),
    ],
)  # fmt: skip
def test_a_due_date_in_words(text: str, words: str) -> None:
    assert due(text) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('help = "yes"', "svaret på «Trenger enheten hjelp?» er «Ja»"),
        ('"yes" = help', "svaret på «Trenger enheten hjelp?» er «Ja»"),
        ('help != "no"', "svaret på «Trenger enheten hjelp?» ikke er «Nei»"),
        ('not(help = "no")', "svaret på «Trenger enheten hjelp?» ikke er «Nei»"),
        ('help = "yes" or help = "no"', "svaret på «Trenger enheten hjelp?» er «Ja» eller «Nei»"),
        ('help in ["yes", "no"]', "svaret på «Trenger enheten hjelp?» er «Ja» eller «Nei»"),
        ("sure", "det er krysset av for «Jeg er sikker»"),
        ("sure = true", "det er krysset av for «Jeg er sikker»"),
        ("sure = false", "det ikke er krysset av for «Jeg er sikker»"),
        ("not(sure)", "det ikke er krysset av for «Jeg er sikker»"),
        ("cost > 1000.5", "«Kostnad» er større enn 1000,5"),
        ("1000 <= cost", "«Kostnad» er minst 1000"),
        ("cost between 1 and 5", "«Kostnad» er fra 1 til 5"),
        ("cost in [1..5]", "«Kostnad» er fra 1 til 5"),
        ("cost = null", "«Kostnad» ikke er fylt ut"),
        ("cost != null", "«Kostnad» er fylt ut"),
        ("on < today()", "datoen i «Møtedato» er før dagens dato"),
        ("on >= deadline.talks", "datoen i «Møtedato» ikke er før datoen for samtalene"),
        ('list contains(kinds, "a")', "«Råd» er valgt i «Slags hjelp»"),
        ("count(rows) > 0", "antallet i «Tiltak» er større enn 0"),
        ('rows[1].state = "done"', "«Status» er «Ferdig»"),
        ("cycle.quality_check = true", "syklusen er satt opp med kvalitetssjekk"),
        ("cycle.quality_check = false", "syklusen er satt opp uten kvalitetssjekk"),
        ("unit.employees = 0", "antallet medarbeidere i enheten er 0"),
        ('help = "yes" and cost > 5', "svaret på «Trenger enheten hjelp?» er «Ja» og «Kostnad» er større enn 5"),
        ('help = "yes" and (cost > 5 or sure)',
         ("svaret på «Trenger enheten hjelp?» er «Ja» og («Kostnad» er større enn 5 eller det er krysset av for "
         "«Jeg er sikker»)")),
        ("a_b = c", "«a b» er «c»"),
        ("some x in rows satisfies x.cost > 5", "«some x in rows satisfies x.cost > 5» stemmer"),
        ("cost * 2 > 5", "«cost * 2» er større enn 5"),
    ],
)  # fmt: skip
def test_a_condition_in_words(condition: str, words: str) -> None:
    assert when(condition) == words


def test_the_field_of_the_nearest_form_before_is_meant() -> None:
    other = FormWords("B", {"x": FieldWords("x", "Fra B", "textfield")})
    one = FormWords("A", {"x": FieldWords("x", "Fra A", "textfield")})
    drawn = doc(
        start(), task("A", "a", ext='<zeebe:formDefinition formId="a"/>'),
        task("B", "b", ext='<zeebe:formDefinition formId="b"/>'), gw("exclusive", "g", default="g_e"),
        task("C", "c", ext='<zeebe:formDefinition formId="a"/>'), end(),
        flows("s>a>b>g>e", 'g>c:=x = "1"', "c>e"),
    )  # fmt: skip
    assert "Hvis «Fra B» er «1»," in said(drawn, Words(forms={"a": one, "b": other}))


def test_who_gets_a_task() -> None:
    assert "Først får lederen «Svar»." in alone(task("Svar"))
    told = alone(task("Svar", roles="manager,hr"))
    assert "Først får lederen eller HR «Svar». Det er nok at én av dem gjør den." in told
    assert "får HR eller toppledelsen «Svar»" in alone(
        task("Svar", roles="=[&quot;hr&quot;, &quot;top_management&quot;]")
    )
    assert "får rollen «sjefen» «Svar»" in alone(task("Svar", roles="sjefen"))
    chosen = '<zeebe:assignmentDefinition assignee="=colleague"/>'
    assert "får den som «colleague» peker ut «Svar»" in alone(task("Svar", roles="", ext=chosen))
    assert "Hvem som gjør det, er ikke bestemt." in alone(task("Svar", roles=""))


def test_the_form_the_reminders_and_when_it_is_shown() -> None:
    told = alone(
        task(
            "Svar",
            ext='<zeebe:formDefinition formId="help"/>'
            '<zeebe:taskSchedule dueDate="=deadline.talks" followUpDate="=deadline.talks - duration(&quot;P5D&quot;)"/>'
            + properties(reminders="P3D, P0D"),
        )
    )
    assert "Skjemaet er «Hjelp». Fristen er datoen for samtalene." in told
    assert "Den vises i innboksen fra fem dager før fristen." in told
    assert "Påminnelse sendes tre dager før fristen og på dagen for fristen." in told
    assert "Skjemaet «else» finnes ikke ennå." in alone(task("Svar", ext='<zeebe:formDefinition formId="else"/>'))
    none = task("Svar", ext='<zeebe:taskSchedule dueDate="P3D"/>' + properties(reminders="none"))
    assert "Det sendes ingen påminnelse." in alone(none)


def test_escalation_after_the_deadline_says_whom_it_tells() -> None:
    schedule = '<zeebe:taskSchedule dueDate="=deadline.talks"/>'
    late = boundary("b", "u", timer("=add working days(deadline.talks, 5)", "timeDate"), interrupts=False)
    told = alone(
        task("Svar", ext=schedule), late,
        service("x", "notify", ins=[('="superior"', "role")], name="Si fra"), end("e2"), flows("b>x>e2"),
    )  # fmt: skip
    assert (
        "Er «Svar» ikke gjort fem virkedager etter fristen, varsles overordnet leder. «Svar» blir stående åpen." in told
    )


def test_what_may_happen_to_an_open_task() -> None:
    both = (message("m", "avlyst"), SIGNAL)
    told = alone(
        task("Svar"), boundary("b1", "u", ref("message", "m")), boundary("b2", "u", ref("signal", "g"), False),
        boundary("b3", "u", timer("R3/P7D", "timeCycle"), False), end("e1"), end("e2"), end("e3"),
        flows("b1>e1", "b2>e2", "b3>e3"), top="".join(both),
    )  # fmt: skip
    assert "Kommer meldingen «avlyst» mens «Svar» står åpen, er løpet ferdig. «Svar» faller da bort." in told
    assert "Kommer signalet «stopp» mens «Svar» står åpen, er denne veien slutt. «Svar» blir stående åpen." in told
    again = "med sju dager mellom hver gang, første gang sju dager etter at den kom, høyst tre ganger"
    assert f"Så lenge «Svar» ikke er gjort, {again}, er denne veien slutt." in told


def test_errors_and_escalations_from_a_part() -> None:
    inner = sub("p", start("a"), task("Svar"), end("z", ref("error", "er")), flows("a>u>z"), name="Delen")
    told = said(
        doc(start(), inner, boundary("b", "p", ref("error", "er")), boundary("c", "p", ref("escalation", "es"), False),
            end(), end("e2"), end("e3"), flows("s>p>e", "b>e2", "c>e3"), top=ERROR + ESCALATION)
    )  # fmt: skip
    assert "Oppstår feilen «Nei» i denne delen, er løpet ferdig. Denne delen avbrytes da." in told
    assert "Meldes «Opp» oppover fra denne delen, er denne veien slutt. Denne delen går videre som før." in told
    assert (
        "Når «Svar» er gjort, avbrytes denne delen med feilen «Nei»." in told or "Deretter avbrytes denne delen" in told
    )


def test_something_that_listens_beside_everything() -> None:
    told = [
        (section.heading, [line.text for line in section.lines])
        for section in sections(
            doc(start(), task("Svar"), end(), flows("s>u>e"),
                event_sub("l", ref("message", "m"), task("Rydd", "r"), end("x"), flows("l_s>r>x")),
                top=message("m", "avlyst")),
            AROUND,
        )
    ]  # fmt: skip
    heading, lines = told[1]
    assert heading == "Steg 1 uten navn"
    assert lines[0] == "Kommer meldingen «avlyst» mens løpet pågår, skjer dette. Alt annet i løpet avbrytes da."
    assert lines[1].startswith("Først får lederen «Rydd».")


def test_several_at_once_and_when_all_are_done() -> None:
    told = said(
        doc(start(), gw("parallel", "a"), task("Én", "u1"), task("To", "u2"), gw("parallel", "b"), task("Tre", "u3"),
            end(), flows("s>a>u1>b>u3>e", "a>u2>b"))
    )  # fmt: skip
    assert "Først går det to veier samtidig." in told
    assert "På den ene veien får lederen «Én»." in told
    assert "På den andre veien får lederen «To»." in told
    assert "Det går ikke videre før «Én» er gjort og «To» er gjort." in told
    assert "Da får lederen «Tre»." in told
    assert "Deretter er løpet ferdig." in told


def test_for_each_of_something() -> None:
    drawn = user("u", mi("=rows", "row", until="=numberOfCompletedInstances >= 2"), name="Svar",
                 ext='<zeebe:formDefinition formId="help"/>')  # fmt: skip
    assert "Det gjøres én gang for hver i «Tiltak», alle samtidig. Resten faller bort når" in alone(drawn)
    assert "én om gangen" in alone(user("u", mi("=rows", "row", seq=True), name="Svar"))
    bare = '<bpmn:multiInstanceLoopCharacteristics isSequential="false"/>'
    assert "men for hva er ikke bestemt" in alone(user("u", bare, name="Svar"))


def test_waits_sends_calls_and_what_happens_by_itself() -> None:
    told = said(
        doc(start(), catch("c", timer("PT3H")), throw("t", ref("message", "m"), properties(keep="P7D")),
            call("k", "talk"), service("v", "mend", name="Rett opp"), service("w", "unheard", name="Hva"),
            el("serviceTask", "x", name="Senere"), end("e", TERMINATE),
            flows("s>c>t>k>v>w>x>e"), top=message("m", "ferdig"))
    )  # fmt: skip
    assert "Først venter løpet til tre timer etter at løpet kom hit." in told
    assert "Deretter sendes en melding: «ferdig». Meldingen ligger i sju dager." in told
    assert "som er prosessen «Samtalen»." in told
    assert "Deretter skjer «Rett opp» av seg selv. Retter opp." in told
    assert "Deretter skjer «Hva» av seg selv. Systemet kjenner ikke «unheard», som skal gjøre det." in told
    assert "Deretter skal «Senere» skje av seg selv. Hva systemet skal gjøre, er ikke bestemt." in told
    assert "Deretter avsluttes løpet med en gang, med alt som er i gang der." in told


def test_a_choice_without_a_way_out_and_one_that_goes_back() -> None:
    told = said(doc(start(), task("Svar"), gw("exclusive", "g"), end(), flows("s>u>g", "g>u:=x = 1", "g>e:=x = 2")))
    assert "Det første som stemmer, gjelder." in told
    assert "Hvis «x» er 1, går det tilbake til «Svar»." in told
    assert "Stemmer ingenting av dette, stopper løpet til noen har sett på det." in told


def test_a_drawing_that_only_means_something_says_what_is_missing() -> None:
    plain = HEAD + (
        '<bpmn:process id="p"><bpmn:laneSet id="l"><bpmn:lane id="l1" name="Leder">'
        "<bpmn:flowNodeRef>t</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
        '<bpmn:task id="t" name="Vurder"/><bpmn:exclusiveGateway id="g" name="Bra nok?"/>'
        '<bpmn:task id="a" name="Feire"/><bpmn:task id="b"/><bpmn:task id="x" name="Alene"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="t" targetRef="g"/>'
        '<bpmn:sequenceFlow id="f2" name="ja" sourceRef="g" targetRef="a"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="b"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="nowhere"/></bpmn:process></bpmn:definitions>'
    )
    told = said(plain.encode())
    assert "Tegningen er ikke gjort kjørbar ennå." in told
    assert "Det er ikke tegnet hvordan det begynner." in told
    assert "Hvem som gjør det, er ikke bestemt. Den er tegnet hos «Leder»." in told
    assert "Hvis svaret er «ja», skal «Feire» gjøres." in told
    assert "Hvis det blir bestemt slik (når det er, er ikke sagt), skal oppgave 4 uten navn gjøres." in told or (
        "skal oppgave 1 uten navn gjøres." in told
    )
    assert "Hva som avgjør det, er ikke bestemt." in told
    assert "Hva som skjer etterpå, er ikke bestemt." in told


def test_what_nothing_leads_to_is_said_so() -> None:
    told = sections(doc(start(), task("Svar"), end(), task("Glemt", "x"), flows("s>u>e", "x>u")), AROUND)
    assert told[-1].heading == "Henger ikke sammen med resten: Prosessen"
    assert told[-1].lines[0].text == "Ingen vei fører til «Glemt», så det skjer aldri."


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "engine" / "dialect").iterdir()), ids=str)
def test_drawings_of_other_tools_are_said_too(path: Path) -> None:
    told = sections(path.read_bytes(), AROUND)
    assert told
    assert all(line.text.endswith((".", ":")) for section in told for line in section.lines)


@pytest.mark.parametrize(
    "data", [b"", b"no xml", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a>" * 400_000]
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        sections(data, AROUND)


def test_an_empty_drawing_says_that_it_is_empty() -> None:
    assert said(f"{HEAD}</bpmn:definitions>".encode()) == "Det er ikke tegnet noe her ennå."


def fan(number: int) -> bytes:
    ways = [flows(f"g>u{n}>j") for n in range(number)]
    return doc(start(), gw("parallel", "g"), *[user(f"u{n}") for n in range(number)], gw("parallel", "j"), end(),
               flows("s>g", "j>e"), *ways)  # fmt: skip


def chain(number: int) -> bytes:
    ways = [flows(f"g{n}>g{n + 1}:=x = {n}", f"g{n}>u") for n in range(number - 1)]
    return doc(start(), *[gw("exclusive", f"g{n}") for n in range(number)], user("u"), end(), flows("s>g0"), *ways,
               flows(f"g{number - 1}>u", "u>e"))  # fmt: skip


@pytest.mark.parametrize("make", [fan, chain])
def test_a_drawing_that_is_made_to_be_much_costs_little(make: object) -> None:
    document = make(1200)  # type: ignore[operator]
    began = process_time()
    told = sections(document, AROUND)
    assert process_time() - began < 10
    assert max(len(line.text) for section in told for line in section.lines) < 1000


def broken(document: bytes, lot: random.Random) -> bytes:
    """A diagram with something taken out, exchanged or overwritten here and there."""
    root = etree.fromstring(document)
    for _time in range(lot.choice([1, 5, 20])):
        elements = [each for each in root.iter() if isinstance(each.tag, str) and each is not root]
        if not elements:
            break
        one, other = lot.choice(elements), lot.choice(elements)
        match lot.choice(["out", "attribute", "tag", "text"]):
            case "out":
                one.getparent().remove(one)
            case "attribute" if one.attrib:
                values = ["", "B1", "=1", "=x.y", "=[", "P1D", "R3/P7D", "%s %(a)s", "=escalation.talks"]
                one.set(lot.choice(sorted(map(str, one.attrib))), lot.choice(values))
            case "tag":
                one.tag = other.tag
            case _:
                one.text = lot.choice(
                    ["=", "=if a then b", "=for x in [1] return x", "R/P1D", "=(for a in [a] return a)[1]"]
                )
    return etree.tostring(root)


@pytest.mark.parametrize("name", ["unit", "talk"])
def test_a_drawing_that_is_broken_anyhow_is_said_and_compared(name: str) -> None:
    words = shipped_words()
    for seed in range(25):
        other = broken(shipped(name), random.Random(f"{name}{seed}"))
        sections(other, words)
        differences(shipped(name), other, words)


def test_names_are_only_names() -> None:
    told = alone(task("%(lead)s <b> {x} %s"))
    assert "«%(lead)s <b> {x} %s»" in told


def test_the_shipped_forms_have_words() -> None:
    words = shipped_words()
    assert words.forms["proposal-review"].fields["review"].options["return"] == "Nei, det trenger mer arbeid"
    assert words.forms["measure-report"].fields["reports"].fields["status"].options["done"] == "Ferdig"
    assert FormWords.of("no form") == FormWords("")
