"""The studio's editor in a browser, and what it makes of a stranger's drawing: opened, touched, saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import Page

from corpus.comparing import lost
from komp_flow.diagrams.keeping import kept
from komp_flow.errors import KompFlowError
from komp_flow.revising import texts

# Open; write it as it is; move the first thing that can be moved there and back by hand; write it again. Then it is
# changed for good: moved, named, followed by a new step and removed; what is then written, opened again, must be what
# the editor has.
_TOUCH: Final = """async (text) => {
  const began = performance.now();
  const modeler = kompStudio.modeler;
  const warnings = await kompStudio.draw(text);
  const opened = performance.now() - began;
  const still = await kompStudio.text();
  const registry = modeler.get('elementRegistry');
  const shapes = registry.filter((one) => one.parent && !one.waypoints && !one.labelTarget && !one.hidden);
  const steps = shapes.filter(({ type }) => !['bpmn:Participant', 'bpmn:Lane'].includes(type));
  const one = steps[0] ?? shapes[0];
  if (!one) return { warnings, still, opened, shapes: 0 };
  const modeling = modeler.get('modeling');
  const editors = async () => (await modeler.saveXML({ format: true })).xml;
  const changes = [];
  const changed = async (what) => changes.push({ what, editors: await editors(), text: await kompStudio.text() });
  modeling.moveElements([one], { x: 40, y: 10 });
  modeling.moveElements([registry.get(one.id)], { x: -40, y: -10 });
  const moved = await kompStudio.text();
  modeling.moveElements([registry.get(one.id)], { x: 40, y: 10 });
  modeling.updateProperties(registry.get(one.id), { name: 'Noe annet' });
  await changed('moved and named');
  const flowing = registry.filter(({ type, parent, labelTarget }) => /Task$/.test(type) && parent && !labelTarget)[0];
  if (flowing) {
    modeling.appendShape(flowing, { type: 'bpmn:UserTask' }, { x: flowing.x + 300, y: flowing.y + 40 });
    await changed('followed by another');
    const other = flowing.type === 'bpmn:ServiceTask' ? 'bpmn:ScriptTask' : 'bpmn:ServiceTask';
    modeler.get('bpmnReplace').replaceElement(registry.get(flowing.id), { type: other });
    await changed('of another kind');
  }
  modeling.removeElements([registry.get(steps.at(-1)?.id) ?? registry.get(one.id)].filter(Boolean));
  await changed('removed');
  for (const each of changes) {
    await kompStudio.draw(each.editors);
    each.editors = await editors();
    await kompStudio.draw(each.text);
    each.again = await editors();
  }
  return { warnings, still, moved, opened, changes, shapes: shapes.length };
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
        if answer.get(way) is None:
            continue
        try:
            again = saved(text, answer[way])
        except KompFlowError as error:
            told = [one.message for one in getattr(error, "fields", ())]
            drawn.faults.append(f"{way}: cannot be saved: {error} {told}")
            continue
        found = lost(text.encode(), again.encode(), routes=way == "still")
        drawn.faults += [f"{way}: {one}" for one in found]
    for one in answer.get("changes", ()):
        missing = lost(one["editors"].encode(), one["again"].encode(), routes=False)
        drawn.faults += [f"{one['what']}: {each}" for each in missing]
        put_back = lost(saved(text, one["text"]).encode(), one["text"].encode())
        drawn.faults += [f"{one['what']}: the server puts back {each}" for each in put_back]
    return drawn


def saved(before: str, text: str) -> str:
    """What the server keeps of a text that the editor sends."""
    texts.diagram(text)
    whole = kept(before.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"))
    return texts.diagram(whole.decode("utf-8", "surrogatepass")).text
