"""What a form reads from before, as examples in its preview: each shipped form, and the shapes of expressions."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from komp_flow import feel, forms
from komp_flow.revising.examples import ROWS, examples

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHIPPED = sorted((Path(__file__).parents[2] / "forms").glob("*.json"))


def read(*expressions: str, **table: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The context and the names of a form with texts of these expressions, and a table."""
    components = [{"type": "text", "id": f"t{at}", "text": each} for at, each in enumerate(expressions)]
    if table:
        components.append({"type": "table", "id": "table", "label": "Tabell", **table})
    written = {"type": "default", "id": "f", "schemaVersion": 19, "components": components}
    return examples(forms.parse(json.dumps(written).encode()), NOW)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_shipped_form_is_shown_with_them(path: Path) -> None:
    form = forms.parse(path.read_bytes())
    context, names = examples(form, NOW)
    seen: dict[str, Any] = {"context": context, "names": names, "moment": feel.Moment(NOW, ZoneInfo("Europe/Oslo"))}
    assert forms.view(form, forms.start(forms.fields(form, {}, **seen)), **seen)


def test_a_table_has_rows_with_its_columns() -> None:
    columns = [{"key": "name", "label": "Navn"}, {"key": "level", "label": "Nivå"}]
    context, _names = read(dataSource="=context.areas", columns=columns)
    assert len(context["areas"]) == ROWS
    assert all({"name", "level"} <= set(row) for row in context["areas"])


def test_what_is_gone_through_is_a_list_with_what_is_asked_of_its_rows() -> None:
    context, _names = read(
        "=concatenate(for goal in context.goals return goal.text)", "=count(context.answers.B7.done)"
    )
    assert len(context["goals"]) == ROWS
    assert all("text" in row for row in context["goals"])
    assert len(context["answers"]["B7"]["done"]) == ROWS


def test_a_deadline_is_a_day_to_come_and_a_name_that_the_form_does_not_read_is_left_out() -> None:
    context, names = read("=string(deadline.date)", "=unit.name")
    assert context == {}
    assert isinstance(names["deadline"]["date"], date)
    assert names["deadline"]["date"] > NOW.date()
    assert set(names) == {"deadline", "unit"}
