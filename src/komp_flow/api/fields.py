"""The fields of the API's schemas, which say in the reader's language what is wrong, and write times and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from komp_flow.i18n import _, _l

LONGEST: Final = 200
_SAID: Final[dict[str, Any]] = {
    "required": _l("Feltet må fylles ut."),
    "null": _l("Feltet kan ikke være null."),
    "type": _l("Send et objekt, {…}."),
}


def _said(invalid: str) -> dict[str, Any]:
    return {**_SAID, "invalid": invalid}


def text(longest: int = LONGEST, **more: Any) -> fields.String:
    """Text of bounded length."""
    bound = validate.Length(max=longest, error=_l("Skriv høyst {max} tegn."))
    return fields.String(validate=bound, error_messages=_said(_l("Feltet skal være tekst.")), **more)


def number(least: int, most: int, **more: Any) -> fields.Integer:
    """A whole number within bounds."""
    bound = validate.Range(least, most, error=_l("Skriv et helt tall fra {min} til {max}."))
    said = _l("Skriv et helt tall.")
    return fields.Integer(validate=bound, error_messages={**_said(said), "too_large": said}, **more)


def one_of(choices: Sequence[str], **more: Any) -> fields.String:
    """One of these words."""
    bound = validate.OneOf(choices, error=_l("Velg en av disse: {choices}."))
    return fields.String(validate=bound, error_messages=_said(_l("Feltet skal være tekst.")), **more)


def identity(**more: Any) -> fields.UUID:
    """The id of a task or an instance."""
    said = _l("Skriv en id, som i 0b0f2c5e-6c1c-4f4c-9e5a-0d6a2a1f9c11.")
    return fields.UUID(error_messages={**_SAID, "invalid_uuid": said, "invalid": said}, **more)


def nested(schema: Any, **more: Any) -> fields.Nested:
    """An object inside an object."""
    return fields.Nested(schema, error_messages=dict(_SAID), **more)


class Instant(fields.AwareDateTime):
    """A moment, RFC 3339 with an offset."""

    def __init__(self, **more: Any) -> None:
        said = _l("Skriv et tidspunkt med forskyvning, som i 2027-01-04T08:00:00Z.")
        super().__init__(
            format="iso", error_messages={**_said(said), "invalid_awareness": said, "format": said}, **more
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type="datetime") from None


class Values(fields.Dict):
    """An object with any names and values: answers, variables, a payload. Written with dates as text."""

    def __init__(self, **more: Any) -> None:
        super().__init__(error_messages=dict(_SAID), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError(_("Send et objekt, {…}."))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return plain(value)


class Scalar(fields.Field[Any]):
    """A text, a number, true or false: a correlation key."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str | int | Decimal):
            raise ValidationError(_("Send tekst, et tall, true eller false."))
        return value


class Anything(fields.Field[Any]):
    """Any plain value, written with dates as text."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return plain(value)


def plain(value: Any) -> Any:
    """The value as JSON has it: dates and times as RFC 3339 text, decimals as numbers, anything else as its text."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return str(value)
