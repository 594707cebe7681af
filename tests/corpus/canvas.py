"""The studio's editor in a browser, and what it makes of a stranger's drawing: opened, touched, saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Page

from corpus.comparing import lost
from komp_flow.diagrams.keeping import kept
from komp_flow.errors import KompFlowError
from komp_flow.revising import texts

# Open; write it as it is; move the first thing that can be moved there and back by hand; write it again.
_TOUCH: Final = """async (text) => {
  const began = performance.now();
  const modeler = kompStudio.modeler;
  const warnings = await kompStudio.draw(text);
  const opened = performance.now() - began;
  const still = (await modeler.saveXML({ format: true })).xml;
  const registry = modeler.get('elementRegistry');
  const shapes = registry.filter((one) => one.parent && !one.waypoints && !one.labelTarget && !one.hidden);
  const one = shapes.find((shape) => shape.type !== 'bpmn:Participant' && shape.type !== 'bpmn:Lane') ?? shapes[0];
  let moved = null;
  if (one) {
    const modeling = modeler.get('modeling');
    modeling.moveElements([one], { x: 40, y: 10 });
    modeling.moveElements([registry.get(one.id)], { x: -40, y: -10 });
    moved = (await modeler.saveXML({ format: true })).xml;
  }
  return { warnings, still, moved, touched: one?.id ?? '', opened, shapes: shapes.length };
}"""


@dataclass
class Drawn:
    """How it went in the browser. `faults` are what crashed or was lost."""

    shapes: int = 0
    warnings: list[str] = field(default_factory=list)
    milliseconds: float = 0
    is_undrawable: bool = False  # there is nothing in it to draw, and the person is told so
    faults: list[str] = field(default_factory=list)


def draw(page: Page, text: str) -> Drawn:
    """A text into the editor that stands on the page, out again, and through what the server puts back."""
    drawn = Drawn()
    try:
        answer: dict[str, Any] = page.evaluate(_TOUCH, text)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a fault that is told)
        if "nothing to draw" in str(error):
            drawn.is_undrawable = True
            return drawn
        drawn.faults.append(f"browser: {str(error).splitlines()[0][:300]}")
        return drawn
    drawn.shapes, drawn.warnings = answer["shapes"], answer["warnings"]
    drawn.milliseconds = answer["opened"]
    for way in ("still", "moved"):
        if answer[way] is None:
            continue
        try:
            again = saved(text, answer[way])
        except KompFlowError as error:
            told = [one.message for one in getattr(error, "fields", ())]
            drawn.faults.append(f"{way}: cannot be saved: {error} {told}")
            continue
        found = lost(text.encode(), again.encode(), routes=way == "still")
        drawn.faults += [f"{way}: {one}" for one in found]
    return drawn


def saved(before: str, text: str) -> str:
    """What the server keeps of a text that the editor sends."""
    texts.diagram(text)
    whole = kept(before.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"))
    return texts.diagram(whole.decode("utf-8", "surrogatepass")).text
