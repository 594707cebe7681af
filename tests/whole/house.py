"""A house where every role has somebody, and every kind of text is written once, each with a word of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import delete, select

from applications import application
from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow import organisation, work
from komp_flow.auth import tokens
from komp_flow.db import driver
from komp_flow.engine import SourceFile
from komp_flow.engine.tables import Instance, Task
from komp_flow.notifications.models import Mail
from komp_flow.organisation import SCOPES, Subject
from komp_flow.organisation.models import PersonRole, Unit
from komp_flow.organisation.sorting import sort_key
from komp_flow.registers import REGISTERS, set_up
from komp_flow.registers.models import Conclusion, Cycle, Decision, Discussion, Measure
from komp_flow.settings import Settings
from registers.seeding import CYCLE, add
from registers.seeding import cycle as make_cycle
from work import staff
from work.conftest import Office
from work.staff import EIER, HANNE, form, required
from work.staff import field as one_field
from work.talking import GOALS, SHARE, TALK

ROLES = {
    "employee": "nils",
    "manager": "kari",
    "deputy of one who is there": "ola",
    "deputy": "stein",  # of the unit without a manager
    "their employee": "anna",
    "superior": "dag",
    "other manager": "per",
    "stranger": "pia",
    "hr": "hanne",
    "process_owner": "eier",
    "top_management": "tove",
    "union_rep": "rune",
    "administrator": "adm",
    "measure_owner": "mons",
    "employee without a manager": "mia",
}
NOBODY = "signed out"
UNITS = (("ark", "dir", "Arkivet", None, "stein"), ("tom", "dir", "Uten leder", None, None))
PEOPLE = (
    ("tove", "Tove Topp", "dir", "top_management"),
    ("rune", "Rune Rep", "dir", "union_rep"),
    ("mons", "Mons Målbevisst", "law", ""),
    ("stein", "Stein Sted", "ark", ""),
    ("anna", "Anna Arkiv", "ark", ""),
    ("mia", "Mia Alene", "tom", ""),
)


@dataclass
class House:
    """The application over the office's database, called by whoever."""

    office: Office
    app: Flask
    things: dict[str, str] = field(default_factory=dict)  # what a table calls it → its id
    secrets: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)  # with these scopes; () is all
    _browsers: dict[str, Any] = field(default_factory=dict)
    _live: Any = None  # the database, and a copy of it as it was when `_written` said `_kept_at`
    _kept: Any = None
    _kept_at: int = -1

    def close(self) -> None:
        """Let go of the copy."""
        if self._live is not None:
            self._live.close()
            self._kept.close()

    def api(self, person: str | None, method: str, address: str, *scopes: str, **more: Any) -> Any:
        """With a token of this person's, with these scopes or with all."""
        headers = dict(more.pop("headers", {}))
        if person is not None:
            headers["Authorization"] = f"Bearer {self.secrets[person, scopes]}"
        return self.app.test_client().open(address, method=method, headers=headers, buffered=True, **more)

    def browser(self, person: str | None, method: str, address: str, **more: Any) -> Any:
        """In a browser, signed in as this person or as nobody."""
        if person is None:
            return self.app.test_client().open(address, method=method, buffered=True, **more)
        if person not in self._browsers or address.startswith("/sign"):  # whoever signs out does so in that one
            self._browsers[person] = self.app.test_client()
            entered = self._browsers[person].post("/sign-in/persona", data={"person": person})
            assert entered.status_code == 303
        browser = self._browsers.pop(person) if address.startswith("/sign") else self._browsers[person]
        return browser.open(address, method=method, buffered=True, **more)

    def open(self, person: str | None, method: str, address: str, **more: Any) -> Any:
        """As a program below /api, else in a browser."""
        way = self.api if address.startswith("/api/") else self.browser
        return way(person, method, address, **more)

    @contextmanager
    def as_it_was(self) -> Iterator[None]:
        """What is done inside has not happened afterwards. Copied only where somebody has written something."""
        if self._live is None:
            sqlite3 = driver()  # the very library that the application uses: two in one process lose each other's locks
            self._live, self._kept = sqlite3.connect(self.path), sqlite3.connect(":memory:")
        if (before := self._written()) != self._kept_at:
            self._live.backup(self._kept)
        try:
            yield
        finally:
            if self._written() != before:
                self._kept.backup(self._live)
            self._kept_at = self._written()

    def _written(self) -> int:
        """Another number each time that anybody else has written to the database."""
        return int(self._live.execute("PRAGMA data_version").fetchone()[0])

    @property
    def path(self) -> str:
        return str(self.office.database.engine.url.database)

    def decide(self) -> None:
        """The strategy of the cycle is decided."""
        with self.office.database.transaction() as db:
            db.get_one(Cycle, CYCLE).decided_on = self.office.now.date()


