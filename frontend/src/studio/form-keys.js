// The keyboard in the form editor: undo and redo anywhere but in a text field, and the chosen component moved or taken out.
const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]';

export function keys(canvas, editor, step) {
  document.addEventListener('keydown', (event) => {
    if (event.target.closest?.(TYPING) || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    const way = command && key === 'z' ? (event.shiftKey ? 'redo' : 'undo') : command && key === 'y' ? 'redo' : '';
    if (way) step(way);
    else if (!canvas.contains(event.target) || !changed(editor, event)) return;
    event.preventDefault();
  });
}

function changed(editor, event) {
  const chosen = editor.get('selection').get();
  const parent = chosen && editor.get('formFieldRegistry').get(chosen._parent);
  if (!parent) return false;
  const modeling = editor.get('modeling');
  const at = parent.components.indexOf(chosen);
  const to = at + ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0);
  if (event.key === 'Delete') modeling.removeFormField(chosen, parent, at);
  else if (event.altKey && to !== at && to >= 0 && to < parent.components.length) modeling.moveFormField(chosen, parent, parent, at, to);
  else return false;
  return true;
}
