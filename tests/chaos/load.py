"""What people do while things break: they start, complete, press twice, give up, race each other, send messages."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from chaos.client import Client, Unanswered
from chaos.drawings import BRANCHES, NUDGES, STEPS
from chaos.history import OK, History, Operation
from chaos.topology import PEOPLE, Town

CROWD: Final = 4
LOOKS: Final = 200  # at one instance, before a person finds something else to do
PRESSES: Final = ("once", "once", "once", "twice", "again", "other", "bare")


def together(*acts: Callable[[], object]) -> None:
    """All at the same moment; returns when all have returned. What one raises is raised."""
    raised: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def one(act: Callable[[], object]) -> None:
        ready.wait()
        try:
            act()
        except BaseException as error:  # noqa: BLE001 (told to who waits)
            raised.append(error)

    threads = [threading.Thread(target=one, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def begin(client: Client, process: str, presses: int = 0, **variables: Any) -> tuple[str, str]:
    """A new instance: its id and its `ref`. `presses`: of the button, at once; else now and then two."""
    ref = f"r{client.chance.getrandbits(48):012x}"
    body = {"process": process, "subject": {}, "variables": {"ref": ref, **variables}}
    if presses == 2 or (not presses and client.chance.random() < 0.2):
        made = client.history.begin("start", client.person, f"start-{ref}", {"ref": ref, "process": process})
        other = client.twin()
        together(*(lambda who=who: who.ask(made, "POST", "/instances", body) for who in (client, other)))
    else:
        made = client.do("start", "/instances", body, ref=ref, process=process)
    if made.outcome != OK:
        client.history.note(f"start of {process}: {made.statuses}")
        return "", ref
    return made.answer["id"], ref


def complete(client: Client, task: dict[str, Any], instance: str, press: str = "once") -> Operation:
    """Do a task, as `press` says: once, twice at once, again later, later with other words, or without a key."""
    path = f"/tasks/{task['id']}/complete"
    about = {"task": task["id"], "instance": instance, "element": task["element"]}
    key = None if press == "bare" else f"{client.chance.getrandbits(64):016x}"
    made = client.history.begin("complete", client.person, key, about)
    body = {"values": _words(task, made)}
    if press == "twice":
        other = client.twin()
        together(*(lambda who=who: who.ask(made, "POST", path, body) for who in (client, other)))
    else:
        client.ask(made, "POST", path, body)
    if press == "again":
        client.ask(made, "POST", path, body)
    if press == "other" and made.outcome == OK and body["values"]:
        client.do("reuse", path, {"values": {"note": "noe annet"}}, key=key, **about)
    return made


def _words(task: dict[str, Any], made: Operation) -> dict[str, str]:
    return {} if task["element"] == "ask" else {"note": made.name}


def look(client: Client, instance: str) -> tuple[str, list[dict[str, Any]]]:
    """The instance's state and its open tasks; what has been acknowledged as done is never among them."""
    done = {
        operation.about["task"] for operation in client.history.of("complete")
        if operation.about["instance"] == instance and operation.outcome == OK
    }  # fmt: skip
    shown = client.read(f"/instances/{instance}")
    for task in shown["tasks"]:
        if task["id"] in done:
            client.history.note(f"stale: {instance} shows {task['element']} as open after it was acknowledged")
    return shown["state"], [task for task in shown["tasks"] if task["id"] not in done]


def chain(client: Client) -> None:
    """One task after the other, to the end."""
    instance, _ref = begin(client, "chain")
    for _ in range(STEPS * 2):
        state, tasks = look(client, instance) if instance else ("", [])
        if state == "completed" or not tasks:
            return
        complete(client, tasks[0], instance, client.chance.choice(PRESSES))


def contest(client: Client) -> None:
    """Two people write in one task, and send it at the same moment."""
    instance, _ref = begin(client, "contest")
    _state, tasks = look(client, instance) if instance else ("", [])
    if not tasks:
        return
    other = client.twin(client.chance.choice([person for person in PEOPLE if person != client.person]))
    task = tasks[0]
    words = f"kladd {client.chance.getrandbits(32)}"
    path = f"/tasks/{task['id']}/draft"
    other.do("draft", path, {"values": {"note": words}}, key=None, method="PUT", task=task["id"], words=words)
    together(*(lambda who=who: complete(who, task, instance) for who in (client, other)))


def fork(client: Client) -> None:
    """Three do their parts of one instance at the same moment."""
    instance, _ref = begin(client, "fork")
    _state, tasks = look(client, instance) if instance else ("", [])
    if len(tasks) != len(BRANCHES):
        return
    team = [client.twin(person) for person in PEOPLE]
    together(*(lambda who=who, task=task: complete(who, task, instance) for who, task in zip(team, tasks, strict=True)))
    _state, tasks = look(client, instance)
    if tasks:
        complete(client, tasks[0], instance)


