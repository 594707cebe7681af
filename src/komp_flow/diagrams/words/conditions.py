"""A condition as a clause that follows «hvis»: from the form's own fields and the labels of their options."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from komp_flow.diagrams.words.around import FieldWords
from komp_flow.diagrams.words.said import both, either, quoted
from komp_flow.diagrams.words.values import Values, field_said, written
from komp_flow.feel import syntax
from komp_flow.i18n import _

_TURNED: Final = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRRORED: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Conditions(Values):
    """Conditions of one place."""

    def condition(self, node: syntax.Node) -> str:
        """When it is true, with the expression itself in quotes where it has no better words."""
        return self._said(node) or _("%(expression)s stemmer", expression=quoted(written(node)))

    def _said(self, node: syntax.Node) -> str | None:  # noqa: C901 - one line a construct
        if self.spent():
            return None
        match node:
            case syntax.Binary("and" | "or" as op):
                return self._joined(op, node)
            case syntax.Binary(op, left, right) if op in _TURNED:
                return self._compared(op, left, right)
            case syntax.Call("not", (of,), ()):
                return self._turned(of)
            case syntax.Literal(True):
                return _("det alltid er slik")
            case syntax.Literal(False | None):
                return _("det aldri er slik")
            case syntax.In(value, tests):
                return self._in(value, tests)
            case syntax.Between(value, low, high):
                return self._between(value, low, high)
            case syntax.Call("list contains", (of, value), ()):
                return self._contains(of, value)
            case syntax.Call("is defined", (of,), ()):
                return _("%(thing)s er kjent", thing=self.value(of))
            case syntax.Name() | syntax.Path():
                return self._true(node)
            case syntax.If(condition, then, syntax.Literal(False)):
                return self._joined("and", syntax.Binary("and", condition, then))
        return None

    def _joined(self, op: str, node: syntax.Binary) -> str:
        if op == "or" and (one := _same(_flat(op, node))):
            return self._in(*one) or ""
        parts = []
        for part in _flat(op, node):
            said = self.condition(part)
            inner = isinstance(part, syntax.Binary) and part.op in ("and", "or")
            parts.append(f"({said})" if inner else said)
        return both(parts) if op == "and" else either(parts)

    def _compared(self, op: str, left: syntax.Node, right: syntax.Node) -> str:
        if isinstance(left, syntax.Literal) and not isinstance(right, syntax.Literal):
            left, right, op = right, left, _MIRRORED[op]
        if isinstance(right, syntax.Literal):
            if right.value is None and op in ("=", "!="):
                return self._known(left, is_known=op == "!=")
            if isinstance(right.value, bool) and op in ("=", "!="):
                return self._true(left) if right.value is (op == "=") else self._turned(left)
        found = self.field(left)
        one = self.value(left)
        if found is not None:
            one = (self.when(left) if found.is_time else None) or field_said(found)
        other = self._option(found, right)
        is_time = (found is not None and found.is_time) or self.when(left) is not None or self.when(right) is not None
        return _compare_times(op, one, other) if is_time else _compare(op, one, other)

    def _option(self, found: FieldWords | None, node: syntax.Node) -> str:
        """A value as its field's options call it."""
        if found is not None and isinstance(node, syntax.Literal) and node.value is not None:
            value = str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
            if value in found.options:
                return quoted(found.options[value])
        return self.value(node)

    def _known(self, node: syntax.Node, *, is_known: bool) -> str:
        found = self.field(node)
        if found is not None and is_known:
            return _("%(field)s er fylt ut", field=quoted(found.label))
        if found is not None:
            return _("%(field)s ikke er fylt ut", field=quoted(found.label))
        thing = self.value(node)
        return _("%(thing)s er kjent", thing=thing) if is_known else _("%(thing)s ikke er kjent", thing=thing)

    def _true(self, node: syntax.Node) -> str:
        setting, found = self.names.setting(node), self.field(node)
        if setting is not None:
            return setting[0]
        if found is None:
            return _("%(thing)s er «ja»", thing=self.value(node))
        if "true" in found.options:
            return _compare("=", field_said(found), quoted(found.options["true"]))
        return _("det er krysset av for %(field)s", field=quoted(found.label))

    def _turned(self, node: syntax.Node) -> str:
        """When it is not true."""
        match node:
            case syntax.Binary(op, left, right) if op in _TURNED:
                return self._compared(_TURNED[op], left, right)
            case syntax.Call("not", (of,), ()):
                return self.condition(of)
            case syntax.Name() | syntax.Path():
                setting, found = self.names.setting(node), self.field(node)
                if setting is not None:
                    return setting[1]
                if found is None:
                    return _("%(thing)s er «nei»", thing=self.value(node))
                if "false" in found.options:
                    return _compare("=", field_said(found), quoted(found.options["false"]))
                return _("det ikke er krysset av for %(field)s", field=quoted(found.label))
        return _("det ikke er slik at %(condition)s", condition=self.condition(node))

    def _in(self, value: syntax.Node, tests: tuple[syntax.Node, ...]) -> str | None:
        found = self.field(value)
        one = field_said(found) if found is not None else self.value(value)
        if len(tests) == 1 and isinstance(tests[0], syntax.Interval):
            span = tests[0]
            if span.start_included and span.end_included:
                return self._between(value, span.start, span.end)
            return None
        items = tests[0].items if len(tests) == 1 and isinstance(tests[0], syntax.Listing) else tests
        if not all(isinstance(item, syntax.Literal) for item in items):
            return None
        return _compare("=", one, either(self._option(found, item) for item in items))

    def _between(self, value: syntax.Node, low: syntax.Node, high: syntax.Node) -> str:
        return _(
            "%(thing)s er fra %(low)s til %(high)s",
            thing=self.value(value), low=self.value(low), high=self.value(high),
        )  # fmt: skip

    def _contains(self, of: syntax.Node, value: syntax.Node) -> str:
        found = self.field(of)
        said = self._option(found, value)
        if found is not None:
            return _("%(option)s er valgt i %(field)s", option=said, field=quoted(found.label))
        return _("%(option)s er med i %(list)s", option=said, list=self.value(of))


