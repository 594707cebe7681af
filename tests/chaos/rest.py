"""When nobody breaks anything any more: everything that can still happen happens."""

from __future__ import annotations

import random
import time

from sqlalchemy import func, select

from chaos.client import Client, Unanswered
from chaos.history import History
from chaos.load import drain
from chaos.topology import PEOPLE, Town
from komp_flow.engine.tables import ACTIVE, Delivery, Instance
from komp_flow.operations.models import Request
from komp_flow.operations.requests import WAITING


def come_to_rest(town: Town, history: History, chance: random.Random, seconds: float) -> list[str]:
    """Do all that is left, and wait for all else; answers what never came to an end in so many seconds."""
    try:
        left = drain(Client(town, history, PEOPLE[0], chance), seconds)
    except Unanswered as error:
        return [f"it never came to rest: {error}"]
    if left:
        return [f"{left} instances never came to rest"]
    return _settled(town, seconds)


def _settled(town: Town, seconds: float) -> list[str]:
    """What no client sees has an end too: what is about others, messages on their way, what was asked for."""
    database, until = town.open(), time.monotonic() + seconds
    still = {
        "instances": select(func.count()).where(Instance.state == ACTIVE),
        "deliveries": select(func.count()).where(Delivery.done_at.is_(None)),
        "requests": select(func.count()).where(Request.state == WAITING),
    }
    try:
        while True:
            with database.reading() as db:
                left = {what: count for what, query in still.items() if (count := db.scalar(query))}
            if not left or time.monotonic() > until:
                return [f"never came to rest: {left}"] if left else []
            time.sleep(0.2)
    finally:
        database.close()
