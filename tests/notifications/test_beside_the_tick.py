"""Mail has a thread of its own: a server that hangs holds up nobody else's work."""

from __future__ import annotations

import threading
from datetime import datetime

from engine.drawing import catch, doc, end, flows, start, timer
from engine.storing import job
from komp_flow import background
from komp_flow.engine import SourceFile
from notifications.conftest import Mailing
from notifications.mail_server import Server
from work.staff import KARI

WAITS = doc(start(), catch("t", timer("PT1M")), job("a"), end(), flows("s>t>a>e"), pid="q")


def test_a_timer_fires_while_the_mail_server_hangs(mailing: Mailing) -> None:
    hangs, fired = threading.Event(), threading.Event()
    mailing.server.at["DATA"] = lambda to: hangs.set() or Server.HANG  # type: ignore[func-returns-value]
    mailing.office.publish(SourceFile("q.bpmn", WAITS))
    mailing.tell("kari")
    mailing.office.pass_time(days=1)

    def clock() -> datetime:
        if hangs.is_set() and mailing.office.inbox(KARI):
            fired.set()
        return mailing.office.now

    ticking = background.Ticking(mailing.database, clock)
    try:
        assert hangs.wait(20)
        mailing.office.start("q")
        mailing.office.pass_time(minutes=2)
        ticking.ring()
        assert fired.wait(8)  # the letter is given up after thirty seconds
    finally:
        mailing.server.released.set()
        ticking.stop()
