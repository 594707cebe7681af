"""Files as other tools write them: each is opened or refused in words, says what is missing, and takes answers."""

from __future__ import annotations

import pytest

from corpus.strangers import ENCODED, PLAIN, REFUSED, STRANGERS, UNDRAWABLE
from corpus.through import through
from corpus.tools import TOOLS
from komp_flow.revising import texts

EVERY = {**{name: text.encode() for name, text in STRANGERS.items()}, **TOOLS, "nothing to draw": UNDRAWABLE.encode()}


@pytest.mark.parametrize("trait", EVERY)
def test_a_strangers_file_goes_through_all_that_the_server_does(trait: str) -> None:
    went = through("fremmed.bpmn", EVERY[trait])
    assert went.faults == []
    assert not went.refused
    assert went.says_what_is_missing()


@pytest.mark.parametrize("encoding", ENCODED)
def test_whatever_encoding_a_file_has_its_text_is_the_same(encoding: str) -> None:
    text = texts.written("fremmed.bpmn", ENCODED[encoding]).text
    assert text.replace(">\r\n<", "><") == PLAIN


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_opened_is_refused_in_a_sentence_at_once(name: str) -> None:
    went = through("fremmed.bpmn", REFUSED[name])
    assert went.faults == []
    assert went.refused