def built(office: Office, tmp_path: Path, clock_file: Path) -> House:
    """The house with all that is in it; the addresses of things are in `things`."""
    settings = Settings(
        home=tmp_path, database=str(office.database.url), secret_key="a key for tests only",
        clock=f"file:{clock_file}", demo=True,
    )  # fmt: skip
    app = application(settings, office.database)
    app.config.update(WTF_CSRF_ENABLED=False)
    house = House(office, app)
    _people(office)
    with office.database.transaction() as db:
        for person in ROLES.values():
            house.secrets[person, ()] = tokens.create(db, person, SCOPES, office.now)
            for scope in SCOPES:
                house.secrets[person, (scope,)] = tokens.create(db, person, (scope,), office.now)
    _registers(office)
    _talks(house)
    _unit_work(house)
    return house


def _people(office: Office) -> None:
    with office.database.transaction() as db:
        db.add_all(
            Unit(id=i, parent_id=parent, name=name, manager_id=manager, deputy_id=deputy, sort_key=sort_key(name))
            for i, parent, name, manager, deputy in UNITS
        )
        db.add(Unit(id="old", parent_id="dir", name="Nedlagt", closed_at=office.now, sort_key=sort_key("Nedlagt")))
        db.execute(delete(PersonRole).where(PersonRole.person_id == "dag"))  # the leader above, and that alone
        staff.employ(db, *PEOPLE)
        organisation.bump(db)


def _registers(office: Office) -> None:
    now = office.now
    with office.database.transaction() as db:
        make_cycle(db, now)
        add(db, now, Discussion, "minutes", unit_id="it", minutes="OrdReferat", number_present=6)
        add(db, now, Conclusion, "concluded", unit_id="it", conclusion="OrdKonklusjon", shared_understanding="yes")
        add(db, now, Measure, "proposed", unit_id="it", stage="proposed", name="OrdForslag")
        add(db, now, Measure, "elsewhere", unit_id="law", stage="proposed", name="OrdAndreforslag")
        add(db, now, Measure, "recommended", stage="recommended", name="OrdInnstilling", sources=["proposed"])
        add(db, now, Decision, "decision", measure="recommended", name="OrdVedtak", outcome="decided", scope="central")
        add(db, now, Measure, "local", unit_id="it", stage="local", name="Vårt kurs", outcome="decided", scope="local",
            responsible="mons")  # fmt: skip


