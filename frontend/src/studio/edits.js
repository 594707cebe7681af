// What was changed in the editor, put into the text that was opened: all that nobody touched stays as its tool wrote it,
// also what the editor cannot hold. The editor's own text of what it opened is beside its text of now; the difference is
// what somebody did.
const BPMN = /^http:\/\/www\.omg\.org\/spec\/(BPMN\/20100524\/(MODEL|DI)|DD\/20100524\/(DI|DC))$/;
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const MANY = 40_000; // pairs of likes that are compared one by one

const idOf = (element) => (BPMN.test(element.namespaceURI) ? element.getAttribute('id') : null);
const isSame = (one, other) => one.localName === other.localName && one.namespaceURI === other.namespaceURI;
const kind = (element) => `${element.namespaceURI}|${element.localName}`;
const isNumber = (text) => /^-?\d+(\.\d+)?$/.test(text);
const words = (element) => (element.children.length ? '' : element.textContent);
const own = (element) => [...element.attributes].filter(({ namespaceURI }) => namespaceURI !== XMLNS);

// All by their ids; of two with one id the editor takes the first.
function named(file) {
  const found = new Map();
  for (const element of file.getElementsByTagName('*')) {
    const id = idOf(element);
    if (id && !found.has(id)) found.set(id, element);
  }
  return found;
}

const said = new WeakMap();
// What an element says, however it is written.
export function plain(element) {
  if (!said.has(element)) {
    const attributes = own(element).filter(({ namespaceURI }) => namespaceURI !== XSI).map(({ namespaceURI, localName, value }) => `${namespaceURI ?? ''}|${localName}=${isNumber(value) ? Number(value) : value}`);
    said.set(element, `<${kind(element)} ${attributes.sort().join(' ')}>${words(element).trim()}${[...element.children].map(plain).join('')}</>`);
  }
  return said.get(element);
}

// Which of `one` is which of `other`, both of one kind, in order: first those that say the same, then the likest between.
function aligned(one, other) {
  const pairs = new Map();
  let [start, end] = [0, 0];
  while (start < Math.min(one.length, other.length) && plain(one[start]) === plain(other[start])) pairs.set(one[start], other[start++]);
  while (end < Math.min(one.length, other.length) - start && plain(one.at(-1 - end)) === plain(other.at(-1 - end))) pairs.set(one.at(-1 - end), other.at(-1 - end++));
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  if (left.length === right.length || left.length * right.length > MANY) {
    left.slice(0, right.length).forEach((element, at) => pairs.set(element, right[at]));
    return pairs;
  }
  const free = new Set(right);
  for (const exact of [true, false]) {
    for (const element of left.filter((each) => !pairs.has(each))) {
      const found = exact ? [...free].find((each) => plain(each) === plain(element)) : likest(element, [...free]);
      if (!found) continue;
      pairs.set(element, found);
      free.delete(found);
    }
  }
  return pairs;
}

function likest(element, all) {
  const like = (other) => own(element).filter(({ namespaceURI, localName, value }) => other.getAttributeNS(namespaceURI, localName) === value).length
    + (words(element).trim() && words(element).trim() === words(other).trim() ? 2 : 0)
    + (element.children.length === other.children.length ? 0.5 : 0);
  return all.map((other) => [like(other), other]).sort(([one], [other]) => other - one)[0]?.[1];
}

// Which child without an id is which.
function nameless(one, other) {
  const pairs = new Map();
  const [left, right] = [one, other].map((element) => Map.groupBy([...element.children].filter((child) => !idOf(child)), kind));
  for (const [each, children] of left) for (const [a, b] of aligned(children, right.get(each) ?? [])) pairs.set(a, b);
  return pairs;
}

class Edits {
  // `origin` is changed; `opened` and `now` are the editor's texts.
  constructor(origin, opened, now) {
    Object.assign(this, { origin });
    this.was = named(opened);
    this.is = named(now);
    this.there = named(origin);
    this.isIndented = /^\s*\n/.test(origin.documentElement.firstChild?.data ?? '');
    this.gone = new Set();
  }

  // Elements of the editor's first text in the file; of several with one id the one of the same kind.
  inFile(element) {
    const id = idOf(element);
    const found = this.there.get(id);
    if (!found || isSame(found, element)) return found;
    return [...this.origin.getElementsByTagNameNS(element.namespaceURI, element.localName)].find((each) => each.getAttribute('id') === id) ?? found;
  }

