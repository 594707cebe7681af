"""Idempotency keys."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from komp_flow import work
from komp_flow.engine import Instance, Submission
from komp_flow.errors import Conflict, Invalid, KeyReused
from komp_flow.organisation import Subject
from komp_flow.work.models import AnsweredKey
from komp_flow.work.recurring import forgetting
from work.conftest import Office
from work.staff import EIER, HANNE, KARI


def begin(office: Office, key: str | None, body: bytes = b"x", who: Any = EIER) -> work.Answer:
    with office.database.transaction() as db:

        def action() -> tuple[int, Any]:
            made = work.start(db, who, "p", Subject(unit="it"), {}, office.now)
            return 201, {"id": str(made.id)}

        return work.once(db, who, key, body, office.now, action)


def started(office: Office) -> int:
    with office.database.reading() as db:
        return db.scalar(select(func.count()).select_from(Instance)) or 0


def test_a_repeat_is_answered_and_not_done_again(office: Office) -> None:
    first, second = begin(office, "k1"), begin(office, "k1")
    assert (first.status, first.body) == (second.status, second.body)
    assert (first.repeated, second.repeated) == (False, True)
    assert started(office) == 1


def test_another_body_under_the_key_is_refused(office: Office) -> None:
    begin(office, "k1")
    with pytest.raises(KeyReused):
        begin(office, "k1", b"y")
    assert started(office) == 1


def test_a_key_is_a_persons_own(office: Office) -> None:
    begin(office, "k1")
    begin(office, "k1", b"y", HANNE)
    assert started(office) == 2


def test_without_a_key_everything_is_done(office: Office) -> None:
    begin(office, None)
    begin(office, None)
    assert started(office) == 2


@pytest.mark.databases
def test_a_key_is_kept_for_a_day(office: Office) -> None:
    begin(office, "k1")
    office.pass_time(hours=23, minutes=59)
    assert begin(office, "k1").repeated
    office.pass_time(minutes=2)
    assert not begin(office, "k1").repeated


@pytest.mark.databases
def test_what_was_answered_is_forgotten_by_itself_when_the_day_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)

    def kept() -> list[str]:
        work.run_all(office.database, office.now)
        with office.database.reading() as db:
            return sorted(db.scalars(select(AnsweredKey.key)))

    for key in ("k1", "k2", "k3", "k4", "k5"):
        begin(office, key)
    office.pass_time(hours=20)
    begin(office, "k6")
    assert len(kept()) == 6
    office.pass_time(hours=20)
    assert kept() == ["k6"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_key_is_short_plain_text(office: Office, key: str) -> None:
    with pytest.raises(Invalid):
        begin(office, key)


def test_what_is_refused_leaves_the_key_free_even_when_the_page_goes_on(office: Office) -> None:
    office.start()
    task = office.task(KARI)

    def send(title: str | None) -> work.Answer | None:
        with office.database.transaction() as db:

            def action() -> work.Answer:
                work.complete(db, task, KARI, {"title": title} if title else {}, office.now)
                return work.Answer(303, None)

            try:
                return work.once(db, KARI, "k1", work.fingerprint(title), office.now, action)
            except Invalid:
                return None  # the page shows what to mend, and commits the draft

    assert send(None) is None
    assert send("Ja") == work.Answer(303, None)
    with office.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Submission)) == 1


@pytest.mark.databases
def test_of_two_with_the_same_key_at_once_one_is_done_and_both_get_its_answer(office: Office) -> None:
    ready = threading.Barrier(4)
    answers: list[work.Answer | Conflict] = []

    def send() -> None:
        ready.wait(10)
        answers.append(begin(office, "k1"))

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({str(answer.body) for answer in answers if isinstance(answer, work.Answer)}) == 1
    assert sum(isinstance(answer, work.Answer) and not answer.repeated for answer in answers) == 1
    assert len(answers) == 4
    assert started(office) == 1
