// A text field for FEEL: suggests the names that exist where the element stands, and says at once what is wrong.
import { el } from './dom.js';

let boxes = 0;
const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;

export class ExpressionBox {
  // names() answers a promise of [{name, sentence}]; wrong(text) answers a sentence, or ''.
  constructor({ container, value = '', names, wrong = () => '', onChange, onKeyDown, label, id, readOnly, placeholder }) {
    this.names = names;
    this.wrong = wrong;
    this.found = [];
    this.at = -1;
    this.listId = `names-${++boxes}`;
    this.input = el('textarea', {
      id: id ?? `expression-${boxes}`,
      class: 'bio-properties-panel-input expression-input',
      rows: '1',
      spellcheck: 'false',
      autocomplete: 'off',
      role: 'combobox',
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': this.listId,
      'aria-label': label,
      placeholder,
      readonly: Boolean(readOnly),
    });
    this.list = el('ul', { id: this.listId, class: 'expression-names', role: 'listbox', 'aria-label': 'Navn som finnes her', hidden: true });
    this.says = el('p', { class: 'expression-wrong', role: 'status' });
    container.append(el('div', { class: 'expression-box' }, this.input, this.list), this.says);
    this.setValue(value);
    this.input.addEventListener('input', () => {
      this.fit();
      onChange(this.input.value);
      this.judge();
      this.suggest();
    });
    this.input.addEventListener('focus', () => this.suggest());
    this.input.addEventListener('click', () => this.suggest());
    this.input.addEventListener('blur', () => this.close());
    this.input.addEventListener('keydown', (event) => this.key(event, onKeyDown));
    this.list.addEventListener('pointerdown', (event) => {
      event.preventDefault(); // the field keeps the focus
      const line = event.target.closest('li[data-name]');
      if (line) this.insert(line.dataset.name);
    });
  }

  setValue(value) {
    this.input.value = value ?? '';
    this.fit();
    this.judge();
  }

  fit() {
    this.input.rows = Math.min(8, Math.max(1, this.input.value.split('\n').length, Math.ceil(this.input.value.length / 36)));
  }

  judge() {
    const said = this.wrong(this.input.value);
    this.says.textContent = said;
    this.input.toggleAttribute('aria-invalid', Boolean(said));
  }

  word() {
    return this.input.value.slice(0, this.input.selectionStart).match(WORD)?.[0] ?? '';
  }

  async suggest() {
    const all = await this.names();
    if (document.activeElement !== this.input) return;
    const word = this.word().toLowerCase();
    this.found = all.filter(({ name }) => name.toLowerCase().includes(word) && name.toLowerCase() !== word).slice(0, 30);
    this.at = -1;
    this.list.replaceChildren(
      ...this.found.map(({ name, sentence }, number) =>
        el('li', { role: 'option', id: `${this.listId}-${number}`, 'data-name': name, 'aria-selected': 'false' }, el('code', {}, name), sentence ? ` ${sentence}` : ''),
      ),
    );
    this.list.hidden = !this.found.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.input.removeAttribute('aria-activedescendant');
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
  }

  insert(name) {
    const end = this.input.selectionStart;
    const begin = end - this.word().length;
    this.input.setRangeText(name, begin, end, 'end');
    this.input.dispatchEvent(new Event('input', { bubbles: true }));
    this.close();
  }

  key(event, onKeyDown) {
    onKeyDown?.(event);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!this.list.hidden && step) {
      event.preventDefault();
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.list.querySelectorAll('li').forEach((line, number) => {
        line.setAttribute('aria-selected', String(number === this.at));
        if (number === this.at) line.scrollIntoView({ block: 'nearest' });
      });
      this.input.setAttribute('aria-activedescendant', `${this.listId}-${this.at}`);
    } else if (!this.list.hidden && ['Enter', 'Tab'].includes(event.key) && this.at >= 0) {
      event.preventDefault();
      this.insert(this.found[this.at].name);
    } else if (!this.list.hidden && event.key === 'Escape') {
      event.stopPropagation();
      this.close();
    }
  }
}
