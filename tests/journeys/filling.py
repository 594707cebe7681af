"""Fills in any form that is open in the browser as a hasty but careful person would: every field, plausibly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from playwright.sync_api import Locator, Page

TEXT = "Klarspråk og digitale brev, så brukerne slipper å ringe."
NUMBERS = {"level_today": "2", "level_wanted": "3", "cost": "120 000", "budget": "500 000", "criticality": "4"}
ANSWERED = "input:not([type=hidden]):not([type=file]), textarea, select"
ROUNDS = 8  # answers open fields, which open fields


def fill(page: Page, today: date, choose: Mapping[str, str] | None = None) -> None:
    """Answer every visible field that stands empty. `choose`: a field's name → the value to pick or type there."""
    done: set[str] = set()
    for _round in range(ROUNDS):
        names = [name for name in _names(page) if name not in done]
        if not names:
            return
        for name in names:
            field = page.locator(f'form.form [name="{name}"]:not([type=hidden])')
            if field.count():  # an answer before it may have taken it away
                _answer(page, field, name, today, choose or {})
            done.add(name)
    raise AssertionError(f"the form keeps opening fields: {names}")


def _names(page: Page) -> list[str]:
    found = page.locator("form.form").locator(ANSWERED).evaluate_all("all => all.map(each => each.name)")
    return list(dict.fromkeys(name for name in found if name))


def _answer(page: Page, field: Locator, name: str, today: date, choose: Mapping[str, str]) -> None:
    first = field.first
    kind = first.evaluate("each => each.tagName == 'INPUT' ? each.type : each.tagName.toLowerCase()")
    key = re.sub(r"^.*-\d+-", "", name)
    wanted = choose.get(name, choose.get(key))
    if kind == "radio":
        if wanted:
            page.locator(f'form.form [name="{name}"][value="{wanted}"]').check()
        elif not field.and_(page.locator(":checked")).count():
            first.check()
    elif kind == "checkbox":
        for each in field.all():
            each.check()
    elif kind == "select":
        if wanted or not first.input_value():
            first.select_option(wanted) if wanted else first.select_option(index=1)
    elif wanted or not first.input_value():
        first.fill(wanted or _typed(first, kind, name, key, today))
    _settled(page)


def _typed(field: Locator, kind: str, name: str, key: str, today: date) -> str:
    if kind == "date":
        return today.isoformat()
    if kind == "datetime-local":
        return f"{today + timedelta(days=30)}T10:00"
    if field.get_attribute("inputmode"):
        if key in {"rank", "priority"}:
            row = re.search(r"-(\d+)-", name)
            return str(int(row[1]) + 1) if row else "1"
        return NUMBERS.get(key, "5")
    return TEXT


def _settled(page: Page) -> None:
    """Wait while the page asks the server which fields are open now."""
    page.locator(".htmx-request").first.wait_for(state="detached")
