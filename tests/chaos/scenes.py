"""What every run begins with, act by act and nobody in a hurry: what each planted mistake needs to be seen.

Chance brings all of this too, sooner or later; here it is sure, so that one run tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chaos import load
from chaos.client import Client
from chaos.drawings import BRANCHES, NUDGES
from chaos.topology import PEOPLE

ALIKE: Final = 6  # who wait for one message: more than there are processes, so that one of those does several


def rivals(client: Client) -> None:
    """One writes a draft, another sends theirs, then the first sends it after all: refused, and their words kept."""
    instance, _ref = load.begin(client, "contest", presses=1)
    (task,) = _open(client, instance, 1)
    late = client.twin(next(person for person in PEOPLE if person != client.person))
    words = f"kladd {client.chance.getrandbits(32)}"
    draft = {"values": {"note": words}}
    late.do("draft", f"/tasks/{task['id']}/draft", draft, key=None, method="PUT", task=task["id"], words=words)
    for who in (client, late):
        load.complete(who, task, instance)


def branches(client: Client) -> None:
    """Three do their parts of one instance, one after the other: each must see what those before have done."""
    instance, _ref = load.begin(client, "fork", presses=1)
    for task in _open(client, instance, len(BRANCHES)):
        load.complete(client, task, instance)


def pressed_again(client: Client) -> None:
    """A start and a completion come a second time under their keys, and a completion with other words under one."""
    instance, _ref = load.begin(client, "chain", presses=2)
    for press in ("again", "other"):
        load.complete(client, load.look(client, instance)[1][0], instance, press)


def looked_at(client: Client) -> None:
    """Who is told that a task is done looks at once whether it is."""
    instance, _ref = load.begin(client, "contest", presses=1)
    (task,) = _open(client, instance, 1)
    load.complete(client, task, instance)
    load.look(client, instance)


def nudged(client: Client) -> None:
    """The messages of one instance in turn: each would be taken in the next one's place."""
    _instance, ref = load.begin(client, "nudges", presses=1)
    for number in range(NUDGES):
        load.nudge(client, ref, number)


def answered(client: Client) -> None:
    """One asks another, which tells everybody: there is news to be mailed."""
    load.asks(client)


def crowded(client: Client) -> None:
    """Several wait for the same message in states that differ in nothing but what they were begun with."""
    load.crowd(client, ALIKE)


def _open(client: Client, instance: str, count: int) -> list[dict[str, object]]:
    """Its open tasks. ValueError: there are not so many."""
    _state, tasks = load.look(client, instance)
    if len(tasks) != count:
        raise ValueError(f"{len(tasks)} tasks, not {count}")
    return tasks


SCENES: Final[tuple[Callable[[Client], None], ...]] = (
    rivals, branches, pressed_again, looked_at, nudged, answered, crowded,
)  # fmt: skip
