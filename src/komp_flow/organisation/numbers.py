"""Norwegian numbers: the organisation number's check digit, and what looks like a national identity number."""

from __future__ import annotations

import re

_ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_ELEVEN_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.\-\u2013]?\d){10}(?![\s.\-\u2013]?\d)")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
# The month is moved in numbers for emergency use (40) and in those made for tests (65, 80).
_MONTHS = frozenset(month + moved for month in range(1, 13) for moved in (0, 40, 65, 80))
_DAYS = frozenset(day + moved for day in range(1, 32) for moved in (0, 40))  # a D-number's day has 40 added


def is_organisation_number(digits: str) -> bool:
    """Nine digits, the last a check digit of modulus 11 (Brønnøysundregistrene)."""
    if not _NINE_DIGITS.fullmatch(digits):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ORGANISATION_WEIGHTS, digits, strict=False))
    return (11 - total % 11) % 11 == int(digits[8])


def has_identity_number(text: str) -> bool:
    """True if eleven digits in the text can be a fødselsnummer or D-number, with spaces or dots or not.

    The check digits do not decide: one digit mistyped, it still tells who somebody is and when they were born.
    """
    for found in _ELEVEN_DIGITS.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if int(digits[:2]) in _DAYS and int(digits[2:4]) in _MONTHS:
            return True
    return False
