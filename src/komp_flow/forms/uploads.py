"""Which field of a form a file was put in: its path, as pages and errors write it."""

from __future__ import annotations

from komp_flow.forms.components import Component, Form, Group, Reference, Rows, key_of, keyed


def field(form: Form, path: str) -> Reference | None:
    """The filepicker at `documents-0-file`; None where there is none. The number of a row is any."""
    here: tuple[Component, ...] = form.components
    steps = path.split("-")
    while steps:
        step = steps.pop(0)
        part = next((each for each in keyed(here) if key_of(each) == step), None)
        if isinstance(part, Reference):
            return None if steps else part
        if isinstance(part, Rows) and steps and steps[0].isdigit():
            steps.pop(0)
        elif not isinstance(part, Group):
            return None
        here = part.components
    return None


def takes(form: Form | None) -> bool:
    """Whether files may be put in the form at all."""
    return form is not None and form.takes_files


def named(form: Form, answers: object) -> dict[str, Reference]:
    """The files that answers name, with the field that each stands in."""
    found: dict[str, Reference] = {}

    def walk(components: tuple[Component, ...], holder: object) -> None:
        if not isinstance(holder, dict):
            return
        for part in keyed(components):
            value = holder.get(key_of(part))
            if isinstance(part, Reference):
                found.update((each, part) for each in value or () if isinstance(each, str))
            elif isinstance(part, Group):
                walk(part.components, value)
            elif isinstance(part, Rows):
                for row in value if isinstance(value, list) else ():
                    walk(part.components, row)

    walk(form.components, answers)
    return found
