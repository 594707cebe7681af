"""The OpenAPI document laid out for a page: operations by group, each with what goes in and what comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A parameter or a field: its name, its type in words, whether it must be there, and a sentence."""

    name: str
    kind: str
    required: bool
    said: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    summary: str
    said: str
    parameters: tuple[Entry, ...]
    body: tuple[Entry, ...]
    body_type: str
    status: str
    answer: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        """An id for the page."""
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "")


@dataclass(frozen=True)
class Group:
    """The operations of one tag."""

    name: str
    said: str
    operations: tuple[Operation, ...]


def groups(document: Document) -> list[Group]:
    """All of the document, in its own order."""
    found: dict[str, list[Operation]] = defaultdict(list)
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method != "parameters":
                found[operation["tags"][0]].append(_operation(document, method, path, operation, shared))
    return [
        Group(tag["name"].removeprefix("api-"), tag["description"], tuple(found[tag["name"]]))
        for tag in document["tags"]
    ]


def _operation(document: Document, method: str, path: str, operation: Document, shared: list[Document]) -> Operation:
    status, answer = next((s, r) for s, r in operation["responses"].items() if s.startswith("2"))
    nothing: tuple[str, Document] = ("", {})
    body_type, body = next(iter(operation.get("requestBody", {}).get("content", {}).items()), nothing)
    written: Document = next(iter(answer.get("content", {}).values()), {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        said=operation.get("description", ""),
        parameters=tuple(
            Entry(one["name"], f"{_kind(one['schema'])} ({one['in']})", one["required"], one.get("description", ""))
            for one in (*shared, *operation.get("parameters", []))
        ),
        body=tuple(_fields(document, body.get("schema", {}))),
        body_type=body_type,
        status=status,
        answer=tuple(_fields(document, written.get("schema", {}))),
    )


def _fields(document: Document, schema: Document) -> Iterator[Entry]:
    known = _resolved(document, schema)
    for name, one in known.get("properties", {}).items():
        yield Entry(name, _kind(one), name in known.get("required", ()), one.get("description", ""))
        inner = one.get("items", one)
        if "$ref" in inner and name in {"items", "versions", "next", "subject"}:
            for below in _fields(document, inner):
                yield Entry(f"{name}.{below.name}", below.kind, below.required, below.said)


def _resolved(document: Document, schema: Document) -> Document:
    if "$ref" not in schema:
        return schema
    found: Document = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Document) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    named = schema.get("type", "any")
    kind = " | ".join(named) if isinstance(named, list) else str(named)
    return f"{kind}, {schema['format']}" if "format" in schema else kind
