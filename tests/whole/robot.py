"""A program that knows `/api/v1` and nothing else: it fills any form by what the API tells of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

Call = Callable[..., tuple[int, Any]]
Values = dict[str, Any]

# What a sensible person would choose; otherwise the first there is.
CHOICES: dict[str, Any] = {
    "review": "accept",
    "agreement": "agree",
    "scope": "central",
    "touched": "yes",
    "plan_relevant": "yes",
    "send_reading": True,
    "share": True,
    "ready": True,
}
ROWS = {"documents", "glossary", "unit_goals", "areas", "measures", "goals", "likely_goals"}
AHEAD = {"talk_at": 14, "starts_at": 14, "end": 364, "due": 120, "valid_from": 0}


class Stuck(AssertionError):
    """A form that could not be filled; the message says which and why."""


def work(call: Call, person: str, task: Values, now: datetime, choose: Callable[[Values, Values], Any]) -> Values:
    """Fill the task's form and complete it; answers the values that were taken."""
    address = f"/tasks/{task['id']}"
    sheet = _ok(call("GET", address, by=person), task)
    values: Values = {}
    if not sheet["may"]["complete"]:
        raise Stuck(f"{task['process']}.{task['element']} is mine and may not be done: {sheet}")
    if sheet["form"] is not None:
        values = filled(call, person, sheet, now, choose)
    for _attempt in range(4):
        status, told = call("POST", f"{address}/complete", {"values": values}, by=person)
        if status != 422:
            break
        for error in told.get("errors", ()):
            _mend(values, error["field"], now)
    if status >= 300:
        raise Stuck(f"{task['process']}.{task['element']} {status} {told} {values}")
    return values


def filled(call: Call, person: str, sheet: Values, now: datetime, choose: Callable[[Values, Values], Any]) -> Values:
    """Look, answer what is open, look again, until nothing more is asked for."""
    look, values = sheet["look"], {}
    seen: set[str] = set()
    for _round in range(8):
        values = look["values"]
        if not _answer(sheet, look["fields"], values, now, choose, seen):
            return values
        look = _ok(call("POST", f"/tasks/{sheet['id']}/look", {"values": values}, by=person), sheet)
    raise Stuck(f"{sheet['process']}.{sheet['element']} is never done")


def _answer(
    sheet: Values,
    fields: list[Values],
    values: Values,
    now: datetime,
    choose: Callable[[Values, Values], Any],
    seen: set[str],
) -> int:
    """Answer all that is empty, and choose where there is something to choose; how many answers that were."""
    answered = 0
    for field in fields:
        holder = values
        for step in field["group"]:
            holder = holder[step]
        key = field["key"]
        if "rows" in field:
            wants = max(field["min"], 1 if key in ROWS else 0)
            if not field["fixed"] and len(holder[key]) < min(wants, field["max"]):
                holder[key] += [{} for _row in range(wants - len(holder[key]))]
                answered += 1
            for row, inner in zip(field["rows"], holder[key], strict=False):
                answered += _answer(sheet, row["fields"], inner, now, choose, seen)
            continue
        first = field["field"] not in seen
        seen.add(field["field"])
        chosen = choose(sheet, field) if first and "options" in field else None
        if chosen is not None:
            answered += holder[key] != chosen
            holder[key] = chosen
        elif _is_open(field, holder[key]):
            holder[key] = _some(field, now)
            answered += holder[key] not in (None, [])
    return answered


def _is_open(field: Values, value: Any) -> bool:
    if value is False or (field["type"] == "datetime" and not value):
        return bool(field["required"])  # dates that nobody must give have a default of their own
    return value in (None, [], "")


def _some(field: Values, now: datetime) -> Any:
    kind, key = field["type"], field["key"]
    if kind == "filepicker":
        return None
    if "options" in field:
        values = [option["value"] for option in field["options"]]
        if not values:
            return [] if field["many"] else None
        if field["many"]:
            return values
        return CHOICES[key] if CHOICES.get(key) in values else values[0]
    if kind == "checkbox":
        return True
    if kind == "number":
        return field["max"] if field["max"] is not None else field["min"] or 3
    if kind == "datetime":
        day = now + timedelta(days=AHEAD.get(key, 0))
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day.date().isoformat() if field["part"] == "date" else f"{day.date()}T09:00"
    if field.get("format") == "email":
        return "en@etaten.example"
    said = f"Om {field['label']} i {field['field']}: klarspråk, æøå."
    return said[: field["max_length"] or 200]


def _mend(values: Values, path: str, now: datetime) -> None:
    """An answer that a check did not like: another date, the next number, the next choice is left to the caller."""
    holder: Any = values
    *steps, last = path.split("-")
    for step in steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder.get(step)
        if holder is None:
            return
    found = holder.get(last) if isinstance(holder, dict) else None
    if isinstance(found, int) and not isinstance(found, bool):
        holder[last] = found - 1 if found > 1 else found + 1
    elif isinstance(found, str) and found[:4].isdigit() and found[4:5] == "-":
        holder[last] = (now + timedelta(days=30)).date().isoformat() + found[10:]
    elif isinstance(found, list) and found and isinstance(found[0], dict):
        for number, row in enumerate(found, 1):
            row.update({key: number for key in ("rank", "priority") if key in row})


def pages(call: Call, address: str, by: str) -> Iterator[Values]:
    """All items of a list."""
    page = 1
    while True:
        sep = "&" if "?" in address else "?"
        told = _ok(call("GET", f"{address}{sep}page={page}&page_size=200", by=by), {"address": address})
        yield from told["items"]
        if page * 200 >= told["total"]:
            return
        page += 1


def _ok(answer: tuple[int, Any], about: Values) -> Any:
    status, told = answer
    if status >= 300:
        raise Stuck(f"{about.get('element', about)} {status} {told}")
    return told
