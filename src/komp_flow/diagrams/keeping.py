"""What a browser's editor cannot hold and so leaves out when it writes a diagram is put back where it stood.

The studio's page does so itself, and better: it knows what was changed (`studio/edits.js`). This is for texts that come
as bpmn-js writes them. It drops, though nobody removed it: comments and processing instructions, what other tools put
beside BPMN's own elements outside `extensionElements`, attributes it has no word for, attributes that say what would be
so without them, references to ids that are nowhere in the file, and shapes of what it does not draw. What it can hold
and somebody removed stays removed.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from komp_flow.engine.memory.bpmn import BPMN

_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_SHAPES: Final = (_DI + "BPMNShape", _DI + "BPMNEdge")
_OURS: Final = (
    BPMN,
    _DI,
    "{http://www.omg.org/spec/DD/20100524/DC}",
    "{http://www.omg.org/spec/DD/20100524/DI}",
)
# Children of BPMN elements whose whole content is the id of something else.
_REFERENCES: Final = frozenset(
    BPMN + name
    for name in (
        "loopDataInputRef", "loopDataOutputRef", "dataInputRefs", "dataOutputRefs", "optionalInputRefs",
        "whileExecutingInputRefs", "optionalOutputRefs", "whileExecutingOutputRefs", "sourceRef", "targetRef",
        "eventDefinitionRef", "supportedInterfaceRef", "supportedInterfaceRefs", "resourceRef", "inMessageRef",
        "outMessageRef", "errorRef", "operationRef", "categoryValueRef", "partitionElementRef", "flowNodeRef",
        "outgoing", "incoming",
    )
)  # fmt: skip


# What the schema says where an attribute is left out: the editor leaves out whatever says the same.
_DEFAULTS: Final = {
    "gatewayDirection": "Unspecified", "instantiate": "false", "eventGatewayType": "Exclusive",
    "mustUnderstand": "false", "isReference": "false", "textFormat": "text/plain", "isInterrupting": "true",
    "parallelMultiple": "false", "cancelActivity": "true", "waitForCompletion": "true", "isCollection": "false",
    "isUnlimited": "true", "minimum": "0", "maximum": "1", "loopType": "None", "isForCompensation": "false",
    "startQuantity": "1", "completionQuantity": "1", "triggeredByEvent": "false", "isSequential": "false",
    "behavior": "All", "testBefore": "false", "cancelRemainingInstances": "true", "messageVisibleKind": "initiating",
    "expressionLanguage": "http://www.w3.org/1999/XPath", "typeLanguage": "http://www.w3.org/2001/XMLSchema",
}  # fmt: skip


@dataclass(frozen=True)
class _Ids:
    """The ids of both texts, and how many times each draws what."""

    old: frozenset[str]
    new: frozenset[str]
    was_drawn: Counter[str]
    is_drawn: Counter[str]

    def cannot_be_aimed_at(self, reference: str) -> bool:
        """Whether the editor does not find what this refers to, though nobody has removed it."""
        return _local(reference) not in self.old

    def is_left_undrawn(self, shape: etree._Element) -> bool:
        """Whether what it shows is there, or never was, and is drawn less: who removes a shape removes its element."""
        aim = _local(shape.get("bpmnElement", ""))
        is_less = self.is_drawn[aim] < self.was_drawn[aim] and (shape.get("id") or "") not in self.new
        return is_less and (aim in self.new or self.cannot_be_aimed_at(aim))


def kept(before: bytes, saved: bytes) -> bytes:
    """`saved`, with what was in `before` and an editor could not hold. Both are diagrams that check can read."""
    if before == saved:
        return saved
    old, new = _tree(before), _tree(saved)
    new_by_id = {element.get("id"): element for element in _elements(new)}
    ids = _Ids(_ids(old), _ids(new), _drawn(old), _drawn(new))
    changed = _comments_around(old, new)
    for was in _elements(old):
        now = new_by_id.get(was.get("id")) if was.get("id") else None
        if now is None and was is old:
            now = new
        if now is not None and now.tag == was.tag:
            changed = _put_back(was, now, ids) or changed
    return etree.tostring(new.getroottree(), encoding="UTF-8", xml_declaration=True) if changed else saved


def _tree(data: bytes) -> etree._Element:
    return etree.fromstring(
        data, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    )


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _ids(root: etree._Element) -> frozenset[str]:
    return frozenset(element.get("id", "") for element in _elements(root)) - {""}


def _drawn(root: etree._Element) -> Counter[str]:
    shapes = (one for one in _elements(root) if one.tag in _SHAPES)
    return Counter(_local(one.get("bpmnElement", "")) for one in shapes)


def _local(reference: str) -> str:
    """What a reference aims at: it may be a name with a prefix."""
    return reference.strip().rpartition(":")[2]


def _put_back(was: etree._Element, now: etree._Element, ids: _Ids) -> bool:
    """What is missing in `now` of what stood right in `was`, and in what lies in it without an id of its own."""
    changed = _attributes_back(was, now, ids)
    present = [_text(child) for child in now]
    for place, child in enumerate(was):
        if not _cannot_be_held(child, ids):
            continue
        text = _text(child)
        if text in present:
            present.remove(text)
            continue
        made = copy.deepcopy(child)
        now.insert(min(_place_of(was, place, now), len(now)), made)
        changed = True
    for inner, same in _nameless(was, now):
        changed = _put_back(inner, same, ids) or changed
    return changed


def _attributes_back(was: etree._Element, now: etree._Element, ids: _Ids) -> bool:
    changed = False
    for name, value in ((str(name), str(value)) for name, value in was.attrib.items()):
        if name in now.attrib:
            continue
        is_foreign = name.startswith("{") and not name.startswith(_OURS)
        says_nothing = _DEFAULTS.get(name) == value.strip()
        is_lost = name.endswith("Ref") and ids.cannot_be_aimed_at(value)
        if is_foreign or says_nothing or is_lost:
            now.set(name, value)
            changed = True
    return changed


def _nameless(was: etree._Element, now: etree._Element) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Children of BPMN's own that have no id, beside their like; only where there still are as many."""
    for tag in dict.fromkeys(child.tag for child in was if isinstance(child.tag, str) and child.tag.startswith(BPMN)):
        olds, news = ([one for one in each.findall(tag) if not one.get("id")] for each in (was, now))
        if len(olds) == len(news):
            yield from zip(olds, news, strict=True)


