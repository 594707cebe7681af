"""What a browser's editor cannot hold and so leaves out when it writes a diagram is put back where it stood.

bpmn-js drops, though nobody removed it: comments and processing instructions, what other tools have put beside BPMN's
own elements outside `extensionElements`, attributes it has no word for, and references to ids that are nowhere in the
file. What it can hold and somebody removed stays removed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Final

from lxml import etree

from komp_flow.engine.bpmn import BPMN

_OURS: Final = (
    BPMN,
    "{http://www.omg.org/spec/BPMN/20100524/DI}",
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


def kept(before: bytes, saved: bytes) -> bytes:
    """`saved`, with what was in `before` and an editor could not hold. Both are diagrams that check can read."""
    old, new = _tree(before), _tree(saved)
    new_by_id = {element.get("id"): element for element in _elements(new)}
    changed = _comments_around(old, new)
    for was in _elements(old):
        now = new_by_id.get(was.get("id")) if was.get("id") else None
        if now is None and was is old:
            now = new
        if now is not None and now.tag == was.tag:
            changed = _put_back(was, now, old) or changed
    return etree.tostring(new.getroottree(), encoding="UTF-8", xml_declaration=True) if changed else saved


def _tree(data: bytes) -> etree._Element:
    return etree.fromstring(
        data, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    )


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if isinstance(element.tag, str))


def _put_back(was: etree._Element, now: etree._Element, old: etree._Element) -> bool:
    """What is missing in `now` of what stood right in `was`."""
    changed = False
    for name, value in was.attrib.items():
        if str(name).startswith("{") and not str(name).startswith(_OURS) and name not in now.attrib:
            now.set(name, value)
            changed = True
    present = [_text(child) for child in now]
    for place, child in enumerate(was):
        if not _cannot_be_held(child, old):
            continue
        text = _text(child)
        if text in present:
            present.remove(text)
            continue
        made = copy.deepcopy(child)
        now.insert(min(_place_of(was, place, now), len(now)), made)
        changed = True
    return changed


def _cannot_be_held(child: etree._Element, old: etree._Element) -> bool:
    if not isinstance(child.tag, str):
        return True  # a comment or a processing instruction
    if not child.tag.startswith(_OURS):
        parent = child.getparent()
        return parent is not None and parent.tag != BPMN + "extensionElements"
    if child.tag in _REFERENCES:
        aim = (child.text or "").strip().rpartition(":")[2]
        return not any(element.get("id") == aim for element in _elements(old))
    return False


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
