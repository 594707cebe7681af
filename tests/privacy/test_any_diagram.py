"""Whatever diagram and form somebody draws about a person, what is written in it does not get out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.drawing import doc, el, flows, gw, io, mi, ref, service, start
from engine.storing import fill, job
from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.organisation import Actor
from privacy.canaries import BIRD, heard, in_files, in_tables
from privacy.conftest import House
from privacy.crawling import what_one_hears
from work import staff
from work.staff import field, form

ROWS = {
    "type": "dynamiclist",
    "path": "rows",
    "label": "Rader",
    "properties": {"register": "goals"},
    "components": [
        {"id": f"rows-{key}", **field(key, kind, properties={"column": key})}
        for key, kind in (
            ("goal", "textarea"),
            ("area", "textfield"),
            ("measure", "textfield"),
            ("status", "textfield"),
        )
    ],
}
FORM = form("leaky", field("note", "textarea"), field("short"), field("count", "number"), ROWS)
MESSAGE = '<bpmn:message id="m" name="=short"/>'
# Everything that a diagram can do with an answer: map it, show it, send it, wait for it, branch and loop on it, fail.
OUT = [
    ("=note", "a_note"),
    ("=rows", "all_rows"),
    ("=rows[1].goal", "a_goal"),
    ('=string join([note, short, "x"], "")', "joined"),
    ("=[note, {short: short}]", "nested"),
    ("=count", "counted"),
]
LEAKY = doc(
    start(),
    job("u1", ext=fill("leaky"), outs=OUT),
    service("tell", "notify", ins=[("=[manager, superior]", "role"), ("=note", "text")]),
    service("send", "send-message", ins=[("=short", "name"), ("=note", "key"), ("=rows", "payload")]),
    gw("exclusive", "g", default="g_u2"),
    job("u2", ext=fill("leaky") + '<zeebe:taskSchedule dueDate="=date(note)"/>', ins=[("=note", "before")], name="To"),
    job("u3", inner=mi("=rows", "row"), ext=fill("leaky"), ins=[("=row.goal", "before")], roles="manager,hr"),
    el("endEvent", "e", ref("message", "m"), io([("=note", "payload")])),
    flows("s>u1>tell>send>g", "g>u3:=contains(note, &quot;K&quot;)", "g>u2", "u2>e", "u3>e"),
    pid="leaky",
    top=MESSAGE,
)
SONG = {
    "note": f"{BIRD}note",
    "short": f"{BIRD}short",
    "count": 7,
    "rows": [{key: f"{BIRD}{key}" for key in ("goal", "area", "measure", "status")}],
}


@pytest.fixture
def leaky(house: House) -> House:
    with house.database.transaction() as db:
        staff.publish(db, house.now, SourceFile("leaky.bpmn", LEAKY), FORM)
    house.start("leaky", "nils")
    return house


def send(house: House, element: str, values: dict[str, Any]) -> None:
    task = house.task("kari", house.instances["leaky-nils"], element)
    assert house.api("kari", "PUT", f"/tasks/{task['id']}/draft", {"values": values}).status_code == 200
    done = house.api("kari", "POST", f"/tasks/{task['id']}/complete", {"values": values})
    assert done.status_code in {200, 500}, done.text  # a diagram may be too odd to go on; nothing leaks by that
    assert heard(done.data) == set()
    house.at(house.now)


@pytest.mark.databases
def test_no_mapping_message_condition_or_failure_lets_a_word_out(leaky: House, tmp_path: Path) -> None:
    send(leaky, "u1", SONG)
    with leaky.database.reading() as db:
        sheet = work.instance(db, Actor("", via="system"), leaky.instances["leaky-nils"], leaky.now)
    assert sheet.variables["counted"] == 7
    assert heard(repr(sheet)) == set()
    assert in_tables(leaky.database) == {}
    assert in_files(tmp_path) == {}
    for stranger in ("hanne", "dag", "per", "eier"):
        assert what_one_hears(leaky, stranger) == {}


def test_the_same_diagram_about_a_unit_does_use_the_words(house: House) -> None:
    """Guards the test above: the diagram is one that lets words out where it may."""
    with house.database.transaction() as db:
        staff.publish(db, house.now, SourceFile("leaky.bpmn", LEAKY), FORM)
    subject = {"unit": "it", "cycle": "2027"}
    started = house.api("hanne", "POST", "/instances", {"process": "leaky", "subject": subject})
    listed = house.api("kari", "GET", f"/tasks?instance={started.json['id']}&state=open").json["items"]
    house.api("kari", "POST", f"/tasks/{listed[0]['id']}/complete", {"values": SONG})
    found = in_tables(house.database)
    assert "instance.state_blob" in found, json.dumps(sorted(found))
    assert "submission.values" in found


def test_answers_that_are_refused_or_malformed_are_neither_logged_nor_kept_in_the_open(log: Any, leaky: House) -> None:
    task = leaky.task("kari", leaky.instances["leaky-nils"], "u1")
    bad = [
        {"values": {**SONG, "count": f"{BIRD}number"}},
        {"values": {**SONG, f"{BIRD}field": "x"}},
        {"values": {**SONG, "rows": f"{BIRD}rows"}},
        {"values": f"{BIRD}values"},
        {f"{BIRD}top": 1},
    ]
    for body in bad:
        for what in ("complete", "draft", "look"):
            method = "PUT" if what == "draft" else "POST"
            for who in ("kari", "hanne", "per"):
                answer = leaky.api(who, method, f"/tasks/{task['id']}/{what}", body)
                assert answer.status_code < 500, answer.text
    assert not heard(log())
    assert in_tables(leaky.database) == {}
