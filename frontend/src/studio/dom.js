// Small elements without a framework: el('button', {class: 'ds-button', onclick}, 'Lagre').
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function button(text, onclick, attributes = {}) {
  return el('button', { type: 'button', class: 'ds-button', 'data-variant': 'secondary', 'data-size': 'sm', onclick, ...attributes }, text);
}

// Waits until nobody has called for a while; `now()` does at once what waits, `drop()` forgets it.
export function settled(work, wait) {
  let timer = null;
  const call = () => {
    clearTimeout(timer);
    timer = setTimeout(call.now, wait);
  };
  call.drop = () => {
    clearTimeout(timer);
    timer = null;
  };
  call.now = () => {
    call.drop();
    return work();
  };
  call.waits = () => timer !== null;
  return call;
}
