"""What an editor sends as JSON, and how much of it is taken."""

from __future__ import annotations

from typing import Any, Final

from flask import request

from komp_flow.engine.memory.bpmn import MAX_BYTES
from komp_flow.errors import FieldError, Invalid, TooLarge
from komp_flow.i18n import _

MOST_SENT: Final = 4 * MAX_BYTES  # bytes of JSON: a text of the largest size, with whatever JSON has to escape


def body() -> dict[str, Any]:
    """The object that was sent. Raises TooLarge or Invalid."""
    if (request.content_length or 0) > MOST_SENT:
        raise TooLarge(_("Det du sendte, er for stort. Ingenting er endret."))
    try:
        found = request.get_json(silent=True)
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(_("Det som ble sendt, er ikke et JSON-objekt. Ingenting er endret."))
    return found


def text(sent: dict[str, Any]) -> str:
    """The diagram or form that was sent. Raises Invalid where there is none."""
    found = sent.get("text")
    if not isinstance(found, str) or "\0" in found:
        raise Invalid(_("Diagrammet mangler i det som ble sendt. Ingenting er endret."), [FieldError("text", "")])
    return found


def revision(sent: dict[str, Any]) -> int:
    """The revision that was changed. Raises Invalid where there is none."""
    found = sent.get("revision")
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**31:
        raise Invalid(_("Nummeret på utgaven du endret, mangler. Ingenting er endret."), [FieldError("revision", "")])
    return found


def filled(sent: dict[str, Any]) -> dict[str, list[str]]:
    """What is typed in a form that is tried out, by the fields' names. Raises Invalid where it is written otherwise."""
    found = sent.get("filled") or {}
    if not isinstance(found, dict) or not all(
        isinstance(values, list) and all(isinstance(one, str) for one in values) for values in found.values()
    ):
        raise Invalid(_("Svarene er ikke skrevet slik de skal. Ingenting er satt inn."))
    return found