def nudges(client: Client) -> None:
    """Messages from another program, some of them sent twice."""
    _instance, ref = begin(client, "nudges")

    def send(who: Client, number: int) -> None:
        for _ in range(who.chance.choice((1, 2))):
            nudge(who, ref, number)

    team = [client.twin() for _ in range(NUDGES)]
    together(*(lambda who=who, number=number: send(who, number) for number, who in enumerate(team)))


def nudge(client: Client, ref: str, number: int) -> None:
    """One of the messages that the instance waits for."""
    ident = f"{ref}:{number}"
    say(client, {"name": "nudge", "key": ref, "payload": {"n": 10**number}, "message_id": ident})


def crowd(client: Client, count: int = CROWD) -> None:
    """One message for all who wait for it."""
    group = f"g{client.chance.getrandbits(48):012x}"
    for _ in range(count):
        begin(client, "crowd", group=group)
    say(client, {"name": "call", "key": group, "payload": {"n": 1}, "message_id": group})


def say(client: Client, body: dict[str, Any]) -> None:
    """Send a message. Its id makes it safe to send again."""
    client.do("message", "/messages", body, key=None, message_id=body["message_id"], said=body)


def asks(client: Client) -> None:
    """A task whose end sends a message to another process, which answers."""
    instance, _ref = begin(client, "asks")
    _state, tasks = look(client, instance) if instance else ("", [])
    if tasks:
        complete(client, tasks[0], instance)


def clocks(client: Client) -> None:
    """Left to its timers."""
    begin(client, "clocks")


def campaign(client: Client) -> None:
    """Something is begun for everybody."""
    begin(client, "campaign")


def poison(client: Client) -> None:
    """Left to stand still."""
    begin(client, "poison")


def inbox(client: Client) -> None:
    """Whatever lies there, whoever else is at it."""
    for line in client.read("/tasks", page_size=5)["items"]:
        if line["process"] != "chain":
            complete(client, line, line["instance"], client.chance.choice(("once", "twice", "bare")))


PLAYS: Final = (
    *[chain] * 8,
    *[contest] * 3,
    *[fork] * 3,
    *[nudges] * 2,
    crowd,
    *[asks] * 2,
    *[clocks] * 2,
    campaign,
    *[inbox] * 3,
)


class Load:
    """So many clients at once, until they are told to stop."""

    def __init__(self, town: Town, history: History, chance: random.Random, clients: int, poisoned: int = 2) -> None:
        self._stop = threading.Event()
        self._table = threading.Lock()
        self._deck = chance.sample(
            [chain, contest, fork, nudges, crowd, asks, clocks, campaign], 8
        )  # the first: one of each
        self.history, self._poisoned = history, poisoned
        self._clients = [
            Client(town, history, PEOPLE[number % len(PEOPLE)], random.Random(chance.random()))
            for number in range(clients)
        ]
        self._threads = [threading.Thread(target=self._play, args=(one,), daemon=True) for one in self._clients]

    def start(self) -> None:
        """All begin."""
        for thread in self._threads:
            thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether anybody still does something."""
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Each does what they have begun, and no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=240)
            if thread.is_alive():
                self.history.note("a client never came to an end")

    def _deal(self, chance: random.Random) -> Callable[[Client], None]:
        """The next card of a deck that all draw from: even a short run plays everything once."""
        with self._table:
            if not self._deck:
                self._deck = chance.sample(PLAYS, len(PLAYS))
            return self._deck.pop()

    def _play(self, client: Client) -> None:
        try:
            if client is self._clients[0]:
                for _ in range(self._poisoned):
                    poison(client)
            while not self._stop.is_set():
                self._deal(client.chance)(client)
        except Unanswered as error:
            self.history.note(f"nobody answered: {error}")
        except Exception as error:  # noqa: BLE001 (a client that stumbles is a finding)
            self.history.note(f"client of {client.person}: {type(error).__name__}: {error}")


def drain(client: Client, seconds: float) -> int:
    """Do all that is left until nothing runs any more; answers how many instances still do."""
    until = time.monotonic() + seconds
    while True:
        running = client.read("/instances", state="active", page_size=1)["total"]
        if not running or time.monotonic() > until:
            return int(running)
        lines = client.read("/tasks", page_size=50)["items"]
        for line in lines:
            complete(client, line, line["instance"])
        if not lines:
            time.sleep(0.2)
