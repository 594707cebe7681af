"""Compares what clients were told with what stands there: each promise of the table in architecture.md has a check.

A check answers findings of one of the kinds below. What nobody was told about (`unknown`) may have happened once or
not at all; what was refused must not have happened; what was acknowledged must have, once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chaos.drawings import NUDGES, READERS
from chaos.ends import End
from chaos.history import FAILED, OK, History, Operation

LOST, DOUBLED, HALF, STALE, ANSWERS, STUCK, ODD = "lost", "doubled", "half", "stale", "answers", "stuck", "odd"
KINDS: Final = (LOST, DOUBLED, HALF, STALE, ANSWERS, STUCK, ODD)


@dataclass(frozen=True)
class Finding:
    """A promise that was not kept."""

    kind: str
    text: str


Found = Iterator[Finding]


def check(history: History, end: End) -> list[Finding]:
    """Everything that is wrong."""
    return [finding for one in CHECKS for finding in one(history, end)]


def completions(history: History, end: End) -> Found:
    """An acknowledged completion is never lost and never applied twice; a refused one is not applied."""
    by_note = {
        (row.task_id, row.values["note"]): row
        for row in end.submissions.values()
        if row.values and "note" in row.values
    }
    done = end.counted("completed")
    told: dict[str, list[Operation]] = defaultdict(list)
    for operation in history.of("complete"):
        task = UUID(operation.about["task"])
        applied = (task, operation.name) in by_note or operation.about["element"] == "ask"
        if operation.outcome == OK:
            told[operation.about["task"]].append(operation)
            row = end.tasks.get(task)
            if row is None or row.state != "completed" or not done[task] or not applied:
                yield Finding(LOST, f"{operation.name} completed {operation.about['element']} of {row}")
        elif operation.outcome == FAILED and (task, operation.name) in by_note:
            yield Finding(DOUBLED, f"{operation.name} was refused {operation.statuses}, and done")
    for acknowledged in told.values():
        if len(acknowledged) > 1:
            yield Finding(DOUBLED, f"one task was completed by {[operation.name for operation in acknowledged]}")
    for task, times in done.items():
        if times > 1:
            yield Finding(DOUBLED, f"task {task} was completed {times} times")


def elements(_history: History, end: End) -> Found:
    """No process of the load has a loop: nothing in an instance happens a second time."""
    happened = Counter(
        (event.instance_id, event.element, event.what)
        for event in end.events
        if event.what in {"completed", "fired", "started", "ended"} and event.stream.startswith("instance:")
    )
    for (instance, element, what), times in happened.items():
        if times > 1:
            yield Finding(DOUBLED, f"{element} of {instance} was {what} {times} times")


def rivals(history: History, end: End) -> Found:
    """Of two who complete one task, the other is told 409 and keeps what they wrote."""
    for operation in history.of("complete"):
        odd = [status for status in operation.statuses if status not in {200, 409}]
        if odd:
            yield Finding(ODD, f"{operation.name} complete was answered {odd}: {operation.answers[-1].body}")
    for draft in history.of("draft"):
        task = UUID(draft.about["task"])
        if draft.outcome != OK or end.tasks[task].closed_by == draft.person:
            continue
        kept = [row for row in end.drafts[task] if row.edited_by == draft.person]
        if not any(row.values == {"note": draft.about["words"]} for row in kept):
            yield Finding(LOST, f"{draft.person} lost what they had written in task {task}")


def keys(history: History, _end: End) -> Found:
    """The same submit gets the same answer; another body under the key is refused with 422."""
    for operation in history.of("complete", "start"):
        bodies = [attempt.body for attempt in operation.answers if attempt.status is not None and attempt.status < 500]
        if operation.key is not None and any(body != bodies[0] for body in bodies[1:]):
            yield Finding(ANSWERS, f"{operation.name} {operation.kind} got different answers: {operation.statuses}")
    for operation in history.of("reuse"):
        if [status for status in operation.statuses if status != 503] != [422]:
            yield Finding(
                ANSWERS, f"{operation.name}: another body under a known key was answered {operation.statuses}"
            )


def starts(history: History, end: End) -> Found:
    """A start that was acknowledged made one instance, one that was not, at most one."""
    mine = ("chain", "contest", "fork", "nudges", "crowd", "asks", "clocks", "campaign", "poison")
    made = end.by_ref(*mine)
    for operation in history.of("start"):
        found = made.pop(operation.about["ref"], [])
        if operation.outcome == OK and operation.answer["id"] not in {str(one.row.id) for one in found}:
            yield Finding(LOST, f"{operation.name} started {operation.about['process']}, which is not there")
        if len(found) > (operation.outcome != FAILED):
            yield Finding(DOUBLED, f"{operation.name} {operation.outcome} started {len(found)} instances")
    for ref in made:
        yield Finding(DOUBLED, f"nobody started {ref}")


def sent(history: History, end: End) -> Found:
    """A message reaches each instance exactly once, however often it was sent."""
    known = Counter(row.external_id for row in end.messages if row.external_id)
    for operation in history.of("message"):
        if operation.outcome == OK and not known[operation.about["message_id"]]:
            yield Finding(LOST, f"message {operation.about['message_id']}")
        if operation.outcome != OK:
            yield Finding(ODD, f"message {operation.about['message_id']} was answered {operation.statuses}")
    for instance in end.instances.values():
        variables = instance.view.variables
        if instance.row.process == "nudges" and instance.row.state == "completed":
            heard = sorted(int(variables[f"n{number}"]) for number in range(NUDGES))
            if heard != [10**number for number in range(NUDGES)]:
                yield Finding(DOUBLED, f"nudges of {instance.row.id} came as {heard}")
    waiting = [row for row in end.deliveries if row.done_at is None]
    for row in waiting:
        yield Finding(STUCK, f"message {row.message_id} is still on its way to {row.instance_id or row.process}")


def between(_history: History, end: End) -> Found:
    """Each question between instances began one answer; what it told people, it told once."""
    answered = end.by_ref("answers")
    for ref, asked in end.by_ref("asks").items():
        if asked[0].row.state == "completed" and len(answered[ref]) != 1:
            yield Finding(DOUBLED if answered[ref] else LOST, f"question {ref} has {len(answered[ref])} answers")
    told = Counter((row.instance_id, row.person_id) for row in end.notifications if row.kind == "notice")
    once = {"answers": (1, 1), "clocks": (1, 2), "nudges": (0, 0), "crowd": (0, 0)}
    for instance in end.instances.values():
        least, most = once.get(instance.row.process, (0, 0))
        for person in READERS.split(","):
            times = told[(instance.row.id, person)]
            if instance.row.state == "completed" and not least <= times <= most:
                kind = LOST if times < least else DOUBLED
                yield Finding(kind, f"{instance.row.process} {instance.row.id} told {person} {times} times")


def whole(_history: History, end: End) -> Found:
    """After a crash anywhere: rows are what the state says, the trail is unbroken, what has ended has ended."""
    for instance in end.instances.values():
        if differs := instance.differences():
            yield Finding(HALF, f"{instance.row.process} {instance.row.id}: {', '.join(differs)} are not as the state")
    for line in end.broken:
        yield Finding(HALF, line)


def reached(_history: History, end: End) -> Found:
    """Every instance reached its end; the poisoned ones stand still, and hurt nobody."""
    for instance in end.instances.values():
        wanted = "incident" if instance.row.process == "poison" else "completed"
        if instance.row.state != wanted:
            yield Finding(STUCK, f"{instance.row.process} {instance.row.id} is {instance.row.state}, not {wanted}")


def many(_history: History, end: End) -> Found:
    """What was asked for for everybody began once for each, of many that began together too."""
    begun = Counter((one.view.variables.get("kind"), one.row.person_id) for one in end.instances.values())
    for ref, asked in end.by_ref("campaign").items():
        for person in READERS.split(",") if asked[0].row.state == "completed" else ():
            if begun[ref, person] != 1:
                kind = DOUBLED if begun[ref, person] else LOST
                yield Finding(kind, f"campaign {ref} began {begun[ref, person]} times for {person}")


def letters(history: History, end: End) -> Found:
    """Everybody's news went out, each in one mail a day, which comes twice only under the same Message-ID."""
    if end.letters is None:
        return
    by_id = {mail.message_id: mail for mail in end.mails if mail.message_id}
    for to, ident, _day in end.letters:
        if ident not in by_id or not to.startswith(f"p{by_id[ident].person_id}@"):
            yield Finding(DOUBLED, f"{to} got {ident}, which is no mail of theirs")
    came = {ident for _to, ident, _day in end.letters}
    for mail in end.mails:
        if mail.state == "sent" and mail.message_id not in came:
            yield Finding(LOST, f"mail {mail.id} to {mail.person_id} counts as sent and never came")
        if mail.state not in {"sent", "nothing"}:
            yield Finding(STUCK, f"mail {mail.id} to {mail.person_id} is {mail.state}: {mail.error}")
    whose = {mail.id: mail for mail in end.mails}
    for notice in end.notifications:
        mail = whose.get(notice.mail_id)
        if mail is None or mail.person_id != notice.person_id:
            yield Finding(LOST, f"notification {notice.id} to {notice.person_id} went into no mail")
    repeated = len(end.letters) - len({(to, ident) for to, ident, _day in end.letters})
    if repeated > history.kills:
        yield Finding(DOUBLED, f"{repeated} mails came again, more than the {history.kills} processes that were killed")


def seen(history: History, _end: End) -> Found:
    """What no client should see."""
    for text in history.odd:
        yield Finding(STALE if text.startswith("stale") else ODD, text)


CHECKS: Final[tuple[Callable[[History, End], Found], ...]] = (
    completions, elements, rivals, keys, starts, sent, between, many, whole, reached, letters, seen,
)  # fmt: skip
