"""HR's pages about people and units, and one's own about substitutes and the plan."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from api.test_people import FILES, UNITS
from komp_flow.organisation.staffing.models import ClosedUnit, StagedImport
from work.conftest import Office
from work.test_organisation_changes import Year, closed, to_unit, year

WEEK = {"start": "2027-01-04", "end": "2027-01-08"}


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.text)


def test_hr_finds_a_person_and_sees_who_they_are(office: Office, login: Any) -> None:
    hanne = login("hanne")
    page = shown(hanne.get("/people?q=nil"))
    assert 'href="/people/nils"' in page
    assert "Ingen som arbeider her" in shown(hanne.get("/people?q=xyz"))
    page = shown(hanne.get("/people/nils"))
    assert "Nils Nilsen" in page
    assert "Kari Nordmann" in page  # has the talks
    assert hanne.get("/people/nobody").status_code == 404


@pytest.mark.parametrize("person", ["kari", "nils", "dag", "eier"])
def test_only_hr_and_administrators_see_the_pages(office: Office, login: Any, person: str) -> None:
    browser = login(person)
    for page in ("/people", "/people/nils", "/people/import", "/people/closed-units/it"):
        assert browser.get(page).status_code == 403
    assert browser.post("/people/nils/substitutes", data={"substitute": "ola", **WEEK}).status_code == 403
    assert "Folk og enheter" not in shown(browser.get("/"))


def test_hr_sets_a_substitute_by_name_and_takes_it_away(office: Office, login: Any) -> None:
    hanne = login("hanne")
    page = shown(hanne.post("/people/kari/substitutes", data={"substitute": "nordmann", **WEEK}), 422)
    assert "Kari Nordmann (kari), Ola Nordmann (ola)" in page
    page = shown(hanne.post("/people/kari/substitutes", data={"substitute": "ingen", **WEEK}), 422)
    assert "Ingen her heter det" in page
    page = shown(hanne.post("/people/kari/substitutes", data={"substitute": "ola", "start": "x", "end": ""}), 422)
    assert 'id="wrong-start"' in page
    assert hanne.post("/people/kari/substitutes", data={"substitute": "ola nord", **WEEK}).status_code == 303
    assert "Ola Nordmann er vikar for Kari Nordmann" in shown(hanne.get("/people/kari"))
    assert "Ola Nordmann" in shown(hanne.get("/people"))
    assert hanne.post("/people/kari/substitutes/1/end").status_code == 303
    assert "Ingen vikarer." in shown(hanne.get("/people/kari"))


def test_one_sets_ones_own_substitute(office: Office, login: Any) -> None:
    kari = login("kari")
    assert "Du har ingen vikar nå." in shown(kari.get("/substitutes"))
    assert 'id="wrong-substitute"' in shown(kari.post("/substitutes", data={"substitute": "kari", **WEEK}), 422)
    assert kari.post("/substitutes", data={"substitute": "nils", **WEEK}).status_code == 303
    assert "Nils Nilsen fra 4. januar 2027" in shown(kari.get("/substitutes"))
    nils = login("nils")
    assert "Du er vikar for" in shown(nils.get("/substitutes"))
    assert nils.post("/substitutes/1/end").status_code == 403
    assert login("kari").post("/substitutes/1/end").status_code == 303


def send(browser: Any, units: str = UNITS, people: str = FILES) -> Any:
    files = {"units": (BytesIO(units.encode()), "u.csv"), "people": (BytesIO(people.encode()), "p.csv")}
    return browser.post("/people/import", data=files, content_type="multipart/form-data")


def test_an_import_is_looked_at_before_it_is_kept(office: Office, login: Any) -> None:
    hanne = login("hanne")
    page = shown(send(hanne))
    assert "Medarbeidere som har sluttet: 3" in page
    assert "Nils Nilsen (nils)" in page
    assert "Ingenting er lagret ennå." in page
    assert "Nils Nilsen" in shown(hanne.get("/people?q=nils"))
    staged = re.search(r'action="(/people/import/[0-9a-f-]+)"', page)
    assert staged
    assert login("adm").post(staged[1]).status_code == 404  # only who has looked
    assert login("hanne").post(staged[1]).status_code == 303
    assert "Ingen som arbeider her" in shown(hanne.get("/people?q=nils"))
    assert hanne.post(staged[1]).status_code == 404
    assert "Alt er som før" in shown(send(hanne))
    with office.database.reading() as db:
        assert db.scalars(select(StagedImport)).all() == []


def test_an_import_is_not_kept_when_the_organisation_has_changed_meanwhile(office: Office, login: Any) -> None:
    hanne = login("hanne")
    staged = re.search(r'action="(/people/import/[0-9a-f-]+)"', shown(send(hanne)))
    assert staged
    hanne.post("/people/kari/substitutes", data={"substitute": "ola", **WEEK})
    assert "Organisasjonen er endret siden" in shown(hanne.post(staged[1]), 409)
    assert "Nils Nilsen" in shown(hanne.get("/people?q=nils"))


def test_files_with_mistakes_are_listed_row_by_row(office: Office, login: Any) -> None:
    page = shown(send(login("hanne"), people=FILES.replace(";it;", ";nowhere;")), 422)
    assert page.count("Det finnes ingen enhet nowhere") == 3
    assert "Vis hva som endres" in page
    assert 'id="wrong-people"' in shown(send(login("hanne"), people=""), 422)


def test_hr_postpones_declines_and_hands_over_and_sees_no_status(year: Year, login: Any) -> None:
    year.up_to_talks()
    talk = year.talk("nils")
    hanne = login("hanne")
    page = shown(hanne.get("/people/nils"))
    assert "Utsett samtalen" in page
    assert "ikke hvor langt den er kommet" in page
    acts = f"/people/nils/talks/{talk}"
    assert "Velg en dag fra i dag" in shown(hanne.post(f"{acts}/postpone", data={"until": "2020-01-01"}), 422)
    assert hanne.post(f"{acts}/postpone", data={"until": "2027-02-01"}).status_code == 303
    assert year.talks("nils") == {"it": "postponed"}
    assert "utsatt til og med 1. februar 2027" in shown(hanne.get("/people/nils"))
    assert hanne.post(f"{acts}/take-up").status_code == 303
    assert hanne.post(f"{acts}/decline", data={"after": "2027-03-01"}).status_code == 303
    assert "Samtalen lukkes etter 1. mars 2027" in shown(hanne.get("/people/nils"))
    assert hanne.post(f"{acts}/withdraw-decline").status_code == 303
    assert hanne.post(f"{acts}/no-such-thing").status_code == 422
    assert hanne.post("/people/nils/extraordinary-talk").status_code == 303
    assert "ekstra samtale" in shown(hanne.get("/people/nils"))
    assert hanne.post("/people/nils/hand-over", data={"to": "per", "reason": "Konflikt"}).status_code == 303
    assert "Per Hansen har samtalene nå." in shown(hanne.get("/people/nils"))
    assert hanne.post("/people/nils/take-back").status_code == 303
    assert "Per Hansen" not in shown(hanne.get("/people/nils"))


def test_hr_says_where_a_closed_units_work_goes_on(year: Year, login: Any) -> None:
    year.begin()
    year.begin("law")
    year.change(closed("it", year.now, people_to="law"))
    with year.database.reading() as db:
        assert [row.unit_id for row in db.scalars(select(ClosedUnit))] == ["it"]
    hanne = login("hanne")
    assert "Velg ny enhet for IT" in shown(hanne.get("/people"))
    assert "Gå dit" in shown(hanne.get("/notices"))
    assert "IT er stengt" in shown(hanne.get("/people/closed-units/it"))
    assert 'id="wrong-to"' in shown(hanne.post("/people/closed-units/it", data={"to": "", "reason": "x"}), 422)
    assert hanne.post("/people/closed-units/it", data={"to": ["law", ""], "reason": "Slått sammen"}).status_code == 303
    assert hanne.get("/people/closed-units/it").status_code == 404


def test_an_employee_says_whether_the_plan_follows(year: Year, login: Any) -> None:
    year.up_to_talks()
    talk = year.planned("nils")
    year.change(to_unit("nils", "law"))
    nils = login("nils")
    assert 'href="/plan-transfers"' in shown(nils.get("/notices"))
    assert "Skal den følge deg til Juss?" in shown(nils.get("/plan-transfers"))
    assert login("per").post(f"/plan-transfers/{talk}", data={"follows": "yes"}).status_code == 404
    nils = login("nils")
    assert nils.post(f"/plan-transfers/{talk}", data={"follows": "yes"}).status_code == 303
    assert "Du har sagt ja." in shown(nils.get("/plan-transfers"))


__all__ = ["year"]
