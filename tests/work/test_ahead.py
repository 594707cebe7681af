"""What happens next, said before the task is sent."""

from __future__ import annotations

import pytest

from engine.drawing import catch, doc, end, flows, gw, ref, start, sub, timer
from engine.drawing import message as drawn_message
from engine.storing import job
from komp_flow import work
from komp_flow.engine import SourceFile
from work.conftest import Office
from work.staff import KARI

AFTER = {
    "one of the reader's own": (
        (job("b", name="Neste"), end(), flows("s>a>b>e")),
        "Når du sender inn, er neste steg «Neste», som også er ditt.",
    ),
    "one person's": (
        (job("b", roles="superior", name="Sjekk"), end(), flows("s>a>b>e")),
        "Når du sender inn, går oppgaven videre til Dag Dahl: «Sjekk».",
    ),
    "the end": (
        (end(), flows("s>a>e")),
        "Når du sender inn, er du ferdig. Det kommer ikke flere oppgaver i dette løpet.",
    ),
    "a wait": (
        (catch("w", timer("P1D")).replace('id="w"', 'id="w" name="Dagen etter"'), end(), flows("s>a>w>e")),
        "Når du sender inn, venter løpet på dette: «Dagen etter».",
    ),
    "into a sub-process and out of it": (
        (sub("x", start("s1"), job("b", name="Inne"), end("e1"), flows("s1>b>e1")), end(), flows("s>a>x>e")),
        "Når du sender inn, er neste steg «Inne», som også er ditt.",
    ),
    "several ways": (
        (
            gw("exclusive", "g", default="g_b"),
            job("b", name="Ett"),
            job("c", name="To"),
            end(),
            end("e2"),
            flows("s>a>g", "g>b>e", "g>c:=x = 1", "c>e2"),
        ),
        "Hva som skjer videre, avhenger av svarene og av hva som er avtalt: «Ett» eller «To».",
    ),
    "a loop back": (
        (
            gw("exclusive", "g", default="g_e"),
            end(),
            flows("s>a>g", "g>a:=x = 1", "g>e"),
        ),
        "Hva som skjer videre, avhenger av svarene og av hva som er avtalt: «Først».",
    ),
}


@pytest.mark.parametrize("what", AFTER)
def test_the_reader_is_told_what_comes(office: Office, what: str) -> None:
    nodes, sentence = AFTER[what]
    office.publish(SourceFile("q.bpmn", doc(start(), job("a", name="Først"), *nodes, pid="q")))
    office.start("q", x=2)
    assert office.look(work.task, office.task(KARI, "a"), KARI).next == sentence


def test_the_end_of_a_sub_process_leads_out_of_it(office: Office) -> None:
    inside = sub("x", start("s1"), job("a", name="Inne"), end("e1"), flows("s1>a>e1"))
    listens = catch("m", ref("message", "hi"))
    drawn = doc(start(), inside, listens, end(), flows("s>x>m>e"), pid="q", top=drawn_message("hi", "hi", "=unit.id"))
    office.publish(SourceFile("q.bpmn", drawn))
    office.start("q")
    said = office.look(work.task, office.task(KARI, "a"), KARI).next
    assert said == "Når du sender inn, venter løpet på noe annet før det går videre."