def _flat(op: str, node: syntax.Node) -> list[syntax.Node]:
    """`a and b and c` as three."""
    found: list[syntax.Node] = []
    todo = [node]
    while todo:
        at = todo.pop()
        if isinstance(at, syntax.Binary) and at.op == op:
            todo += [at.right, at.left]
        else:
            found.append(at)
    return found


def _same(parts: list[syntax.Node]) -> tuple[syntax.Node, tuple[syntax.Node, ...]] | None:
    """`a = 1 or a = 2` as one thing with several values."""
    found: list[syntax.Node] = []
    first = parts[0].left if isinstance(parts[0], syntax.Binary) else None
    for part in parts:
        match part:
            case syntax.Binary("=", left, syntax.Literal(str() | Decimal()) as value) if left == first:
                found.append(value)
            case _:
                return None
    return (first, tuple(found)) if first is not None else None


def _compare(op: str, one: str, other: str) -> str:
    match op:
        case "=":
            return _("%(one)s er %(other)s", one=one, other=other)
        case "!=":
            return _("%(one)s ikke er %(other)s", one=one, other=other)
        case "<":
            return _("%(one)s er mindre enn %(other)s", one=one, other=other)
        case "<=":
            return _("%(one)s er høyst %(other)s", one=one, other=other)
        case ">":
            return _("%(one)s er større enn %(other)s", one=one, other=other)
    return _("%(one)s er minst %(other)s", one=one, other=other)


def _compare_times(op: str, one: str, other: str) -> str:
    match op:
        case "=":
            return _("%(one)s er %(other)s", one=one, other=other)
        case "!=":
            return _("%(one)s ikke er %(other)s", one=one, other=other)
        case "<":
            return _("%(one)s er før %(other)s", one=one, other=other)
        case "<=":
            return _("%(one)s ikke er etter %(other)s", one=one, other=other)
        case ">":
            return _("%(one)s er etter %(other)s", one=one, other=other)
    return _("%(one)s ikke er før %(other)s", one=one, other=other)
