"""Tokens act as their person, within scopes, until a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from komp_flow.auth import accounts, tokens
from komp_flow.db import Database
from komp_flow.errors import Conflict, Invalid, NotFound
from komp_flow.organisation.actors import Actor
from komp_flow.organisation.models import Person


@pytest.mark.databases
def test_a_token_is_its_person_within_its_scopes(two: Database, now: datetime):
    with two.transaction() as db:
        secret = tokens.create(db, "ole", {"tasks", "registers"}, now, days=30, name="lønnssystemet")
    with two.reading() as db:
        assert tokens.actor(db, secret, now) == Actor("ole", "nb", frozenset({"tasks", "registers"}), "token")
        kept = db.scalars(select(tokens.Token)).one()
        assert secret not in (kept.hash, kept.name, kept.scopes)


def test_a_token_ends_on_its_day_and_when_it_is_revoked(two: Database, now: datetime):
    with two.transaction() as db:
        secret = tokens.create(db, "ole", {"tasks"}, now, days=30)
        assert tokens.actor(db, secret, now + timedelta(days=30) - timedelta(seconds=1))
        assert tokens.actor(db, secret, now + timedelta(days=30)) is None
        token = tokens.of_person(db, "ole")[0]
        with pytest.raises(NotFound):
            tokens.revoke(db, token.id, now, person_id="eva")
        tokens.revoke(db, token.id, now, person_id="ole")
        assert tokens.actor(db, secret, now) is None


def test_all_tokens_of_a_person_end_at_once(two: Database, now: datetime):
    with two.transaction() as db:
        secrets = [tokens.create(db, "ole", {"tasks"}, now) for _number in range(3)]
        other = tokens.create(db, "eva", {"tasks"}, now)
        assert tokens.revoke_all(db, "ole", now) == 3
        assert tokens.revoke_all(db, "ole", now) == 0
        assert [tokens.actor(db, secret, now) for secret in secrets] == [None, None, None]
        assert tokens.actor(db, other, now)


def test_a_token_of_one_who_is_locked_out_or_gone_is_worth_nothing(two: Database, now: datetime):
    with two.transaction() as db:
        evas, oles = (tokens.create(db, person_id, {"tasks"}, now) for person_id in ("eva", "ole"))
        accounts.lock(db, "eva", now)
        db.get_one(Person, "ole").left_at = now
        db.flush()
        assert tokens.actor(db, evas, now) is None
        assert tokens.actor(db, oles, now) is None
        with pytest.raises(Conflict):
            tokens.create(db, "ole", {"tasks"}, now)


@pytest.mark.parametrize("bearer", ["", "kf_", "kf_guess", "Bearer kf_x", "kf_" + "x" * 100_000, "kf_\ud800", "æ"])
def test_what_is_not_a_token_is_nobody(two: Database, now: datetime, bearer: str):
    with two.reading() as db:
        assert tokens.actor(db, bearer, now) is None


def test_a_token_that_makes_no_sense_is_refused(two: Database, now: datetime):
    with two.transaction() as db:
        for scopes, days in ((set(), 1), ({"everything"}, 1), ({"tasks"}, 0), ({"tasks"}, 3651)):
            with pytest.raises(Invalid):
                tokens.create(db, "ole", scopes, now, days=days)
        with pytest.raises(NotFound):
            tokens.create(db, "nobody", {"tasks"}, now)
