// form-js' editor in our places: a click in the palette adds, and the panel has what komp-flow runs.
import { FormEditor } from '@bpmn-io/form-js-editor';

const GROUPS = new Set(['security-attributes', 'securityAttributes']);
const ENTRIES = new Set(['searchable', 'versionTag', 'version-tag', 'pagination', 'rowCount', 'disableCollapse', 'nonCollapsedItems', 'groupAppearance', 'verticalAlignment']);

class Limits {
  static $inject = ['propertiesPanel'];

  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(this, 400);
  }

  getGroups() {
    return (groups) => groups.filter(({ id }) => !GROUPS.has(id)).map((group) => (group.entries ? { ...group, entries: group.entries.filter(({ id }) => !ENTRIES.has(id.replace(/^.*\./, ''))) } : group)).filter(({ entries, items }) => items || entries?.length);
  }
}

export function formEditor({ canvas, palette, properties }) {
  const editor = new FormEditor({
    container: canvas,
    renderer: { compact: true },
    palette: { parent: palette },
    propertiesPanel: { parent: properties },
    additionalModules: [{ __init__: ['kompLimits'], kompLimits: ['type', Limits] }],
  });
  palette.addEventListener('click', ({ target }) => {
    const type = target.closest('.fjs-palette-field')?.dataset.fieldType;
    if (type) add(editor, type);
  });
  return editor;
}

// Below what is selected, or at the end.
function add(editor, type) {
  const { schema } = editor._getState();
  const selection = editor.get('selection');
  const chosen = selection.get();
  const parent = (chosen?._parent && editor.get('formFieldRegistry').get(chosen._parent)) || schema;
  const at = parent.components.findIndex(({ id }) => id === chosen?.id);
  const made = editor.get('modeling').addFormField({ type }, parent, at < 0 ? parent.components.length : at + 1);
  selection.set(made);
}
