"""Bars as SVG, from a template of our own: a name, a bar, a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW, NAMES, FIGURES = 760, 26, 250, 120
OURS, OTHERS, GOAL = "#1f5fbf", "#9aa5b1", "#b3261e"


@dataclass(frozen=True)
class Bar:
    """One bar. `told` stands at its end."""

    name: str
    value: float
    told: str
    ours: bool = False


def bars(title: str, listed: Sequence[Bar], goal: float | None = None) -> str:
    """The bars below each other, the longest as wide as there is room; the goal is a line across them."""
    most = max([bar.value for bar in listed] + ([goal] if goal else [])) or 1.0
    room = WIDTH - NAMES - FIGURES
    height = 50 + ROW * len(listed)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{escape(title)}">'
    )
    parts = [
        head,
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="600" fill="#1b1f23">{escape(title)}</text>',
    ]
    for place, bar in enumerate(listed):
        top = 38 + place * ROW
        colour = OURS if bar.ours else OTHERS
        length = max(1.0, bar.value / most * room)
        parts += [
            f'<text x="{NAMES - 8}" y="{top + 15}" text-anchor="end" fill="#1b1f23">{escape(bar.name)}</text>',
            f'<rect x="{NAMES}" y="{top + 3}" width="{length:.1f}" height="{ROW - 9}" rx="2" fill="{colour}"/>',
            f'<text x="{NAMES + length + 6:.1f}" y="{top + 15}" fill="#1b1f23">{escape(bar.told)}</text>',
        ]
    if goal:
        at = NAMES + goal / most * room
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="36" y2="{height - 10}" stroke="{GOAL}" stroke-dasharray="4 3"/>'
        )
    return "\n".join([*parts, "</svg>", ""])
