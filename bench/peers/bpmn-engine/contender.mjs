// A child process that runs one process on bpmn-engine: a command on each line in, a measured answer on each out.
// Every step recovers the engine from what was kept, as after a restart, and keeps its state again. The first line of
// input says which database and which diagram there is.
import { randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import { Engine } from 'bpmn-engine';

const TABLES = [
  'CREATE TABLE instance (id INTEGER PRIMARY KEY, version INTEGER, state TEXT)',
  'CREATE TABLE task (id TEXT PRIMARY KEY, instance INTEGER, name TEXT, done INTEGER, done_at TEXT)',
  'CREATE INDEX task_instance ON task (instance, done)',
  'CREATE TABLE event (instance INTEGER, kind TEXT, at TEXT, who TEXT)',
];
const AT = '2027-01-04T08:00:00Z';

async function sqlite(file) {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode=wal; PRAGMA synchronous=full');
  const prepared = new Map();
  const statement = (sql) => prepared.get(sql) ?? prepared.set(sql, db.prepare(sql)).get(sql);
  return {
    begin: async () => db.exec('BEGIN IMMEDIATE'),
    commit: async () => db.exec('COMMIT'),
    run: async (sql, ...values) => Number(statement(sql).run(...values).changes),
    all: async (sql, ...values) => statement(sql).all(...values),
    lock: '',
  };
}

async function postgresql(address) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(address);
  await client.connect();
  const numbered = (sql) => { let at = 0; return sql.replace(/\?/g, () => `$${++at}`); };
  return {
    begin: async () => client.query('BEGIN'),
    commit: async () => client.query('COMMIT'),
    run: async (sql, ...values) => (await client.query(numbered(sql), values)).rowCount,
    all: async (sql, ...values) => (await client.query(numbered(sql), values)).rows,
    lock: ' FOR UPDATE',
  };
}

class Contender {
  constructor(told, db) {
    this.told = told; this.db = db; this.at = 0; this.largest = 0;
    const variables = this.variables = {};
    // The conditions' names are what was answered last.
    this.services = Object.fromEntries(Object.entries(told.conditions).map(([name, text]) => {
      const names = Object.keys({ ...told.variables, ...told.answers });
      const test = new Function(...names, `return Boolean(${text});`);
      return [name, () => test(...names.map((each) => variables[each] ?? told.variables[each]))];
    }));
  }

  static async open(told) {
    const db = told.sqlite ? await sqlite(told.sqlite) : await postgresql(told.postgresql);
    for (const sql of TABLES) await db.run(sql);
    return new Contender(told, db);
  }

  // Tells of every user task that waits, also again when the engine is taken up again.
  listening(waiting) {
    const listener = new EventEmitter();
    listener.on('activity.wait', (api) => { if (api.type === 'bpmn:UserTask') waiting.set(api.executionId, api); });
    return listener;
  }

  async keep(engine, waiting, before) {
    const state = JSON.stringify(await engine.getState());
    this.largest = Math.max(this.largest, state.length);
    for (const [id, { id: name }] of waiting) {
      if (!before.has(id)) await this.db.run('INSERT INTO task VALUES (?, ?, ?, 0, NULL)', `${this.at}:${id}`, this.at, name);
    }
    await this.db.run("INSERT INTO event VALUES (?, 'complete', ?, 'p10')", this.at, AT);
    return state;
  }

  async begin() {
    this.at += 1;
    Object.assign(this.variables, this.told.variables);
    await this.db.begin();
    const engine = new Engine({ name: 'bench', source: this.told.source, services: this.services, variables: this.told.variables });
    const waiting = new Map();
    await engine.execute({ listener: this.listening(waiting) });
    const state = await this.keep(engine, waiting, new Set());
    await this.db.run('INSERT INTO instance VALUES (?, 0, ?)', this.at, state);
    await this.db.commit();
    engine.stop();
  }

  async next() {
    const found = await this.db.all('SELECT id FROM task WHERE instance = ? AND done = 0', this.at);
    return found.length ? found[randomInt(found.length)].id : null;
  }

  async step(key) {
    await this.db.begin();
    const [{ version, state }] = await this.db.all(`SELECT version, state FROM instance WHERE id = ?${this.db.lock}`, this.at);
    const engine = new Engine({ name: 'bench', services: this.services });
    engine.recover(JSON.parse(state));
    const waiting = new Map();
    await engine.resume({ listener: this.listening(waiting) });
    const before = new Set(waiting.keys());
    const task = waiting.get(key.slice(key.indexOf(':') + 1));
    if (!task) throw new Error(`task ${key} is not among ${[...before]}`);
    Object.assign(this.variables, this.told.answers);
    task.signal(this.told.answers);
    const after = await this.keep(engine, waiting, before);
    const changed = await this.db.run('UPDATE instance SET state = ?, version = version + 1 WHERE id = ? AND version = ?', after, this.at, version);
    if (changed !== 1) throw new Error('the instance has changed meanwhile');
    await this.db.run('UPDATE task SET done = 1, done_at = ? WHERE id = ?', AT, key);
    await this.db.commit();
    engine.stop();
  }
}

function say(answer) { process.stdout.write(`${JSON.stringify(answer)}\n`); }

let contender;
for await (const line of createInterface({ input: process.stdin })) {
  if (!contender) {
    contender = await Contender.open(JSON.parse(line));
    say({ ready: true });
    continue;
  }
  const key = line === 'step' ? await contender.next() : null;
  if (line === 'step' && key === null) { say({ done: true, state: contender.largest }); continue; }
  const cpu = process.cpuUsage(), wall = performance.now();
  await (key === null ? contender.begin() : contender.step(key));
  const took = performance.now() - wall, used = process.cpuUsage(cpu);
  say({ wall: took / 1e3, cpu: (used.user + used.system) / 1e6, state: contender.largest });
}
process.exit(0);
