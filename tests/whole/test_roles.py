"""Every role × every route: what is allowed is exactly process.md section 5, and a new route must be in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from komp_flow import engine
from komp_flow.organisation import SCOPES
from komp_flow.revising import drawings
from komp_flow.revising.models import Move, Publication
from whole.house import NOBODY, REGISTERS, ROLES, House, built
from work import staff
from work.conftest import Office, office

__all__ = ["office"]

ALL = frozenset(ROLES)
HR = frozenset({"hr"})
STAFF = HR | {"process_owner", "administrator"}
KEEPERS = HR | {"administrator"}
OWNERS = frozenset({"process_owner", "administrator"})
UNIT = frozenset({"employee", "manager", "deputy of one who is there", "superior"})  # who are of IT, or lead it
THE_TWO = frozenset({"employee", "manager"})
AUTHORS = HR | {"process_owner"}
TOP, UNION = frozenset({"top_management"}), frozenset({"union_rep"})

# Which word is read by whom: process.md section 5, before and after the decision. The word stands in one text alone.
READ: dict[str, frozenset[str]] = {
    "OrdSted": THE_TWO,
    "OrdNilsdelt": THE_TWO,
    "OrdKaridelt": THE_TWO,
    "OrdPlan": THE_TWO,
    "OrdUtviklingsmål": THE_TWO,
    "OrdOlaeget": frozenset({"deputy of one who is there"}),  # their own, in their own talk
    "OrdKarieget": frozenset({"manager"}),
    "OrdUtkast": frozenset({"manager"}),
    "OrdAnnadelt": frozenset({"deputy", "their employee"}),
    "OrdSteineget": frozenset({"deputy"}),
    "OrdAnnaplan": frozenset({"deputy", "their employee"}),
    "OrdMiadelt": frozenset({"employee without a manager"}),  # whoever stands in sees no text
    "OrdReferat": UNIT | AUTHORS | TOP,  # there is a recommendation, so top management reads on
    "OrdForslag": UNIT | AUTHORS | TOP,
    "OrdKonklusjon": UNIT | AUTHORS | TOP | UNION,
    "OrdAndreforslag": AUTHORS | TOP | {"superior", "other manager", "stranger", "measure_owner"},
    "OrdInnstilling": AUTHORS | TOP | UNION,
    "OrdVedtak": AUTHORS | TOP | UNION,
}
SECRET_UNTIL_DECIDED = ("OrdInnstilling", "OrdVedtak")


@pytest.fixture
def house(office: Office, tmp_path: Path, clock_file: Path) -> Iterator[House]:
    house = built(office, tmp_path, clock_file)
    with office.database.transaction() as db:
        drawn = drawings.draw_published(db, staff.EIER, "diagram", "p", None, office.now)
        waits = Publication(
            id=uuid4(), drawing_id=drawn, revision=1, along=[], newest=None, why="Prøve", state="waiting",
            asked_by="somebody-else", asked_at=office.now, made=[],
        )  # fmt: skip
        db.add(waits)
        version = engine.newest(db, "p")
        move = Move(
            id=uuid4(), process="p", to_version=version.id, choices={}, why="Prøve", state="counted",
            made_by="somebody-else", made_at=office.now, tries=0,
        )  # fmt: skip
        db.add(move)
        house.things["move"] = str(move.id)
        house.things["drawing"], house.things["publication"] = str(drawn), str(waits.id)
    yield house
    house.close()


# Which things stand for what is in an address.
TASKS = ("invite:nils", "mine:nils", "theirs:nils", "plan:nils", "follow:nils", "mine:ola", "theirs:ola", "plan:ola",
         "mine:anna", "theirs:anna", "plan:anna", "mine:mia", "theirs:mia", "u1", "report")  # fmt: skip
TALKS = ("talk:nils", "talk:ola", "talk:anna", "talk:mia")
ROWS = {"discussions": ("minutes",), "conclusions": ("concluded",), "decisions": ("decision",),
        "measures": ("proposed", "elsewhere", "recommended", "local"), "actions": ("local",)}  # fmt: skip


def addresses(house: House, rule: str) -> Iterator[str]:
    """Every address of a rule that there is something at."""
    things = house.things
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    known: dict[str, list[str]] = {
        "task_id": [things[name] for name in TASKS],
        "instance_id": [things[name] for name in (*TALKS, "unit work", "measure")],
        "talk_id": [things[name] for name in TALKS],
        "file_id": [things["file"]],
        "unit_id": ["it", "law", "old"],
        "unit": ["old"],
        "person_id": ["nils", "mia"],
        "process": ["talk"],
        "number": ["1"],
        "filename": ["icon.svg"],
        "element": ["plan"],
        "drawing_id": [things["drawing"]],
        "move_id": [things["move"]],
        "form": ["f"],
        "a": ["1"],
        "b": ["1"],
    }
    if names == ["register", "row_id"]:
        for register, ids in ROWS.items():
            yield from (f"/registers/{register}/{row_id}" for row_id in ids)
        return
    if names == ["register"]:
        yield from (f"/registers/{register}" for register in REGISTERS)
        return
    if names == ["row_id"]:
        known["row_id"] = list(ROWS.get(rule.split("/")[3], ("none",)))
    found = [rule]
    for name in names:
        values = known[name]
        found = [re.sub(rf"<(\w+:)?{name}>", value, each) for each in found for value in values]
    yield from found


def rules(house: House, method: str) -> list[str]:
    return sorted({rule.rule for rule in house.app.url_map.iter_rules() if method in (rule.methods or ())})


@pytest.mark.parametrize("decided", [False, True])
def test_everyone_reads_what_the_table_says_and_nothing_else(house: House, decided: bool) -> None:
    if decided:
        house.decide()
    table = dict(READ)
    if decided:
        table |= dict.fromkeys(SECRET_UNTIL_DECIDED, ALL)
    words = re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))
    walked = [each for rule in rules(house, "GET") for each in addresses(house, rule) if _wanted(each, decided)]
    for role, person in {**ROLES, NOBODY: None}.items():
        found: dict[str, str] = {}
        for address in walked:
            answer = house.open(person, "GET", address)
            assert answer.status_code < 500 or address == "/readyz", (role, address)  # no migration was run
            found |= dict.fromkeys(words.findall(answer.data.decode(errors="replace")), address)
        may = {word for word, readers in table.items() if role in readers}
        assert {word: at for word, at in found.items() if word not in may} == {}, role
        assert may - found.keys() == set(), role


def _wanted(address: str, decided: bool) -> bool:
    """After the decision only the registers differ, but all is as secret as before in tasks and pages of people."""
    return not decided or address.startswith(("/registers", "/cycle", "/api/v1/me", "/api/v1/tasks", "/tasks")) or any(
        address.startswith(f"/api/v1/{name}") for name in (*ROWS, "goals")
    )  # fmt: skip


# Who may ask for it or do it: all that is not there answers 404, what is not allowed 403, whoever is signed out 401.
# One set: whatever it is about. Several: for each thing by its name. «Allowed» is any other answer: also one that says
# that this cannot be done now, or that the body is wrong.
Cell = frozenset[str] | dict[str, frozenset[str]]
OPEN = ALL | {NOBODY}
SEE_UNIT_WORK = STAFF | {"manager", "superior"}
SEES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("invite:nils", "mine:nils", "theirs:nils", "plan:nils", "follow:nils"), THE_TWO),
    **dict.fromkeys(("mine:ola", "theirs:ola", "plan:ola"), frozenset({"manager", "deputy of one who is there"})),
    **dict.fromkeys(("mine:anna", "theirs:anna", "plan:anna"), frozenset({"deputy", "their employee"})),
    **dict.fromkeys(("mine:mia", "theirs:mia"), frozenset({"superior", "employee without a manager"})),
    "u1": SEE_UNIT_WORK,
    "report": SEE_UNIT_WORK | {"measure_owner"},
}
HOLDS: dict[str, frozenset[str]] = {
    "follow:nils": THE_TWO,
    "plan:ola": frozenset({"manager"}),
    "theirs:mia": frozenset(),  # the leader above may not do what is about a person, but stand in
    "u1": frozenset({"manager"}),
    "report": frozenset({"measure_owner"}),
}
INSTANCES: dict[str, frozenset[str]] = {
    "talk:nils": THE_TWO | HR,  # HR started it
    "talk:anna": frozenset({"deputy", "their employee"}) | HR,
    "talk:mia": frozenset({"superior", "employee without a manager"}) | HR,
    "unit work": SEE_UNIT_WORK,
    "measure": SEE_UNIT_WORK,
}
STEER_TALK: dict[str, frozenset[str]] = {
    "talk:nils": HR | {"manager", "superior"},
    "talk:anna": HR | {"deputy", "superior"},
    "talk:mia": HR | {"superior"},
}
STEER_PERSON: dict[str, frozenset[str]] = {"nils": HR | {"manager", "superior"}, "mia": HR | {"superior"}}
API = "/api/v1"
NEW_DAY = {"start": "2027-03-01", "end": "2027-03-05"}
FILES: dict[str, Any] = {"data": {}}
DRAWN: dict[str, Any] = {"json": {"text": "<a/>", "revision": 1}}
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"

# method and rule → (who, what is sent, the scope that a token needs)
TABLE: dict[str, tuple[Cell, dict[str, Any], str]] = {
    f"GET {API}/openapi.json": (OPEN, {}, ""),
    f"GET {API}/docs": (OPEN, {}, ""),
    f"GET {API}/me": (ALL, {}, "any"),
    f"GET {API}/tasks": (ALL, {}, "tasks"),
    f"GET {API}/tasks/<uuid:task_id>": (SEES, {}, "tasks"),
    f"GET {API}/tasks/<uuid:task_id>/files": (SEES, {}, "tasks"),
    f"GET {API}/me/readings": (ALL, {}, "tasks"),
    f"GET {API}/me/export": (ALL, {}, "tasks"),
    f"GET {API}/me/plan-transfers": (ALL, {}, "tasks"),
    f"GET {API}/files/<uuid:file_id>": (frozenset({"manager"}), {}, "any"),
    f"DELETE {API}/files/<uuid:file_id>": (frozenset({"manager"}), {}, "tasks"),
    f"POST {API}/tasks/<uuid:task_id>/look": (SEES, {"json": {"values": {}}}, "tasks"),
    f"PUT {API}/tasks/<uuid:task_id>/draft": (HOLDS, {"json": {"values": {}}}, "tasks"),
    f"POST {API}/tasks/<uuid:task_id>/complete": (HOLDS, {"json": {"values": {}}}, "tasks"),
    f"POST {API}/tasks/<uuid:task_id>/claim": (HOLDS, {"json": {}}, "tasks"),
    f"POST {API}/tasks/<uuid:task_id>/release": (  # one's own is let go once it is taken
        dict.fromkeys(("u1", "report"), STAFF | {"superior"}), {"json": {}}, "tasks",
    ),
    f"POST {API}/tasks/<uuid:task_id>/delegate": (
        {"u1": frozenset({"manager", "superior"}) | STAFF}, {"json": {"to": "ola", "reason": "Sykdom"}}, "tasks",
    ),
    f"POST {API}/tasks/<uuid:task_id>/share": (
        {"mine:ola": frozenset({"deputy of one who is there"}), "theirs:ola": frozenset({"manager"})},
        {"json": {}}, "tasks",
    ),
    f"POST {API}/tasks/<uuid:task_id>/files": (HOLDS, {"data": {"file": PDF}}, "tasks"),
    f"POST {API}/me/plan-transfers/<uuid:talk_id>": (frozenset(), {"json": {"follows": True}}, "tasks"),
    f"GET {API}/instances": (ALL, {}, "instances"),
    f"POST {API}/instances": (
        STAFF | {"manager", "superior"}, {"json": {"process": "p", "subject": {"unit": "it"}}}, "instances",
    ),
    f"GET {API}/instances/<uuid:instance_id>": (INSTANCES, {}, "instances"),
    f"POST {API}/messages": (ALL, {"json": {"name": "n", "key": "k", "payload": {}}}, "instances"),
    f"GET {API}/processes": (ALL, {}, "processes"),
    f"GET {API}/processes/<string:process>/versions": (ALL, {}, "processes"),
    f"GET {API}/processes/<string:process>/versions/<int:number>": (ALL, {}, "processes"),
    f"POST {API}/processes": (OWNERS, FILES, "processes"),
    f"POST {API}/processes/check": (ALL, FILES, "processes"),
    **{f"GET {API}/{name}": (ALL, {}, "registers")
       for name in (*REGISTERS, "units", "people", "cycles", "talks", "talk-counts", "readings", "plans")},
    **{f"GET {API}/{name}/<string:row_id>": (frozenset(), {}, "registers") for name in REGISTERS if name not in ROWS},
    f"GET {API}/discussions/<string:row_id>": ({"minutes": READ["OrdReferat"]}, {}, "registers"),
    f"GET {API}/conclusions/<string:row_id>": ({"concluded": READ["OrdKonklusjon"]}, {}, "registers"),
    f"GET {API}/decisions/<string:row_id>": ({"decision": READ["OrdVedtak"]}, {}, "registers"),
    f"GET {API}/actions/<string:row_id>": ({"local": READ["OrdReferat"]}, {}, "registers"),
    f"GET {API}/measures/<string:row_id>": (
        {"proposed": READ["OrdForslag"], "elsewhere": READ["OrdAndreforslag"], "recommended": READ["OrdInnstilling"]},
        {}, "registers",
    ),
    f"POST {API}/organisation": (KEEPERS, FILES, "admin"),
    f"POST {API}/units/<string:unit>/mapping": (KEEPERS, {"json": {"to": ["it"], "reason": "Slått sammen"}}, "admin"),
    f"POST {API}/people/<string:person_id>/erase": (KEEPERS, {"json": {}}, "admin"),
    f"GET {API}/erasures": (KEEPERS, {}, "admin"),
    f"GET {API}/substitutions": (ALL, {}, "tasks"),
    f"POST {API}/substitutions": (ALL, {"json": {"substitute": "mons", "start": "2027-03-05", "end": "2027-03-01"}},
                                  "tasks"),
    f"DELETE {API}/substitutions/<int:substitution_id>": (KEEPERS | {"employee"}, {}, "tasks"),
    f"POST {API}/talks": (STEER_PERSON["nils"], {"json": {"person": "nils", "cycle": "2027"}}, "instances"),
    **{f"POST {API}/talks/<uuid:talk_id>/{what}": (STEER_TALK, {"json": body}, "instances") for what, body in {
        "move": {"talk_at": "2027-03-01T09:00:00+01:00"}, "begin": {}, "postpone": {"until": "2027-03-01"},
        "resume": {}, "decline": {"after": "2027-03-01"}, "withdraw-decline": {},
        "hand-over": {"to": "per", "reason": "En konflikt"}}.items()},
    **{f"POST {API}/instances/<uuid:instance_id>/{what}": (
        {"unit work": who, "talk:nils": who & HR}, {"json": body}, "instances")
       for what, who, body in (("suspend", OWNERS, {"reason": "Ferie"}), ("resume", OWNERS, {"reason": "Ferdig"}),
                               ("retry", OWNERS, {}), ("cancel", STAFF, {"reason": "Ikke mer"}))},
    # The pages.
    **{f"GET {page}": (OPEN, {}, "") for page in ("/healthz", "/readyz", "/sign-in", "/static/<path:filename>")},
    **{f"POST {page}": (OPEN, {}, "") for page in ("/sign-in", "/sign-out", "/language")},
    **{f"GET {page}": (ALL, {}, "") for page in (
        "/", "/notices", "/instances", "/cycle", "/cycle/glossary", "/cycle/phases", "/cycle/strategy", "/calendar",
        "/registers", "/registers/<string:register>", "/registers/plans", "/substitutes", "/plan-transfers", "/unit",
        "/talks", "/talks/invite", "/talks/next/<string:element>")},
    **{f"GET /plan{page}": (ALL, {}, "") for page in ("", "/export.json", "/export.pdf")},
    "GET /plan/<string:person_id>": (
        {"nils": THE_TWO, "ola": frozenset({"manager", "deputy of one who is there"}),
         "anna": frozenset({"deputy", "their employee"})}, {}, "",
    ),
    "POST /plan/tasks/<uuid:task_id>/share": (
        {"mine:ola": frozenset({"deputy of one who is there"})}, {"data": {}}, "",
    ),
    "POST /talks/invite": (ALL, {"data": {}}, ""),
    "GET /tasks/<uuid:task_id>": (SEES, {}, ""),
    "GET /files/<uuid:file_id>": (frozenset({"manager"}), {}, ""),
    "GET /instances/<uuid:instance_id>": (INSTANCES, {}, ""),
    "GET /instances/<uuid:instance_id>/diagram": (INSTANCES, {}, ""),
    "GET /units/<string:unit_id>": (
        {"it": STAFF | TOP | {"manager", "superior", "deputy of one who is there"},
         "law": STAFF | TOP | {"other manager", "superior"},
         "ark": STAFF | TOP | {"deputy", "superior"}}, {}, "",
    ),
    "POST /sign-in/persona": (OPEN, {"data": {"person": "nils"}}, ""),
    "GET /board": (STAFF | TOP, {}, ""),
    "GET /processes": (OWNERS, {}, ""),
    "POST /processes/<string:process>/start": (STAFF, {"data": {}}, ""),
    "POST /cycles/<string:cycle_id>/dates/<string:name>": (STAFF, {"data": {"to": "x"}}, ""),
    "GET /people": (KEEPERS, {}, ""),
    "GET /people/<string:person_id>": (KEEPERS, {}, ""),
    "GET /people/import": (KEEPERS, {}, ""),
    "POST /people/import": (KEEPERS, FILES, ""),
    "POST /people/import/<uuid:staged>": (frozenset(), {"data": {}}, ""),
    # The closed unit of this house left no work, so nobody finds it there.
    "GET /people/closed-units/<string:unit_id>": (frozenset(), {}, ""),
    "POST /people/closed-units/<string:unit_id>": (frozenset(), {"data": {"to": "", "reason": ""}}, ""),
    "POST /people/<string:person_id>/substitutes": (KEEPERS, {"data": {}}, ""),
    "GET /privacy": (KEEPERS, {}, ""),
    # Whom mail could not be sent to, and why; never what it says.
    **{f"{route}": (frozenset({"administrator"}), {"data": {}}, "") for route in (
        "GET /mail", "POST /mail/again", "POST /mail/trial")},
    "POST /mail/<uuid:mail_id>/again": ({"mail": frozenset({"administrator"})}, {"data": {}}, ""),
    "POST /privacy/erase": (KEEPERS, {"data": {"person": "pia"}}, ""),
    "GET /registers/<string:register>/<string:row_id>": (
        {"discussions/minutes": READ["OrdReferat"], "conclusions/concluded": READ["OrdKonklusjon"],
         "measures/proposed": READ["OrdForslag"], "measures/elsewhere": READ["OrdAndreforslag"],
         "measures/recommended": READ["OrdInnstilling"]}, {}, "",
    ),
    "POST /tasks/<uuid:task_id>/share": (
        {"mine:ola": frozenset({"deputy of one who is there"}), "theirs:ola": frozenset({"manager"})}, {"data": {}}, "",
    ),
    "POST /substitutes": (ALL, {"data": {}}, ""),
    # The studio: process owners and administrators alone.
    **{f"GET /studio{page}": (OWNERS, {}, "") for page in (
        "", "/drawings/<uuid:drawing_id>", "/drawings/<uuid:drawing_id>/file", "/drawings/<uuid:drawing_id>/publish",
        "/processes/<string:process>", "/forms/<string:form>",
        *(f"/{what}/{action}" for what in ("processes/<string:process>", "forms/<string:form>") for action in (
            "beside", "beside/<int:a>/<int:b>", "versions/<int:number>", "again/<int:number>")))},
    **{f"GET /studio/moves{page}": (OWNERS, {}, "") for page in ("", "/new", "/<uuid:move_id>")},
    "POST /studio/moves": (OWNERS, {"data": {"process": "p", "why": "Prøve"}}, ""),
    **{f"POST /studio/moves/<uuid:move_id>/{what}": (OWNERS, {"data": {}}, "") for what in (
        "count", "run", "pause", "resume", "undo")},
    "POST /studio/drawings": (OWNERS, {"data": {"blank": "form", "name": "Et skjema"}}, ""),
    "PUT /studio/drawings/<uuid:drawing_id>": (OWNERS, DRAWN, ""),
    **{f"POST /studio/drawings/<uuid:drawing_id>/{what}": (OWNERS, DRAWN, "") for what in (
        "copy", "check", "words", "names", "questions", "answers", "preview")},
    **{f"POST /studio/drawings/<uuid:drawing_id>/{what}": (OWNERS, {"data": {}}, "") for what in (
        "publish", "discard", "take-back")},
    **{f"POST /studio/publications/<uuid:publication_id>/{what}": (OWNERS, {"data": {"answer": "Nei"}}, "")
       for what in ("confirm", "decline")},
    "POST /studio/processes/<string:process>/again/<int:number>": (OWNERS, {"data": {"why": "Prøve"}}, ""),
    "POST /studio/forms/<string:form>/again/<int:number>": (OWNERS, {"data": {"why": "Prøve"}}, ""),
}  # fmt: skip
# What the API has too, or what has tests of its own: the use case behind asks who may. Here only that nobody comes in
# signed out.
AS_THE_API = {
    "POST /tasks/<uuid:task_id>", "POST /tasks/<uuid:task_id>/claim", "POST /tasks/<uuid:task_id>/release",
    "POST /tasks/<uuid:task_id>/delegate", "POST /tasks/<uuid:task_id>/hand-over", "GET /tasks/<uuid:task_id>/receipt",
    "POST /instances/<uuid:instance_id>/cancel", "POST /instances/<uuid:instance_id>/resume",
    "POST /instances/<uuid:instance_id>/retry", "POST /instances/<uuid:instance_id>/suspend",
    "POST /people/<string:person_id>/extraordinary-talk", "POST /people/<string:person_id>/hand-over",
    "POST /people/<string:person_id>/substitutes/<int:substitution_id>/end",
    "POST /people/<string:person_id>/take-back", "POST /people/<string:person_id>/talks/<uuid:talk_id>/<string:what>",
    "POST /plan/talks/<uuid:talk_id>/comment", "POST /talks/<uuid:talk_id>/move", "POST /talks/<uuid:talk_id>/begin",
    "POST /plan-transfers/<uuid:talk_id>", "POST /substitutes/<int:substitution_id>/end",
}  # fmt: skip
BY_SECRET = {"GET /metrics"}  # its own tests: tests/cli
REFUSED = {401, 403, 404}


def routes(house: House) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_in_the_table(house: House) -> None:
    listed = TABLE.keys() | AS_THE_API | BY_SECRET
    assert routes(house) - listed == set(), "a new route: say in the table who may come there"
    assert listed - routes(house) == set()


def put(house: House, rule: str, thing: str) -> str:
    """The address of one thing."""
    its_id = house.things.get(thing, thing)
    if rule.endswith("<string:register>/<string:row_id>"):
        return f"/registers/{thing}"
    others = {"substitution_id": house.things["substitution"], "filename": "icon.svg", "number": "1",
              "process": "p", "cycle_id": "2027", "name": "talks", "register": "areas", "element": "plan",
              "unit": "old", "unit_id": "old", "person_id": "nils", "file_id": house.things["file"],
              "staged": "0" * 32, "talk_id": house.things["talk:nils"], "drawing_id": house.things["drawing"],
              "move_id": house.things["move"],
              "publication_id": house.things["publication"], "form": "f", "a": "1", "b": "1"}  # fmt: skip
    names = re.findall(r"<(?:\w+:)?(\w+)>", rule)
    for name in names:
        rule = re.sub(rf"<(\w+:)?{name}>", its_id if thing else others.get(name, "none"), rule)
    return rule.replace("0" * 32, "00000000-0000-0000-0000-000000000000")


def came_in(answer: Any) -> bool:
    """Whether the answer is more than «you may not» or «there is no such thing»."""
    away = answer.status_code == 303 and answer.headers.get("Location", "").startswith("/sign-in?")
    return answer.status_code not in REFUSED and not away


def body(sent: dict[str, Any]) -> dict[str, Any]:
    """What is sent, anew: a file is read but once."""
    return {
        way: {key: (BytesIO(value), "Sak.pdf") if value is PDF else value for key, value in parts.items()}
        for way, parts in sent.items()
    }


def asked(house: House, role: str, route: str, thing: str) -> bool:
    """Whether this role comes in; afterwards nothing has happened."""
    method, rule = route.split(" ")
    sent = body(TABLE[route][1])
    person = ROLES.get(role)
    with nullcontext() if method == "GET" else house.as_it_was():
        answer = house.open(person, method, put(house, rule, thing), **sent)
    assert answer.status_code < 500 or rule == "/readyz", (role, route, thing, answer.text)
    return came_in(answer)


def test_who_may_come_is_what_the_table_says(house: House) -> None:
    wrong: list[str] = []
    for route, (who, _sent, _scope) in TABLE.items():
        for thing, may in (who if isinstance(who, dict) else {"": who}).items():
            came = {role for role in sorted({*ROLES, NOBODY}, key=may.__contains__) if asked(house, role, route, thing)}
            if came != may:
                wrong.append(f"{route} {thing}: should not {sorted(came - may)}, should {sorted(may - came)}")
    assert not wrong, "\n".join(wrong)


def test_nobody_comes_in_signed_out(house: House) -> None:
    for route in AS_THE_API:
        method, rule = route.split(" ")
        assert not came_in(house.open(None, method, put(house, rule, ""))), route


def test_a_token_reaches_what_its_scope_says_and_no_further(house: House) -> None:
    for route, (who, sent, scope) in TABLE.items():
        if scope in {"", "any"}:
            continue
        method, rule = route.split(" ")
        cells = who if isinstance(who, dict) else {"": who}
        thing, may = next((thing, may) for thing, may in cells.items())
        for role in sorted(may)[:1]:
            address = put(house, rule, thing)
            for other in SCOPES:
                with house.as_it_was():
                    answer = house.api(ROLES[role], method, address, other,
                                       **body(sent))  # fmt: skip
                assert (answer.status_code != 403) == (other == scope), (route, role, other, answer.status_code)
