"""What the rules may know of other files: an outline of each, and what is published already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from komp_flow.engine.problems import Known, OperationSpec


@dataclass(frozen=True)
class Outline:
    """What other files must know of one file, small enough to pass between processes.

    `keys` are those of a form's answers, None where the form cannot be read; `wants` the names that a process reads
    and nothing in it writes.
    """

    process: str = ""
    form: str = ""
    keys: frozenset[str] | None = None
    calls: frozenset[str] = frozenset()
    wants: frozenset[str] = frozenset()
    has_plain_start: bool = True
    waits: bool = True

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {k: sorted(v) if isinstance(v, frozenset) else v for k, v in vars(self).items()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Outline:
        """What `to_json` made."""
        values: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in plain.items()}
        return cls(**values)


@dataclass
class Around:
    """Everything around one file. Forms and processes of the files at hand go before published ones."""

    known: Known = field(default_factory=Known)
    processes: dict[str, Outline] = field(default_factory=dict)
    forms: dict[str, Outline] = field(default_factory=dict)

    def add(self, outline: Outline) -> None:
        """One more file; the first with an id counts."""
        if outline.process:
            self.processes.setdefault(outline.process, outline)
        if outline.form:
            self.forms.setdefault(outline.form, outline)

    def has_process(self, process: str) -> bool:
        """Is there such a process, here or published?"""
        return process in self.processes or process in self.known.processes

    def has_form(self, form: str) -> bool:
        """Is there such a form, here or published?"""
        return form in self.forms or form in self.known.forms

    def keys(self, form: str) -> frozenset[str] | None:
        """The keys of a form's answers; None when they are not known."""
        return self.forms[form].keys if form in self.forms else self.known.form_keys.get(form)

    def calls(self, process: str) -> frozenset[str]:
        """The processes that a process calls."""
        if process in self.processes:
            return self.processes[process].calls
        return self.known.calls.get(process, frozenset())

    def wants(self, process: str) -> frozenset[str]:
        """The names that a called process wants to be given."""
        if process in self.processes:
            return self.processes[process].wants
        return self.known.inputs.get(process, frozenset())

    @property
    def never_wait(self) -> frozenset[str]:
        """The processes at hand that run straight through when they are called."""
        return frozenset(name for name, outline in self.processes.items() if not outline.waits)

    def to_json(self) -> dict[str, Any]:
        """Plain data, for the process that checks."""
        known = self.known
        return {
            "processes": {name: outline.to_json() for name, outline in self.processes.items()},
            "forms": {name: outline.to_json() for name, outline in self.forms.items()},
            "known": {
                "processes": sorted(known.processes),
                "forms": sorted(known.forms),
                "roles": sorted(known.roles),
                "form_keys": {name: sorted(keys) for name, keys in known.form_keys.items()},
                "calls": {name: sorted(calls) for name, calls in known.calls.items()},
                "inputs": {name: sorted(wanted) for name, wanted in known.inputs.items()},
                "operations": [_spec_to_json(spec) for spec in known.operations.values()],
            },
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Around:
        """What `to_json` made."""
        known = plain["known"]
        return cls(
            Known(
                processes=frozenset(known["processes"]),
                forms=frozenset(known["forms"]),
                roles=frozenset(known["roles"]),
                form_keys=_sets(known["form_keys"]),
                calls=_sets(known["calls"]),
                inputs=_sets(known["inputs"]),
                operations={spec["type"]: _spec_from_json(spec) for spec in known["operations"]},
            ),
            {name: Outline.from_json(outline) for name, outline in plain["processes"].items()},
            {name: Outline.from_json(outline) for name, outline in plain["forms"].items()},
        )


def _sets(plain: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in plain.items()}


def _spec_to_json(spec: OperationSpec) -> dict[str, Any]:
    return {
        "type": spec.type,
        "required": sorted(spec.required),
        "optional": sorted(spec.optional),
        "outputs": None if spec.outputs is None else sorted(spec.outputs),
        "errors": sorted(spec.errors),
    }


def _spec_from_json(plain: Mapping[str, Any]) -> OperationSpec:
    outputs = plain["outputs"]
    return OperationSpec(
        plain["type"],
        frozenset(plain["required"]),
        frozenset(plain["optional"]),
        None if outputs is None else frozenset(outputs),
        frozenset(plain["errors"]),
    )
