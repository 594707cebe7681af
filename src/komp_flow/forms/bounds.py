"""No submission is bigger, deeper or stranger than answers are: looked at before anything else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from komp_flow.errors import FieldError, Invalid
from komp_flow.forms import limits
from komp_flow.i18n import _


def bounded(answers: object) -> Mapping[str, object]:
    """`answers` itself when it is a JSON object within the bounds of `limits`. Raises Invalid."""
    if not isinstance(answers, Mapping):
        raise _refused(_("Svarene skal være et objekt med ett navn for hvert felt."))
    size = nodes = 0
    waiting: list[tuple[object, int, str]] = [(answers, 0, "")]
    while waiting:
        value, depth, field = waiting.pop()
        nodes += 1
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise _refused(_("Navnene på svarene skal være tekst."), field)
                size += len(key)
                waiting.append((inner, depth + 1, field or key[:100]))
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1, field) for inner in value)
            size += len(value)
        else:
            size += _size(value, field)
        if size > limits.SUBMISSION or nodes > limits.NODES or len(waiting) > limits.NODES:
            raise _refused(
                _("Svarene er til sammen for store (mer enn %(most)s kB). Gjør de lengste tekstene kortere, "
                  "og legg heller ved en lenke.", most=limits.SUBMISSION // 1024)
            )  # fmt: skip
        if depth > limits.ANSWER_DEPTH:
            raise _refused(_("Svarene ligger i for mange nivåer."), field)
    return answers


def _size(value: object, field: str) -> int:
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int):
        if abs(value) <= 10**40:
            return 8
    elif isinstance(value, float | Decimal):
        if Decimal(value).is_finite() and abs(Decimal(value)) <= Decimal(10) ** 40:
            return 8
    else:
        raise _refused(_("Svaret er ikke tekst, tall, true, false eller en liste."), field)
    raise _refused(_("Tallet er for stort."), field)


def _refused(message: str, field: str = "") -> Invalid:
    return Invalid(message, [FieldError(field, message)])
