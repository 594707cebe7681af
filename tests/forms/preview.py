"""Draws every form as a page of its own, to be looked at: `python tests/forms/preview.py OUT [CSS_HREF [JS_SRC]]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forms.filling import ENVIRONMENT, ROOT, SAMPLES, SEEN
from komp_flow import forms as made
from komp_flow.errors import Invalid

PAGE = """<!doctype html><html lang="nb" data-color-scheme="light"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{css}">{js}</head>
<body><main style="max-width:48rem;margin:2rem auto;padding:0 1rem"><h1 class="ds-heading" data-size="lg">{title}</h1>
{body}</main></body></html>"""


def main(out: Path, css: str = "app.css", js: str = "") -> None:
    """One page with the form as it is opened, and one with every error of sending it empty."""
    for file in [*sorted(SAMPLES.glob("*.json")), *sorted((ROOT / "forms").glob("*.json"))]:
        form = made.parse(file.read_bytes())
        try:
            made.check(form, {}, **SEEN)
            errors = ()
        except Invalid as error:
            errors = error.fields
        for state, told in (("fresh", ()), ("errors", errors)):
            drawn = made.render(
                ENVIRONMENT, made.view(form, {}, told, **SEEN), action_url="#", refresh_url="?part=fields"
            )
            script = f'<script src="{js}" defer></script>' if js else ""
            (out / f"{form.id}-{state}.html").write_text(PAGE.format(title=form.title, css=css, js=script, body=drawn))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
