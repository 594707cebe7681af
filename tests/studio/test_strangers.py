"""Files as other tools write them in the editor: opened, moved in and saved, nothing of what they said is lost."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from corpus.canvas import draw
from corpus.strangers import PLAIN, STRANGERS, UNDRAWABLE
from journeys.conftest import (
    Served,
    base_url,
    browser_context_args,
    browser_type_launch_args,
    no_script_or_policy_errors,
)
from studio.drawing import OWNER, Editor

__all__ = ["base_url", "browser_context_args", "browser_type_launch_args", "no_script_or_policy_errors"]


def test_nothing_is_lost_of_strangers_files_and_none_breaks_the_editor(
    be: Callable[[str], Page], served: Served
) -> None:
    page = Editor(be(OWNER)).begin(served.url, blank="diagram", name="Fremmede").page
    page.route("**/studio/**", lambda route: route.abort())  # the drawing on the server is not theirs
    lost = {trait: faults for trait, text in STRANGERS.items() if (faults := draw(page, text).faults)}
    assert lost == {}
    assert draw(page, UNDRAWABLE).is_undrawable
    assert draw(page, PLAIN).faults == []
