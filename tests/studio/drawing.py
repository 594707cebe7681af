"""What one does in the diagram editor, as the tests do it: open a drawing, point at elements, read what is saved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

OWNER = "Ylva Tveit"
SHOWS = """id => {
  const [canvas, found] = [kompStudio.modeler.get('canvas'), kompStudio.modeler.get('elementRegistry').get(id)];
  canvas.zoom(1);
  canvas.scrollToElement(found, 260);
}"""

OF_KIND = """kind => kompStudio.modeler.get('elementRegistry')
  .filter(found => !found.labelTarget && (!kind || found.type === kind)).map(({id}) => id)"""


@dataclass
class Editor:
    """The editor that stands on a page."""

    page: Page

    def begin(self, url: str, **sent: str) -> Editor:
        """Begin a drawing as the front page's forms do, and open it."""
        token = self.page.request.get(f"{url}/studio").text().split('name="csrf-token" content="')[1].split('"')[0]
        answer = self.page.request.post(f"{url}/studio/drawings", form={**sent, "csrf_token": token})
        assert answer.ok, answer.text()
        return self.open(answer.url)

    def open(self, url: str) -> Editor:
        self.page.goto(url)
        return self.ready()

    def ready(self) -> Editor:
        """Wait until the drawing stands."""
        self.page.locator("#studio[data-ready='1'] .djs-container").wait_for()
        return self

    def shape(self, element: str) -> Locator:
        return self.page.locator(f".djs-element[data-element-id='{element}']")

    def look(self, element: str) -> None:
        """Bring an element into sight at natural size."""
        self.page.evaluate(SHOWS, element)

    def pick(self, element: str) -> Editor:
        """Click on an element as one does with the mouse."""
        self.look(element)
        box = self.shape(element).locator("> .djs-hit").first.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(self.shape(element)).to_have_class(re.compile("selected"))
        return self

    def select(self, element: str) -> Editor:
        """Select without the mouse, for what is small or covered."""
        self.page.evaluate(
            "id => kompStudio.modeler.get('selection').select(kompStudio.modeler.get('elementRegistry').get(id))",
            element,
        )
        return self

    def pad(self, entry: str) -> Locator:
        return self.page.locator(f".djs-context-pad .entry[data-action='{entry}']")

    def group(self, name: str) -> Locator:
        """A group of the properties panel, opened."""
        title = self.page.locator(
            ".bio-properties-panel-group-header-title", has_text=re.compile(f"^{re.escape(name)}$")
        )
        found = self.page.locator(".bio-properties-panel-group", has=title)
        header = found.locator(".bio-properties-panel-group-header")
        header.wait_for()
        if "open" not in (header.get_attribute("class") or ""):
            header.click()
        return found

    def tab(self, name: str) -> Locator:
        self.page.get_by_role("tab", name=name).click()
        return self.page.locator("[role=tabpanel]:not([hidden])")

    def saved(self) -> None:
        """Wait until what is drawn is with the server."""
        expect(self.page.locator(".studio-status[data-kind=saved]")).to_contain_text("Lagret")

    def file(self) -> str:
        """The drawing as the server has it."""
        return self.page.request.get(f"{self.page.url}/file").text()

    def drawn(self) -> str:
        """The drawing as it stands on the canvas."""
        return str(self.page.evaluate("kompStudio.modeler.saveXML({format: true}).then(({xml}) => xml)"))

    def ids(self, kind: str = "") -> list[str]:
        found: Any = self.page.evaluate(
            OF_KIND,
            kind,
        )
        return list(found)
