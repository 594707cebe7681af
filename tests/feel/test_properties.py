"""Any text and any data: only FeelError ever comes out, and soon."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komp_flow import feel
from komp_flow.feel.functions import FUNCTIONS

MOMENT = feel.Moment(datetime(2027, 1, 8, 9, 10, tzinfo=UTC), ZoneInfo("Europe/Oslo"))
QUICK = settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.too_slow])

_GOLDEN = Path(__file__).parent / "golden" / "golden.json"
EXPRESSIONS = [entry["expression"] for entry in json.loads(_GOLDEN.read_text("utf-8"))]
_KEYWORDS = "if then else for in return some every satisfies and or between true false null instance of item partial"
_SIGNS = "( ) [ ] { } , . .. : + - * / ** = != < <= > >= @"
_LITERALS = """a b å 0 1 -1 2.5 1e300 "" "a" "\\d+" @"2027-01-31" @"P1M" @"10:00:00" @"2027-03-28T02:30:00\""""
WORDS = [*_KEYWORDS.split(), *_SIGNS.split(), *_LITERALS.split(), *FUNCTIONS]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=20) | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.just(ZoneInfo("Europe/Oslo")))
    | st.times() | st.timedeltas()
)  # fmt: skip
data = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)
from_words = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call of any function on any names and literals."""
    arguments = st.sampled_from(
        [
            "a",
            "b",
            "a.b",
            "1",
            "-3",
            "0.5",
            "1e400",
            '"a"',
            "null",
            "[a]",
            "[]",
            "{a: b}",
            '@"P1M"',
            '@"9999-12-31"',
            '@"0001-01-01T00:00:00Z"',
            '@"23:59:59"',
            "[1..5]",
            "> 3",
            "= 1",
        ]
    )
    given_ = draw(st.lists(arguments, max_size=4))
    left = f"{draw(st.sampled_from(sorted(FUNCTIONS)))}({', '.join(given_)})"
    return draw(
        st.sampled_from(
            [
                left,
                f"{left} + a",
                f"{left} - b",
                f"{left} < a",
                f"{left} = b",
                f"string({left})",
                f"{left} * 2.5",
                f"-{left}",
                f"{left}.b",
                f"[{left}][a]",
                f"{left} in b",
                f"{left} / 3",
            ]
        )
    )


def _only_feel_errors(expression: str, names: dict[str, object]) -> None:
    with suppress(feel.FeelError):
        feel.shown(feel.evaluate(expression, names, MOMENT), MOMENT)


@QUICK
@given(st.text(max_size=600))
def test_no_text_raises_anything_but_a_feel_error(text: str) -> None:
    with suppress(feel.FeelSyntaxError):
        feel.parse(text)


@QUICK
@given(from_words, data, data)
def test_no_words_of_the_language_raise_anything_else(text: str, a: object, b: object) -> None:
    _only_feel_errors(text, {"a": a, "b": b})


@QUICK
@given(st.sampled_from(EXPRESSIONS), st.sampled_from(WORDS), st.integers(0, 60), st.integers(0, 5), data)
def test_no_changed_expression_raises_anything_else(text: str, word: str, at: int, cut: int, a: object) -> None:
    _only_feel_errors(text[:at] + word + text[at + cut :], dict.fromkeys(("a", "x", "n", "folk"), a))


@QUICK
@given(calls(), data, data)
def test_no_function_raises_anything_else_whatever_it_is_given(text: str, a: object, b: object) -> None:
    _only_feel_errors(text, {"a": a, "b": b})


@QUICK
@given(data)
def test_every_value_equals_itself_and_is_found_in_a_list(value: object) -> None:
    try:
        assert feel.evaluate("a = a", {"a": value}, MOMENT) is True
        assert feel.evaluate("list contains([1, a], a)", {"a": value}, MOMENT) is True
    except feel.FeelError:
        assert "timedelta" in repr(value)


ORDERED = [
    st.integers(-1000, 1000).map(Decimal), st.text(max_size=5), st.dates(), st.times(),
    st.datetimes(timezones=st.just(UTC)),
]  # fmt: skip


@QUICK
@given(st.one_of(*(st.lists(kind, min_size=2, max_size=2) for kind in ORDERED)))
def test_values_of_one_kind_have_an_order(pair: list[object]) -> None:
    names = dict(zip("ab", pair, strict=True))
    found = [feel.evaluate(f"a {op} b", names, MOMENT) for op in ("<", "=", ">")]
    assert sorted(found) == [False, False, True]
    assert feel.evaluate("a <= b", names, MOMENT) is (not found[2])


@QUICK
@given(st.text(max_size=30), st.integers(-40, 40), st.integers(0, 40))
def test_a_substring_is_a_part_of_its_text(text: str, start: int, length: int) -> None:
    found = feel.evaluate("substring(t, s, l)", {"t": text, "s": start, "l": length}, MOMENT)
    assert found is None or (isinstance(found, str) and found in text and len(found) <= length)


@QUICK
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-400, 400))
def test_working_days_are_counted_as_they_are_added(start: date, n: int) -> None:
    names = {"d": start, "n": n}
    assert feel.evaluate("working days between(d, add working days(d, n))", names, MOMENT) == n


@QUICK
@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 40),
    st.integers(0, 900),
    st.integers(0, 100_000),
)
def test_a_longer_duration_never_ends_sooner(start: datetime, months: int, days: int, seconds: int) -> None:
    zone = ZoneInfo("Europe/Oslo")
    length = feel.CalendarDuration(months, days, Decimal(seconds))
    longer = feel.CalendarDuration(months, days + 1, Decimal(seconds))
    assert start - timedelta(hours=1) <= length.after(start, zone) <= longer.after(start, zone)


EXTREMES = [
    date.min, date.max, time.max, timedelta.max, timedelta.min, 10**5000, -(10**5000), 5e-324,
    datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=ZoneInfo("Europe/Oslo")),
]  # fmt: skip


@pytest.mark.parametrize("value", EXTREMES, ids=range(len(EXTREMES)))
def test_extreme_values_do_no_harm(value: object) -> None:
    for expression in ("a = a", "a < a", "a - a", "string(a)", 'a + @"P1D"', 'a - @"P1D"', "a * 2", "[a][1]"):
        _only_feel_errors(expression, {"a": value})
