/**
 * One text per JSON value, whatever the order of its keys: keys sorted by UTF-16 code unit at every level, no spaces
 * (RFC 8785). Members that are undefined are left out, as JSON.stringify does. Recursive: check the depth of foreign
 * input with `findJsonFault` first.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value);

  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    members += `${members && ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
