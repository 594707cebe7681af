"""An office whose mail goes to a server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from komp_flow import notifications, work
from komp_flow.notifications.models import Mail
from komp_flow.settings import Settings
from notifications.mail_server import Server
from work.conftest import Office, office

__all__ = ["office"]


class Mailing:
    """People at work, and the mail that they get."""

    def __init__(self, office: Office, settings: Settings, server: Server) -> None:
        self.office, self.server, self.database = office, server, office.database
        self.database.info["settings"] = settings

    def set(self, **settings: Any) -> None:
        self.database.info["settings"] = replace(self.database.info["settings"], **settings)

    def tell(self, *people: str, kind: str = "strategy", occasion: str | None = None, **more: Any) -> None:
        """Something that those people are told."""
        with self.database.transaction() as db:
            occasion = occasion or f"{self.office.now}:{len(self.rows())}"
            notifications.queue(db, people, notifications.Notice(kind=kind, occasion=occasion, **more), self.office.now)

    def tick(self) -> work.Ran:
        return work.run_all(self.database, self.office.now)

    def morning(self, days: int = 1) -> work.Ran:
        """The tick at nine, so many days later."""
        self.office.pass_time(days=days)
        return self.tick()

    def rows(self) -> list[Mail]:
        with self.database.reading() as db:
            found = list(db.scalars(select(Mail).order_by(Mail.made_at, Mail.person_id)))
            db.expunge_all()
            return found

    def states(self) -> dict[str, str]:
        return {mail.person_id: mail.state for mail in self.rows()}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def mailing(office: Office, server: Server, tmp_path: Path) -> Mailing:
    """Everybody in place, and the first morning's turn behind us."""
    settings = Settings(
        home=tmp_path, database=str(office.database.url), secret_key="for tests", mail=server.url,
        mail_from="komp-flow@example.org", url="https://komp.example.org",
    )  # fmt: skip
    made = Mailing(office, settings, server)
    made.tick()
    return made
