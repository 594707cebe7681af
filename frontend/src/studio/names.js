// Which names exist at the selected element: those that are known everywhere, and those the server finds on the way.
import { ask } from './server.js';

let here = { names: async () => [], wrong: () => '' };
export const current = () => here;
export const provide = (names) => (here = names);

export class Names {
  constructor({ data, eventBus, selection, text, problems }) {
    this.data = data;
    this.text = text;
    this.problems = problems;
    this.kept = new Map(); // element -> promise of its names, until the drawing changes
    here = {
      names: () => this.at(selection.get()[0]?.id ?? ''),
      wrong: (expression) => this.wrong(selection.get()[0]?.id ?? '', expression),
    };
    eventBus.on(['commandStack.changed', 'import.done'], () => this.kept.clear());
  }

  at(element) {
    if (!this.kept.has(element)) this.kept.set(element, this.fetch(element));
    return this.kept.get(element);
  }

  async fetch(element) {
    const everywhere = this.data.names ?? [];
    try {
      const { names } = await ask(this.data.urls.names, { text: await this.text(), element });
      const known = new Set(names.map(({ name }) => name));
      return [...names, ...everywhere.filter(({ name }) => !known.has(name))];
    } catch {
      this.kept.delete(element);
      return everywhere;
    }
  }

  // What check said about just this expression, or that a bracket or a quote is open.
  wrong(element, expression) {
    const body = expression.trim().replace(/^=/, '').trim();
    if (!body) return '';
    const said = this.problems.of(element).find(({ message }) => message.includes(`«${body}»`) || message.includes(`«=${body}»`));
    return said ? `${said.message} ${said.fix}` : unfinished(body);
  }
}

export function unfinished(body) {
  const bare = body.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  if ((bare.replace(/""/g, '').match(/"/g) ?? []).length) return 'Et anførselstegn (") mangler.';
  for (const [open, close] of ['()', '[]', '{}']) {
    const count = (sign) => bare.split(sign).length - 1;
    if (count(open) > count(close)) return `Det mangler «${close}».`;
    if (count(close) > count(open)) return `Det er én «${close}» for mye.`;
  }
  return '';
}
