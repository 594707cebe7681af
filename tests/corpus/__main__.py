"""`python -m corpus FOLDER`: each file through server and browser, a line each, and a sum. Ends 1 at a fault."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from corpus.canvas import draw
from corpus.through import Went, files, through
from journeys.conftest import BEGINS, CHROMIUM, Served, become, free_port
from studio.drawing import OWNER, Editor

SHOWN = 5  # faults of one file


def main(folder: Path) -> int:
    """How many files there were, what tools they came from, and what went wrong."""
    sums: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    with editor() as page:
        for path in files(folder):
            went = through(path.name, path.read_bytes())
            said = _one(went, page)
            sums.update({"files": 1, said: 1, "with faults": bool(went.faults)})
            tools[went.exporter or "unnamed"] += 1
            print(f"{said:9} {len(went.faults):3} faults  {went.errors:3} errors {went.asked:3} questions  {path}")
            for fault in went.faults[:SHOWN]:
                print(f"          {fault}")
    print(f"\n{dict(sums)}\n{dict(tools.most_common())}")
    return 1 if sums["with faults"] else 0


def _one(went: Went, page: Page) -> str:
    """What happened to the file, in a word."""
    if went.refused:
        return "refused"
    if not went.text.lstrip("\ufeff \t\r\n").startswith("<"):
        return "form"
    drawn = draw(page, went.text)
    went.faults += drawn.faults
    return "undrawn" if drawn.is_undrawable else "drawn"


@contextmanager
def editor() -> Iterator[Page]:
    """A studio of its own, with an editor open and no way to the server, so that nothing is saved there."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        served = Served(Path(home), free_port())
        served.at(BEGINS)
        served.start()
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="nb-NO")
            become(page, served, OWNER)
            Editor(page).begin(served.url, blank="diagram", name="Fremmede")
            page.route("**/studio/**", lambda route: route.abort())
            yield page
            browser.close()
        finally:
            served.kill()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Which folder? make corpus FOLDER=/some/diagrams")
    sys.exit(main(Path(sys.argv[1])))
