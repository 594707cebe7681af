"""The Markdown of a text component as safe HTML: no HTML of its own, no images, links only where a link may lead."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_SCHEMES = frozenset({"", "http", "https", "mailto"})


def _safe(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    # `//host` would leave the site without looking as if it did.
    return parts.scheme.lower() in _SCHEMES and not (parts.scheme == "" and (parts.netloc or url.startswith("\\")))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
    parser.validateLink = _safe  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
_CLASSES = {"link_open": "ds-link", "table_open": "ds-table", "bullet_list_open": "ds-list",
            "ordered_list_open": "ds-list", "paragraph_open": "ds-paragraph"}  # fmt: skip


@lru_cache(maxsize=1000)
def html(text: str) -> Markup:
    """A form's own Markdown as HTML with the design system's classes. Headings begin at h2: the page has the h1."""
    return _drawn(text, breaks=False)


def computed(text: str) -> Markup:
    """Markdown that an expression put together. People's words may be in it: lines stay lines, and nothing is kept."""
    return _drawn(text, breaks=True)


def _drawn(text: str, *, breaks: bool) -> Markup:
    tokens = _PARSER.parse(text)
    for token in tokens:
        for each in (token, *(token.children or [])):
            _dress(each)
            if breaks and each.type == "softbreak":
                each.type, each.tag = "hardbreak", "br"
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # noqa: S704 - made with html=False


def _dress(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        if token.nesting == 1:
            token.attrSet("class", "ds-heading")
            token.attrSet("data-size", "xs" if token.tag == "h2" else "2xs")
    elif token.type in _CLASSES:
        token.attrSet("class", _CLASSES[token.type])
    if token.type == "link_open" and str(token.attrGet("href")).startswith("http"):
        token.attrSet("rel", "noopener noreferrer")
