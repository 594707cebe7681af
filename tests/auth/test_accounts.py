"""Who may sign in, and what guessing costs."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from komp_flow import audit
from komp_flow.auth import accounts
from komp_flow.db import Database
from komp_flow.errors import Conflict, Invalid, NotFound
from komp_flow.organisation.models import Person, Position

PASSWORD = "fire gamle sko på hylla"
EVA = "eva.næss@fjord.example"


@pytest.mark.parametrize("login", [EVA, " EVA.NÆSS@FJORD.EXAMPLE "])
def test_the_right_password_signs_in_whatever_the_case_of_the_address(two: Database, now: datetime, login: str):
    with two.transaction() as db:
        verdict = accounts.verify(db, login, PASSWORD, now)
        assert verdict.account is not None
        assert verdict.account.person_id == "eva"


def test_letters_typed_in_two_parts_are_the_same_password(two: Database, now: datetime):
    with two.transaction() as db:
        assert accounts.verify(db, EVA, PASSWORD.replace("å", "a\u030a"), now).account


@pytest.mark.parametrize(
    ("login", "password"),
    [(EVA, "fire gamle sko på hyllaX"), (EVA, ""), (EVA, "x" * 100_000), ("nobody@fjord.example", PASSWORD),
     ("ole@fjord.example", PASSWORD), ("", ""), ("x" * 9000, PASSWORD), ("\ud800", "\ud800"), ("\0", "\0")],
)  # fmt: skip
def test_everything_else_is_refused_with_the_same_words(two: Database, now: datetime, login: str, password: str):
    with two.transaction() as db:
        verdict = accounts.verify(db, login, password, now)
    assert verdict == accounts.Verdict(None, "E-postadressen eller passordet er feil. Prøv igjen.")


@pytest.mark.parametrize("login", [EVA, "nobody@fjord.example"])
def test_after_five_failures_each_costs_a_wait_that_doubles_to_a_quarter_of_an_hour(
    two: Database, now: datetime, login: str
):
    waits = []
    with two.transaction() as db:
        for _try in range(12):
            verdict = accounts.verify(db, login, "wrong", now)
            if verdict.retry_at is not None:
                waits.append(verdict.retry_at - now)
                now = verdict.retry_at
                assert accounts.verify(db, login, "wrong", now - timedelta(seconds=1)).retry_at == now
                accounts.verify(db, login, "wrong", now)
    assert waits == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 900, 900)]


def test_the_right_password_must_wait_too_and_then_clears_the_count(two: Database, now: datetime):
    with two.transaction() as db:
        for _try in range(5):
            accounts.verify(db, EVA, "wrong", now)
        assert accounts.verify(db, EVA, PASSWORD, now).account is None
        assert accounts.verify(db, EVA, PASSWORD, now + timedelta(seconds=30)).account
        assert accounts.verify(db, EVA, "wrong", now + timedelta(seconds=31)).retry_at is None


def test_failures_are_forgotten_after_a_day(two: Database, now: datetime):
    with two.transaction() as db:
        for _try in range(5):
            accounts.verify(db, EVA, "wrong", now)
        accounts.verify(db, "other@fjord.example", "wrong", now + timedelta(days=1, seconds=1))
        assert db.scalar(select(func.count()).select_from(accounts.SignInFailure)) == 1


@pytest.mark.databases
def test_eight_guesses_at_once_count_as_eight(two: Database, now: datetime):
    verdicts: list[accounts.Verdict] = []

    def guess() -> None:
        with two.transaction() as db:
            verdicts.append(accounts.verify(db, EVA, "wrong", now))

    threads = [threading.Thread(target=guess) for _guess in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(verdict.retry_at is not None for verdict in verdicts) == 3


def test_a_locked_account_says_so_only_to_the_one_who_knows_the_password(two: Database, now: datetime):
    with two.transaction() as db:
        accounts.lock(db, "eva", now)
        accounts.lock(db, "eva", now)
        assert "stengt" in accounts.verify(db, EVA, PASSWORD, now).message
        assert "feil" in accounts.verify(db, EVA, "wrong", now).message
        accounts.unlock(db, "eva", now)
        assert accounts.verify(db, EVA, PASSWORD, now).account
        assert [e.what for e in audit.trail(db, "accounts")] == [
            "account-created",
            "account-locked",
            "account-unlocked",
        ]


def test_a_session_ends_by_lock_reset_and_leaving(two: Database, now: datetime):
    with two.transaction() as db:
        stamp = db.get_one(accounts.Account, "eva").stamp
        assert accounts.signed_in(db, "eva", stamp, now)
        assert accounts.signed_in(db, "eva", None, now) is None
        assert accounts.signed_in(db, "ole", stamp, now) is None
        renewed = accounts.reset(db, "eva", "et helt nytt passord", now).stamp
        assert accounts.signed_in(db, "eva", stamp, now) is None
        assert accounts.signed_in(db, "eva", renewed, now)
        db.get_one(Position, ("eva", 1)).end = now.date() - timedelta(1)
        db.flush()
        assert accounts.signed_in(db, "eva", renewed, now) is None
        assert accounts.verify(db, EVA, "et helt nytt passord", now).account is None


def test_a_reset_opens_what_was_locked_and_waiting(two: Database, now: datetime):
    with two.transaction() as db:
        for _try in range(6):
            accounts.verify(db, EVA, "wrong", now)
        accounts.lock(db, "eva", now)
        accounts.reset(db, "eva", "et helt nytt passord", now)
        assert accounts.verify(db, EVA, "et helt nytt passord", now).account


def test_the_person_changes_the_password_with_the_old_one(two: Database, now: datetime):
    with two.transaction() as db:
        with pytest.raises(Invalid) as refused:
            accounts.change_password(db, "eva", "wrong", "et helt nytt passord", now)
        assert refused.value.fields[0].field == "old"
        accounts.change_password(db, "eva", PASSWORD, "et helt nytt passord", now)
        assert accounts.verify(db, EVA, "et helt nytt passord", now).account


@pytest.mark.parametrize(
    "weak", ["elleve tegn", "x" * 129, "Eva.Næss@fjord.example", "aaaaaaaaaaaaaaa", "", "eva.næss@FJORD.example"]
)
def test_a_weak_password_is_refused(two: Database, now: datetime, weak: str):
    with two.transaction() as db:
        with pytest.raises(Invalid) as refused:
            accounts.reset(db, "eva", weak, now)
        assert refused.value.fields[0].field == "password"
        assert accounts.verify(db, EVA, PASSWORD, now).account


def test_an_account_is_for_one_who_works_here_and_has_none(two: Database, now: datetime):
    with two.transaction() as db:
        with pytest.raises(Conflict):
            accounts.create(db, "eva", PASSWORD, now)
        for nobody in (accounts.create, accounts.reset):
            with pytest.raises(NotFound):
                nobody(db, "nobody", PASSWORD, now)
        with pytest.raises(NotFound):
            accounts.reset(db, "ole", PASSWORD, now)
        db.get_one(Person, "ole").left_at = now
        with pytest.raises(Conflict):
            accounts.create(db, "ole", PASSWORD, now)


def test_an_account_without_a_password_is_for_those_that_others_vouch_for(two: Database, now: datetime):
    with two.transaction() as db:
        assert accounts.ensure(db, "ole", now).password_hash is None
        assert accounts.ensure(db, "ole", now) is accounts.ensure(db, "ole", now)
        assert accounts.verify(db, "ole@fjord.example", "", now).account is None


def test_an_old_hash_is_made_anew_when_its_password_is_known(two: Database, now: datetime):
    with two.transaction() as db:
        account = db.get_one(accounts.Account, "eva")
        account.password_hash = old = PasswordHasher(time_cost=2, memory_cost=512).hash(PASSWORD)
        assert accounts.verify(db, EVA, PASSWORD, now).account
        assert account.password_hash != old
        assert accounts.verify(db, EVA, PASSWORD, now).account


def test_one_who_takes_over_an_address_does_not_take_over_the_account(two: Database, now: datetime):
    with two.transaction() as db:
        db.get_one(Person, "eva").left_at = now
        db.flush()
        ole = db.get_one(Person, "ole")
        ole.email = ole.email_key = EVA
        db.flush()
        assert accounts.verify(db, EVA, PASSWORD, now).account is None
