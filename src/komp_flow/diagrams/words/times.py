"""A moment in words: the calendar's dates, working days and durations from something, timers that come again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from komp_flow import feel
from komp_flow.diagrams.words.around import FieldWords
from komp_flow.diagrams.words.conditions import Conditions
from komp_flow.diagrams.words.names import parsed
from komp_flow.diagrams.words.said import both, clock, counted, either, length, moment, number, quoted
from komp_flow.diagrams.words.values import written
from komp_flow.engine.stored.schedule import EVENING
from komp_flow.feel import CalendarDuration, syntax
from komp_flow.i18n import _

_TIMES: Final = frozenset({"cycle.start", "cycle.end"})  # things that are a date


@dataclass(frozen=True)
class Timing:
    """When a timer fires. `kind` is "date", "after" (so long after something), "every" (again and again, in words that
    need no «når») or "unknown".
    """

    kind: str
    text: str


@dataclass(eq=False)
class Times(Conditions):
    """Times of one place. `due` is the due date of the task that the place is about."""

    due: syntax.Node | None = None

    def moment(self, text: str | None) -> str:
        """An attribute's moment: the expression in quotes where it has no better words."""
        node = parsed(text)
        said = self.surely(node)
        if said is None and not (text or "").startswith("="):
            return _("%(text)s, som ikke kan leses her", text=quoted(text))
        if said is None:
            return _("det som regnes ut av %(expression)s", expression=quoted((text or "").removeprefix("=")))
        return said + self._usually(node)

    def timer(self, tag: str, text: str | None) -> Timing:
        """A timer's definition: `tag` is timeDate, timeDuration or timeCycle."""
        if not text:
            return Timing("unknown", "")
        node = parsed(text)
        if isinstance(node, syntax.Literal) and isinstance(node.value, str) and node.value.startswith("R"):
            return self._cycle(node.value)
        said = self.moment(text)
        return Timing("after" if self.is_after(node) else "date", said)

    def is_after(self, node: syntax.Node) -> bool:
        """It is said as so long after something."""
        match node:
            case syntax.Path(syntax.Name("escalation"), _name):
                return True
            case syntax.If(_condition, then, otherwise):
                return self.is_after(then) or self.is_after(otherwise)
            case syntax.Literal(value):
                return isinstance(value, CalendarDuration) or (isinstance(value, str) and value.startswith("P"))
        return isinstance(node, syntax.Binary) or (isinstance(node, syntax.Call) and node.function in _AFTER)

    def surely(self, node: syntax.Node) -> str | None:
        """As `when`, where it must be a moment: then any variable is one."""
        said = self.when(node)
        if said is None and isinstance(node, syntax.Name | syntax.Path) and not self.spent():
            return self.value(node)
        return said

    def when(self, node: syntax.Node) -> str | None:  # noqa: C901, PLR0912 - one case a construct
        """The moment, or None."""
        if self.spent():
            return None
        if self.due is not None and node == self.due:
            return _("fristen")
        match node:
            case syntax.Literal(value):
                return self._constant(value)
            case syntax.Path(syntax.Name("deadline"), name) if name in self.names.around.dates:
                return str(self.names.around.dates[name])
            case syntax.Path(syntax.Name("escalation"), name) if name in self.names.around.dates:
                return self._ladder(name)
            case syntax.Call("today" | "now", (), ()):
                return self.day or None
            case syntax.Call("date" | "date and time", (of,), ()):
                return self.when(of)
            case syntax.Call("date and time", (day, hour), ()):
                return self._at(day, hour)
            case syntax.Call("add working days", (start, count), ()):
                return self._working_days(start, count)
            case syntax.Call("min", items, ()) if items:
                return self._of_several(items, first=True)
            case syntax.Call("max", items, ()) if items:
                return self._of_several(items, first=False)
            case syntax.Binary("+" | "-" as op, left, right):
                return self._moved(op, left, right)
            case syntax.If():
                return self._chosen(node)
            case syntax.Filter(syntax.For(((name, syntax.Listing((value,))),), body), syntax.Literal(first)) if (
                first == 1
            ):
                return self._let(name, value, body)
            case syntax.Listing(items) if items:
                said = [self.when(item) for item in items]
                return either(each for each in said if each) if all(said) else None
            case syntax.Name() | syntax.Path():
                return self._variable(node)
        return None

    def _constant(self, value: object) -> str | None:
        if isinstance(value, str):
            value = _read(value)
        if isinstance(value, CalendarDuration):
            return _after(length(value), self.since) if self.since else length(value)
        return moment(value) if isinstance(value, date) else None

    def _variable(self, node: syntax.Node) -> str | None:
        found = self.field(node)
        if found is not None:
            return _time_field(found) if found.is_time else None
        if isinstance(node, syntax.Path):
            return self.names.thing(node) if written(node) in _TIMES else None
        if not isinstance(node, syntax.Name):
            return None
        if node.name in self.bound:
            return quoted(node.name)
        noted = self.names.moments(node.name)
        if not noted:
            return None
        return _("dagen for %(places)s", places=either(quoted(each.element.get("name") or each.id) for each in noted))

    def _from(self, node: syntax.Node) -> str | None:
        """What follows «etter»."""
        if isinstance(node, syntax.Call) and node.function in ("today", "now") and self.since:
            return self.since
        return self.surely(node)

    def _working_days(self, start: syntax.Node, count: syntax.Node) -> str | None:
        days = _whole(count)
        if days is None:
            return None
        if days == 1 and isinstance(start, syntax.Binary) and (whole := _days(start)) is not None:
            base = self._from(start.left)
            after = _after(counted(whole + 1, "day"), base) if base else None
            return _("%(when)s, eller neste virkedag", when=after) if after else None
        base = self._from(start)
        if base is None or days == 0:
            return base
        said = counted(abs(days), "working day")
        if self.is_after(start):
            return _("%(length)s, regnet fra %(when)s", length=said, when=base)
        return _after(said, base) if days > 0 else _before(said, base)

    def _moved(self, op: str, left: syntax.Node, right: syntax.Node) -> str | None:
        if op == "+" and _duration(left) is not None:
            left, right = right, left
        span = _duration(right)
        base = self._from(left)
        if span is None or base is None:
            return None
        if (span.months < 0 or span.total_seconds < 0) == (op == "+"):
            return _before(length(span), base)
        return _after(length(span), base)

    def _at(self, day: syntax.Node, hour: syntax.Node) -> str | None:
        if isinstance(day, syntax.If):
            return self.when(syntax.If(day.condition, _at_clock(day.then, hour), _at_clock(day.otherwise, hour)))
        said, exact = self.surely(day), _clock(hour)
        if said is None or exact is None:
            return None
        if exact == EVENING and self.due is not None and day == self.due:
            return said  # a due date without a time is the end of that day
        if exact != EVENING:
            return _("%(day)s kl. %(clock)s", day=said, clock=clock(exact))
        if self.is_after(day):
            return _("slutten av dagen %(when)s", when=said)
        return _("slutten av %(day)s", day=said)

    def _chosen(self, node: syntax.If) -> str | None:
        """`if … then … else if … then … else …` in one row; nothing at all is said as a reservation."""
        if _is_null(node.then) and isinstance(node.condition, syntax.Binary) and _is_null(node.condition.right):
            return self.surely(node.otherwise)  # what is not known waits in any case
        if _is_null(node.then):
            said = self.surely(node.otherwise)
            return said and _(
                "%(when)s, men bare hvis %(condition)s", when=said, condition=self._turned(node.condition)
            )
        if _is_null(node.otherwise):
            said = self.surely(node.then)
            return said and _(
                "%(when)s, men bare hvis %(condition)s", when=said, condition=self.condition(node.condition)
            )
        choices, at = [], syntax.If(node.condition, node.then, node.otherwise)
        while True:
            choices.append((self.surely(at.then), self.condition(at.condition)))
            if not isinstance(at.otherwise, syntax.If) or len(choices) > 10:
                break
            at = at.otherwise
        last = self.surely(at.otherwise)
        if last is None or any(when is None for when, _condition in choices):
            return None
        row = ", ".join(_("%(when)s hvis %(condition)s", when=when, condition=said) for when, said in choices)
        return _("%(choices)s, og ellers %(otherwise)s", choices=row, otherwise=last)

    def _let(self, name: str, value: syntax.Node, body: syntax.Node) -> str | None:
        meant = self.surely(value)
        before = dict(self.bound)
        self.bound[name] = value
        said = self.surely(body)
        self.bound = before
        if said is None or meant is None:
            return None
        return _("%(when)s, der %(name)s er %(meant)s", when=said, name=quoted(name), meant=meant)

    def _of_several(self, items: tuple[syntax.Node, ...], *, first: bool) -> str | None:
        if len(items) == 1 and isinstance(items[0], syntax.Listing):
            items = items[0].items
        said = [self.when(item) for item in items]
        if not all(said):
            return None
        row = both(each for each in said if each)
        return _("det første av %(dates)s", dates=row) if first else _("det siste av %(dates)s", dates=row)

    def _ladder(self, name: str) -> str:
        steps = self.names.around.ladder
        base = str(self.names.around.dates[name])
        if len(steps) == 1:
            return _after(counted(steps[0], "working day"), base)
        return _("%(steps)s virkedager etter %(when)s", steps=either(number(step) for step in steps), when=base)

    def _usually(self, node: syntax.Node) -> str:
        """Where a calendar's date lies to begin with."""
        match node:
            case syntax.Path(syntax.Name("deadline"), name) if name in self.names.around.offsets and node != self.due:
                offset = self.names.around.offsets[name]
                said = counted(offset.days, "day") if offset.days < 16 else _("%(count)s dager", count=offset.days)
                if offset.of_decision:
                    return _(", til vanlig %(length)s etter vedtaket", length=said)
                return _(", til vanlig %(length)s etter at syklusen starter", length=said)
        return ""

    def _cycle(self, text: str) -> Timing:
        """`R3/P7D`, `R/2027-01-04/P1W`: the first comes after one period, or at the moment that is given."""
        head, *rest = text[1:].split("/")
        span = _read(rest[-1]) if rest else None
        if not isinstance(span, CalendarDuration) or len(rest) > 2 or not (head.isdigit() or not head):
            return Timing("every", _("etter regelen %(text)s", text=quoted(text)))
        said = _("med %(length)s mellom hver gang", length=length(span))
        start = _read(rest[0]) if len(rest) == 2 else None
        if isinstance(start, date):
            said = _("%(again)s, første gang %(when)s", again=said, when=moment(start))
        elif self.since:
            said = _("%(again)s, første gang %(length)s etter %(since)s", again=said, length=length(span),
                     since=self.since)  # fmt: skip
        if head:
            times = int(head[:4])
            said = _("%(again)s, høyst %(times)s ganger", again=said, times=number(times))
        return Timing("every", said)


