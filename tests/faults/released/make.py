"""Makes the database of a release: open instances at every kind of wait, and a cycle under way with a talk in it.

Run once a release, in a checkout of it: `PYTHONPATH=src:tests python make.py VERSION FOLDER`. What it makes is never
changed afterwards. It uses only what the release's own tests use, and no clock but its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import zstandard
from sqlalchemy import select

from engine.drawing import (
    boundary,
    call,
    catch,
    doc,
    end,
    esc,
    event_sub,
    flows,
    gw,
    message,
    mi,
    receive,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
)
from engine.storing import fill, job, schedule
from komp_flow import engine, schema, work
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.organisation import Subject
from komp_flow.vault import Vault
from processes.walking import SETUP, Walk
from work import staff

INFO: Final = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo")}
WRAPPING: Final = b"wraps the keys of the tests only"
IT: Final = Subject(unit="it")
REQUEST: Final = b"POST /api/v1/instances"
MESSAGES: Final = message("m1", "svar", "=key") + message("m2", "begynn") + message("m3", "begynn med", "=key")
SIGNAL: Final = '<bpmn:signal id="g1" name="rop"/>'
AFTER_SUMMER: Final = '=now() >= date and time("2027-06-01T00:00:00Z")'

SVAR, ROP = ref("message", "m1"), ref("signal", "g1")
DIAGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "a_user_task": (start(), job("u", ext=fill("f")), end(), flows("s>u>e")),
    "a_timer": (start(), catch("t", timer("P10D")), end(), flows("s>t>e")),
    "a_timer_of_a_calendar": (
        start(),
        catch("t", timer('=date and time("2027-03-28T02:30:00@Europe/Oslo")', "timeDate")),
        end(),
        flows("s>t>e"),
    ),
    "a_message": (start(), receive("r", "m1", outs=[("=said", "heard")]), end(), flows("s>r>e")),
    "a_signal": (start(), catch("c", ROP), end(), flows("s>c>e")),
    "an_event_gateway": (
        start(), gw("eventBased", "g"), catch("c", SVAR), catch("t", timer("P20D")), job("u"), job("v"),
        end(), end("e2"), flows("s>g>c>u>e", "g>t>v>e2"),
    ),
    "a_boundary_timer": (
        start(), job("u"), boundary("b", "u", timer("P10D")), job("v"), end(), end("e2"),
        flows("s>u>e", "b>v>e2"),
    ),
    "a_boundary_cycle": (
        start(), job("u"), boundary("b", "u", timer("R3/P2D", "timeCycle"), interrupts=False), job("v"), end(),
        end("e2"), flows("s>u>e", "b>v>e2"),
    ),
    "a_boundary_message": (
        start(), job("u"), boundary("b", "u", SVAR, interrupts=False), job("v"), end(), end("e2"),
        flows("s>u>e", "b>v>e2"),
    ),
    "items_together": (
        start(), job("u", mi("=who", "one", "said", "=one")), end(), flows("s>u>e"),
    ),
    "items_in_turn": (
        start(), sub("p", start("ps"), job("u"), catch("pt", timer("P1D")), end("pe"), flows("ps>u>pt>pe"),
                     mi("=who", "one", seq=True)), end(), flows("s>p>e"),
    ),
    "a_call": (start(), call("c", "called", ins=[("=key", "key")]), end(), flows("s>c>e")),
    "called": (start(), job("u"), receive("r", "m1"), end(), flows("s>u>r>e")),
    "an_event_sub_process_waits": (
        start(), job("u"), end(), flows("s>u>e"),
        event_sub("x", SVAR, job("xu"), end("xe"), flows("x_s>xu>xe"), interrupts=False),
    ),
    "an_event_sub_process_runs": (
        start(), job("u"), end(), flows("s>u>e"),
        event_sub("x", SVAR, job("xu"), end("xe"), flows("x_s>xu>xe")),
    ),
    "joins": (
        start(), gw("parallel", "f"), gw("inclusive", "i"), job("a"), job("b"), job("c"), gw("inclusive", "k"),
        gw("parallel", "j"), end(),
        flows("s>f>i", "f>a>j", "i>b:=true", "i>c:=true", "b>k", "c>k", "k>j>e"),
    ),
    "a_loop": (
        start(), gw("exclusive", "m"), job("u", outs=[("=(if rounds = null then 0 else rounds) + 1", "rounds")]),
        gw("exclusive", "g", default="g_m"), end(), flows("s>m>u>g>m", "g>e:=rounds >= 3"),
    ),
    "an_incident": (
        start(), gw("exclusive", "g"), job("u"), end(), flows("s>g", f"g>u:{AFTER_SUMMER}", "u>e"),
    ),
    "an_incident_of_a_timer": (start(), catch("t", timer("P10D")), end(), flows("s>t>e")),
    "an_incident_of_a_task": (
        start(), job("u", ext=schedule(esc(f"=if {AFTER_SUMMER[1:]} then now() else 1"))), end(), flows("s>u>e"),
    ),
    "tells_somebody": (start(), service("o", "escalate"), job("u"), end(), flows("s>o>u>e")),
    "suspended": (
        start(), job("u"), boundary("b", "u", timer("P3D"), interrupts=False), job("v"), end(), end("e2"),
        flows("s>u>e", "b>v>e2"),
    ),
    "ended": (start(), job("u"), end(), flows("s>u>e")),
    "cancelled": (start(), job("u"), end(), flows("s>u>e")),
    "started_by_a_timer": (start("s", timer("R2/2027-02-20T08:00:00Z/P7D", "timeCycle")), job("u"), end(),
                           flows("s>u>e")),
    "started_by_a_message": (start("s", ref("message", "m2")), job("u"), end(), flows("s>u>e")),
    "started_once_by_a_message": (start("s", ref("message", "m3")), job("u"), end(), flows("s>u>e")),
    "sends": (start(), throw("t", ROP), end(), flows("s>t>e")),
    "waits_for_what_was_kept": (start(), receive("r", "m1"), end(), flows("s>r>e")),
}  # fmt: skip


class Maker:
    """The release's database while it is made; `made` is what the tests are told of it."""

    def __init__(self, folder: Path, version: str) -> None:
        self.files = {name: folder / f"{version}.{name}.sqlite" for name in ("database", "keys")}
        vault = Vault(f"sqlite:///{self.files['keys']}", [WRAPPING])
        self.database = Database(f"sqlite:///{self.files['database']}", info={**INFO, "vault": vault})
        schema.upgrade(self.database)
        self.walk = Walk(self.database)
        self.made: dict[str, Any] = {"version": version, "instances": {}}

    def act(self, function: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.database.transaction() as db:
            return function(db, *arguments, now=self.walk.now, **more)

    def start(self, process: str, name: str = "", **variables: object) -> UUID:
        with self.database.transaction() as db:
            began = work.start(db, staff.EIER, process, IT, variables, self.walk.now)
        self.made["instances"][name or process] = str(began.id)
        return began.id

    def do(self, instance: UUID, element: str, **values: object) -> None:
        task = self.walk.line(instance, element)
        self.act(work.complete, task.id, staff.KARI, values)

    def send(self, key: str, said: str, **more: object) -> None:
        self.act(engine.correlate, "svar", key, {"said": said}, by="kari", **more)

    def tick(self, **later: float) -> None:
        ran = self.walk.tick(self.walk.now + timedelta(**later))
        self.made["failed"] = self.made.get("failed", 0) + ran.failed


def a_cycle(maker: Maker) -> None:
    """A cycle whose units are at three different steps, and a talk with something written in it."""
    walk = maker.walk
    cycle = walk.start("cycle")
    walk.do(cycle, "A1", values={**SETUP, "consultation": "no"})
    walk.tick()
    walk.do(cycle, "A2")
    walk.tick()
    for unit, steps in {"it": ("B1", "B2", "B3", "B4", "B5", "B6", "B7"), "law": ("B1",)}.items():
        for step in steps:
            walk.do(walk.unit(unit), step)
            walk.tick()
    maker.made["instances"]["cycle"] = str(cycle)
    maker.made["instances"] |= {f"unit {unit}": str(walk.unit(unit)) for unit in ("dir", "it", "law")}
    talk = walk.start("talk", Subject(unit="it", person="nils", cycle="2027"))
    walk.do(talk, "C1", talk_at="2027-03-15T10:00:00+01:00")
    walk.do(talk, "C2")
    sheet = maker.act(work.task, walk.line(talk, "C3").id, staff.KARI)
    maker.act(work.save_draft, sheet.line.id, staff.KARI, {}, None)
    maker.made["instances"]["talk"] = str(talk)


def waits(maker: Maker) -> None:
    """One instance or two at each kind of wait. What lets time pass comes first, what must not be ticked last."""
    publish(maker)
    start_, do = maker.start, maker.do
    given_up(maker, start_("an_incident_of_a_timer"))
    suspended = start_("suspended")
    maker.act(work.suspend, staff.EIER, suspended, "Hviler over nyttår")
    maker.tick(days=8)
    cycle = start_("a_boundary_cycle")
    maker.tick(days=2)
    assert maker.walk.here(cycle) == ["u", "v"]
    held = start_("a_user_task")
    task = maker.walk.line(held, "u").id
    maker.act(work.claim, task, staff.KARI)
    maker.act(work.save_draft, task, staff.KARI, {"title": "Halvferdig"}, 0)
    maker.act(work.attach, task, staff.KARI, "notat.txt", BytesIO(b"Et notat"))
    delegated = start_("a_user_task", "a_task_that_is_delegated")
    maker.act(work.delegate, maker.walk.line(delegated, "u").id, staff.KARI, "nils", "Du kan dette")
    for process in (
        "a_timer",
        "a_timer_of_a_calendar",
        "a_signal",
        "a_boundary_timer",
        "an_incident",
        "an_incident_of_a_task",
        "tells_somebody",
    ):
        start_(process)
    start_("an_event_gateway", "an_event_gateway_by_message", key="g1")
    start_("an_event_gateway", "an_event_gateway_by_timer", key="g2")
    start_("a_message", key="m1")
    start_("a_boundary_message", key="b1")
    start_("an_event_sub_process_waits", key="w1")
    together = start_("items_together", who=["a", "b", "c"])
    line = maker.walk.open(together)[0]
    maker.act(work.complete, line.id, staff.KARI, {})
    turn = start_("items_in_turn", who=["a", "b", "c"])
    do(turn, "u")
    start_("a_call", key="c1")
    called = start_("a_call", "a_call_that_waits_for_a_message", key="c2")
    do(called, "u")
    runs = start_("an_event_sub_process_runs", key="r1")
    maker.send("r1", "begynn")
    maker.tick()
    assert maker.walk.here(runs) == ["xu"]
    joins = start_("joins")
    do(joins, "a")
    do(joins, "b")
    loop = start_("a_loop")
    do(loop, "u")
    do(start_("ended"), "u")
    maker.act(work.cancel, staff.EIER, start_("cancelled"), "Ble ikke noe av")
    with maker.database.transaction() as db:
        body = work.fingerprint(REQUEST, {"process": "a_timer"})
        work.once(db, staff.EIER, "a key", body, maker.walk.now, lambda: (201, {"id": "the first answer"}))
        maker.made["token"] = tokens.create(db, "eier", {"tasks", "instances"}, maker.walk.now, days=365)
    under_way(maker)


def given_up(maker: Maker, instance: UUID) -> None:
    """Its timer has failed so often that a person must look at it."""
    with maker.database.reading() as db:
        row = db.scalars(select(engine.Timer).where(engine.Timer.instance_id == instance)).one()
        due = engine.Due("timer", (row.task_id, row.element), row.due_at, instance)
    for _time in range(5):
        maker.act(engine.fail_due, due, RuntimeError("for the test"))
    assert maker.walk.state(instance) == "incident"


def under_way(maker: Maker) -> None:
    """What the next tick does: nothing may tick after this."""
    maker.send("kept", "tatt vare på", keep_until=maker.walk.now + timedelta(days=300))
    maker.start("a_message", "a_message_on_its_way", key="m2")
    maker.send("m2", "er på vei")
    maker.act(engine.correlate, "begynn", "", {}, by="kari")
    cycle = maker.walk.start("cycle")
    maker.walk.do(cycle, "A1", values={**SETUP, "name": "2028", "start": "2028-01-03", "end": "2029-01-08",
                                       "consultation": "no"})  # fmt: skip
    maker.walk.do(cycle, "A2")
    maker.made["instances"]["the next cycle"] = str(cycle)


def publish(maker: Maker) -> None:
    files = [SourceFile(f"{pid}.bpmn", doc(*parts, pid=pid, top=MESSAGES + SIGNAL)) for pid, parts in DIAGRAMS.items()]
    form = staff.form("f", staff.required("title"), staff.field("file", "filepicker"))
    with maker.database.transaction() as db:
        staff.publish(db, maker.walk.now, *files, form)


def main() -> None:
    version, folder = sys.argv[1], Path(sys.argv[2])
    maker = Maker(folder, version)
    a_cycle(maker)
    waits(maker)
    maker.made["now"] = maker.walk.now.isoformat()
    maker.database.close()
    for file in maker.files.values():
        packed = zstandard.compress(file.read_bytes(), 19)
        (folder / f"{file.name}.zst").write_bytes(packed)
    (folder / f"{version}.json").write_text(json.dumps(maker.made, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
