// What is asked of the server, as JSON, with the page's token.
let token = document.querySelector('meta[name=csrf-token]')?.content ?? '';

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail || body?.message || '');
    this.status = status;
    this.body = body;
  }
}

async function answered(url, body, accept, { method = 'POST', signal, keepalive = false } = {}) {
  return fetch(url, {
    method,
    signal,
    keepalive,
    headers: { 'Content-Type': 'application/json', Accept: accept, 'X-CSRFToken': token },
    body: JSON.stringify(body),
  });
}

// Answers the JSON. Throws Refused with the server's status and what it said, or TypeError without a connection.
export async function ask(url, body, options = {}) {
  const answer = await answered(url, body, 'application/json', options);
  const said = await answer.json().catch(() => null);
  if (!answer.ok || answer.redirected || said === null) throw new Refused(answer.redirected ? 401 : answer.status, said);
  return said;
}

// Answers a piece of a page. Throws as `ask`.
export async function piece(url, body, options = {}) {
  const answer = await answered(url, body, 'text/html', options);
  if (!answer.ok || answer.redirected) throw new Refused(answer.redirected ? 401 : answer.status, await answer.json().catch(() => null));
  return answer.text();
}

// Takes the token of a page of the studio; answers who is signed in there, null where nobody is.
export async function renew(url) {
  const answer = await fetch(url);
  if (answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  token = page.querySelector('meta[name=csrf-token]')?.content ?? token;
  return page.querySelector('meta[name=studio-person]')?.content ?? null;
}

// Posts a plain form and answers the address and the text of the page that it leads to.
export async function submit(url, fields) {
  const answer = await fetch(url, { method: 'POST', headers: { 'X-CSRFToken': token }, body: new URLSearchParams({ ...fields, csrf_token: token }) });
  if (!answer.ok) throw new Refused(answer.status, null);
  return { url: answer.url, page: await answer.text() };
}
