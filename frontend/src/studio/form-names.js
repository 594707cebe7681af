// Which names an expression of a form may read: its own answers, what the process has brought before, and what the host gives.
import { provide, unfinished } from './names.js';

const OPTIONS = 'Det skjemaet får med seg fra før';

export class FormNames {
  constructor({ editor, data, problems }) {
    Object.assign(this, { editor, data, problems });
    provide({ names: async () => this.all(), wrong: (text) => this.wrong(text) });
  }

  // The answers of one's own row are `row.` where the field stands in a list.
  all() {
    const { schema } = this.editor._getState();
    const registry = this.editor.get('formFieldRegistry');
    const chosen = this.editor.get('selection').get();
    const found = [];
    for (const field of registry.getAll()) {
      const name = field.key || field.path;
      if (!name || field === chosen) continue;
      const list = this.list(field, registry, schema);
      if (list && list !== this.list(chosen, registry, schema)) continue;
      found.push({ name: list ? `row.${name}` : name, sentence: `Svaret på «${field.label || name}»` });
    }
    return [...found, { name: 'context', sentence: OPTIONS }, ...(this.data.before ?? []), ...(this.data.names ?? [])].filter(({ name }, at, every) => every.findIndex((one) => one.name === name) === at);
  }

  list(field, registry, schema) {
    for (let at = field && registry.get(field._parent); at && at !== schema; at = registry.get(at._parent)) if (at.type === 'dynamiclist') return at;
    return null;
  }

  wrong(expression) {
    const body = expression.trim().replace(/^=/, '').trim();
    if (!body) return '';
    const chosen = this.editor.get('selection').get();
    const said = this.problems().find(({ element, message }) => element === chosen?.id && (message.includes(`«${body}»`) || message.includes(`«=${body}»`)));
    return said ? `${said.message} ${said.fix}` : unfinished(body);
  }
}
