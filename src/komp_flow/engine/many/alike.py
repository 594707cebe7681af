"""What of an instance's stored state is its own: the ids of its tokens, and the times of timers that only wait on.

Two whose states differ in nothing else go through equal steps, and come out of them with what is their own. The
document is the codec's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson

from komp_flow.engine.memory import codec

Parts = list[str | int]  # JSON, and the places of what is put into it
Wait = tuple[str, str]  # a token's id in hex, and the element that it waits at
Times = tuple[str, list[str]]  # when a timer began to wait, and when it fires
_WAITS, _TOKENS, _SCOPES, _INSIDE = 5, 6, 7, 5  # places in the codec's rows

_DRAWN: Final = uuid4().hex  # nobody outside knows it: it stands in no JSON but ours
_MARKED: Final = re.compile(f'"{_DRAWN}(\\d+)"')


class Form(NamedTuple):
    """A state taken apart. Equal keys: equal but for `ids`, in their order, and `times`."""

    key: bytes
    ids: list[str]
    times: dict[Wait, Times]


NOTHING: Final = Form(b"", [], {})


def form(blob: bytes, until: datetime | None) -> Form | None:
    """Of a state as it is stored. `until`: timers fire that are due by then; None: none does. None: of another format.

    A timer that does not fire is carried along unread, and one that fires for the last time, alone, is gone with its
    times. All others must be equal.
    """
    document = orjson.loads(codec.unpacked(blob))
    if document[0] != codec.FORMAT:
        return None
    ids = [token[0] for token in _tokens(document)]
    timers = [((token[0], element), wait) for token in _tokens(document) for element, wait in _timers(token)]
    passed = [key for key, wait in timers if until is not None and datetime.fromisoformat(wait["due"][0]) <= until]
    times: dict[Wait, Times] = {}
    for key, wait in timers:
        if key not in passed:
            times[key] = wait["since"], wait["due"]
            wait["since"] = wait["due"] = 0
        elif len(passed) == 1 and until is not None and datetime.fromisoformat(wait["due"][-1]) <= until:
            wait["since"], wait["due"] = 0, len(wait["due"])
    for scope in document[_SCOPES]:
        scope[0] = ids.index(scope[0])
    for token in _tokens(document):
        token[0] = 0
    return Form(orjson.dumps(document), ids, times)


def ids(raw: bytes) -> list[str]:
    """Of the tokens in a document, in hex."""
    return [token[0] for token in _tokens(orjson.loads(raw))]


def parts(raw: bytes, places: Mapping[str, int], times: Mapping[Wait, tuple[int, Times]], now: str) -> Parts | None:
    """A document that a step has made `now`, with the places of its ids, and two from each of those for the `times`
    that it was given. None: it cannot be told whose a time in it is.
    """
    document = orjson.loads(raw)
    if orjson.dumps(document) != raw:
        return None
    carried = {since for _place, (since, _due) in times.values()} - {now}
    for token in _tokens(document):
        for element, wait in _timers(token):
            place, known = times.get((token[0], element), (-1, None))
            if known == (wait["since"], wait["due"]):
                wait["since"], wait["due"] = mark(place), mark(place + 1)
            elif wait["since"] in carried:
                return None
        token[0] = mark(places[token[0]])
    for scope in document[_SCOPES]:
        scope[0] = mark(places[scope[0]])
    return split(orjson.dumps(document))


def mark(place: int) -> str:
    """A text that stands in JSON for what is put at this place later."""
    return f"{_DRAWN}{place}"


def split(raw: bytes) -> Parts:
    """The JSON around the marks, and their places."""
    found: list[Any] = _MARKED.split(raw.decode())
    found[1::2] = map(int, found[1::2])
    return found


def filled(parts: Parts, columns: Mapping[int, Sequence[str]], count: int) -> list[bytes]:
    """The JSON so many times: each with its own values of the columns, JSON too, at their places."""
    texts = [columns[part] if isinstance(part, int) else repeat(part, count) for part in parts]
    return [text.encode() for text in map("".join, zip(*texts, strict=True))]


def places(parts: Parts) -> set[int]:
    """Those at which something is put."""
    return {part for part in parts if isinstance(part, int)}


def _tokens(document: list[Any]) -> Iterator[list[Any]]:
    yield from document[_TOKENS]
    for scope in document[_SCOPES]:
        yield from scope[_INSIDE]


def _timers(token: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    """Those whose time is known and that do not stand still."""
    inside = token[_WAITS]
    if not inside or "wait" not in inside:
        return []
    return [(element, wait) for element, wait in inside["wait"].items() if wait.get("due") and "paused" not in wait]