def _talks(house: House) -> None:
    """Talks with four: all shared, nothing shared, a deputy as manager, nobody as manager."""
    office = house.office
    office.publish(
        SourceFile("talk.bpmn", TALK),
        form("invitation", one_field("place"), one_field("at", "datetime", subtype="date", dateLabel="Dag"),
             **{"stand-in": "true"}),
        form("notes", one_field("note", "textarea"), SHARE, notes="true"),
        form("plan", one_field("wish", "textarea"), one_field("grade", "number"), GOALS),
        form("follow", one_field("comment", "textarea")),
    )  # fmt: skip
    steps: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
        "nils": (
            ("kari", "invite", {"place": "OrdSted"}),
            ("nils", "mine", {"note": "OrdNilsdelt", "share": True}),
            ("kari", "theirs", {"note": "OrdKaridelt", "share": True}),
            ("kari", "plan", {"wish": "OrdPlan", "goals": [{"goal": "OrdUtviklingsmål"}]}),
        ),
        "ola": (
            ("kari", "invite", {}),
            ("ola", "mine", {"note": "OrdOlaeget"}),
            ("kari", "theirs", {"note": "OrdKarieget"}),
        ),
        "anna": (
            ("stein", "invite", {}),
            ("anna", "mine", {"note": "OrdAnnadelt", "share": True}),
            ("stein", "theirs", {"note": "OrdSteineget"}),
            ("stein", "plan", {"wish": "OrdAnnaplan"}),
        ),
        "mia": (("dag", "invite", {}), ("mia", "mine", {"note": "OrdMiadelt", "share": True})),
    }
    for person, done in steps.items():
        unit = next(unit for name, _n, unit, _r in (*staff.PEOPLE, *PEOPLE) if name == person)
        talk = office.start("talk", Subject(unit=unit, person=person, cycle=CYCLE), HANNE)
        house.things[f"talk:{person}"] = str(talk)
        for who, element, values in done:
            task = _task(house, talk, element)
            office.act(work.complete, task, staff.actor(who), values)
            house.things[f"{element}:{person}"] = str(task)
        with office.database.reading() as db:
            for task_id, element in db.execute(select(Task.id, Task.element).where(Task.instance_id == talk)):
                house.things[f"{element}:{person}"] = str(task_id)
    draft = {"wish": "OrdUtkast"}
    office.act(work.save_draft, _task(house, house.things["talk:ola"], "plan"), staff.KARI, draft, 0)


def _task(house: House, instance: object, element: str) -> Any:
    with house.office.database.reading() as db:
        found = select(Task.id).join(Instance).where(Task.element == element, Task.state == "open")
        return next(each for each in db.scalars(found.order_by(Task.created_at.desc()))
                    if str(db.get_one(Task, each).instance_id) == str(instance))  # fmt: skip


def _unit_work(house: House) -> None:
    """The unit's own work, one task of the measure's owner, a file, who steps in for whom."""
    office = house.office
    office.publish(
        SourceFile("m.bpmn", doc(start(), job("report", roles="measure_owner", ext=fill("f")), end(),
                                 flows("s>report>e"), pid="m")),
        form("f", required("title"), one_field("note", "textarea"), one_field("attached", "filepicker")),
    )  # fmt: skip
    house.things["unit work"] = str(office.start("p", Subject(unit="it", cycle=CYCLE), EIER))
    house.things["u1"] = str(_task(house, house.things["unit work"], "u1"))
    house.things["measure"] = str(office.start("m", Subject(unit="it", measure="local", cycle=CYCLE), EIER))
    house.things["report"] = str(_task(house, house.things["measure"], "report"))
    content = BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n")
    beside = f"/api/v1/tasks/{house.things['u1']}/files"
    sent = house.api("kari", "POST", beside, data={"file": (content, "OrdFil.pdf")})
    assert sent.status_code == 201, sent.text
    house.things["file"] = sent.get_json()["id"]
    house.things["mail"] = str(uuid4())
    with office.database.transaction() as db:
        db.add(Mail(id=UUID(house.things["mail"]), person_id="nils", state="failed", made_at=office.now))
    body = {"substitute": "ola", "start": "2027-02-01", "end": "2027-02-05"}
    stands = house.api("nils", "POST", "/api/v1/substitutions", json=body)
    assert stands.status_code == 201, stands.text
    house.things["substitution"] = str(stands.get_json()["id"])


__all__ = ["NOBODY", "REGISTERS", "ROLES", "House", "built", "set_up"]
