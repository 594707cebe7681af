"""What a form consists of once its document has been read: components with their rules, free of the form-js JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from komp_flow.forms.attachments import KINDS
from komp_flow.forms.limits import HOST_NAMES, LOCAL_NAMES


@dataclass(frozen=True)
class Expression:
    """A FEEL expression without its leading `=`, with the names that it reads from outside itself."""

    text: str
    names: frozenset[str] = frozenset()


# What is written in the form, or computed when it is shown.
Wording = str | Expression
Bound = int | Expression | None


@dataclass(frozen=True, kw_only=True)
class Component:
    """Anything that stands in a form. `element` is its id in the document, unique in the form."""

    element: str
    kind: str
    label: Wording = ""
    description: Wording = ""
    hide: Expression | None = None
    line: str = ""  # components that follow each other with the same one stand beside each other

    def expressions(self) -> Iterator[Expression]:
        """Every expression that the component itself reads, not those of what it contains."""
        for value in vars(self).values():
            if isinstance(value, Expression):
                yield value


@dataclass(frozen=True, kw_only=True)
class Input(Component):
    """A component that is answered; the answer stands under `key`."""

    key: str
    required: bool = False
    readonly: bool | Expression = False
    disabled: bool = False
    default: object = None
    default_from: Expression | None = None
    check: Expression | None = None
    check_message: str = ""
    column: str | None = None
    hint: str = ""  # autocomplete token, where the form asks for something about the one who answers

    @property
    def empty(self) -> object:
        """What stands for no answer."""
        return None


@dataclass(frozen=True, kw_only=True)
class TextInput(Input):
    """textfield and textarea."""

    many_lines: bool = False
    shortest: Bound = None
    longest: Bound = None
    pattern: str | None = None
    pattern_message: str = ""
    format: str = ""  # "email", "phone" or nothing
    prefix: Wording = ""
    suffix: Wording = ""


@dataclass(frozen=True, kw_only=True)
class NumberInput(Input):
    """number."""

    least: Bound | float = None
    most: Bound | float = None
    decimals: int | None = None
    step: str | None = None  # a decimal number as text
    as_text: bool = False
    prefix: Wording = ""
    suffix: Wording = ""


@dataclass(frozen=True)
class Option:
    """One of the answers that may be chosen. `text` is how a web form sends it."""

    label: str
    value: str | int | float | bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Choice(Input):
    """select, radio and, with `many`, checklist."""

    many: bool = False
    options: tuple[Option, ...] = ()
    options_from: Expression | None = None
    options_key: str | None = None

    @property
    def empty(self) -> object:
        """A checklist without ticks is an empty list."""
        return [] if self.many else None

    def expressions(self) -> Iterator[Expression]:
        """Options may come from a name (form-js's `valuesKey`), which reads that name."""
        yield from super().expressions()
        if self.options_key:
            yield Expression(self.options_key, frozenset({self.options_key}))


@dataclass(frozen=True, kw_only=True)
class Tick(Input):
    """checkbox."""

    @property
    def empty(self) -> object:
        """Not ticked."""
        return False


@dataclass(frozen=True, kw_only=True)
class When(Input):
    """datetime: `part` is date, time or datetime. Answers are ISO text."""

    part: str = "date"
    not_past: bool = False
    interval: int | None = None  # minutes
    offset: str = "utc_offset"  # as form-js's timeSerializingFormat: utc_offset, utc_normalized, no_timezone


@dataclass(frozen=True, kw_only=True)
class Reference(Input):
    """filepicker: the answer is a list of the files' ids, or nothing."""

    many: bool = False
    kinds: frozenset[str] = frozenset(KINDS)  # what it takes, keys of attachments.KINDS
    readers: str = ""  # who else than those who read the task may have the files: unit, everyone


@dataclass(frozen=True, kw_only=True)
class Group(Component):
    """Components under one heading; with a `path` their answers stand in a context of that name."""

    path: str | None = None
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rows(Component):
    """dynamiclist: the same components once for each row; the answer is a list of contexts with a `row-id` each."""

    key: str
    components: tuple[Component, ...] = ()
    register: str | None = None
    row_label: str = ""
    first: int = 1  # rows that are shown to begin with
    least: int = 0
    most: int = 100
    fixed: bool = False  # rows may not be added or taken away
    default_from: Expression | None = None
    check: Expression | None = None
    check_message: str = ""


@dataclass(frozen=True, kw_only=True)
class Prose(Component):
    """text: `text` is Markdown, or an expression whose value is shown."""

    text: Wording = ""


@dataclass(frozen=True, kw_only=True)
class Divider(Component):
    """separator."""


@dataclass(frozen=True)
class Column:
    """A column of a table: `key` is the name of the value in each row."""

    key: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Table(Component):
    """table: rows from before, only to be read."""

    source: Expression
    columns: tuple[Column, ...] = ()
    columns_from: Expression | None = None


@dataclass(frozen=True, eq=False)
class Form:
    """A form that holds: what its document says, ready to be shown and to check answers with. Equal only to itself."""

    id: str
    title: str
    document: Mapping[str, object] = field(repr=False)
    components: tuple[Component, ...] = field(repr=False)
    guidance: str | None = None
    covers: tuple[str, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that an expression of the form reads."""
        return frozenset(
            name for part in everything(self.components) for said in part.expressions() for name in said.names
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys that the answers have at the top, in the order of the form."""
        return tuple(key_of(part) for part in keyed(self.components))

    @cached_property
    def outside(self) -> frozenset[str]:
        """The names that must come from the instance: neither the form's own, nor the host's, nor `context`."""
        own = {key_of(part) for part in everything(self.components) if isinstance(part, Input | Rows)}
        own |= {part.path for part in everything(self.components) if isinstance(part, Group) and part.path}
        # What an answer starts with is read before there are answers, so the form's own keys do not shadow it.
        starts = (part.default_from for part in everything(self.components) if isinstance(part, Input | Rows))
        started_with = frozenset(name for start in starts if start is not None for name in start.names)
        return (self.names - own | started_with) - HOST_NAMES - LOCAL_NAMES

    @cached_property
    def is_settled(self) -> bool:
        """Whether nothing is ever hidden, locked or offered anew: all is seen alike whatever is answered."""
        return not any(
            part.hide
            or (isinstance(part, Input) and part.readonly)
            or (isinstance(part, Choice) and (part.options_from or part.options_key))
            for part in everything(self.components)
        )

    @cached_property
    def has_checks(self) -> bool:
        """Whether any field has a `check` of its own, which compares it with the others."""
        return any(isinstance(part, Input | Rows) and part.check is not None for part in everything(self.components))

    @cached_property
    def fills_registers(self) -> bool:
        """Whether any of its lists writes to a register."""
        return any(isinstance(part, Rows) and part.register for part in everything(self.components))

    @cached_property
    def takes_files(self) -> bool:
        """Whether files may be put in the form at all."""
        return any(isinstance(part, Reference) for part in everything(self.components))

    @cached_property
    def properties(self) -> Mapping[str, object]:
        """The form's own properties, which its maker has written beside form-js's."""
        return properties(self.document)

    @cached_property
    def marks(self) -> Mapping[str, frozenset[str]]:
        """By name, the fields that have this property with the value `true`: the keys whose answers stand at the top,
        in groups without a path too.
        """
        found: dict[str, set[str]] = {}
        for part in top_fields(self.document):
            for name, value in properties(part).items():
                if value == "true" and isinstance(key := part.get("key"), str):
                    found.setdefault(name, set()).add(key)
        return {name: frozenset(keys) for name, keys in found.items()}

    @cached_property
    def conditional(self) -> bool:
        """Whether anything in the form may be hidden, or be read-only for a reason."""
        return any(
            part.hide or (isinstance(part, Input) and isinstance(part.readonly, Expression))
            for part in everything(self.components)
        )


def properties(thing: Mapping[str, object]) -> Mapping[str, Any]:
    """The properties of a part of a form-js document, or of the document itself."""
    found = thing.get("properties")
    return found if isinstance(found, Mapping) else {}


def top_fields(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The parts of a form-js document whose answers stand at the top, in groups without a path too."""
    for part in document.get("components") or ():
        if isinstance(part, Mapping) and part.get("type") == "group" and not part.get("path"):
            yield from top_fields(part)
        elif isinstance(part, Mapping):
            yield part


def contents(component: Component) -> tuple[Component, ...]:
    """What stands directly inside a component."""
    return component.components if isinstance(component, Group | Rows) else ()


def everything(components: tuple[Component, ...]) -> Iterator[Component]:
    """All components, from the top and inwards, in the order of the form."""
    for component in components:
        yield component
        yield from everything(contents(component))


def keyed(components: tuple[Component, ...]) -> Iterator[Input | Rows | Group]:
    """The components whose answers stand beside each other: groups without a path are looked through."""
    for component in components:
        if isinstance(component, Group) and not component.path:
            yield from keyed(component.components)
        elif isinstance(component, Input | Rows | Group):
            yield component


def key_of(component: Input | Rows | Group) -> str:
    """The name that a component's answer stands under."""
    return component.path or "" if isinstance(component, Group) else component.key
