"""Drafts of tasks."""

from __future__ import annotations

import pytest

from komp_flow import work
from komp_flow.errors import Conflict, Invalid, NotFound, Stale
from work.conftest import Office
from work.staff import HANNE, KARI, NILS, away


def test_a_draft_counts_its_versions(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    assert office.look(work.draft, task, KARI) == work.Draft({})
    first = office.act(work.save_draft, task, KARI, {"title": "A"}, 0)
    office.pass_time(minutes=1)
    second = office.act(work.save_draft, task, KARI, {"title": "B"}, 1)
    assert (first.version, second.version) == (1, 2)
    assert office.look(work.task, task, KARI).draft == second
    assert second.edited_by_name == "Kari Nordmann"
    assert office.look(work.inbox, KARI)[0].draft_at == office.now


def test_a_draft_need_not_be_complete_but_has_no_unknown_fields(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    assert office.act(work.save_draft, task, KARI, {"note": "Bare et notat"}, None).values == {"note": "Bare et notat"}
    with pytest.raises(Invalid):
        office.act(work.save_draft, task, KARI, {"nonsense": 1}, None)


def test_a_stale_draft_is_answered_with_the_other(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    with office.database.transaction() as db:
        away(db, "kari", "nils", office.now)
    office.act(work.save_draft, task, KARI, {"title": "Karis"}, 0)
    with pytest.raises(Stale) as caught:
        office.act(work.save_draft, task, NILS, {"title": "Nils sitt"}, 0)
    theirs = caught.value.current
    assert isinstance(theirs, work.Draft)
    assert (theirs.values, theirs.version, theirs.edited_by) == ({"title": "Karis"}, 1, "kari")


def test_a_draft_goes_with_the_task_to_its_next_holder(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    office.act(work.save_draft, task, KARI, {"title": "Halvferdig"}, 0)
    office.act(work.delegate, task, KARI, "nils", "Jeg rekker det ikke")
    assert office.look(work.task, task, NILS).draft.values == {"title": "Halvferdig"}


def test_the_draft_is_gone_when_the_task_is_done(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    office.act(work.save_draft, task, KARI, {"title": "A"}, 0)
    office.complete(KARI)
    assert office.look(work.task, task, KARI).draft == work.Draft({})
    with pytest.raises(Conflict):
        office.act(work.save_draft, task, KARI, {"title": "B"}, None)


def test_nobody_else_reads_a_draft(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    office.act(work.save_draft, task, KARI, {"title": "Hemmelig"}, 0)
    assert office.look(work.task, task, HANNE).draft == work.Draft({})
    with pytest.raises(NotFound):
        office.look(work.draft, task, NILS)
