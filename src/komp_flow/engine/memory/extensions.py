"""The zeebe extension elements of one node, read once at compile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from komp_flow.engine.memory.bpmn import ZEEBE, extensions, properties

Mappings = tuple[tuple[str | None, str], ...]


@dataclass(frozen=True)
class Extensions:
    """`inputs` and `outputs` are pairs of source and target; `type` is the operation of `zeebe:taskDefinition`."""

    inputs: Mappings = ()
    outputs: Mappings = ()
    type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    propagates: bool = False  # a call activity's propagateAllChildVariables


def read(node: etree._Element) -> Extensions:
    """All of them; what is unknown is left alone."""
    definitions = extensions(node, "taskDefinition")
    called = extensions(node, "calledElement")
    return Extensions(
        inputs=_mappings(node, "input"),
        outputs=_mappings(node, "output"),
        type=definitions[0].get("type") if definitions else None,
        headers={item.get("key", ""): item.get("value", "") for h in extensions(node, "taskHeaders") for item in h},
        properties=properties(node),
        propagates=bool(called) and called[0].get("propagateAllChildVariables") == "true",
    )


def _mappings(node: etree._Element, way: str) -> Mappings:
    return tuple(
        (item.get("source"), item.get("target", ""))
        for mapping in extensions(node, "ioMapping")
        for item in mapping.findall(ZEEBE + way)
    )
