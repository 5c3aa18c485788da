/**
 * One text per JSON value, whatever the order of its keys: keys sorted by UTF-16 code unit at every level, no spaces
 * (RFC 8785). Members that are undefined are left out, as JSON.stringify does. Recursive: check the depth of foreign
 * input with `findJsonFault` first.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value);

  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    members += `${members && ','}${quote(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** What needs no escaping, as JSON.stringify finds out, too, but not without leaving JavaScript. */
const PLAIN = /^[\w .:/-]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