  // One element and all in it. Without `old` it is new, or stands elsewhere, and everything is written.
  sync(old, now, file) {
    this.attributes(old, now, file);
    if (!now.children.length && (!old || words(old) !== words(now))) {
      if (words(now) || (old && words(old))) for (const node of [...file.childNodes]) if (node.nodeType !== Node.COMMENT_NODE) node.remove();
      if (words(now)) file.append(now.textContent);
    }
    this.children(old, now, file);
  }

  attributes(old, now, file) {
    for (const { namespaceURI, localName, name, value } of own(now)) {
      if (old?.getAttributeNS(namespaceURI, localName) === value || file.getAttributeNS(namespaceURI, localName) === value) continue;
      if (old && this.isEmptyAim(file.getAttributeNS(namespaceURI, localName), localName, value)) continue;
      const at = [...file.attributes].find((each) => each.namespaceURI === namespaceURI && each.localName === localName)?.name;
      file.setAttributeNS(namespaceURI, at ?? this.prefixed(file, namespaceURI, name), namespaceURI === XSI ? this.typed(now, file, value) : value);
    }
    for (const { namespaceURI, localName } of old ? own(old) : []) if (!now.hasAttributeNS(namespaceURI, localName)) file.removeAttributeNS(namespaceURI, localName);
  }

  // The editor gives what points at nothing it knows something empty to point at.
  isEmptyAim(before, name, value) {
    const made = before && name.endsWith('Ref') && !this.was.has(value) && this.is.get(value);
    return Boolean(made) && !made.getAttribute('value') && !made.getAttribute('name');
  }

  prefixed(file, namespace, name) {
    if (!namespace) return name;
    const root = this.origin.documentElement;
    const [prefix, local] = name.split(':');
    const known = file.lookupPrefix(namespace) ?? root.lookupPrefix(namespace);
    if (known) return `${known}:${local}`;
    if (!root.lookupNamespaceURI(prefix)) root.setAttributeNS(XMLNS, `xmlns:${prefix}`, namespace);
    return name;
  }

  // A type's name has a prefix of its own text.
  typed(now, file, value) {
    const [local, prefix = null] = value.split(':').reverse();
    const namespace = now.lookupNamespaceURI(prefix);
    if (!namespace || file.lookupNamespaceURI(prefix) === namespace) return value;
    const known = file.lookupPrefix(namespace);
    return known ? `${known}:${local}` : local;
  }

  children(old, now, file) {
    const [toNow, toFile] = old ? [nameless(old, now), nameless(old, file)] : [new Map(), new Map()];
    const toOld = new Map([...toNow].map(([a, b]) => [b, a]));
    for (const child of old?.children ?? []) {
      if (idOf(child) ? this.is.has(idOf(child)) : toNow.has(child)) continue;
      const there = idOf(child) ? this.inFile(child) : toFile.get(child);
      if (there) this.gone.add(there);
    }
    const reordered = old && this.isReordered(old, now);
    let last = null;
    for (const child of now.children) {
      const before = idOf(child) ? this.was.get(idOf(child)) : toOld.get(child);
      let there = before && (idOf(child) ? this.inFile(before) : toFile.get(before));
      if (before && !there && plain(before) === plain(child)) continue; // the editor's own, which nobody touched
      const stays = there && before.parentNode === old;
      if (!there) there = this.made(child, file);
      else if (!isSame(before, child)) there = this.another(child, there);
      if (!stays || (reordered && idOf(child))) this.place(there, file, last, child);
      this.sync(stays ? before : null, child, there);
      if (there.parentNode === file) last = there;
    }
  }

  isReordered(old, now) {
    const order = (parent, map) => [...parent.children].map(idOf).filter((id) => id && map.get(id)?.parentNode && this.is.get(id)?.parentNode === now && this.was.get(id)?.parentNode === old);
    return order(old, this.is).join(' ') !== order(now, this.was).join(' ');
  }

