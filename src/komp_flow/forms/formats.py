"""What a text may have to look like: a pattern of the form's own, an e-mail address, a telephone number."""

from __future__ import annotations

from functools import cache
from typing import Any

import re2

_MAILBOX = re2.compile(r"^[\w.!#$%&'*+/=?^`{|}~-]+$")
_HOST = re2.compile(r"^[\pL\pN]([\pL\pN-]*[\pL\pN])?$")
_PHONE = re2.compile(r"^(\+|00)?[0-9]([0-9 ()./-]{3,22})[0-9]$")


def is_address(text: str) -> bool:
    """Whether a text looks like an e-mail address; only sending to it would tell for certain."""
    mailbox, _at, domain = text.rpartition("@")
    hosts = domain.split(".")
    return (
        len(text) <= 254
        and 0 < len(mailbox) <= 64
        and bool(_MAILBOX.search(mailbox))
        and len(hosts) > 1
        and all(len(host) <= 63 and _HOST.search(host) for host in hosts)
    )


@cache
def _patterns() -> dict[str, Any]:
    return {}


def pattern(text: str) -> Any:
    """A compiled pattern; RE2 runs in time linear in the text, whatever the pattern."""
    kept = _patterns()
    if text not in kept:
        if len(kept) > 1000:
            kept.clear()
        options = re2.Options()
        options.log_errors = False
        options.max_mem = 1 << 20
        kept[text] = re2.compile(text, options)
    return kept[text]


def is_phone(text: str) -> bool:
    """Whether a text looks like a telephone number, Norwegian or with a country's code."""
    return bool(_PHONE.search(text))
