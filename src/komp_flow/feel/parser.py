"""Tokens to the tree of an expression: precedence climbing, with bounds on depth and number of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from komp_flow.feel import syntax
from komp_flow.feel.errors import FeelSyntaxError
from komp_flow.feel.functions import FUNCTIONS, temporal_literal
from komp_flow.feel.lexer import Token, tokens
from komp_flow.feel.syntax import Node
from komp_flow.feel.values import NUMBERS, finite
from komp_flow.i18n import _

LONGEST = 500
MOST_NODES = 200
DEEPEST = 40

_RESERVED = frozenset({
    "if", "then", "else", "for", "return", "in", "some", "every", "satisfies", "and", "or", "between",
    "true", "false", "null", "function", "instance",
})  # fmt: skip
_OPENERS = frozenset({"true", "false", "null", "if", "for", "some", "every"})
_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_OR, _AND, _COMPARE, _ADD, _TIMES, _POWER, _INSTANCE, _POSTFIX = range(1, 9)
_STRENGTH = {
    "or": _OR, "and": _AND, "+": _ADD, "-": _ADD, "*": _TIMES, "/": _TIMES, "**": _POWER, "^": _POWER,
    "between": _COMPARE, "in": _COMPARE, "instance": _INSTANCE, ".": _POSTFIX, "[": _POSTFIX,
    **dict.fromkeys(_COMPARISONS, _COMPARE),
}  # fmt: skip
_LONGEST_FUNCTION_NAME = max(len(name.split()) for name in FUNCTIONS)
_KINDS = {
    "number": "number", "string": "string", "boolean": "boolean", "date": "date", "time": "time",
    "date and time": "date and time", "list": "list", "context": "context", "range": "range", "any": "any",
    "days and time duration": "days", "day time duration": "days", "dayTimeDuration": "days",
    "years and months duration": "months", "yearMonthDuration": "months", "Any": "any",
}  # fmt: skip

N = TypeVar("N", bound=Node)


def tree(text: str) -> Node:
    """The tree of an expression without its leading `=`. Raises FeelSyntaxError."""
    if len(text) > LONGEST:
        raise FeelSyntaxError(
            _("Uttrykket har %(length)s tegn. Det kan ha høyst %(most)s.", length=len(text), most=LONGEST), LONGEST
        )
    return _Parser(tokens(text)).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.nodes = 0

    # --- reading tokens

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def sees(self, *texts: str) -> bool:
        token = self.now
        return token.text in texts and token.sort in ("op", "name")

    def take(self, *texts: str) -> str | None:
        """The next token's text, and past it, if it is one of these."""
        if not self.sees(*texts):
            return None
        self.at += 1
        return self.tokens[self.at - 1].text

    def need(self, *texts: str) -> str:
        return self.take(*texts) or self.fail(_("Her ventes %(what)s", what=" / ".join(f"«{text}»" for text in texts)))

    def identifier(self) -> str:
        token = self.now
        if token.sort != "name" or token.text in _RESERVED:
            self.fail(_("Her ventes et navn"))
        self.at += 1
        return token.text

    def fail(self, what: str) -> NoReturn:
        token = self.now
        if token.sort == "end":
            raise FeelSyntaxError(_("%(what)s, men uttrykket er slutt.", what=what), token.position)
        raise FeelSyntaxError(
            _("%(what)s, men i posisjon %(at)s står «%(text)s».", what=what, at=token.position + 1, text=token.text),
            token.position,
        )

    def made(self, node: N) -> N:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise FeelSyntaxError(_("Uttrykket har for mange ledd. Del det opp."), self.now.position)
        return node

    # --- expressions

    def whole(self) -> Node:
        if self.now.sort == "end":
            raise FeelSyntaxError(_("Uttrykket er tomt."), 0)
        node = self.expression()
        if self.at < len(self.tokens) - 1:
            self.fail(_("Uttrykket skulle være slutt"))
        return node

    def expression(self, weakest: int = _OR) -> Node:
        """What binds at least as strongly as `weakest`."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise FeelSyntaxError(_("Uttrykket er for dypt nøstet. Del det opp."), self.now.position)
        # Only a whole expression may be a unary test: `a == b` and `x -> y` are mistakes, not tests.
        node = self.comparison() if weakest == _OR and self.sees(*_COMPARISONS) else self.prefix()
        while (strength := self.strength()) >= weakest:
            node = self.joined(node, strength)
        self.depth -= 1
        return node

    def strength(self) -> int:
        """How strongly what stands here binds to what is before it; 0 if not at all."""
        token = self.now
        if token.sort not in ("op", "name") or (token.text == "[" and not self.begins(self.tokens[self.at + 1])):
            return 0
        return _STRENGTH.get(token.text, 0)

    @staticmethod
    def begins(token: Token) -> bool:
        """Whether a value can begin here. If not, the `[` before it closes a range, as in `x in [1..5[`."""
        if token.sort == "op":
            return token.text in _PREFIXES or token.text in _COMPARISONS
        return token.sort != "end" and (token.text not in _RESERVED or token.text in _OPENERS)

    def joined(self, left: Node, strength: int) -> Node:
        """`left` with the operator that follows and its right side."""
        op = self.need(self.now.text)
        if op == ".":
            return self.made(syntax.Path(left, self.property_name()))
        if op == "[":
            by = self.expression()
            self.need("]")
            return self.made(syntax.Filter(left, by))
        if op == "between":
            low = self.expression(_ADD)
            self.need("and")
            return self.made(syntax.Between(left, low, self.expression(_ADD)))
        if op == "in":
            return self.made(syntax.In(left, self.tests()))
        if op == "instance":
            self.need("of")
            return self.made(syntax.InstanceOf(left, self.kind()))
        return self.made(syntax.Binary("**" if op == "^" else op, left, self.expression(strength + 1)))

    def property_name(self) -> str:
        if self.now.sort != "name":
            self.fail(_("Her ventes et navn"))
        self.at += 1
        return self.tokens[self.at - 1].text

    def prefix(self) -> Node:
        token = self.now
        if token.sort == "number":
            self.at += 1
            return self.made(syntax.Literal(finite(NUMBERS.create_decimal(token.text))))
        if token.sort == "string":
            self.at += 1
            return self.made(syntax.Literal(token.text))
        if token.sort == "name":
            return self.word(token.text)
        if token.sort == "op" and token.text in _PREFIXES:
            self.at += 1
            return _PREFIXES[token.text](self, token.text)
        return self.fail(_("Her ventes en verdi"))

    def word(self, text: str) -> Node:
        if text in _LITERALS:
            self.at += 1
            return self.made(syntax.Literal(_LITERALS[text]))
        function = self.function_name()
        if function is not None:
            return self.call(function)
        if text == "if":
            return self.conditional()
        if text == "for":
            return self.loop()
        if text in ("some", "every"):
            return self.quantified()
        unknown = self.words()
        if unknown and self.tokens[self.at + len(unknown)].text == "(":
            raise FeelSyntaxError(_("Funksjonen «%(name)s» finnes ikke.", name=" ".join(unknown)), self.now.position)
        return self.made(syntax.Name(self.identifier()))

    # --- what begins with a sign

    def negation(self, _sign: str) -> Node:
        if self.now.sort == "number":
            number = NUMBERS.create_decimal(self.now.text)
            self.at += 1
            return self.made(syntax.Literal(finite(NUMBERS.minus(number))))
        return self.made(syntax.Negation(self.expression(_INSTANCE)))

    def comparison(self) -> Node:
        sign = self.need(*_COMPARISONS)
        return self.made(syntax.UnaryTest(sign, self.expression(_ADD)))

    def at_literal(self, _sign: str) -> Node:
        if self.now.sort != "string":
            self.fail(_("Etter «@» ventes en tekst i anførselstegn"))
        self.at += 1
        return self.made(syntax.Literal(temporal_literal(self.tokens[self.at - 1].text)))

    def parenthesis(self, _sign: str) -> Node:
        node = self.expression()
        if self.sees(".."):
            return self.interval(node, start_included=False)
        self.need(")")
        return node

    def bracket(self, _sign: str) -> Node:
        items: list[Node] = []
        while not self.take("]"):
            if items:
                self.need(",")
            items.append(self.expression())
            if len(items) == 1 and self.sees(".."):
                return self.interval(items[0], start_included=True)
        return self.made(syntax.Listing(tuple(items)))

    def open_interval(self, _sign: str) -> Node:
        return self.interval(self.expression(_ADD), start_included=False)

    def interval(self, start: Node, *, start_included: bool) -> Node:
        self.need("..")
        end = self.expression(_ADD)
        return self.made(syntax.Interval(start, end, start_included, self.need("]", ")", "[") == "]"))

    def context(self, _sign: str) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self.take("}"):
            if entries:
                self.need(",")
            if self.now.sort not in ("name", "string"):
                self.fail(_("Her ventes et navn"))
            key = self.now.text
            self.at += 1
            self.need(":")
            entries.append((key, self.expression()))
        return self.made(syntax.Context(tuple(entries)))

    # --- what begins with a word

    def conditional(self) -> Node:
        self.need("if")
        condition = self.expression()
        self.need("then")
        then = self.expression()
        self.need("else")
        return self.made(syntax.If(condition, then, self.expression()))

    def loop(self) -> Node:
        self.need("for")
        iterators = self.iterators()
        self.need("return")
        return self.made(syntax.For(iterators, self.expression()))

    def quantified(self) -> Node:
        every = self.need("some", "every") == "every"
        iterators = self.iterators()
        self.need("satisfies")
        return self.made(syntax.Quantified(every, iterators, self.expression()))

    def iterators(self) -> syntax.Iterators:
        found: list[tuple[str, Node]] = []
        while not found or self.take(","):
            name = self.identifier()
            self.need("in")
            over = self.expression()
            if self.take(".."):
                over = self.made(syntax.Steps(over, self.expression()))
            found.append((name, over))
        return tuple(found)

    def tests(self) -> tuple[Node, ...]:
        """What stands after `in`: one test, or several in parentheses."""
        if self.sees(*_COMPARISONS):
            return (self.comparison(),)
        if not self.take("("):
            return (self.expression(_ADD),)
        first = self.expression()
        if self.sees(","):
            return self.tests_after(first)
        if self.sees(".."):
            first = self.interval(first, start_included=False)
        else:
            self.need(")")
        # What stood in parentheses may be the beginning of a longer expression, as in `x in (a)[1]`.
        while (strength := self.strength()) > _COMPARE:
            first = self.joined(first, strength)
        return (first,)

    def tests_after(self, first: Node) -> tuple[Node, ...]:
        found = [first]
        while self.take(","):
            found.append(self.expression())
        self.need(")")
        return tuple(found)

    def kind(self) -> str:
        words: list[str] = []
        while self.now.sort == "name" and " ".join([*words, self.now.text]) in _KIND_BEGINNINGS:
            words.append(self.now.text)
            self.at += 1
        found = _KINDS.get(" ".join(words))
        return found or self.fail(_("Her ventes en type, for eksempel «number» eller «string»"))

    # --- functions

    def function_name(self) -> str | None:
        """The longest name of a function that stands here before a `(`, taken."""
        for length in range(_LONGEST_FUNCTION_NAME, 0, -1):
            words = self.tokens[self.at : self.at + length + 1]
            if len(words) <= length or words[-1].text != "(" or words[-1].sort != "op":
                continue
            name = " ".join(word.text for word in words[:-1])
            if name in FUNCTIONS and all(word.sort == "name" for word in words[:-1]):
                self.at += length
                return name
        return None

    def words(self) -> list[str]:
        """The names that stand here side by side, not taken."""
        last = self.at
        while self.tokens[last].sort == "name" and self.tokens[last].text not in _RESERVED:
            last += 1
        return [token.text for token in self.tokens[self.at : last]]

    def call(self, function: str) -> Node:
        self.need("(")
        positional: list[Node] = []
        named: dict[str, Node] = {}
        while not self.take(")"):
            if positional or named:
                self.need(",")
            name = self.parameter_name()
            if name is None and not named:
                positional.append(self.expression())
            elif name is None or positional or name in named:
                self.fail(_("Navngitte og vanlige argumenter kan ikke blandes, og et navn kan bare brukes én gang"))
            else:
                named[name] = self.expression()
        return self.made(syntax.Call(function, tuple(positional), tuple(named.items())))

    def parameter_name(self) -> str | None:
        """`start position:` and the like, taken, if it stands here."""
        last = self.at
        while self.tokens[last].sort == "name":
            last += 1
        if last == self.at or self.tokens[last].text != ":" or self.tokens[last].sort != "op":
            return None
        name = " ".join(token.text for token in self.tokens[self.at : last])
        self.at = last + 1
        return name


_PREFIXES: dict[str, Callable[[_Parser, str], Node]] = {
    "-": _Parser.negation,
    "@": _Parser.at_literal,
    "(": _Parser.parenthesis,
    "[": _Parser.bracket,
    "]": _Parser.open_interval,
    "{": _Parser.context,
}
_KIND_BEGINNINGS = frozenset(
    " ".join(name.split()[:count]) for name in _KINDS for count in range(1, len(name.split()) + 1)
)
