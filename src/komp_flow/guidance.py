"""The help beside each form: texts in Markdown, named by the diagrams, read from the shipped folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from komp_flow import shipped
from komp_flow.forms import markdown

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Guidance:
    """One text. `covers` are ids of process.md section 1."""

    id: str
    title: str
    html: Markup
    covers: tuple[str, ...]


@cache
def text(guidance_id: str | None, folder: Path | None = None) -> Guidance | None:
    """The text of that id, or None: a diagram may name one that is not written yet."""
    if guidance_id is None or not NAME.fullmatch(guidance_id):
        return None
    path = (folder or shipped.folder() / "guidance") / f"{guidance_id}.md"
    if not path.is_file():
        return None
    head, body = _front_matter(path.read_text(encoding="utf-8"))
    covers = tuple(part.strip() for part in head.get("covers", "").strip("[]").split(",") if part.strip())
    return Guidance(guidance_id, head.get("title", ""), markdown.html(body), covers)


@cache
def titles(folder: Path | None = None) -> Mapping[str, str]:
    """Every text's title, by its id."""
    paths = sorted((folder or shipped.folder() / "guidance").glob("*.md"))
    found = (text(path.stem, folder) for path in paths)
    return {one.id: one.title or one.id for one in found if one is not None}


def _front_matter(source: str) -> tuple[dict[str, str], str]:
    """`key: value` lines between two lines of `---`, and what follows."""
    if not source.startswith("---\n"):
        return {}, source
    head, _, body = source[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}, body
