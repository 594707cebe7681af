"""What becomes of mail when the server is down, slow, choosy or cuts the line, and when a worker dies."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from komp_flow import notifications, work
from komp_flow.notifications import mails, smtp
from komp_flow.notifications.models import Mail, MailState
from komp_flow.work.recurring import mailing as posting
from notifications.conftest import Mailing
from notifications.mail_server import Server, one_account
from work.staff import ADM

LATER = timedelta(minutes=16)  # longer than anybody rests between knocks at the server


def ids(server: Server) -> list[str]:
    return [letter["Message-ID"] for letter in server.letters]


def known(mailing: Mailing) -> MailState:
    with mailing.database.reading() as db:
        found = mails.state(db)
        assert found is not None
        db.expunge_all()
        return found


def one(mailing: Mailing, person: str = "kari") -> Mail:
    return next(mail for mail in mailing.rows() if mail.person_id == person)


def later(mailing: Mailing, by: timedelta = LATER) -> None:
    mailing.office.now += by
    mailing.tick()


@pytest.mark.databases
def test_a_server_that_is_down_is_left_alone_for_a_while_and_nothing_is_lost(mailing: Mailing) -> None:
    mailing.server.stop()
    mailing.tell("kari", "per")
    mailing.morning()
    assert (known(mailing).failures, set(mailing.states().values())) == (1, {"waiting"})
    assert {mail.attempts for mail in mailing.rows()} == {0}  # it is not the mails' fault
    mailing.tick()
    assert known(mailing).failures == 1
    later(mailing)
    assert known(mailing).failures == 2
    mailing.server.start()
    mailing.tick()
    assert mailing.server.letters == []
    later(mailing)
    assert sorted(mailing.server.to) == ["kari@example.org", "per@example.org"]
    assert (known(mailing).failures, known(mailing).error) == (0, None)


def test_after_an_outage_everyone_gets_one_mail(mailing: Mailing) -> None:
    mailing.server.stop()
    for _day in range(3):
        mailing.tell("kari", kind="notice", text=f"Beskjed {mailing.office.now:%d}", unit_id="it")
        mailing.morning()
    mailing.server.start()
    later(mailing)
    assert [letter["Subject"] for letter in mailing.server.letters] == ["3 varsler fra komp-flow"]


def test_a_server_that_never_comes_back_makes_dead_letters_that_can_be_sent_again(mailing: Mailing) -> None:
    mailing.server.stop()
    mailing.tell("kari")
    for _day in range(8):
        mailing.morning()
    assert one(mailing).state == "failed"
    assert "refused" in (one(mailing).error or "").lower()
    mailing.server.start()
    mailing.office.act(work.send_mail_again, ADM, one(mailing).id)
    later(mailing)
    assert mailing.server.to == ["kari@example.org"]


def test_one_refused_for_good_does_not_keep_the_others_from_theirs(mailing: Mailing) -> None:
    mailing.server.at["RCPT"] = lambda to: "550 5.1.1 no such user" if to.startswith("per") else None
    mailing.tell("kari", "nils", "per", "ola")
    mailing.morning()
    assert mailing.states() == {"kari": "sent", "nils": "sent", "ola": "sent", "per": "failed"}
    assert (one(mailing, "per").error, one(mailing, "per").attempts) == ("550 5.1.1 no such user", 1)
    assert known(mailing).failures == 0
    later(mailing, timedelta(days=1))
    assert len(mailing.server.letters) == 3


def test_one_refused_for_now_is_tried_later_and_later_and_then_given_up(mailing: Mailing) -> None:
    tries: list[Any] = []
    mailing.server.at["RCPT"] = lambda to: tries.append(mailing.office.now) or "451 4.7.1 try later"  # type: ignore[func-returns-value]
    mailing.tell("kari")
    mailing.morning()
    for _hour in range(4 * 24 * 4):
        mailing.office.now += timedelta(minutes=15)
        work.run_due(mailing.database, mailing.office.now)
        if one(mailing).state == "failed":
            break
    assert len(tries) == mails.MOST_ATTEMPTS
    waits = [after - before for before, after in pairwise(tries)]
    assert waits[0] <= timedelta(minutes=15)
    assert waits[5] > waits[3] > waits[1]
    assert one(mailing).error == "451 4.7.1 try later"
    assert mailing.server.letters == []


def test_one_refused_when_it_is_read_is_told_apart(mailing: Mailing) -> None:
    says = {"kari@example.org": "554 5.7.1 spam", "per@example.org": "452 4.3.1 full"}
    mailing.server.at["DATA"] = says.get
    mailing.tell("kari", "per", "ola")
    mailing.morning()
    assert mailing.states() == {"kari": "failed", "per": "waiting", "ola": "sent"}
    assert not one(mailing, "per").maybe_sent
    mailing.server.at.clear()
    later(mailing)
    assert mailing.states()["per"] == "sent"


@pytest.mark.databases
def test_a_line_that_falls_after_the_letter_was_taken_doubles_it_recognisably(mailing: Mailing) -> None:
    drops = iter([Server.DROP])
    mailing.server.at["DATA"] = lambda to: next(drops, None) if to.startswith("kari") else None
    mailing.tell("kari", "per")
    mailing.morning()
    later(mailing)
    counted = Counter(mailing.server.to)
    assert counted == {"kari@example.org": 2, "per@example.org": 1}
    assert len(set(ids(mailing.server))) == 2
    twice = [letter for letter in mailing.server.letters if "kari" in letter["To"]]
    assert twice[0]["Message-ID"] == twice[1]["Message-ID"]
    assert twice[0]["Date"] == twice[1]["Date"]
    assert set(mailing.states().values()) == {"sent"}


def test_what_may_have_arrived_never_comes_again_under_another_name(mailing: Mailing) -> None:
    """The next day's news is another mail, since the first may have been read already."""
    mailing.server.at["DATA"] = lambda to: Server.DROP
    mailing.tell("kari")
    mailing.morning()
    mailing.server.stop()
    mailing.tell("kari", kind="next-cycle")
    mailing.morning()
    mailing.server.at.clear()
    mailing.server.start()
    later(mailing)
    said = {letter["Message-ID"]: letter["Subject"] for letter in mailing.server.letters}
    assert len(mailing.server.letters) == 3
    assert list(said.values()) == ["Ett varsel fra komp-flow"] * 2


