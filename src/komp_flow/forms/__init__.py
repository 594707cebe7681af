"""Forms: form-js documents read, shown and checked (dialect.md Forms). Pure: no database, no web.

A page that shows a form and takes its answers:

    form = forms.parse(document)
    seen = {"context": …, "names": …, "moment": …}
    forms.render(environment, forms.view(form, draft, **seen), action_url=…, refresh_url="…?part=fields", hidden={…})

    received = forms.receive(form, request.form, **seen)
    if received.asked.save: keep forms.draft(form, received.answers)
    elif received.again: render it
    else: forms.check(form, received.answers, **seen), and on Invalid render view(form, answers, error.fields, **seen)

The API gives its JSON to `check` as it is. In a list, `row` is the row in which an expression stands.
"""

from __future__ import annotations

from komp_flow.forms.attachments import Attached
from komp_flow.forms.checking import check
from komp_flow.forms.components import Form
from komp_flow.forms.drafts import draft
from komp_flow.forms.filling import fields, start
from komp_flow.forms.fitting import fitting, is_empty, joined, labels
from komp_flow.forms.parsing import parse, problems
from komp_flow.forms.posted import Asked, asked, decode
from komp_flow.forms.problems import FormProblem
from komp_flow.forms.receiving import Received, receive, revealed
from komp_flow.forms.render import COMPLETE, SAVE, Button, render
from komp_flow.forms.results import Line, RegisterRows, lines, registers
from komp_flow.forms.shapes import FormView
from komp_flow.forms.texts import without_texts
from komp_flow.forms.uploads import field, named, takes
from komp_flow.forms.view import view

__all__ = [
    "COMPLETE",
    "SAVE",
    "Asked",
    "Attached",
    "Button",
    "Form",
    "FormProblem",
    "FormView",
    "Line",
    "Received",
    "RegisterRows",
    "asked",
    "check",
    "decode",
    "draft",
    "field",
    "fields",
    "fitting",
    "is_empty",
    "joined",
    "labels",
    "lines",
    "named",
    "parse",
    "problems",
    "receive",
    "registers",
    "render",
    "revealed",
    "start",
    "takes",
    "view",
    "without_texts",
]
