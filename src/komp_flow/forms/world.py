"""What a form's expressions read beside its answers, and how their values become answers and options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from komp_flow import feel
from komp_flow.forms import values
from komp_flow.forms.attachments import Attached
from komp_flow.forms.components import Expression
from komp_flow.forms.inputs import option_text


@dataclass(frozen=True)
class World:
    """What a form's expressions may read beside its answers."""

    context: Mapping[str, object]
    names: Mapping[str, object]
    moment: feel.Moment
    files: Mapping[str, Attached] = field(default_factory=dict)  # by id, those that the answers may name

    def value(self, expression: Expression, scope: Mapping[str, object]) -> object:
        """The value of an expression; null where it would do more work than it may."""
        try:
            return feel.evaluate(expression.text, scope, self.moment)
        except feel.FeelError:
            return None


def row_id(value: object) -> str | None:
    """A row's id as 32 hexadecimal digits, or None where `value` is not one."""
    if not isinstance(value, str) or len(value) > 36:
        return None
    try:
        return UUID(value).hex
    except ValueError:
        return None


def chosen(value: str | float | Decimal, by_text: Mapping[str, object]) -> object:
    """The option that `value`, itself or as a web form sends it, stands for; `value` where there is none."""
    return by_text.get(option_text(value), value)


def labelled(item: object) -> object:
    """A register row offered as an option: `label` and `value`, else its `name` is shown and its `id` kept."""
    if not isinstance(item, Mapping) or "value" in item:
        return item
    value = item.get("id", item.get("row_id", item.get("name")))
    return {"label": item.get("label", item.get("name")), "value": value}


def plain(value: object) -> object:
    """A value of an expression as an answer is kept: dates as ISO text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, Decimal):
        return values.shortest(value) if value.is_finite() else None
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, str | bool | int | float) else None
