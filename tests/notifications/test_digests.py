"""One digest a person and working day, in their language, of what is still news."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from applications import application
from engine.drawing import doc, end, flows, start
from engine.storing import job, schedule
from komp_flow import notifications, organisation, work
from komp_flow.engine import SourceFile
from komp_flow.notifications import digests, gathering
from komp_flow.organisation.models import Person
from notifications.conftest import Mailing
from notifications.mail_server import body
from work.staff import KARI

FRIDAY = datetime(2027, 1, 8, 8, tzinfo=UTC)  # nine in Oslo


def change(mailing: Mailing, person: str, **values: object) -> None:
    with mailing.database.transaction() as db:
        db.execute(update(Person).where(Person.id == person).values(**values))
        organisation.bump(db)


@pytest.mark.databases
def test_what_people_are_told_comes_next_morning_in_one_mail_each(mailing: Mailing) -> None:
    mailing.tell("kari", "per")
    mailing.tell("kari", kind="vacancy", unit_id="law")
    mailing.tick()
    assert mailing.server.letters == []
    mailing.morning()
    assert sorted(mailing.server.to) == ["kari@example.org", "per@example.org"]
    kari = next(letter for letter in mailing.server.letters if "kari" in letter["To"])
    assert kari["Subject"] == "2 varsler fra komp-flow"
    assert kari["From"] == "komp-flow <komp-flow@example.org>"
    assert kari["To"] == "Kari Nordmann <kari@example.org>"
    assert kari["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        assert "Kompetansestrategien er vedtatt og sendt ut." in body(kari, kind)
        assert "Juss har ingen leder til stede." in body(kari, kind)
        assert "https://komp.example.org/cycle/strategy" in body(kari, kind)
    assert kari["Message-ID"] not in {each["Message-ID"] for each in mailing.server.letters if each is not kari}
    mailing.tick()
    mailing.morning()
    assert len(mailing.server.letters) == 2
    with mailing.database.reading() as db:
        assert all(each.sent_at for each in db.scalars(select(notifications.Notification)))


def test_it_comes_on_working_days_from_eight(mailing: Mailing) -> None:
    mailing.office.now = FRIDAY
    mailing.tick()
    mailing.tell("kari")
    for hours in range(1, 71):  # until seven on Monday
        work.run_all(mailing.database, FRIDAY + timedelta(hours=hours - 1))
    assert mailing.server.letters == []
    mailing.office.now = datetime(2027, 1, 11, 7, tzinfo=UTC)
    mailing.tick()
    assert len(mailing.server.letters) == 1


def test_it_does_not_come_on_holidays_nor_in_the_july_pause(mailing: Mailing) -> None:
    mailing.office.now = datetime(2027, 3, 24, 8, tzinfo=UTC)  # the day before Maundy Thursday
    mailing.tick()
    mailing.tell("kari")
    for _day in range(5):
        mailing.morning()
    assert mailing.server.letters == []
    mailing.morning()
    assert len(mailing.server.letters) == 1
    mailing.office.now = datetime(2027, 6, 30, 8, tzinfo=UTC)
    mailing.tick()
    mailing.tell("kari")
    mailing.morning(31)  # Saturday 31 July
    assert len(mailing.server.letters) == 1
    mailing.morning(2)
    assert len(mailing.server.letters) == 2


def test_it_is_in_the_readers_language(mailing: Mailing) -> None:
    change(mailing, "kari", language="en")
    change(mailing, "per", language="nn")
    mailing.tell("kari", "per", "ola")
    mailing.morning()
    said = {letter["To"].addresses[0].username: letter for letter in mailing.server.letters}
    assert [said[who]["Content-Language"] for who in ("kari", "per", "ola")] == ["en", "nn", "nb"]
    assert [said[who]["Subject"] for who in ("kari", "per", "ola")] == [
        "One notice from komp-flow", "Eitt varsel frå komp-flow", "Ett varsel fra komp-flow",
    ]  # fmt: skip
    assert '<html lang="en">' in body(said["kari"], "html")


def test_the_plain_text_reads_well(mailing: Mailing) -> None:
    mailing.tell("kari", kind="escalation", unit_id="it")
    mailing.tell("kari")
    mailing.morning()
    assert body(mailing.server.letters[0]).replace("\r\n", "\n") == (
        "Dette er nytt for deg i komp-flow, tirsdag 5. januar.\n"
        "\n"
        "OVER FRISTEN\n"
        "\n"
        "- IT er over fristen. Du får vite det fordi du kan hjelpe enheten videre.\n"
        "  https://komp.example.org/notices\n"
        "\n"
        "NYTT\n"
        "\n"
        "- Kompetansestrategien er vedtatt og sendt ut.\n"
        "  https://komp.example.org/cycle/strategy\n"
        "\n"
        "Åpne oppgavene dine: https://komp.example.org/\n"
        "\n"
        "-- \n"
        "Du får høyst én slik e-post om dagen, og bare på arbeidsdager. Den kan ikke besvares. Hva noen har skrevet, "
        "står aldri i en e-post.\n"
    )


def test_without_an_address_of_the_pages_there_are_no_links(mailing: Mailing) -> None:
    mailing.set(url=None)
    mailing.tell("kari")
    mailing.morning()
    letter = mailing.server.letters[0]
    assert "http" not in body(letter)
    assert "href" not in body(letter, "html")


def test_it_has_a_bounded_number_of_lines(mailing: Mailing) -> None:
    for number in range(35):
        mailing.tell("kari", kind="notice", occasion=str(number), text=f"Beskjed nummer {number}", unit_id="it")
    mailing.morning()
    letter = mailing.server.letters[0]
    assert letter["Subject"] == "35 varsler fra komp-flow"
    for kind in ("plain", "html"):
        assert body(letter, kind).count("Beskjed nummer") == digests.MOST_LINES
        assert "15 varsler til står i komp-flow." in body(letter, kind)


def test_html_that_somebody_has_drawn_is_text(mailing: Mailing) -> None:
    mailing.tell("kari", kind="notice", text="<script>alert(1)</script> & mer", unit_id="it")
    mailing.morning()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; mer" in body(mailing.server.letters[0], "html")
    assert "<script>alert(1)</script> & mer" in body(mailing.server.letters[0])


def begin(mailing: Mailing, due: str, *, times: int = 1) -> None:
    drawn = doc(start(), job("a", ext=schedule(due), name="Gjør det"), end(), flows("s>a>e"), pid="q")
    mailing.office.publish(SourceFile("q.bpmn", drawn))
    for _time in range(times):
        mailing.office.start("q")


def test_the_days_reminders_are_in_the_days_mail(mailing: Mailing) -> None:
    begin(mailing, "2027-01-12T15:00:00Z")
    mailing.morning()  # Tuesday 5 January: seven days before
    assert "- «Gjør det» i IT: fristen er 12. januar 2027." in mailing.server.bodies()[0]
    task = mailing.office.task(KARI, "a")
    assert f"https://komp.example.org/tasks/{task}" in mailing.server.bodies()[0]
    for _day in range(7):
        mailing.morning()
    assert len(mailing.server.letters) == 2
    assert "- «Gjør det» i IT: fristen er i dag." in mailing.server.bodies()[1]


def test_several_of_one_kind_are_one_line(mailing: Mailing) -> None:
    begin(mailing, "2027-01-12T15:00:00Z", times=4)
    mailing.morning()
    assert "- «Gjør det» i IT, 4 oppgaver: den første fristen er 12. januar 2027." in mailing.server.bodies()[0]


def test_what_is_done_or_taken_by_another_is_no_news_any_more(mailing: Mailing) -> None:
    mailing.server.stop()
    begin(mailing, "2027-01-12T15:00:00Z")
    mailing.morning()
    assert mailing.states() == {"kari": "waiting"}
    mailing.office.act(work.complete, mailing.office.task(KARI, "a"), KARI, {})
    mailing.server.start()
    mailing.office.pass_time(minutes=30)
    mailing.tick()
    assert mailing.server.letters == []
    assert mailing.states() == {"kari": "nothing"}


@pytest.mark.databases
def test_one_who_is_away_gets_it_when_they_are_back(mailing: Mailing) -> None:
    change(mailing, "kari", absence_from=date(2027, 1, 4), absence_to=date(2027, 1, 14))
    mailing.tell("kari")
    mailing.morning()
    mailing.tell("kari", kind="next-cycle")
    for _day in range(9):
        mailing.morning()
        assert mailing.server.letters == []
    mailing.morning()  # Friday 15 January
    assert len(mailing.server.letters) == 1
    assert mailing.server.letters[0]["Subject"] == "2 varsler fra komp-flow"


def test_one_who_has_left_or_has_no_address_gets_none(mailing: Mailing) -> None:
    change(mailing, "kari", left_at=mailing.office.now)
    change(mailing, "per", email="", email_key=None)
    change(mailing, "ola", email="ola@@eksempel\r\nBcc: alle@example.org", email_key=None)
    mailing.tell("kari", "per", "ola", "nils")
    mailing.morning()
    assert mailing.server.to == ["nils@example.org"]
    assert mailing.states() == {"kari": "left", "per": "no-address", "ola": "no-address", "nils": "sent"}
    change(mailing, "per", email="per@blåbær.no")
    mailing.tell("per", kind="next-cycle")
    mailing.morning()
    assert mailing.server.to[1:] == ["per@xn--blbr-roah.no"]
    assert mailing.server.letters[1]["Subject"] == "2 varsler fra komp-flow"


def test_without_a_server_they_are_kept_and_go_when_there_is_one(mailing: Mailing) -> None:
    url = mailing.server.url
    mailing.set(mail=None)
    mailing.tell("kari")
    mailing.morning()
    mailing.tell("kari", kind="next-cycle")
    mailing.morning()
    assert mailing.states() == {"kari": "kept"}
    mailing.set(mail=url)
    mailing.tell("kari", kind="vacancy", unit_id="it")
    mailing.morning()
    assert [letter["Subject"] for letter in mailing.server.letters] == ["3 varsler fra komp-flow"]


def test_every_place_that_a_line_leads_to_is_there(mailing: Mailing) -> None:
    app = application(mailing.database.info["settings"], mailing.database)
    known = {rule.rule for rule in app.url_map.iter_rules()}
    assert {*digests.PLACES.values(), digests.NOTICES, digests.FRONT} <= known
    assert {"/tasks/<uuid:task_id>", "/instances/<uuid:instance_id>"} <= known


def test_many_people_get_theirs_in_batches(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BATCH", 3)
    everyone = ("dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per")
    mailing.tell(*everyone)
    mailing.morning()
    assert mailing.states() == dict.fromkeys(everyone, "sent")
