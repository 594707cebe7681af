// Puts a task into every line of what is drawn, one at a time, and answers what is wrong each time; all is taken back after.
async () => {
  const { modeler } = kompStudio;
  const get = (name) => modeler.get(name);
  const registry = get('elementRegistry');
  const is = ({ type }, ...kinds) => kinds.some((kind) => type === `bpmn:${kind}`);
  // What is taken back may stand in another order in the file, and a label is as high as this browser's letters make it.
  const written = async () => (await modeler.saveXML({ format: true })).xml.split('\n').map((line) => line.trim().replace(/ height="\d\d"/, '')).sort().join('\n');
  const refs = () => registry.filter((one) => is(one, 'Lane')).map(({ id, businessObject }) => [id, (businessObject.flowNodeRef ?? []).map((one) => one.id).join(' ')]);
  const boxes = () => registry.filter((one) => !one.waypoints && !one.labelTarget && !is(one, 'Lane', 'Participant', 'BoundaryEvent', 'TextAnnotation', 'Group') && one.parent);
  const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const overlapping = () => boxes().flatMap((a) => boxes().filter((b) => a.id < b.id && a.parent === b.parent && overlap(a, b)).map((b) => `${a.id} on ${b.id}`));
  const outside = () => boxes().filter(({ parent, ...a }) => is(parent, 'SubProcess') && !(a.x >= parent.x && a.y >= parent.y && a.x + a.width <= parent.x + parent.width && a.y + a.height <= parent.y + parent.height)).map(({ id }) => id);
  const before = await written();
  const already = new Set(overlapping());
  const wrong = [];
  const flows = registry.filter((one) => is(one, 'SequenceFlow') && !is(one.source, 'EventBasedGateway')).map(({ id }) => id);
  for (const id of flows) {
    const flow = registry.get(id);
    const [source, target] = [flow.source.id, flow.target.id];
    const lanes = JSON.stringify(refs());
    const made = get('steps').into(flow, { type: 'bpmn:UserTask' });
    const say = (what) => wrong.push(`${id}: ${what}`);
    if (made.incoming.map((one) => one.source.id).join() !== source) say(`comes from ${made.incoming.map((one) => one.source.id)}`);
    if (made.outgoing.map((one) => one.target.id).join() !== target) say(`leads to ${made.outgoing.map((one) => one.target.id)}`);
    const now = refs().map(([lane, found]) => [lane, found.split(' ').filter((one) => one !== made.id).join(' ')]);
    if (JSON.stringify(now) !== lanes) say(`lanes: ${lanes} → ${JSON.stringify(now)}`);
    for (const one of overlapping()) if (!already.has(one)) say(one);
    for (const one of outside()) say(`${one} stands outside`);
    get('commandStack').undo();
    if ((await written()) !== before) {
      say('is not taken back in one step');
      break;
    }
  }
  return { wrong, lines: flows.length };
};
