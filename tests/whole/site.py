"""An installation with an organisation, called over `/api/v1` as each of its people, on a clock that is moved."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from komp_flow import background, organisation, schema, shipped, work
from komp_flow.app import create_app
from komp_flow.auth import tokens
from komp_flow.clock import clock
from komp_flow.organisation import SCOPES
from komp_flow.settings import Settings
from whole.people import Organisation

BEGIN = datetime(2027, 1, 4, 8, tzinfo=UTC)
V1 = "/api/v1"


class Site:
    """What `komp-flow serve` puts together, in this process."""

    def __init__(self, home: Path, people: Organisation, database: str | None = None) -> None:
        self.now, self.people = BEGIN, people
        self.clock_file = home / "clock"
        self.at(BEGIN)
        settings = Settings(
            home=home,
            database=database or f"sqlite:///{home / 'komp-flow.sqlite'}",
            secret_key="only for tests",
            clock=f"file:{self.clock_file}",
        )
        self.database = schema.open_database(settings)
        schema.upgrade(self.database)
        with self.database.transaction() as db:
            report = organisation.import_files(db, people.units.encode(), people.people.encode(), BEGIN)
            assert not report.errors, report.errors[:5]
            work.publish_shipped(db, shipped.folder(), BEGIN)
            self._secrets = {
                person: tokens.create(db, person, SCOPES, BEGIN, days=1_000) for person in people.employees
            }
        self.app = create_app(settings, self.database)
        self._clock = clock(settings.clock)
        self._client = self.app.test_client()
        self.calls = self.statements = 0
        event.listen(self.database.engine, "before_cursor_execute", self._count)

    def at(self, when: datetime) -> None:
        """The clock says this; nothing runs."""
        self.now = when
        self.clock_file.write_text(when.isoformat())

    def settle(self, *, days: int = 0) -> int:
        """So many days later, everything that is due is done; answers how many rows that were."""
        if days:
            self.at(self.now + timedelta(days=days))
        return background.run_until_nothing_is_due(self.database, self._clock)

    def call(self, method: str, address: str, body: Any = None, *, by: str) -> tuple[int, Any]:
        """One call with this person's token."""
        self.calls += 1
        headers = {"Authorization": f"Bearer {self._secrets[by]}"}
        sent = {"json": body} if body is not None else {}
        answer = self._client.open(V1 + address, method=method, headers=headers, **sent)
        assert answer.status_code < 500, (method, address, answer.text)
        return answer.status_code, json.loads(answer.data) if answer.data else None

    def _count(self, *_about: object) -> None:
        self.statements += 1

    def close(self) -> None:
        self.database.close()
