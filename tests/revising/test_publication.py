"""From a drawing to a version: what is told before, what is required, who must confirm, and back again."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from komp_flow.revising import confirming, drawings, publication, versions
from komp_flow.revising.lines import Proposal
from komp_flow.work.running import publishing
from revising.conftest import ASKED, ROUND, Studio
from work import staff
from work.staff import ADM, EIER, KARI


def proposal(studio: Studio, one: UUID, who: object = EIER) -> Proposal:
    return studio.office.look(publication.proposal, who, one, None)  # type: ignore[no-any-return]


def without_wanted(studio: Studio) -> UUID:
    """A drawing of the form that has lost the field that the diagram's condition reads."""
    one = studio.draw("asked", "form")
    document = json.loads(studio.text(one))
    document["components"] = [part for part in document["components"] if part["key"] != "wanted"]
    studio.office.act(drawings.save, EIER, one, 1, json.dumps(document))
    return one


def with_note(studio: Studio) -> UUID:
    """A drawing of the form that has got a field more."""
    one = studio.draw("asked", "form")
    document = json.loads(studio.text(one))
    document["components"].append({"id": "n", "type": "textarea", "key": "note", "label": "Notat"})
    studio.office.act(drawings.save, EIER, one, 1, json.dumps(document))
    return one


