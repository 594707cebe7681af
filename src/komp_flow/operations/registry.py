"""The registry of operations: what a diagram may name, what it gives and gets, and what it does in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from komp_flow.engine import OperationCall, OperationSpec
from komp_flow.errors import NotFound
from komp_flow.i18n import _

Function = Callable[[Session, OperationCall], Mapping[str, object]]


@dataclass(frozen=True)
class Operation:
    """One operation. The mappings go from a name to what it means, in English for those who draw with the docs."""

    type: str
    function: Function
    says: str
    inputs: Mapping[str, str] = field(default_factory=dict)  # that must be given
    optional: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def spec(self) -> OperationSpec:
        """What `check` needs to know of it."""
        return OperationSpec(
            type=self.type,
            required=frozenset(self.inputs),
            optional=frozenset(self.optional),
            outputs=frozenset(self.outputs),
            errors=frozenset(self.errors),
            sentence=str(self.says),
        )


_registered: Final[dict[str, Operation]] = {}


def operation(
    type: str,  # noqa: A002 (the word of the diagram)
    *,
    says: str,
    inputs: Mapping[str, str] | None = None,
    optional: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Callable[[Function], Function]:
    """Register the function under the type that `zeebe:taskDefinition` names."""

    def register(function: Function) -> Function:
        if type in _registered:
            raise ValueError(f"two operations are called {type}")
        _registered[type] = Operation(type, function, says, inputs or {}, optional or {}, outputs or {}, errors or {})
        return function

    return register


def operations() -> Mapping[str, Operation]:
    """Every operation, by its type."""
    return dict(sorted(_registered.items()))


def registry() -> Mapping[str, OperationSpec]:
    """What `check` may know of the operations, by type."""
    return {type_: found.spec for type_, found in operations().items()}


def run(db: Session, call: OperationCall) -> Mapping[str, object]:
    """Run the operation that the call names. NotFound when there is none: an incident of the instance."""
    found = _registered.get(call.type)
    if found is None:
        raise NotFound(_("Operasjonen «%(type)s» finnes ikke. Velg en fra docs/operations.md.", type=call.type))
    return found.function(db, call)


def documentation() -> str:
    """The page of all operations, as Markdown: `docs/operations.md` is this and nothing else."""
    lines = [
        "# Operations",
        "",
        "What a service task may name in `zeebe:taskDefinition type`. Made from the code by",
        "`python -m komp_flow.operations`; do not edit.",
    ]
    for found in operations().values():
        lines += ["", f"## `{found.type}`", "", f"{found.says}", "", *_prose(found)]
        for title, names in (
            ("Inputs that must be given", found.inputs),
            ("Inputs that may be given", found.optional),
            ("Outputs", found.outputs),
            ("Error codes", found.errors),
        ):
            if names:
                lines += ["", f"{title}:", "", *(f"- `{name}`: {meaning}" for name, meaning in names.items())]
    return "\n".join(lines) + "\n"


def _prose(found: Operation) -> list[str]:
    text = (found.function.__doc__ or "").strip()
    return [line.strip() for line in text.splitlines()]