def _cannot_be_held(child: etree._Element, ids: _Ids) -> bool:
    if not isinstance(child.tag, str):
        return True  # a comment or a processing instruction
    if not child.tag.startswith(_OURS):
        parent = child.getparent()
        return parent is not None and parent.tag != BPMN + "extensionElements"
    if child.tag in _SHAPES:
        return ids.is_left_undrawn(child)
    return child.tag in _REFERENCES and ids.cannot_be_aimed_at(child.text or "")


def _place_of(was: etree._Element, place: int, now: etree._Element) -> int:
    """After the nearest thing before it that is still there."""
    ids = {child.get("id"): at for at, child in enumerate(now) if isinstance(child.tag, str) and child.get("id")}
    tags = {child.tag: at for at, child in enumerate(now) if isinstance(child.tag, str)}
    for child in reversed(list(was)[:place]):
        if isinstance(child.tag, str):
            found = ids.get(child.get("id")) if child.get("id") else tags.get(child.tag)
            if found is not None:
                return found + 1
    return 0


def _comments_around(old: etree._Element, new: etree._Element) -> bool:
    """Comments and instructions before and after the outermost element."""
    there = {_text(one) for one in (*new.itersiblings(preceding=True), *new.itersiblings())}
    changed = False
    for one in reversed(list(old.itersiblings(preceding=True))):
        if _text(one) not in there:
            new.addprevious(copy.deepcopy(one))
            changed = True
    for one in reversed(list(old.itersiblings())):
        if _text(one) not in there:
            new.addnext(copy.deepcopy(one))
            changed = True
    return changed


def _text(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return f"{type(element).__name__} {element.text}"
    return f"{element.tag} {sorted((str(k), str(v)) for k, v in element.attrib.items())} {(element.text or '').strip()}"