def _time_field(found: FieldWords) -> str:
    if found.type == "date":
        return _("datoen i %(field)s", field=quoted(found.label))
    return _("tidspunktet i %(field)s", field=quoted(found.label))


_AFTER: Final = frozenset({"add working days", "duration"})


def _after(said: str, base: str) -> str:
    return _("%(length)s etter %(when)s", length=said, when=base)


def _before(said: str, base: str) -> str:
    return _("%(length)s før %(when)s", length=said, when=base)


def _at_clock(day: syntax.Node, hour: syntax.Node) -> syntax.Node:
    return day if _is_null(day) else syntax.Call("date and time", (day, hour), ())


def _is_null(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Literal) and node.value is None


def _whole(node: syntax.Node) -> int | None:
    match node:
        case syntax.Literal(Decimal() | int() as value) if value == int(value):
            return int(value)
        case syntax.Negation(of):
            inner = _whole(of)
            return None if inner is None else -inner
    return None


def _duration(node: syntax.Node) -> CalendarDuration | None:
    match node:
        case syntax.Literal(CalendarDuration() as value):
            return value
        case syntax.Call("duration", (syntax.Literal(str() as text),), ()):
            found = _read(text)
            return found if isinstance(found, CalendarDuration) else None
    return None


def _days(node: syntax.Binary) -> int | None:
    """The whole days that are added, where it is nothing else."""
    span = _duration(node.right)
    if node.op != "+" or span is None or span.months or span.seconds or span.days < 0:
        return None
    return span.days


def _clock(node: syntax.Node) -> time | None:
    match node:
        case syntax.Literal(time() as value):
            return value
        case syntax.Call("time", (syntax.Literal(str() as text),), ()):
            try:
                return time.fromisoformat(text)
            except ValueError:
                return None
    return None


def _read(text: str) -> date | CalendarDuration | None:
    """An ISO date, moment or duration."""
    text = text.strip()
    try:
        if text.startswith(("P", "-P")):
            return feel.duration(text)
        return date.fromisoformat(text) if len(text) == len("2027-01-04") else datetime.fromisoformat(text)
    except (ValueError, feel.FeelError):
        return None
