// Draws one of every kind that the palette, the pad and the menus lead to, opens what can be opened on each, and answers
// what was offered and what had no translation.
async () => {
  const { modeler, untranslated } = kompStudio;
  const get = (name) => modeler.get(name);
  const drawn = () => new Promise((done) => setTimeout(done, 0));
  const root = get('canvas').getRootElement();
  const shape = (type, options = {}) => get('elementFactory').createShape({ type: `bpmn:${type}`, ...options });
  const trigger = (name) => ({ eventDefinitionType: `bpmn:${name}EventDefinition` });
  const offered = { kinds: new Set(), marks: new Set(), pad: new Set(), palette: Object.keys(get('palette').getEntries()) };

  let place = 0;
  const put = (made, parent = root) => {
    place += 1;
    const at = parent === root ? { x: 300 + (place % 8) * 240, y: 500 + Math.floor(place / 8) * 240 } : { x: parent.x + 60, y: parent.y + 60 };
    return get('modeling').createShape(made, at, parent);
  };
  for (const task of ['UserTask', 'ServiceTask', 'SendTask', 'ReceiveTask', 'ManualTask', 'Task', 'CallActivity', 'BusinessRuleTask', 'ScriptTask']) put(shape(task));
  for (const gateway of ['Exclusive', 'Parallel', 'Inclusive', 'EventBased', 'Complex']) put(shape(`${gateway}Gateway`));
  for (const start of ['Message', 'Timer', 'Signal', 'Conditional']) put(shape('StartEvent', trigger(start)));
  for (const waits of ['Message', 'Timer', 'Signal', 'Link', 'Conditional']) put(shape('IntermediateCatchEvent', trigger(waits)));
  put(shape('IntermediateThrowEvent'));
  for (const says of ['Message', 'Signal', 'Escalation', 'Link', 'Compensate']) put(shape('IntermediateThrowEvent', trigger(says)));
  for (const ends of ['Message', 'Signal', 'Error', 'Escalation', 'Terminate', 'Compensate']) put(shape('EndEvent', trigger(ends)));
  const host = put(shape('SubProcess', { isExpanded: true }));
  put(shape('SubProcess', { isExpanded: false }));
  for (const edge of ['Message', 'Timer', 'Signal', 'Error', 'Escalation', 'Conditional', 'Compensate']) {
    get('modeling').createShape(shape('BoundaryEvent', trigger(edge)), { x: host.x + 30 * (place % 9), y: host.y + host.height }, host, { attach: true });
    place += 1;
  }
  for (const edge of ['Message', 'Timer', 'Signal', 'Escalation']) {
    get('modeling').createShape(shape('BoundaryEvent', { ...trigger(edge), cancelActivity: false }), { x: host.x + 30 * (place % 9), y: host.y }, host, { attach: true });
    place += 1;
  }
  for (const begins of ['Message', 'Timer', 'Signal', 'Error', 'Escalation']) {
    const inside = put(shape('SubProcess', { isExpanded: true, triggeredByEvent: true }));
    put(shape('StartEvent', trigger(begins)), inside);
    if (begins !== 'Error') put(shape('StartEvent', { ...trigger(begins), isInterrupting: false }), inside);
  }
  for (const other of ['TextAnnotation', 'Group', 'DataObjectReference', 'DataStoreReference']) put(shape(other));
  const again = put(shape('UserTask'));
  get('modeling').updateProperties(again, { loopCharacteristics: get('moddle').create('bpmn:MultiInstanceLoopCharacteristics') });

  for (const more of document.querySelectorAll('.studio-more button[aria-pressed=false]')) more.click();
  for (const element of get('elementRegistry').getAll()) {
    get('selection').select(element === root ? [] : element);
    await drawn();
    for (const header of document.querySelectorAll('.bio-properties-panel-group-header:not(.open)')) header.click();
    for (const list of document.querySelectorAll('.bio-properties-panel-add-entry')) list.click();
    await drawn();
    for (const item of document.querySelectorAll('.bio-properties-panel-collapsible-entry-header:not(.open)')) item.click();
    await drawn();
    for (const id of Object.keys(get('contextPad').getEntries(element))) offered.pad.add(id);
    if (!get('popupMenu').isEmpty(element, 'bpmn-replace')) {
      get('popupMenu').open(element, 'bpmn-replace', { x: 300, y: 300 }, { title: 'Bytt', search: true });
      await drawn();
      for (const entry of document.querySelectorAll('.djs-popup .entry')) {
        const id = entry.dataset.id;
        (entry.closest('.djs-popup-header, .djs-popup-group-header, [data-header-group]') ? offered.marks : offered.kinds).add(id);
      }
      get('popupMenu').close();
    }
  }
  get('selection').select([...get('elementRegistry').filter(({ type }) => type === 'bpmn:UserTask')]);
  await drawn();
  for (const menu of ['align-elements']) {
    get('popupMenu').open(get('selection').get(), menu, { x: 300, y: 300 });
    await drawn();
    get('popupMenu').close();
  }
  get('minimap').toggle();
  get('searchPad').toggle();
  get('searchPad').close();
  const plain = Object.fromEntries(Object.entries(offered).map(([key, found]) => [key, [...found]]));
  return { ...plain, untranslated: [...untranslated], shown: document.querySelector('#studio').innerText };
};
