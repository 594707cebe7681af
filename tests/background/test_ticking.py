"""The tick in its thread: it looks when it begins, when the bell is rung, and it ends when it is told to."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from komp_flow import work
from komp_flow.background import ticking as worker
from komp_flow.db import Database


class Looked:
    """A clock that counts how often it was asked; each look at what is due asks once."""

    def __init__(self, now: datetime) -> None:
        self.now, self.times, self.changed = now, 0, threading.Condition()

    def __call__(self) -> datetime:
        with self.changed:
            self.times += 1
            self.changed.notify_all()
        return self.now

    def wait_for(self, times: int, timeout: float = 20) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.times >= times, timeout)


def test_a_ring_is_answered_at_once(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "EVERY", worker.timedelta(hours=1))
    clock = Looked(now)
    ticking = worker.Ticking(database, clock)
    try:
        assert clock.wait_for(2)  # the tick's look, and the mail's
        for ring in range(3, 7):
            ticking.ring()
            assert clock.wait_for(ring)
    finally:
        ticking.stop()


def test_it_looks_again_though_nobody_rings(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "EVERY", worker.timedelta(milliseconds=5))
    clock = Looked(now)
    ticking = worker.Ticking(database, clock)
    try:
        assert clock.wait_for(3)
    finally:
        ticking.stop()


def test_a_tick_that_fails_does_not_end_the_next(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> work.Ran:
        raise RuntimeError

    monkeypatch.setattr(worker, "EVERY", worker.timedelta(milliseconds=5))
    monkeypatch.setattr(work, "run_due", fail)
    clock = Looked(now)
    ticking = worker.Ticking(database, clock)
    try:
        assert clock.wait_for(3)
    finally:
        ticking.stop()


def test_a_ring_during_a_tick_is_answered_after_it(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "EVERY", worker.timedelta(hours=1))
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_arguments: object, **_more: object) -> work.Ran:
        begun.set()
        assert go_on.wait(20)
        return work.Ran()

    monkeypatch.setattr(work, "run_due", slow)
    clock = Looked(now)
    ticking = worker.Ticking(database, clock)
    try:
        assert begun.wait(20)
        for _ in range(5):
            ticking.ring()
        go_on.set()
        assert clock.wait_for(2)
    finally:
        ticking.stop()


def test_mail_is_looked_for_when_it_is_rung_for(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Semaphore(0)

    def post(*_arguments: object) -> None:
        looked.release()

    monkeypatch.setattr(worker, "EVERY", worker.timedelta(hours=1))
    monkeypatch.setattr(work, "post", post)
    ticking = worker.Ticking(database, Looked(now))
    try:
        for _look in range(3):
            assert looked.acquire(timeout=20)
            ticking.ring_mail()
    finally:
        ticking.stop()


def test_it_stops_when_it_is_told_to(database: Database, now: datetime) -> None:
    clock = Looked(now)
    ticking = worker.Ticking(database, clock)
    assert clock.wait_for(1)
    ticking.stop()
    times = clock.times
    assert not clock.wait_for(times + 1, timeout=0.1)
