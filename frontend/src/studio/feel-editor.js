// Takes the place of @bpmn-io/feel-editor in the properties panel: the same calls, our own text field behind them.
import { ExpressionBox } from './expression-box.js';
import { current } from './names.js';

export default class FeelEditor {
  constructor({ container, value, onChange, onKeyDown, readOnly, contentAttributes = {} }) {
    this.box = new ExpressionBox({
      container,
      value,
      onChange,
      onKeyDown,
      readOnly,
      label: contentAttributes['aria-label'],
      names: () => current().names(),
      wrong: (text) => current().wrong(text),
    });
  }

  setValue(value) {
    this.box.setValue(value);
  }

  focus(position) {
    this.box.input.focus();
    if (Number.isFinite(position)) this.box.input.setSelectionRange(position, position);
  }

  getSelection() {
    const { selectionStart: from, selectionEnd: to } = this.box.input;
    return { ranges: [{ from, to }], mainIndex: 0 };
  }

  setVariables() {}
  setPlaceholder() {}
  setEngines() {}
}
