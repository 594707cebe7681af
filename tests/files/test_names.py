"""A file is called what its owner called it, and nothing that hides or leads elsewhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komp_flow.files import names


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Årsplan 2027.pdf", "Årsplan 2027.pdf"),
        (unicodedata.normalize("NFD", "Årsplan.pdf"), "Årsplan.pdf"),
        ("C:\\Brukere\\kari\\plan.docx", "plan.docx"),
        ("../../etc/passwd", "passwd"),
        ("/tmp/plan.docx", "plan.docx"),
        ("plan\x00\x1f\r\n.pdf", "plan.pdf"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ("  min  plan .pdf ", "min plan.pdf"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("....", "fil"),
        ("", "fil"),
        (".pdf", "fil.pdf"),
        ("a" * 300 + ".pdf", "a" * 196 + ".pdf"),
        ("a." + "b" * 300, "a." + "b" * 198),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert names.clean(given) == kept


@given(st.text(max_size=400))
def test_no_name_is_empty_long_or_has_what_cannot_be_seen(given: str) -> None:
    kept = names.clean(given)
    assert 0 < len(kept) <= names.LONGEST
    assert not any(unicodedata.category(sign) in names.UNSEEN for sign in kept)
    assert "/" not in kept
    assert "\\" not in kept


def test_the_last_ending_counts() -> None:
    assert names.ending("faktura.pdf.EXE") == ".exe"
    assert names.ending("uten") == ""