def test_a_drawing_is_published_with_a_reason_and_is_no_drawing_any_more(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    told = proposal(studio, one)
    assert [change.element for change in told.compared.changes] == ["a"]
    assert "Svar raskt" in told.compared.changes[0].text
    assert (told.published and told.published.number, told.running, told.checked.has_errors) == (1, 0, False)
    done = studio.publish(one, why="Det haster")
    assert [(version.key, version.number, version.why) for version in done.versions] == [("round", 2, "Det haster")]
    assert studio.newest().number == 2
    assert studio.office.look(drawings.drawings, EIER) == []
    with pytest.raises(Conflict):
        studio.publish(one)


def test_what_is_published_is_the_drawing_byte_for_byte(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar ærlig"')
    text = studio.text(one)
    studio.publish(one)
    with studio.office.database.reading() as db:
        assert dict(work.published_files(db))["processes/round.bpmn"] == text.encode()


@pytest.mark.parametrize("why", ["", "  ", "x" * 2_001])
def test_a_reason_is_required(studio: Studio, why: str) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    with pytest.raises(Invalid) as caught:
        studio.publish(one, why=why)
    assert [error.field for error in caught.value.fields] == ["why"]
    assert studio.newest().number == 1


def test_a_drawing_that_nobody_changed_is_no_new_version(studio: Studio) -> None:
    assert studio.publish(studio.draw()).unchanged
    assert studio.newest().number == 1


def test_a_drawing_with_an_error_is_not_published_and_stays(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'candidateGroups="manager"', 'candidateGroups="nobody"')
    told = proposal(studio, one)
    assert told.checked.has_errors
    done = studio.publish(one)
    assert done.versions == ()
    assert {problem.element for problem in done.problems if problem.severity == "error"} >= {"a"}
    assert studio.newest().number == 1
    assert [line.id for line in studio.office.look(drawings.drawings, EIER)] == [one]


def test_a_form_that_the_diagram_uses_and_somebody_has_changed_is_offered_and_goes_along(studio: Studio) -> None:
    form, one = with_note(studio), studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    told = proposal(studio, one)
    assert [(along.key, along.chosen, along.is_new) for along in told.along] == [("asked", True, False)]
    done = studio.publish(one, form)
    assert [(version.kind, version.number) for version in done.versions] == [("diagram", 2), ("form", 2)]
    assert studio.office.look(drawings.drawings, EIER) == []


def test_the_form_stays_a_drawing_when_it_is_not_chosen(studio: Studio) -> None:
    form, one = with_note(studio), studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    assert [version.number for version in studio.publish(one).versions] == [2]
    assert [line.id for line in studio.office.look(drawings.drawings, EIER)] == [form]


def test_a_form_that_the_diagram_does_not_use_cannot_go_along(studio: Studio) -> None:
    other = studio.office.act(drawings.draw_new, EIER, "form", "Noe annet")
    with pytest.raises(Conflict):
        studio.look(studio.draw(), other)


def test_a_new_form_is_published_with_the_diagram_that_needs_it(studio: Studio) -> None:
    form = studio.office.act(drawings.draw_new, EIER, "form", "Kvittering")
    one = studio.draw()
    studio.change(one, 'formId="asked"', 'formId="kvittering"')
    studio.change(one, "=wanted", '=answer = "ja"')
    assert studio.look(one).has_errors
    assert [along.is_new for along in proposal(studio, one).along] == [True]
    assert not proposal(studio, one).checked.has_errors
    assert [version.key for version in studio.publish(one, form).versions] == ["round", "kvittering"]


def test_a_form_alone_that_loses_what_a_published_diagram_reads_is_refused_with_the_place(studio: Studio) -> None:
    one = without_wanted(studio)
    told = proposal(studio, one)
    assert told.users == ("round",)
    done = studio.publish(one)
    assert [(p.file, p.element) for p in done.problems if p.severity == "error"] == [("processes/round.bpmn", "g_yes")]
    assert not done.versions


def test_the_same_form_goes_along_with_a_diagram_that_does_not_read_it_any_more(studio: Studio) -> None:
    form, one = without_wanted(studio), studio.draw()
    studio.change(one, "=wanted", '=title = "ja"')
    assert len(studio.publish(one, form).versions) == 2


def meanwhile(studio: Studio, to: bytes = b"Svar senere") -> None:
    studio.office.act(work.publish, ADM, [SourceFile("r.bpmn", ROUND.data.replace(b"Svar", to))], "Haster ikke")


def test_what_was_published_meanwhile_is_told_and_must_be_decided_about(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Ja"', 'name="Javel"')
    meanwhile(studio)
    told = proposal(studio, one)
    assert [(version.number, version.why) for version in told.meanwhile] == [(2, "Haster ikke")]
    assert told.meanwhile[0].published_by == "Arne Administrator"
    with pytest.raises(Invalid) as caught:
        studio.publish(one)
    assert [error.field for error in caught.value.fields] == ["over"]
    decided = tuple(told.over.split())
    meanwhile(studio, b"Svar aldri")
    with pytest.raises(Invalid):
        studio.publish(one, over=decided)  # decided about one of the two only
    assert studio.publish(one, over=tuple(proposal(studio, one).over.split())).versions[0].number == 4


def test_a_new_process_whose_id_somebody_has_published_meanwhile_must_be_decided_about(studio: Studio) -> None:
    one = studio.office.act(drawings.draw_new, EIER, "diagram", "Ny")
    other = studio.office.act(drawings.copy, ADM, one, studio.text(one))
    studio.publish(other, who=ADM)
    studio.change(one, "Første oppgave", "Andre oppgave")
    with pytest.raises(Invalid) as caught:
        studio.publish(one)
    assert [error.field for error in caught.value.fields] == ["over"]


def test_who_saves_after_the_page_was_opened_is_not_published_unseen(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    seen = studio.look(one)
    studio.change(one, "Svar raskt", "Svar sakte", who=ADM)
    with pytest.raises(Stale):
        studio.office.act(publication.publish, EIER, seen, "Bedre slik", ())
    assert studio.newest().number == 1


def test_running_instances_are_counted_and_keep_their_version(studio: Studio) -> None:
    studio.office.start("round")
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    assert proposal(studio, one).running == 1
    studio.publish(one)
    studio.office.start("round")
    rows = studio.office.look(versions.versions, EIER, "diagram", "round")
    assert [(row.number, row.running) for row in rows] == [(2, 1), (1, 1)]


@pytest.mark.databases
def test_of_two_who_publish_at_once_one_is_first_and_the_other_is_told(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    seen = studio.look(one)

    def publish(_number: int) -> str:
        try:
            return str(studio.office.act(publication.publish, EIER, seen, "Bedre slik", ()).versions[0].number)
        except (Conflict, Invalid):
            return "late"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publish, range(2))) == ["2", "late"]
    assert studio.newest().number == 2


def test_only_those_who_may_publish_do(studio: Studio) -> None:
    one = studio.draw()
    with pytest.raises(NotAllowed):
        studio.publish(one, who=KARI)


# ---- the second pair of eyes --------------------------------------------------------------------------------------


def asked(studio: Studio) -> tuple[UUID, UUID]:
    studio.second_eyes()
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    done = studio.publish(one, why="Det haster")
    assert done.asked is not None
    assert done.versions == ()
    return one, done.asked.id


def confirm(studio: Studio, request: UUID, who: object) -> object:
    one, along = studio.office.look(confirming.to_confirm, who, request)
    return studio.office.act(publication.confirm, who, request, studio.look(one, *along))


def test_with_second_eyes_another_must_confirm_and_it_says_who_asked(studio: Studio) -> None:
    one, request = asked(studio)
    assert studio.newest().number == 1
    assert [line.why for line in studio.office.look(confirming.waiting, ADM)] == ["Det haster"]
    with pytest.raises(NotAllowed):
        confirm(studio, request, EIER)
    confirm(studio, request, ADM)
    newest = studio.office.look(versions.versions, EIER, "diagram", "round")[0]
    assert (newest.number, newest.why, newest.published_by) == (2, "Det haster", "Arne Administrator")
    assert newest.asked_by == "Eva Eier"
    assert studio.office.look(confirming.waiting, ADM) == []
    with pytest.raises(Conflict):
        confirm(studio, request, ADM)
    assert one not in {line.id for line in studio.office.look(drawings.drawings, EIER)}


def test_what_is_changed_after_it_was_asked_for_must_be_asked_for_again(studio: Studio) -> None:
    one, request = asked(studio)
    studio.change(one, "Svar raskt", "Svar sakte")
    assert [line.is_current for line in studio.office.look(confirming.waiting, ADM)] == [False]
    with pytest.raises(Conflict):
        confirm(studio, request, ADM)
    again = studio.publish(one, why="Sakte, likevel").asked
    assert again is not None
    with pytest.raises(Conflict):
        confirm(studio, request, ADM)  # it was replaced
    confirm(studio, again.id, ADM)
    assert studio.newest().number == 2


def test_a_form_that_goes_along_and_is_changed_after_must_be_asked_for_again(studio: Studio) -> None:
    studio.second_eyes()
    form, one = with_note(studio), studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    request = studio.publish(one, form).asked
    assert request is not None
    studio.change(form, "Notat", "Merknad")
    with pytest.raises(Conflict):
        confirm(studio, request.id, ADM)
    assert studio.newest().number == 1


def test_what_another_has_published_since_it_was_asked_for_stops_the_confirmation(studio: Studio) -> None:
    _one, request = asked(studio)
    studio.office.database.info["settings"].second_eyes = False
    meanwhile(studio)
    studio.office.database.info["settings"].second_eyes = True
    with pytest.raises(Conflict):
        confirm(studio, request, ADM)
    assert studio.newest().number == 2


def test_no_is_said_with_a_reason_and_one_s_own_request_is_taken_back_without(studio: Studio) -> None:
    one, request = asked(studio)
    with pytest.raises(Invalid):
        studio.office.act(confirming.decline, ADM, request, " ")
    studio.office.act(confirming.decline, ADM, request, "Ikke midt i samtalene")
    told = proposal(studio, one).asked
    assert told is not None
    assert (told.state, told.answer, told.answered_by_name) == (
        "declined",
        "Ikke midt i samtalene",
        "Arne Administrator",
    )
    again = studio.publish(one).asked
    assert again is not None
    studio.office.act(confirming.decline, EIER, again.id, "")
    assert studio.office.look(confirming.waiting, ADM) == []


def test_nobody_gets_around_it_through_publish_itself(studio: Studio) -> None:
    studio.second_eyes()
    with pytest.raises(NotAllowed):
        studio.office.act(work.publish, EIER, [ASKED], "Utenom")
    with studio.office.database.transaction() as db:  # who runs the command line has the database itself
        assert work.publish(db, publishing.SYSTEM, [ASKED], "Utenom", studio.office.now).versions


@pytest.mark.databases
def test_of_two_who_confirm_at_once_one_is_first(studio: Studio) -> None:
    one, request = asked(studio)
    found = studio.look(one)
    with studio.office.database.transaction() as db:
        staff.employ(db, ("eier2", "Enda En Eier", "dir", "process_owner"))

    def say(who: object) -> bool:
        try:
            studio.office.act(publication.confirm, who, request, found)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, [ADM, staff.actor("eier2")])) == [False, True]
    assert studio.newest().number == 2


# ---- versions, and back -------------------------------------------------------------------------------------------


def test_any_two_versions_are_told_apart_the_older_first(studio: Studio) -> None:
    meanwhile(studio)
    for numbers in ((1, 2), (2, 1)):
        found = studio.office.look(versions.beside, EIER, "diagram", "round", numbers)
        assert (found.first.number, found.second.number) == (1, 2)
        assert [change.element for change in found.compared.changes] == ["a"]
    with pytest.raises(NotFound):
        studio.office.look(versions.beside, EIER, "diagram", "round", (1, 9))


def test_going_back_publishes_the_older_file_byte_for_byte_as_a_new_version(studio: Studio) -> None:
    meanwhile(studio)
    found = studio.office.look(publication.roll_back_check, EIER, "diagram", "round", 1)
    done = studio.office.act(publication.roll_back, EIER, "diagram", "round", found, "Det nye gikk ikke")
    assert [(version.number, version.why) for version in done.versions] == [(3, "Det nye gikk ikke")]
    with studio.office.database.reading() as db:
        assert dict(work.published_files(db))["processes/round.bpmn"] == ROUND.data
    assert studio.office.act(publication.roll_back, EIER, "diagram", "round", found, "Igjen").unchanged


def test_going_back_wants_a_reason_and_what_does_not_fit_any_more_is_refused(studio: Studio) -> None:
    title = ROUND.data.replace(b"=wanted", b"=title = &quot;ja&quot;")
    form = staff.form("asked", staff.required("title"))
    studio.office.act(work.publish, EIER, [SourceFile("r.bpmn", title), form], "Uten feltet")
    found = studio.office.look(publication.roll_back_check, EIER, "diagram", "round", 1)
    with pytest.raises(Invalid):
        studio.office.act(publication.roll_back, EIER, "diagram", "round", found, " ")
    assert {p.element for p in found.problems} == {"g_yes"}


def test_a_form_goes_back_too_unless_that_would_break_a_diagram(studio: Studio) -> None:
    more = staff.form("asked", staff.required("title"), staff.field("wanted", "checkbox"), staff.field("more"))
    studio.office.act(work.publish, EIER, [more], "Mer")
    found = studio.office.look(publication.roll_back_check, EIER, "form", "asked", 1)
    assert not found.has_errors
    assert studio.office.act(publication.roll_back, EIER, "form", "asked", found, "Mindre").versions[0].number == 3


def test_going_back_with_second_eyes_is_asked_for(studio: Studio) -> None:
    meanwhile(studio)
    studio.second_eyes()
    found = studio.office.look(publication.roll_back_check, EIER, "diagram", "round", 1)
    done = studio.office.act(publication.roll_back, EIER, "diagram", "round", found, "Det nye gikk ikke")
    assert done.asked is not None
    confirm(studio, done.asked.id, ADM)
    with studio.office.database.reading() as db:
        assert dict(work.published_files(db))["processes/round.bpmn"] == ROUND.data
