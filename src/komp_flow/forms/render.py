"""Draws a form as HTML with Designsystemet's markup; it works without JavaScript and gets quicker with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from komp_flow.forms.shapes import FormView
from komp_flow.i18n import _, _l, ngettext


@dataclass(frozen=True)
class Button:
    """A button at the end of a form; a post carries `name=value` when it is the one pressed."""

    label: str
    name: str = ""
    value: str = "1"
    variant: str = "primary"


COMPLETE = Button(_l("Fullfør"))
SAVE = Button(_l("Lagre utkast"), "_save", variant="secondary")


def render(
    environment: Environment,
    view: FormView,
    *,
    action_url: str,
    refresh_url: str | None = None,
    hidden: Mapping[str, str] | None = None,
    buttons: Sequence[Button] = (COMPLETE, SAVE),
) -> Markup:
    """The whole `<form>`: summary of errors, fields, buttons.

    `action_url` gets the post. `refresh_url` (usually the same with `?part=fields`) makes htmx fetch the fields anew
    when an answer or a row changes; the answer may be the whole page. `hidden` are the page's own fields, as the CSRF
    token and the draft's version: their names begin with `_` or are `csrf_token`.
    """
    template = environment.get_template("forms/form.html")
    return Markup(  # noqa: S704 - autoescaped by the template's name
        template.render(
            view=view,
            action_url=action_url,
            refresh_url=refresh_url,
            hidden=hidden or {},
            buttons=buttons,
            _=_,
            ngettext=ngettext,
        )
    )
