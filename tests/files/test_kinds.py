"""What a file is, is told by what is in it; only what we take is taken."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from files import samples
from komp_flow.errors import Invalid
from komp_flow.files import kinds, names
from komp_flow.forms.attachments import BY_ENDING, KINDS


@pytest.mark.parametrize("name", samples.SOUND)
def test_a_file_of_each_kind_is_known(name: str) -> None:
    content = io.BytesIO(samples.SOUND[name])
    assert kinds.of(content, name) == BY_ENDING[names.ending(name)]
    assert content.tell() == 0  # ready to be kept


def test_every_kind_that_is_taken_is_tried() -> None:
    assert {BY_ENDING[names.ending(name)] for name in samples.SOUND} == set(KINDS)


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_what_is_not_what_it_says_is_refused(name: str) -> None:
    data, why = samples.HOSTILE[name]
    with pytest.raises(Invalid, match=why):
        kinds.of(io.BytesIO(data), name)


@pytest.mark.parametrize("kind", sorted(set(samples.SOUND)))
def test_a_kind_under_the_name_of_another_is_refused(kind: str) -> None:
    own = BY_ENDING[names.ending(kind)]
    for ending, other in BY_ENDING.items():
        if other != own and not {own, other} <= kinds.TEXTS:
            with pytest.raises(Invalid):
                kinds.of(io.BytesIO(samples.SOUND[kind]), f"fil{ending}")


def test_a_bomb_is_told_by_what_it_says_itself_and_never_unpacked() -> None:
    data = samples.bomb()
    assert len(data) < 1_000_000
    with pytest.raises(Invalid, match="skadet"):
        kinds.of(io.BytesIO(data), "bombe.docx")


def test_two_parts_of_one_name_are_refused() -> None:
    made = io.BytesIO(samples.office("docx"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("word/DOCUMENT.xml", b"<another/>")
    with pytest.raises(Invalid, match="skadet"):
        kinds.of(made, "plan.docx")


def test_text_is_read_to_its_end() -> None:
    with pytest.raises(Invalid, match="noe annet"):
        kinds.of(io.BytesIO(b"a" * 300_000 + b"\0" + b"b" * 300_000), "lang.txt")
    split = "å".encode() * 200_000  # a sign falls across the pieces that it is read in
    assert kinds.of(io.BytesIO(b"x" + split), "lang.txt") == "txt"


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from(sorted(BY_ENDING)), st.sampled_from([b"", b"PK\3\4", b"%PDF-", b"PK\5\6"])
)
def test_whatever_comes_is_known_or_refused(data: bytes, ending: str, head: bytes) -> None:
    with suppress(Invalid):
        assert kinds.of(io.BytesIO(head + data), f"fil{ending}") in KINDS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_package_with_some_bytes_changed_is_known_or_refused(data: st.DataObject) -> None:
    broken = bytearray(samples.office("docx"))
    for _change in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Invalid):
        assert kinds.of(io.BytesIO(bytes(broken)), "plan.docx") == "docx"
