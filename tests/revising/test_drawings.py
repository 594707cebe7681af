"""Drawings: begun from anything, saved without writing over each other, thrown away and taken back."""

from __future__ import annotations

import codecs
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound, Stale, TooLarge
from komp_flow.revising import drawings
from komp_flow.revising.lines import Newer
from revising.conftest import ROUND, Studio
from work.staff import ADM, EIER, HANNE, KARI


def test_a_drawing_begins_as_what_is_published(studio: Studio) -> None:
    drawn = studio.office.look(drawings.drawing, EIER, studio.draw())
    assert (drawn.kind, drawn.key, drawn.base, drawn.newest, drawn.revision) == ("diagram", "round", 1, 1, 1)
    assert drawn.text.encode() == ROUND.data
    assert not drawn.changed


def test_one_that_nobody_has_changed_is_given_again_and_another_is_not(studio: Studio) -> None:
    first = studio.draw()
    assert studio.draw() == first
    studio.change(first, "Svar", "Svar nå")
    assert studio.draw() != first


def test_a_blank_process_and_form_are_without_a_problem_from_the_first_moment(studio: Studio) -> None:
    process = studio.office.act(drawings.draw_new, EIER, "diagram", 'Årlig <runde> & "mer"')
    form = studio.office.act(drawings.draw_new, EIER, "form", "Årlig runde")
    for one, key in ((process, "arlig-runde-mer"), (form, "arlig-runde")):
        drawn = studio.office.look(drawings.drawing, EIER, one)
        assert drawn.key == key
        assert studio.look(one).problems == ()


def test_a_name_that_is_taken_gives_another_id(studio: Studio) -> None:
    made = [studio.office.act(drawings.draw_new, EIER, "diagram", name) for name in ("Round", "Round", "First", "...")]
    keys = [studio.office.look(drawings.drawing, EIER, one).key for one in made]
    assert keys == ["round-2", "round-3", "prosess-first", "prosess"]
    assert all(not studio.look(one).has_errors for one in made)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_what_has_no_name_is_not_begun(studio: Studio, name: str) -> None:
    with pytest.raises(Invalid):
        studio.office.act(drawings.draw_new, EIER, "diagram", name)


TITLE = 'name="Ærlig talt"'
DRAWN = ROUND.data.decode().replace('name="Svar"', TITLE)


@pytest.mark.parametrize(
    "data",
    [
        DRAWN.encode(),
        codecs.BOM_UTF8 + DRAWN.encode(),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>' + DRAWN).encode("latin-1"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + DRAWN).encode("utf-16"),
        ('<?xml version="1.0" encoding="windows-1252"?>\r\n' + DRAWN).encode("cp1252"),
    ],
    ids=["utf-8", "bom", "latin-1", "utf-16", "windows"],
)
def test_a_file_of_any_encoding_is_opened_and_is_the_same_diagram(studio: Studio, data: bytes) -> None:
    made = studio.office.act(drawings.draw_file, EIER, "fil.bpmn", data)
    assert TITLE in studio.text(made)
    assert not studio.look(made).has_errors


def test_a_file_of_a_published_process_knows_what_is_published_now(studio: Studio) -> None:
    made = studio.office.act(drawings.draw_file, EIER, "x.bpmn", ROUND.data)
    assert studio.office.look(drawings.drawing, EIER, made).base == 1


def nested(levels: int) -> bytes:
    head = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p">'
    inside = "".join(f'<bpmn:subProcess id="s{n}">' for n in range(levels)) + "</bpmn:subProcess>" * levels
    return (head + inside + "</bpmn:process></bpmn:definitions>").encode()


