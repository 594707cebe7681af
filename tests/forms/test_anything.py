"""Whatever comes in, forms answer with a listing, clean answers or Invalid, and nothing else."""

import json
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms.filling import ENVIRONMENT, SAMPLES, SEEN, check, draw, form, post
from komp_flow import forms
from komp_flow.errors import Invalid
from komp_flow.forms import values

QUICK = settings(
    max_examples=150, deadline=timedelta(seconds=2), suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
SAMPLE = forms.parse((SAMPLES / "everything.json").read_bytes())
DOCUMENT = json.loads((SAMPLES / "everything.json").read_text())

leaf = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["=", "=a", "=(", "x", "textfield", "ja", "unit", "2027-01-01", "=context.areas", 1])
)  # fmt: skip
anything = st.recursive(
    leaf,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
kinds = st.sampled_from(
    ["textfield", "textarea", "number", "select", "radio", "checkbox", "checklist", "datetime", "text", "group",
     "dynamiclist", "separator", "table", "filepicker", "html"]
)  # fmt: skip
NAMED = [
    "key", "path", "id", "label", "validate", "conditional", "properties", "values", "valuesExpression", "components",
    "defaultValue", "dataSource", "columns", "text", "subtype", "readonly", "disabled", "layout", "appearance",
]  # fmt: skip
strange_component = st.builds(
    lambda kind, rest: {"type": kind, **rest}, kinds, st.dictionaries(st.sampled_from(NAMED), anything, max_size=8)
)


@QUICK
@given(st.binary(max_size=200) | anything.map(lambda each: json.dumps(each).encode()))
def test_any_bytes_get_a_listing(data):
    assert all(each.message and each.fix for each in forms.problems(data))


def located(error):
    assert error.fields
    assert all(each.message for each in error.fields)


@QUICK
@given(st.lists(strange_component, max_size=6))
def test_any_document_gets_a_listing_or_holds_and_can_be_used(components):
    document = {"type": "default", "schemaVersion": 19, "id": "x", "components": components}
    try:
        made = forms.parse(document)
    except Invalid as error:
        located(error)
        return
    draw(made, {})
    try_check(made, {})


def mutations(value):
    """The sample with one thing in it replaced."""
    if isinstance(value, dict) and value:
        keys = st.sampled_from(sorted(value))
        return keys.flatmap(lambda key: mutations(value[key]).map(lambda new: {**value, key: new})) | anything
    if isinstance(value, list) and value:
        at = st.integers(0, len(value) - 1)
        return at.flatmap(lambda n: mutations(value[n]).map(lambda new: [*value[:n], new, *value[n + 1 :]])) | anything
    return anything


@QUICK
@given(mutations(DOCUMENT))
def test_a_form_with_one_thing_wrong_never_crashes(document):
    problems = forms.problems(json.dumps(document).encode())
    if not any(each.severity == "error" for each in problems):
        draw(forms.parse(json.dumps(document).encode()), {})


def try_check(made, answers):
    try:
        clean = check(made, answers)
    except Invalid as error:
        located(error)
        return
    assert check(made, clean) == clean


keys = st.sampled_from([*SAMPLE.keys, "row-id", "navn", "nivå", "ønsket", "kilder", "tittel", "typename", "år"])
rows = st.lists(st.dictionaries(keys, leaf | st.lists(leaf, max_size=2), max_size=5), max_size=3)
answers = st.dictionaries(keys, leaf | anything | rows, max_size=12)


@QUICK
@given(answers)
def test_any_answers_are_checked_drawn_and_drafted(given_answers):
    try_check(SAMPLE, given_answers)
    try:
        kept = forms.draft(SAMPLE, given_answers)
    except Invalid:
        pass
    else:
        json.dumps(kept, default=str)
        assert forms.draft(SAMPLE, kept) == kept
    draw(SAMPLE, given_answers)


names = st.sampled_from(
    [*SAMPLE.keys, "_add", "_remove", "_part", "_shown", "_told", "områder-0-navn", "områder-0-row-id", "periode-år",
     "områder-0-kilder-1-tittel", "områder-", "områder-0", "områder-0-0-0", "områder-99999999999999999999-navn", "-"]
) | st.text(max_size=12)  # fmt: skip
texts = st.text(max_size=20) | st.sampled_from(
    ["områder", "områder-0", "områder-0-kilder", "1", "nei", "2027-01-01", "1,5"]
)


@QUICK
@given(st.dictionaries(names, st.lists(texts, max_size=3), max_size=15))
def test_anything_posted_is_received(sent):
    received = forms.receive(SAMPLE, sent, **SEEN)
    if received.again is not None:
        assert forms.render(ENVIRONMENT, received.again, action_url="/")
    try_check(SAMPLE, received.answers)


@QUICK
@given(anything, anything)
def test_any_context_can_be_shown(areas, goals):
    seen = {**SEEN, "context": {"areas": areas, "goals": goals}}
    draw(SAMPLE, {"områder": [{}]}, **seen)


texts_kept = st.text(max_size=40).map(lambda text: values.clean_text(text).strip())
filled = st.fixed_dictionaries(
    {
        "tekst": texts_kept.map(lambda text: text.replace("\n", " ").strip() or None),
        "lang": texts_kept.map(lambda text: text or None),
        "tall": st.none() | st.integers(-(10**9), 10**9) | st.decimals(-1000, 1000, places=3),
        "dato": st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(lambda day: day.isoformat()),
        "tid": st.none() | st.times().map(lambda time: time.isoformat(timespec="minutes")),
        "ja": st.booleans(),
        "valg": st.sampled_from([None, 1, 2.5, "to", True]),
        "flere": st.lists(st.sampled_from([1, "to", False]), unique=True),
    }
)
ROUND = form(
    {"type": "textfield", "key": "tekst"},
    {"type": "textarea", "key": "lang"},
    {"type": "number", "key": "tall"},
    {"type": "datetime", "key": "dato"},
    {"type": "datetime", "key": "tid", "subtype": "time"},
    {"type": "checkbox", "key": "ja"},
    {"type": "select", "key": "valg", "values": [{"label": str(each), "value": each} for each in (1, 2.5, "to", True)]},
    {"type": "checklist", "key": "flere", "values": [{"label": str(each), "value": each} for each in (1, "to", False)]},
)


@QUICK
@given(filled)
def test_what_is_drawn_and_posted_back_is_the_same(given_answers):
    clean = check(ROUND, given_answers)
    page = draw(ROUND, clean)
    assert check(ROUND, forms.decode(ROUND, post(page))) == clean
