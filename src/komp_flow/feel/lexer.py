"""Text of an expression to its tokens."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from typing import Literal

from komp_flow.feel.errors import FeelSyntaxError
from komp_flow.i18n import _

_TOKEN = re.compile(
    r"""(?P<skip>[\s\x85\ufeff]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
      |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      |(?P<string>"(?:[^"\\\n]|\\.)*")
      |(?P<name>[^\W\d][\w\u0300-\u036f]*)
      |(?P<op>\.\.|\*\*|!=|<=|>=|[-+*/^=<>()\[\]{},.:@])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\([\"\\nrt])|\\[uU]([0-9a-fA-F]{5,6})|((?:\\[uU][0-9a-fA-F]{1,4})+)")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}

Sort = Literal["number", "string", "name", "op", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """`position` counts from 0; the text of a string has no quotes or escapes any more."""

    sort: Sort
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The tokens, an `end` last. Names are in Unicode's composed form. Raises FeelSyntaxError."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FeelSyntaxError(_unreadable(text, position), position)
        match match.lastgroup:
            case "name":
                found.append(Token("name", unicodedata.normalize("NFC", match.group()), position))
            case "string":
                found.append(Token("string", _unescaped(match.group()[1:-1], position), position))
            case "number":
                found.append(Token("number", match.group(), position))
            case "op":
                found.append(Token("op", match.group(), position))
        position = match.end()
    found.append(Token("end", "", len(text)))
    return found


def _unreadable(text: str, position: int) -> str:
    if text[position] == '"':
        return _("Teksten som begynner i posisjon %(at)s, mangler anførselstegn på slutten.", at=position + 1)
    return _("Tegnet «%(sign)s» i posisjon %(at)s hører ikke hjemme her.", sign=text[position], at=position + 1)


def _unescaped(text: str, position: int) -> str:
    """The text of a literal. An unknown escape stands as it is, so that `"\\d"` may be a pattern."""
    if "\\" not in text:
        return text

    def plain(match: re.Match[str]) -> str:
        if match[1]:
            return _PLAIN_ESCAPES[match[1]]
        if match[3]:
            return "".join(chr(int(code, 16)) for code in re.split(r"\\[uU]", match[3])[1:])
        code = int(match[2], 16)
        if code > sys.maxunicode:
            raise FeelSyntaxError(_("Tegnkoden %(code)s finnes ikke.", code=match.group()), position)
        return chr(code)

    joined = _SURROGATES.sub(lambda pair: _joined(pair.group()), _ESCAPE.sub(plain, text))
    return _LONE.sub("\ufffd", joined)


def _joined(pair: str) -> str:
    return pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
