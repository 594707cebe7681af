"""The administrator's page about mail: what it says, and what its buttons do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from applications import application
from komp_flow import work
from komp_flow.errors import Conflict, NotAllowed
from komp_flow.settings import Settings
from notifications.conftest import Mailing
from notifications.mail_server import Server, body
from work.conftest import Office, office
from work.staff import ADM, HANNE

__all__ = ["office"]

SATURDAY = datetime(2027, 1, 9, 9, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def mailing(office: Office, server: Server, tmp_path: Path, clock_file: Path) -> Mailing:
    settings = Settings(
        home=tmp_path, database=str(office.database.url), secret_key="for tests", mail=server.url,
        clock=f"file:{clock_file}", demo=True,
    )  # fmt: skip
    made = Mailing(office, settings, server)
    made.tick()
    return made


@pytest.fixture
def browser(mailing: Mailing) -> Any:
    app = application(mailing.database.info["settings"], mailing.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.post("/sign-in/persona", data={"person": "adm"})
    return client


def at(mailing: Mailing, now: datetime) -> None:
    mailing.office.now = now
    (mailing.database.info["settings"].home / "clock").write_text(now.isoformat())
    mailing.tick()


def shown(browser: Any) -> str:
    answer = browser.get("/mail")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def press(browser: Any, address: str) -> str:
    assert browser.post(address).status_code == 303
    return shown(browser)


def test_without_a_server_it_says_so_and_offers_no_sending(mailing: Mailing, browser: Any) -> None:
    mailing.set(mail=None)
    mailing.tell("kari")
    at(mailing, mailing.office.now + timedelta(days=1))
    said = shown(browser)
    assert "Ingen e-posttjener er satt opp" in said
    assert "1 e-post er tatt vare på fra tiden uten e-posttjener." in said
    assert "Send" not in said.replace("Sendt", "")
    for address in ("/mail/again", "/mail/trial"):
        assert "Ingen e-posttjener er satt opp" in html.unescape(browser.post(address).text)


def test_a_server_that_is_away_is_told_in_its_own_words(mailing: Mailing, browser: Any) -> None:
    mailing.server.at["MAIL"] = lambda _sender: "550 5.7.1 relay access denied"
    mailing.tell("kari")
    at(mailing, mailing.office.now + timedelta(days=1))
    said = shown(browser)
    assert f"E-posttjeneren 127.0.0.1:{mailing.server.port} tar ikke imot" in said
    assert "Slik har det vært siden 5. januar 2027 kl. 09.00." in said
    assert "550 5.7.1 relay access denied" in said
    assert "Venter på å bli sendt 1" in said
    mailing.server.at.clear()
    at(mailing, mailing.office.now + timedelta(minutes=1))
    said = shown(browser)
    assert "tar ikke imot" not in said
    assert "Sist sendt 5. januar 2027 kl. 09.01" in said


def test_what_was_refused_is_shown_with_the_reason_and_sent_again(mailing: Mailing, browser: Any) -> None:
    mailing.server.at["RCPT"] = lambda to: None if to.startswith("per") else f"550 <{to}> & no such user"
    mailing.tell("kari", "per", "ola")
    at(mailing, mailing.office.now + timedelta(days=1))
    said = shown(browser)
    assert "Kari Nordmann kari@example.org" in said
    assert "550 <kari@example.org> & no such user" in said
    assert "<kari" not in browser.get("/mail").text
    kari = next(mail.id for mail in mailing.rows() if mail.person_id == "kari")
    mailing.server.at.clear()
    assert "E-posten sendes nå." in press(browser, f"/mail/{kari}/again")
    mailing.tick()
    assert mailing.server.to == ["per@example.org", "kari@example.org"]
    with pytest.raises(Conflict):
        mailing.office.act(work.send_mail_again, ADM, kari)
    assert "1 e-post legges i køen igjen." in press(browser, "/mail/again")
    mailing.tick()
    assert mailing.server.to[2:] == ["ola@example.org"]
    assert "Det er ingen e-poster å sende på nytt." in press(browser, "/mail/again")


def test_on_a_free_day_it_waits_for_the_next_working_day_but_a_trial_goes_at_once(
    mailing: Mailing, browser: Any
) -> None:
    mailing.set(mail=None)
    mailing.tell("kari")
    at(mailing, mailing.office.now + timedelta(days=1))
    mailing.set(mail=mailing.server.url)
    at(mailing, SATURDAY)
    assert "De sendes 11. januar 2027 kl. 08.00." in press(browser, "/mail/again")
    assert "En prøve er på vei til adm@example.org." in press(browser, "/mail/trial")
    at(mailing, SATURDAY)
    assert mailing.server.to == ["adm@example.org"]
    assert "virker e-posten fra komp-flow" in body(mailing.server.letters[0])
    at(mailing, SATURDAY + timedelta(days=2))
    assert mailing.server.to[1:] == ["kari@example.org"]


def test_it_is_the_administrators(mailing: Mailing) -> None:
    for what in (work.mail_sheet, work.send_all_mail_again, work.try_mail):
        with pytest.raises(NotAllowed):
            mailing.office.act(what, HANNE)
