// A file's bytes as text, in whatever letters its tool wrote it; it says of itself that it is UTF-8 from now on.
const DECLARED = /^(\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["'])([A-Za-z0-9._:-]{1,40})(["'])/;
const MARKS = [[[0xef, 0xbb, 0xbf], 'utf-8'], [[0xff, 0xfe], 'utf-16le'], [[0xfe, 0xff], 'utf-16be'], [[0x3c, 0], 'utf-16le'], [[0, 0x3c], 'utf-16be']];
const OTHERWISE = { macroman: 'macintosh', cp1252: 'windows-1252', cp1250: 'windows-1250', cp1251: 'windows-1251', 'utf-16': 'utf-8', 'ucs-2': 'utf-8' };

export async function decoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [, marked] = MARKS.find(([mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [];
  const [, , declared = 'utf-8'] = DECLARED.exec(new TextDecoder(marked ?? 'latin1').decode(bytes.slice(0, 400))) ?? [];
  const text = decoder(marked ?? OTHERWISE[declared.toLowerCase()] ?? declared).decode(bytes);
  return text.replace(/^\uFEFF/, '').replace(DECLARED, '$1UTF-8$3');
}

function decoder(name) {
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder();
  }
}
