// What our groups in the properties panel are made of: one line makes one field.
import {
  CheckboxEntry,
  Group,
  NumberFieldEntry,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
  isCheckboxEntryEdited,
  isNumberFieldEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useRef } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import htm from 'htm';
import { ExpressionBox } from './expression-box.js';
import { current } from './names.js';
import { translate } from './translate.js';

export const html = htm.bind(h);

export function group(id, label, entries, { open = false } = {}) {
  return { id: `komp-${id}`, label, component: Group, translate, shouldOpen: open, entries: entries.filter(Boolean) };
}

// The component of a kind is one and the same however often the panel is drawn: else a field would lose its focus.
const field = (Component, isEdited) => {
  const component = (entry) => html`<${Component} ...${{ ...entry, debounce: useService('debounceInput') }} />`;
  return (id, label, getValue, setValue, more = {}) => ({ id: `komp-${id}`, isEdited, component, label, getValue, setValue, ...more });
};

export const text = field(TextFieldEntry, isTextFieldEntryEdited);
export const area = field(TextAreaEntry, isTextAreaEntryEdited);
export const number = field(NumberFieldEntry, isNumberFieldEntryEdited);
export const tick = field(CheckboxEntry, isCheckboxEntryEdited);

// options: [[value, label], …]; what is set and not among them stays, and is shown.
const choice = field(SelectEntry, isSelectEntryEdited);
export function select(id, label, getValue, setValue, options, more = {}) {
  const getOptions = () => {
    const value = getValue();
    const known = options.some(([one]) => one === value);
    return [...options, ...(known || !value ? [] : [[value, value]])].map(([one, said]) => ({ value: one, label: said }));
  };
  return choice(id, label, getValue, setValue, { getOptions, ...more });
}

// An expression. `always`: it cannot be anything else, so its «=» is not asked for.
export function expression(id, label, getValue, setValue, { always = false, description = '', placeholder } = {}) {
  const shown = () => (always ? (getValue() ?? '').replace(/^=\s*/, '') : getValue() ?? '');
  const kept = (value) => setValue(always && value.trim() ? `=${value.replace(/^\s*=/, '')}` : value);
  return {
    id: `komp-${id}`,
    isEdited: (node) => Boolean(node?.value),
    component: ExpressionEntry,
    label,
    value: shown(),
    onChange: kept,
    description,
    placeholder,
  };
}

// Another element is another field, though it has the same name.
const ExpressionEntry = (entry) => html`<${Expression} key=${entry.element} ...${entry} />`;

function Expression({ id, label, value, onChange, description, placeholder }) {
  const place = useRef();
  const box = useRef();
  const latest = useRef();
  latest.current = onChange;
  const debounce = useService('debounceInput');
  const eventBus = useService('eventBus');
  useEffect(() => {
    const change = debounce((text) => latest.current(text));
    const input = `bio-properties-panel-${id}`;
    box.current = new ExpressionBox({
      container: place.current,
      value,
      id: input,
      label,
      placeholder,
      names: () => current().names(),
      wrong: (said) => current().wrong(said),
      onChange: change,
    });
    const leave = () => change.flush?.();
    box.current.input.addEventListener('blur', leave);
    const judge = () => box.current.judge();
    eventBus.on('komp.checked', judge);
    return () => {
      leave();
      eventBus.off('komp.checked', judge);
    };
  }, []);
  useEffect(() => {
    if (document.activeElement !== box.current.input && box.current.input.value !== value) box.current.setValue(value);
  }, [value]);
  return html`<div class="bio-properties-panel-entry" data-entry-id=${id}>
    <label class="bio-properties-panel-label" for=${`bio-properties-panel-${id}`}>${label}</label>
    <div ref=${place}></div>
    ${description && html`<div class="bio-properties-panel-description">${description}</div>`}
  </div>`;
}

// Something of one's own: `draw()` gives what htm drew.
export function drawn(id, draw) {
  return { id: `komp-${id}`, component: Drawn, draw };
}

const Drawn = ({ id, draw }) => html`<div class="bio-properties-panel-entry" data-entry-id=${id}>${draw()}</div>`;

export const note = (id, said) => drawn(id, () => html`<p class="studio-note">${said}</p>`);

export const action = (id, said, onClick) =>
  drawn(id, () => html`<button type="button" class="ds-button" data-variant="secondary" data-size="sm" onClick=${onClick}>${said}</button>`);