def wide(nodes: int) -> bytes:
    tasks = "".join(f'<bpmn:task id="t{n}"/>' for n in range(nodes))
    head = '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"><bpmn:process id="p">'
    return (head + tasks + "</bpmn:process></bpmn:definitions>").encode()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(10))
    + b"]><x>&a9;</x>"
)
POISON = {
    "huge.bpmn": b"<a>" + b"x" * 1_000_001 + b"</a>",
    "deep.bpmn": nested(2_000),
    "wide.bpmn": wide(5_000),
    "long.bpmn": wide(1).replace(b"<bpmn:task ", b'<bpmn:task name="' + b"x" * 5_001 + b'" '),
    "endless.bpmn": BOMB,
    "cut.bpmn": ROUND.data[:300],
    "garbage.bpmn": bytes(range(256)) * 10,
    "nul.bpmn": b"\0" * 500,
    "empty.bpmn": b"",
    "other.bpmn": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "encoding.bpmn": b'<?xml version="1.0" encoding="no-such"?><a/>',
    "lie.bpmn": '<?xml version="1.0" encoding="ascii"?><a>æ</a>'.encode(),
    "deep.json": b'{"components":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deeper.json": b'{"components":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "list.json": b"[]",
    "not.json": b"{",
    "bytes.json": b"\xff\xfe{}",
    "picture.png": b"\x89PNG",
}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_file_is_refused_with_a_sentence_and_nothing_is_made(studio: Studio, name: str) -> None:
    with pytest.raises((Invalid, TooLarge)) as caught:
        studio.office.act(drawings.draw_file, EIER, name, POISON[name])
    assert len(caught.value.message) > 20
    assert studio.office.look(drawings.drawings, EIER) == []


@pytest.mark.databases
def test_a_later_save_is_told_who_was_first_and_what_they_changed(studio: Studio) -> None:
    one = studio.draw()
    mine = studio.text(one)
    studio.change(one, 'name="Svar"', 'name="Svar raskt"', who=ADM)
    with pytest.raises(Stale) as caught:
        studio.office.act(drawings.save, EIER, one, 1, mine.replace('name="Ja"', 'name="Javel"'))
    newer = caught.value.current
    assert isinstance(newer, Newer)
    assert newer.who in caught.value.message
    assert (newer.revision, newer.when) == (2, studio.office.now)
    assert "Svar raskt" in newer.text
    assert any("Svar raskt" in change for change in newer.changes)
    assert not any("Javel" in change for change in newer.changes)
    assert studio.text(one) == newer.text


@pytest.mark.databases
def test_of_many_who_save_at_once_one_is_first(studio: Studio) -> None:
    one = studio.draw()
    text = studio.text(one)

    def save(number: int) -> bool:
        try:
            studio.office.act(drawings.save, EIER, one, 1, text.replace('name="Svar"', f'name="Svar {number}"'))
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(save, range(6)))
    assert saved.count(True) == 1
    assert f"Svar {saved.index(True)}" in studio.text(one)


def test_saving_the_same_again_is_no_revision(studio: Studio) -> None:
    one = studio.draw()
    assert studio.office.act(drawings.save, EIER, one, 1, studio.text(one)).revision == 1


def test_what_cannot_be_opened_again_is_not_saved(studio: Studio) -> None:
    one = studio.draw()
    for text in ("", "<a/>", "<!DOCTYPE a><a/>", "x" * 2_000_000):
        with pytest.raises((Invalid, TooLarge)):
            studio.office.act(drawings.save, EIER, one, 1, text)
    assert studio.text(one).encode() == ROUND.data


def test_one_who_was_late_keeps_theirs_as_a_drawing_of_their_own(studio: Studio) -> None:
    one = studio.draw()
    mine = studio.text(one).replace('name="Ja"', 'name="Javel"')
    studio.change(one, 'name="Svar"', 'name="Svar raskt"', who=ADM)
    own = studio.office.act(drawings.copy, EIER, one, mine)
    assert studio.text(own) == mine
    assert studio.office.look(drawings.drawing, EIER, own).base == 1


