// What is asked of the server, as JSON, with the page's token.
const token = document.querySelector('meta[name=csrf-token]')?.content ?? '';

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail || body?.message || '');
    this.status = status;
    this.body = body;
  }
}

// Answers the JSON. Throws Refused with the server's status and what it said, or TypeError without a connection.
export async function ask(url, body, { method = 'POST', signal, keepalive = false } = {}) {
  const answer = await fetch(url, {
    method,
    signal,
    keepalive,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => null);
  if (!answer.ok || answer.redirected || said === null) throw new Refused(answer.redirected ? 401 : answer.status, said);
  return said;
}

// Posts a plain form and answers the address and the text of the page that it leads to.
export async function submit(url, fields) {
  const answer = await fetch(url, { method: 'POST', headers: { 'X-CSRFToken': token }, body: new URLSearchParams({ ...fields, csrf_token: token }) });
  if (!answer.ok) throw new Refused(answer.status, null);
  return { url: answer.url, page: await answer.text() };
}
