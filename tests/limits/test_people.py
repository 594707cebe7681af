"""Bounds of what people ask for: who steps in, reasons, many at once, archives. docs/limits.md lists them all."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from komp_flow import organisation, work
from komp_flow.auth import accounts
from komp_flow.errors import Invalid, KompFlowError, TooLarge
from komp_flow.files import kinds, packages
from komp_flow.organisation import Subject, commands, handing
from komp_flow.work.people import mapping
from komp_flow.work.running import steering
from work.conftest import Office, office
from work.staff import EIER, HANNE

__all__ = ["office"]


def refused(act: Callable[[], object], error: type[Exception] = Invalid) -> bool:
    try:
        act()
    except error:
        return True
    return False


def test_somebody_steps_in_for_a_year_and_no_longer(office: Office) -> None:
    first = office.now.date()

    def step_in(days: int) -> Any:
        last = first + timedelta(days=days - 1)
        with office.database.transaction() as db:
            return organisation.substitute(db, "kari", "ola", office.now, start=first, end=last)

    assert not refused(lambda: step_in(commands.LONGEST_SUBSTITUTION))
    assert refused(lambda: step_in(commands.LONGEST_SUBSTITUTION + 1))


def test_talks_are_handed_over_with_a_reason_of_so_many_letters(office: Office) -> None:
    def hand(letters: int) -> Any:
        return office.act(work.hand_over, "nils", "per", HANNE, "x" * letters)

    assert refused(lambda: hand(handing.LONGEST_REASON + 1))
    assert not refused(lambda: hand(handing.LONGEST_REASON))


def test_a_closed_unit_goes_on_in_so_many_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused for another reason at the bound: this unit is not closed."""

    def told(units: list[str], letters: int) -> set[str]:
        with pytest.raises(KompFlowError) as error, office.database.transaction() as db:
            mapping.map_unit(db, HANNE, "it", units, "x" * letters, office.now)
        return {field.field for field in getattr(error.value, "fields", ())}

    monkeypatch.setattr(mapping, "MOST_UNITS", 1)
    assert told(["law"], mapping.LONGEST_REASON) == set()
    assert told(["law"], mapping.LONGEST_REASON + 1) == {"reason"}
    assert told(["law", "dir"], 5) == {"to"}


def test_so_many_instances_are_started_together(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering, "MOST_STARTED", 2)
    subjects = [Subject(unit="it"), Subject(unit="law"), Subject(unit="dir")]

    def begin(count: int) -> Any:
        with office.database.transaction() as db:
            return work.start_many(db, EIER, "p", subjects[:count], {}, now=office.now)

    assert refused(lambda: begin(3), TooLarge)
    assert len(begin(2)) == 2


@pytest.mark.parametrize("length", [accounts.LONGEST, accounts.LONGEST + 1])
def test_a_password_has_so_many_letters(length: int) -> None:
    password = ("abcd efgh " * 20)[:length]
    assert refused(lambda: accounts.checked(password, "a@example.org")) == (length > accounts.LONGEST)


@pytest.mark.parametrize("name", ["MOST_ENTRIES", "LARGEST_DIRECTORY", "LARGEST_UNPACKED", "LARGEST_LIST"])
def test_an_archive_holds_so_much(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    from files import samples

    document = samples.office("docx")
    assert kinds.of(io.BytesIO(document), "plan.docx") == "docx"
    monkeypatch.setattr(packages, name, 1)
    assert refused(lambda: kinds.of(io.BytesIO(document), "plan.docx"))
