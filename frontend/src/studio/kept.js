// What somebody has changed and the server perhaps has not: in this browser, on the disk at once, apart for each tab.
const STORE = 'kept';

// Answers what the work on the store gives, or undefined where the browser has none or it is full.
async function within(mode, work) {
  try {
    const database = await new Promise((opened, failed) => {
      const asked = indexedDB.open('komp-flow-studio', 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'key' });
      asked.onsuccess = () => opened(asked.result);
      asked.onerror = asked.onblocked = () => failed(asked.error);
    });
    try {
      return await new Promise((done, failed) => {
        const transaction = database.transaction(STORE, mode, { durability: 'strict' });
        const asked = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => done(asked.result ?? true);
        transaction.onabort = transaction.onerror = () => failed(transaction.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

export const forget = (key) => within('readwrite', (store) => store.delete(key));

// What lies here from tabs that are gone, of one's own, the last first; of one drawing, or of all.
export async function left(me, drawing = '') {
  const all = await within('readonly', (store) => store.getAll());
  const held = new Set(((await navigator.locks?.query())?.held ?? []).map(({ name }) => name));
  return (Array.isArray(all) ? all : [])
    .filter((one) => one.me === me && (!drawing || one.drawing === drawing) && !held.has(one.key))
    .sort((one, other) => (one.at < other.at ? 1 : -1));
}

// One tab's own place in the store. While the tab lives it holds a lock of that name, so that no other offers what it has.
export class Kept {
  constructor(drawing, me) {
    this.about = { drawing: drawing.id, name: drawing.name, kind: drawing.kind, me };
    this.key = `komp-flow-drawing-${drawing.id}-${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
    const hold = () => navigator.locks?.request(this.key, () => new Promise((let_go) => (this.letGo = let_go))).catch(() => {});
    hold();
    addEventListener('pagehide', () => this.letGo?.());
    addEventListener('pageshow', ({ persisted }) => persisted && hold());
  }

  // Answers whether it lies here now.
  async put(text, revision) {
    return (await within('readwrite', (store) => store.put({ ...this.about, key: this.key, text, revision, at: new Date().toISOString() }))) !== undefined;
  }

  drop() {
    return forget(this.key);
  }
}

// «i dag kl. 12.04», «23. november kl. 12.04».
export function when(moment) {
  const at = new Date(moment);
  const clock = at.toLocaleTimeString('nb-NO', { hour: '2-digit', minute: '2-digit' }).replace(':', '.');
  const day = at.toDateString() === new Date().toDateString() ? 'i dag' : at.toLocaleDateString('nb-NO', { day: 'numeric', month: 'long', year: at.getFullYear() === new Date().getFullYear() ? undefined : 'numeric' });
  return `${day} kl. ${clock}`;
}
