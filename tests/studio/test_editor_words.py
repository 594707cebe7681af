"""The diagram editor speaks bokmål wherever one goes in it, and offers what komp-flow runs and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from journeys.conftest import (
    Served,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]

GO_THROUGH = Path(__file__).with_name("kinds.js").read_text().split("\n", 2)[2].rstrip().rstrip(";")
REFUSED = re.compile(
    "script|rule-task|transaction|ad-hoc|complex|conditional|compensat|cancel|data-|pool|loop|participant"
)
OFFERED = {
    "replace-with-user-task", "replace-with-service-task", "replace-with-send-task", "replace-with-receive-task",
    "replace-with-manual-task", "replace-with-call-activity", "replace-with-parallel-gateway",
    "replace-with-inclusive-gateway", "replace-with-event-based-gateway", "replace-with-message-start",
    "replace-with-timer-start", "replace-with-signal-start", "replace-with-message-end", "replace-with-error-end",
    "replace-with-terminate-end", "replace-with-timer-boundary", "replace-with-non-interrupting-timer-boundary",
    "replace-with-event-subprocess", "replace-with-link-intermediate-catch",
}  # fmt: skip


def test_every_menu_and_panel_is_in_bokmaal_and_offers_only_what_runs(
    be: Callable[[str], Page], served: Served
) -> None:
    editor = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Alle slag")
    found = editor.page.evaluate(GO_THROUGH)
    assert found["untranslated"] == []
    offered = set(found["kinds"]) | set(found["marks"]) | set(found["pad"]) | set(found["palette"])
    assert not {one for one in offered if REFUSED.search(one)}
    assert set(found["kinds"]) >= OFFERED
    assert {"toggle-parallel-mi", "toggle-sequential-mi"} <= offered
    assert "create.user-task" in offered
    assert "create.task" not in offered
    assert not re.search(r"\b(Name|Create|Delete|Event|Task definition|Properties)\b", found["shown"])
