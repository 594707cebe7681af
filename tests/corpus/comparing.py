"""Two texts of one drawing compared as XML: what the first says that the second does not, however it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from lxml import etree

DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_PLACES: Final = (DI, "{http://www.omg.org/spec/DD/20100524/DI}", "{http://www.omg.org/spec/DD/20100524/DC}")


def lost(before: bytes, after: bytes, *, routes: bool = True) -> list[str]:
    """What `after` lacks or says otherwise; what it says besides is no loss.

    The order of shapes in a plane says only what lies over what. Without `routes`, lines may run anew, numbers may be
    rounded and things may stand in another order: as when something was moved.
    """
    old, new = _tree(before), _tree(after)
    by_id: dict[str, etree._Element] = {}
    for element in new.iter("*"):
        if element.get("id"):
            by_id.setdefault(element.get("id", ""), element)
    found = [*_around(old, new), *_Matching(by_id, routes).of(old, new)]
    return list(dict.fromkeys(found))


def _tree(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def _around(old: etree._Element, new: etree._Element) -> Iterator[str]:
    there = [_plain(one) for one in (*new.itersiblings(preceding=True), *new.itersiblings())]
    for one in (*old.itersiblings(preceding=True), *old.itersiblings()):
        if _plain(one) not in there:
            yield f"outside the outermost element: {_plain(one)[:80]}"


class _Matching:
    """Elements with an id are the same wherever they stand; others are the likest in the same parent."""

    def __init__(self, by_id: dict[str, etree._Element], routes: bool) -> None:
        self.by_id, self.routes = by_id, routes

    def of(self, old: etree._Element, new: etree._Element) -> Iterator[str]:
        """What is lost of one element and all below it."""
        at = _called(old)
        is_place = old.tag.startswith(_PLACES)
        for name, value in old.attrib.items():
            now = new.get(name)
            if is_place and (name == _TYPE or (not self.routes and _NUMBER.fullmatch(str(value)))):
                continue  # a point is a point, whether it says so or not
            if old.tag == DI + "BPMNPlane" and str(name) == "bpmnElement" and _is_nowhere(str(value), old):
                continue  # the editor puts it right: it must lie on something
            if now is None:
                yield f"{at}: attribute {_short(str(name))}={str(value)[:60]!r}"
            elif not _same(str(name), str(value), now, old, new):
                yield f"{at}: attribute {_short(str(name))}={str(value)[:60]!r} is {now[:60]!r}"
        if _words(old.text) and _words(old.text) not in (_words(new.text), _words(" ".join(map(str, new.itertext())))):
            yield f"{at}: text {(old.text or '').strip()[:60]!r} is {(new.text or '').strip()[:60]!r}"
        if not self.routes and old.tag == DI + "BPMNEdge":
            return
        yield from self._children(old, new)

    def _children(self, old: etree._Element, new: etree._Element) -> Iterator[str]:
        free = list(new)
        pairs: list[tuple[etree._Element, etree._Element]] = []
        waiting = []
        for child in old:
            found = self._exactly(child, free)
            if found is None:
                waiting.append(child)
                continue
            if found in free:
                free.remove(found)
            pairs.append((child, found))
        for child in waiting:
            found = next((one for one in free if one.tag == child.tag and isinstance(one.tag, str)), None)
            if found is None:
                yield f"{_called(old)}: {_called(child)}"
                continue
            free.remove(found)
            pairs.append((child, found))
        if self.routes and old.tag != DI + "BPMNPlane":
            yield from _order(old, new, pairs)
        for child, found in pairs:
            if isinstance(child.tag, str):
                if found.tag != child.tag:
                    yield f"{_called(child)}: is a {_called(found)}"
                yield from self.of(child, found)

    def _exactly(self, child: etree._Element, free: list[etree._Element]) -> etree._Element | None:
        if not isinstance(child.tag, str):
            return next((one for one in free if _plain(one) == _plain(child)), None)
        if child.get("id"):
            same = (one for one in free if one.get("id") == child.get("id") and one.tag == child.tag)
            return next(same, self.by_id.get(child.get("id", "")))
        return next((one for one in free if _plain(one) == _plain(child)), None)


def _order(
    old: etree._Element, new: etree._Element, pairs: list[tuple[etree._Element, etree._Element]]
) -> Iterator[str]:
    """Of one kind of thing, those that stood first stand first."""
    place = {child: at for at, child in enumerate(new)}
    kinds: dict[object, list[tuple[int, str]]] = {}
    was = {child: at for at, child in enumerate(old)}
    for child, found in sorted(pairs, key=lambda pair: was[pair[0]]):
        if found in place and isinstance(child.tag, str):
            kinds.setdefault(child.tag, []).append((place[found], _called(child)))
    for one in kinds.values():
        for (before, _name), (after, name) in pairwise(one):
            if after < before:
                yield f"{_called(old)}: {name} has another place"
                break


def _same(name: str, was: str, now: str, old: etree._Element, new: etree._Element) -> bool:
    if was == now or was.split() == now.split():
        return True
    if _NUMBER.fullmatch(was) and _NUMBER.fullmatch(now):
        return float(was) == float(now)
    if name == _TYPE:
        return _resolved(was, old) == _resolved(now, new)
    if {was, now} <= {"true", "1"} or {was, now} <= {"false", "0"}:
        return True
    return ":" in was and _resolved(was, old) is not None and was.rpartition(":")[2] == now.rpartition(":")[2]


def _is_nowhere(aim: str, element: etree._Element) -> bool:
    """Whether nothing is called so, or what is called so is nothing that a plane can lie on."""
    aim = aim.rpartition(":")[2]
    found = next((one for one in element.getroottree().iter("*") if one.get("id") == aim), None)
    return found is None or _short(str(found.tag)) == "definitions"


def _resolved(text: str, element: etree._Element) -> str | None:
    """A qualified name by its namespace, which each text may have its own prefix for."""
    prefix, _colon, local = text.strip().rpartition(":")
    space = element.nsmap.get(prefix or None)
    return f"{{{space}}}{local}" if space or not prefix else None


def _words(text: str | None) -> list[str]:
    return (text or "").split()


def _short(name: str) -> str:
    return name.rpartition("}")[2]


def _called(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return f"<!--{(element.text or '').strip()[:40]}-->"
    name = element.get("id") or element.get("bpmnElement") or element.get("name") or ""
    return f"{_short(element.tag)}{' ' + name if name else ''}"


def _plain(element: etree._Element) -> str:
    """A text that two elements share exactly when they say the same."""
    if not isinstance(element.tag, str):
        return f"{type(element).__name__} {_words(element.text)}"
    attributes = sorted((str(name), _number(str(value))) for name, value in element.attrib.items() if name != _TYPE)
    return f"{element.tag} {attributes} {_words(element.text)} [{' '.join(_plain(one) for one in element)}]"


def _number(text: str) -> str:
    return str(float(text)) if _NUMBER.fullmatch(text) else text
