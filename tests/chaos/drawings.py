"""What the load runs: small processes, each with a thing that could be lost or happen twice.

Every process reads `ref`, the name that the client gave the instance, so that a start that came twice is seen.
"""

from __future__ import annotations

import json
from typing import Final

from engine.drawing import (
    boundary,
    catch,
    doc,
    end,
    flows,
    gw,
    message,
    properties,
    ref,
    service,
    start,
    timer,
    user,
)  # fmt: skip

STEPS: Final = 6
READERS: Final = ",".join(str(number) for number in range(1, 9))  # who is told of everything
BRANCHES: Final = ("left", "middle", "right")
NUDGES: Final = 3
WHO: Final = '<zeebe:assignmentDefinition candidateGroups="administrator"/>'
FORM: Final = '<zeebe:formDefinition formId="note"/>'
NOTE: Final = {
    "type": "default",
    "id": "note",
    "schemaVersion": 19,
    "executionPlatform": "Camunda Cloud",
    "properties": {"title": "Notat"},
    "components": [{"type": "textfield", "id": "words", "key": "note", "label": "Notat"}],
}


def _task(id_: str, *, form: bool = True) -> str:
    return user(id_, ext=WHO + (FORM if form else ""), ins=[("=ref", "about")], name=f"Steg {id_}")


def _told(id_: str) -> str:
    return service(id_, "notify", ins=[(f'="{READERS}"', "people"), ('="Det er gjort"', "text")])


def chain() -> bytes:
    """User tasks, one after the other."""
    ids = [f"u{n}" for n in range(STEPS)]
    return doc(start(), *map(_task, ids), end(), flows(">".join(["s", *ids, "e"])), pid="chain")


def contest() -> bytes:
    """One task that two people want."""
    return doc(start(), _task("wanted"), end(), flows("s>wanted>e"), pid="contest")


def fork() -> bytes:
    """Tasks of one instance that are done at the same moment by different people."""
    return doc(
        start(),
        gw("parallel", "split"),
        *map(_task, BRANCHES),
        gw("parallel", "join"),
        _task("last"),
        end(),
        flows("s>split", *(f"split>{branch}>join" for branch in BRANCHES), "join>last>e"),
        pid="fork",
    )


def nudges() -> bytes:
    """Waits for a message again and again: each must come once, and none may come in another's place."""
    catches = [catch(f"m{n}", ref("message", "nudge"), ext=_out("=n", f"n{n}")) for n in range(NUDGES)]
    read = service("read", "notify", ins=[("=" + " + ".join(f"n{n}" for n in range(NUDGES)), "sum")])
    path = ">".join(["s", *(f"m{n}" for n in range(NUDGES)), "read", "e"])
    top = message("nudge", "nudge", "=ref")
    return doc(start(), *catches, read, end(), flows(path), pid="nudges", top=top)


def crowd() -> bytes:
    """Many that wait for the same message, and go on without doing anything: the first of equal ones shows how."""
    heard = catch("heard", ref("message", "call"), ext=_out("=n", "n0"))
    pause = catch("pause", timer("PT1S"))
    read = service("read", "notify", ins=[("=n0", "heard_n"), ("=ref", "about")])
    top = message("call", "call", "=group")
    return doc(start(), heard, pause, read, end(), flows("s>heard>pause>read>e"), pid="crowd", top=top)


def asks() -> bytes:
    """Sends a message that starts another process, and goes on when that one answers."""
    asked = user("ask", ext=WHO, name="Spør")
    sent = (
        '<bpmn:sendTask id="sent" messageRef="question"><bpmn:extensionElements>'
        '<zeebe:taskDefinition type="send-message"/><zeebe:ioMapping><zeebe:input source="=ref" target="ref"/>'
        "</zeebe:ioMapping></bpmn:extensionElements></bpmn:sendTask>"
    )
    answered = catch("answered", ref("message", "answer"))
    top = message("question", "question") + message("answer", "answer", "=ref")
    path = flows("s>ask>sent>answered>thanks>e")
    return doc(start(), asked, sent, answered, _task("thanks"), end(), path, pid="asks", top=top)


def answers() -> bytes:
    """Begun by a question; tells somebody, and answers."""
    begun = start("s", ref("message", "question"))
    sent = (
        '<bpmn:sendTask id="reply" messageRef="answer"><bpmn:extensionElements>'
        '<zeebe:taskDefinition type="send-message"/><zeebe:ioMapping><zeebe:input source="=ref" target="ref"/>'
        "</zeebe:ioMapping></bpmn:extensionElements></bpmn:sendTask>"
    )
    top = message("question", "question") + message("answer", "answer", "=ref")
    return doc(begun, _told("told"), sent, end(), flows("s>told>reply>e"), pid="answers", top=top)


def clocks() -> bytes:
    """A timer that must fire once, and one beside a task that may fire once."""
    return doc(
        start(),
        catch("wait", timer("PT1S")),
        _told("rung"),
        _task("after"),
        boundary("late", "after", timer("PT1S"), interrupts=False),
        _told("chased"),
        end(),
        end("e2"),
        flows("s>wait>rung>after>e", "late>chased>e2"),
        pid="clocks",
    )


def campaign() -> bytes:
    """Asks for one instance for each employee, which begin many in one transaction; then tells them all to go on."""
    ins = [('="leaf"', "process"), ("=ref", "kind"), ("=ref", "occasion")]
    sent = (
        '<bpmn:sendTask id="sent" messageRef="on"><bpmn:extensionElements><zeebe:taskDefinition type="send-message"/>'
        f'{properties(keep="P1D")}<zeebe:ioMapping><zeebe:input source="=ref" target="ref"/></zeebe:ioMapping>'
        "</bpmn:extensionElements></bpmn:sendTask>"
    )
    all_, pause = service("all", "start-readings", ins=ins), catch("pause", timer("PT2S"))
    top = message("on", "on", "=ref")
    return doc(start(), all_, pause, sent, end(), flows("s>all>pause>sent>e"), pid="campaign", top=top)


def leaf() -> bytes:
    """One of the many, all alike: `kind` is the `ref` of the campaign that asked for it. Its timer and the message are
    steps that one takes for all.
    """
    read = service("read", "notify", ins=[("=kind", "text")])
    wait, heard, again = (
        catch("wait", timer("PT1S")),
        catch("heard", ref("message", "on")),
        catch("again", timer("PT1S")),
    )
    path, top = flows("s>wait>heard>again>read>e"), message("on", "on", "=kind")
    return doc(start(), wait, heard, again, read, end(), path, pid="leaf", top=top)


def poison() -> bytes:
    """Cannot go on: no way out of its gateway is ever right."""
    return doc(
        start(),
        catch("wait", timer("PT1S")),
        gw("exclusive", "stuck"),
        end(),
        end("e2"),
        flows("s>wait>stuck", 'stuck>e:=ref = "x"', 'stuck>e2:=ref = "y"'),
        pid="poison",
    )


def _out(source: str, target: str) -> str:
    return f'<zeebe:ioMapping><zeebe:output source="{source}" target="{target}"/></zeebe:ioMapping>'


def files() -> dict[str, bytes]:
    """Every file to be published, by its name."""
    drawn = (chain, contest, fork, nudges, crowd, asks, answers, clocks, campaign, leaf, poison)
    return {f"{one.__name__}.bpmn": one() for one in drawn} | {"note.json": json.dumps(NOTE).encode()}