  made(child, file) {
    const { namespaceURI, localName, prefix } = child;
    const root = this.origin.documentElement;
    if (file.lookupNamespaceURI(null) === namespaceURI) return this.origin.createElementNS(namespaceURI, localName);
    if (!root.lookupPrefix(namespaceURI) && prefix && !root.lookupNamespaceURI(prefix)) root.setAttributeNS(XMLNS, `xmlns:${prefix}`, namespaceURI);
    const known = file.lookupPrefix(namespaceURI) ?? root.lookupPrefix(namespaceURI) ?? prefix;
    return this.origin.createElementNS(namespaceURI, known ? `${known}:${localName}` : localName);
  }

  // It is of another kind now: what another tool wrote in it stays in it.
  another(child, there) {
    const made = this.made(child, there.parentNode);
    for (const { namespaceURI, name, value } of [...there.attributes]) made.setAttributeNS(namespaceURI, name, value);
    made.append(...there.childNodes);
    there.replaceWith(made);
    if (idOf(child)) this.there.set(idOf(child), made);
    return made;
  }

  // After the one that stands before it, else before the first that comes after it and is there.
  place(there, file, last, child) {
    const space = there.previousSibling;
    if (there.parentNode && space?.nodeType === Node.TEXT_NODE && !space.data.trim()) space.remove();
    let next = last ? last.nextSibling : null;
    if (!last) {
      for (let after = child.nextElementSibling; after && !next; after = after.nextElementSibling) {
        const known = idOf(after) && this.there.get(idOf(after));
        if (known?.parentNode === file) next = known;
      }
      next ??= file.firstElementChild;
      if (next?.previousSibling?.nodeType === Node.TEXT_NODE) next = next.previousSibling;
    }
    file.insertBefore(there, next);
    if (!this.isIndented) return;
    let depth = 0;
    for (let parent = file; parent.parentElement; parent = parent.parentElement) depth += 1;
    file.insertBefore(this.origin.createTextNode(`\n${'  '.repeat(depth + 1)}`), there);
    if (!there.nextSibling) file.append(`\n${'  '.repeat(depth)}`);
  }

  // What was removed goes last: what lay in it may lie elsewhere now. Its shapes and what points back at it go along.
  remove() {
    const ids = new Set();
    for (const element of this.gone) {
      if (!element.isConnected) continue;
      for (const each of [element, ...element.getElementsByTagName('*')]) if (idOf(each) && !this.is.has(idOf(each))) ids.add(idOf(each));
      const space = element.previousSibling;
      if (space?.nodeType === Node.TEXT_NODE && !space.data.trim()) space.remove();
      element.remove();
    }
    const left = named(this.origin);
    for (const element of ids.size ? [...this.origin.getElementsByTagName('*')] : []) {
      const isShape = ['BPMNShape', 'BPMNEdge'].includes(element.localName);
      const isPointing = ['incoming', 'outgoing', 'flowNodeRef'].includes(element.localName);
      const aim = (isShape ? element.getAttribute('bpmnElement') : isPointing ? element.textContent.trim() : null)?.replace(/^.*:/, '');
      if (aim && ids.has(aim) && !left.has(aim)) element.remove();
    }
  }
}

// The file with what was changed from `opened` to `now`. All are documents; `origin` stays as it is.
export function edited(origin, opened, now) {
  const file = origin.cloneNode(true);
  const edits = new Edits(file, opened, now);
  edits.sync(opened.documentElement, now.documentElement, file.documentElement);
  edits.remove();
  return file;
}

// The file with the drawing that was laid out for it.
export function withDrawing(origin, opened) {
  const file = origin.cloneNode(true);
  const bare = opened.cloneNode(true);
  const diagrams = (document) => [...document.documentElement.children].filter(({ localName }) => localName === 'BPMNDiagram');
  for (const diagram of diagrams(bare)) diagram.remove();
  const edits = new Edits(file, bare, opened);
  const [old] = diagrams(file);
  const [made, ...more] = diagrams(opened);
  const plane = old?.getElementsByTagNameNS('*', 'BPMNPlane')[0];
  if (!plane || !made) edits.sync(bare.documentElement, opened.documentElement, file.documentElement);
  else {
    const drawn = made.getElementsByTagNameNS('*', 'BPMNPlane')[0];
    plane.setAttribute('bpmnElement', drawn.getAttribute('bpmnElement'));
    edits.sync(null, drawn, plane);
    for (const diagram of more) edits.place(edits.made(diagram, file.documentElement), file.documentElement, file.documentElement.lastElementChild, diagram);
  }
  return file;
}