def test_what_is_thrown_away_can_be_taken_back_for_a_month(studio: Studio) -> None:
    one = studio.draw()
    studio.change(one, 'name="Svar"', 'name="Svar raskt"')
    studio.office.act(drawings.discard, ADM, one)
    assert studio.office.look(drawings.drawings, EIER) == []
    with pytest.raises(Conflict):
        studio.office.act(drawings.save, EIER, one, 2, ROUND.data.decode())
    assert [line.id for line in studio.office.look(drawings.discarded, EIER)] == [one]
    studio.office.act(drawings.take_back, EIER, one)
    assert "Svar raskt" in studio.text(one)
    studio.office.act(drawings.discard, EIER, one)
    studio.office.now += timedelta(days=31)
    studio.draw()
    assert studio.office.look(drawings.discarded, EIER) == []
    with pytest.raises(NotFound):
        studio.office.act(drawings.take_back, EIER, one)


def test_only_owners_and_administrators_draw(studio: Studio) -> None:
    one = studio.draw()
    for who in (KARI, HANNE):
        for act in (
            lambda db, now, who=who: drawings.drawings(db, who, now),
            lambda db, now, who=who: drawings.drawing(db, who, one, now),
            lambda db, now, who=who: drawings.save(db, who, one, 1, "", now),
            lambda db, now, who=who: drawings.draw_new(db, who, "form", "x", now),
        ):
            with pytest.raises(NotAllowed):
                studio.office.act(act)
    assert studio.office.look(drawings.drawing, ADM, one).id == one


def test_the_studio_holds_a_bounded_number_of_drawings(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings, "MOST_DRAWINGS", 2)
    for _each in range(2):
        studio.office.act(drawings.draw_new, EIER, "form", "x")
    with pytest.raises(TooLarge):
        studio.office.act(drawings.draw_new, EIER, "form", "x")


def test_only_the_last_revisions_are_kept_and_who_is_later_than_that_is_told_all_the_same(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "MOST_REVISIONS", 2)
    one = studio.draw()
    mine = studio.text(one)
    for number in range(4):
        studio.change(one, 'id="yes" name="Ja', f'id="yes" name="Ja{number}')
    with pytest.raises(Stale) as caught:
        studio.office.act(drawings.save, EIER, one, 1, mine.replace('name="Nei"', 'name="Aldri"'))
    newer = caught.value.current
    assert isinstance(newer, Newer)
    assert newer.changes


def test_what_is_not_there_is_not_found(studio: Studio) -> None:
    with pytest.raises(NotFound):
        studio.office.look(drawings.drawing, EIER, UUID(int=0))
    with pytest.raises(NotFound):
        studio.draw("nothing")
    with pytest.raises(NotFound):
        studio.draw("nothing", "form")


def test_one_who_goes_on_with_an_older_version_knows_that_a_newer_is_there(studio: Studio) -> None:
    studio.office.act(work.publish, EIER, [SourceFile("r.bpmn", ROUND.data.replace(b"Svar", b"Svar da"))], "Ny")
    older = studio.office.act(drawings.draw_published, EIER, "diagram", "round", 1)
    assert studio.text(older).encode() == ROUND.data
    assert studio.office.look(drawings.drawing, EIER, older).base == 2


def test_what_an_editor_cannot_hold_is_not_lost_when_it_saves(studio: Studio) -> None:
    drawn = ROUND.data.decode().replace("<bpmn:userTask", "<!-- spør Kari først --><bpmn:userTask", 1)
    drawn = drawn.replace('<bpmn:userTask id="a"', '<bpmn:userTask xmlns:x="urn:other" x:owner="arkiv" id="a"')
    one = studio.office.act(drawings.draw_file, EIER, "x.bpmn", drawn.encode())
    saved = ROUND.data.decode().replace('name="Ja"', 'name="Javel"')  # as an editor that knows neither of the two
    studio.office.act(drawings.save, EIER, one, 1, saved)
    text = studio.text(one)
    for part in ("spør Kari først", "arkiv", "Javel"):
        assert part in text
