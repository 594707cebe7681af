"""The trail in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from komp_flow import organisation
from komp_flow.audit import Event
from komp_flow.i18n import speaking
from komp_flow.work import words
from work.conftest import Office

AT = datetime(2027, 3, 3, 8, 12, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


def event(what: str, kind: str = "userTask", **more: Any) -> Event:
    given: dict[str, Any] = {"element": "u1", "name": "Gjennomgå grunnlaget", "by": None, "on_behalf_of": None} | more
    detail = {"kind": kind} | given.pop("detail", {})
    return Event(what=what, at=AT, detail=detail, **given)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (
            event("completed", by="kari"),
            "Kari Nordmann leverte «Gjennomgå grunnlaget» 3. mars 2027 kl. 09.12.",
        ),
        (
            event("completed", by="ola", on_behalf_of="kari"),
            "Ola Nordmann leverte «Gjennomgå grunnlaget» 3. mars 2027 kl. 09.12 (på vegne av Kari Nordmann).",
        ),
        (event("entered"), "Oppgaven «Gjennomgå grunnlaget» ble klar 3. mars 2027 kl. 09.12."),
        (event("cancelled"), "Oppgaven «Gjennomgå grunnlaget» falt bort 3. mars 2027 kl. 09.12."),
        (
            event("delegated", by="kari", detail={"to": "nils"}),
            "Kari Nordmann ga «Gjennomgå grunnlaget» til Nils Nilsen 3. mars 2027 kl. 09.12.",
        ),
        (
            event("escalated", detail={"step": 1, "role": "superior"}),
            "Fristen er passert. Varsel på trinn 1 gikk til overordnet leder 3. mars 2027 kl. 09.12.",
        ),
        (event("ended", detail={"state": "cancelled"}), "Løpet ble avbrutt 3. mars 2027 kl. 09.12."),
        (event("started", by=None), "Systemet startet løpet 3. mars 2027 kl. 09.12."),
        (event("completed", "exclusiveGateway"), ""),
        (event("completed", "startEvent"), ""),
        (event("something new"), ""),
    ],
)
def test_every_event_is_said_as_people_say_it(office: Office, happened: Event, sentence: str) -> None:
    with office.database.reading() as db:
        assert words.sentence(happened, organisation.directory(db, office.now), OSLO) == sentence


def test_one_who_is_unknown_is_named_by_their_id(office: Office) -> None:
    with office.database.reading() as db, speaking("nb"):
        said = words.sentence(event("completed", by="gone"), organisation.directory(db, office.now), OSLO)
    assert said.startswith("gone leverte")