@pytest.mark.databases
def test_a_worker_that_dies_while_it_sends_leaves_it_to_the_next_after_the_lease(mailing: Mailing) -> None:
    mailing.tell("kari", "per")
    mailing.office.pass_time(days=1)

    with mailing.database.transaction() as db:  # what a worker does before it sends
        posting.gathering.gather(db, mailing.office.now, sending=True)
    relay = mailing.database.info["settings"].relay
    with mailing.database.transaction() as db:
        drafts = posting._drafts(db, relay, posting._ready(db, mailing.office.now, 50), mailing.office.now)
        claimed = posting._claim(db, drafts, mailing.office.now)
    with smtp.Post(relay) as post:
        post.send(claimed[0].letter, claimed[0].to)  # and dies before it can say so
    mailing.tick()
    assert len(mailing.server.letters) == 1
    mailing.office.now += mails.LEASE
    mailing.tick()
    assert Counter(Counter(ids(mailing.server)).values()) == {1: 1, 2: 1}
    assert set(mailing.states().values()) == {"sent"}
    mailing.office.now += mails.LEASE
    mailing.tick()
    assert len(mailing.server.letters) == 3


@pytest.mark.databases
def test_two_workers_at_once_send_each_letter_once(mailing: Mailing) -> None:
    people = ("kari", "per", "ola", "nils", "pia", "dag", "hanne", "eier")
    mailing.tell(*people)
    mailing.office.pass_time(days=1)
    workers = [threading.Thread(target=work.run_all, args=(mailing.database, mailing.office.now)) for _one in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    mailing.tick()
    assert sorted(mailing.server.to) == sorted(f"{person}@example.org" for person in people)


def test_a_slow_server_gets_its_turn_and_no_more(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TURN", -1.0)  # every letter takes longer than the turn
    mailing.tell("kari", "per", "ola")
    mailing.office.pass_time(days=1)
    ran = work.run_due(mailing.database, mailing.office.now)
    ran = work.run_due(mailing.database, mailing.office.now)
    assert ran.more
    assert mailing.server.letters == []
    assert {(mail.attempts, mail.maybe_sent, mail.lease) for mail in mailing.rows()} == {(0, False, None)}


def test_a_server_that_does_not_answer_is_hung_up_on(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "WHOLE", 0.2)
    mailing.server.at["DATA"] = lambda to: Server.HANG
    mailing.tell("kari", "per")
    mailing.morning()
    assert set(mailing.states().values()) == {"waiting"}
    assert (known(mailing).failures, sum(mail.maybe_sent for mail in mailing.rows())) == (1, 1)
    mailing.server.released.set()
    mailing.server.at.clear()
    later(mailing)
    assert set(mailing.states().values()) == {"sent"}


def test_a_server_that_will_not_have_our_sender_is_no_fault_of_the_mails(mailing: Mailing) -> None:
    mailing.server.at["MAIL"] = lambda sender: f"553 5.7.1 {sender} is not yours"
    mailing.tell("kari", "per")
    mailing.morning()
    assert set(mailing.states().values()) == {"waiting"}
    assert known(mailing).error == "553 5.7.1 komp-flow@example.org is not yours"


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_user_and_password_are_sent_and_a_wrong_one_is_told(mailing: Mailing) -> None:
    mailing.server.stop()
    mailing.server.start(auth_require_tls=False, authenticator=one_account("komp", "hemm:elig@"), auth_required=True)
    address = mailing.server.url.removeprefix("smtp://")
    mailing.set(mail=f"smtp://komp:feil@{address}")
    mailing.tell("kari")
    mailing.morning()
    assert (known(mailing).error or "").startswith("535")
    mailing.set(mail=f"smtp://komp:hemm%3Aelig%40@{address}")
    later(mailing)
    assert mailing.server.to == ["kari@example.org"]


def test_encryption_that_is_asked_for_and_not_there_sends_nothing(mailing: Mailing) -> None:
    mailing.set(mail=f"{mailing.server.url}?starttls")
    mailing.tell("kari")
    mailing.morning()
    assert (known(mailing).failures, mailing.server.letters) == (1, [])


def test_the_database_may_fail_between_sending_and_noting(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    mailing.tell("kari")

    def fail(*_any: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(mails, "sent", fail)
        mailing.morning()
    assert (len(mailing.server.letters), one(mailing).state) == (1, "waiting")
    mailing.office.now += mails.LEASE
    mailing.tick()
    assert len(set(ids(mailing.server))) == 1
    assert one(mailing).state == "sent"


def test_old_mails_and_notifications_are_purged(mailing: Mailing) -> None:
    mailing.tell("kari")
    mailing.morning()
    mailing.office.pass_time(days=mails.KEEP.days + 1)
    mailing.tick()
    assert mailing.rows() == []
    with mailing.database.reading() as db:
        assert len(notifications.about(db, "kari")) == 1
    mailing.office.pass_time(days=mails.KEEP_NOTIFICATIONS.days)
    mailing.tick()
    with mailing.database.reading() as db:
        assert notifications.about(db, "kari") == []
