// A condition as rows «field, operator, answer», and back to FEEL. What is more than that stays an expression.
const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)*';
const COMPARES = new RegExp(`^(${NAME})\\s*(!=|<=|>=|=|<|>)\\s*(.+)$`, 'u');
const CONTAINS = new RegExp(`^list contains\\(\\s*(${NAME})\\s*,\\s*(.+)\\)$`, 'u');
const CONTAINS_NOT = new RegExp(`^not\\(\\s*list contains\\(\\s*(${NAME})\\s*,\\s*(.+)\\)\\s*\\)$`, 'u');

export const OPERATORS = {
  choice: [['=', 'er'], ['!=', 'er ikke'], ['empty', 'er ikke besvart'], ['filled', 'er besvart']],
  tick: [['true', 'er krysset av'], ['false', 'er ikke krysset av']],
  several: [['contains', 'har med'], ['lacks', 'har ikke med']],
  number: [['=', 'er'], ['!=', 'er ikke'], ['<', 'er mindre enn'], ['<=', 'er høyst'], ['>', 'er større enn'], ['>=', 'er minst']],
  date: [['<', 'er før'], ['<=', 'er senest'], ['=', 'er'], ['>=', 'er tidligst'], ['>', 'er etter'], ['empty', 'er ikke besvart']],
  text: [['=', 'er'], ['!=', 'er ikke'], ['empty', 'er ikke besvart'], ['filled', 'er besvart']],
};
const KINDS = { radio: 'choice', select: 'choice', checkbox: 'tick', checklist: 'several', taglist: 'several', number: 'number', datetime: 'date', date: 'date', boolean: 'tick' };
const WITHOUT = ['empty', 'filled', 'true', 'false'];

export const kindOf = (field) => KINDS[field?.type] ?? 'text';
export const needsAnswer = (operator) => !WITHOUT.includes(operator);

// {join: 'and' | 'or', rows: [{name, operator, answer}]}, or null where it is more than rows can say.
export function parse(text) {
  const body = (text ?? '').trim().replace(/^=/, '').trim();
  if (!body) return { join: 'and', rows: [] };
  const both = split(body, ' and ');
  const either = split(body, ' or ');
  if (both.length > 1 && either.length > 1) return null;
  const rows = (either.length > 1 ? either : both).map(row);
  return rows.every(Boolean) ? { join: either.length > 1 ? 'or' : 'and', rows } : null;
}

// Between quotes and brackets nothing is split.
function split(body, word) {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at += 1) {
    if (body[at] === '"' && body[at - 1] !== '\\') quoted = !quoted;
    if (!quoted) depth += { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 }[body[at]] ?? 0;
    if (!quoted && !depth && body.startsWith(word, at)) {
      parts.push('');
      at += word.length - 1;
    } else parts[parts.length - 1] += body[at];
  }
  return parts.map((part) => part.trim());
}

function row(part) {
  let found = part.match(CONTAINS_NOT);
  if (found) return answered(found[1], 'lacks', found[2]);
  found = part.match(CONTAINS);
  if (found) return answered(found[1], 'contains', found[2]);
  found = part.match(COMPARES);
  if (!found) return new RegExp(`^${NAME}$`, 'u').test(part) ? { name: part, operator: 'true', answer: '' } : null;
  const [, name, operator, value] = found;
  if (value === 'null') return { '=': { name, operator: 'empty', answer: '' }, '!=': { name, operator: 'filled', answer: '' } }[operator] ?? null;
  if (['true', 'false'].includes(value)) {
    if (!['=', '!='].includes(operator)) return null;
    return { name, operator: String((value === 'true') === (operator === '=')), answer: '' };
  }
  return answered(name, operator, value);
}

function answered(name, operator, value) {
  const answer = literal(value.trim());
  return answer === null ? null : { name, operator, answer };
}

function literal(value) {
  const text = value.match(/^"((?:[^"\\]|\\.)*)"$/);
  if (text) return text[1].replace(/\\(["\\])/g, '$1');
  const date = value.match(/^@"(\d{4}-\d{2}-\d{2})"$/) ?? value.match(/^date\("(\d{4}-\d{2}-\d{2})"\)$/);
  if (date) return date[1];
  return /^-?\d+(\.\d+)?$/.test(value) ? value : null;
}

// kinds: name -> 'choice', 'number', … decides how an answer is written.
export function write({ join, rows }, kinds) {
  const said = rows.filter(({ name }) => name).map(({ name, operator, answer }) => one(name, operator, answer, kinds(name)));
  return said.length ? `=${said.join(` ${join} `)}` : '';
}

function one(name, operator, answer, kind) {
  const value = { number: number(answer), date: `@"${answer}"` }[kind] ?? `"${String(answer).replace(/(["\\])/g, '\\$1')}"`;
  switch (operator) {
    case 'true': return `${name} = true`;
    case 'false': return `${name} = false`;
    case 'empty': return `${name} = null`;
    case 'filled': return `${name} != null`;
    case 'contains': return `list contains(${name}, ${value})`;
    case 'lacks': return `not(list contains(${name}, ${value}))`;
    default: return `${name} ${operator} ${value}`;
  }
}

function number(answer) {
  const found = String(answer).replace(/\s/g, '').replace(',', '.');
  return /^-?\d+(\.\d+)?$/.test(found) ? found : '0';
}

// «Godkjent» er «Ja» – for the list of ways on a gateway.
export function sentence(text, fields) {
  const found = parse(text);
  if (!found) return text.replace(/^=/, '');
  const said = found.rows.map(({ name, operator, answer }) => {
    const field = fields.find((one) => one.name === name);
    const word = (OPERATORS[kindOf(field)].find(([key]) => key === operator) ?? [...Object.values(OPERATORS).flat()].find(([key]) => key === operator))[1];
    const label = field?.options?.find(({ value }) => String(value) === answer)?.label ?? answer;
    return `«${field?.label || name}» ${word}${needsAnswer(operator) ? ` «${label}»` : ''}`;
  });
  return said.join(found.join === 'or' ? ' eller ' : ' og ');
}
