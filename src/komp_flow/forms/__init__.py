"""Forms: form-js documents read, shown and checked. Pure: no database, no web."""

from __future__ import annotations

from komp_flow.forms.checking import check
from komp_flow.forms.components import Form
from komp_flow.forms.parsing import parse, problems
from komp_flow.forms.problems import FormProblem

__all__ = ["Form", "FormProblem", "check", "parse", "problems"]
